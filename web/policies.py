"""Who may open a route, said beside the route. A route without a policy stops the start.

This is the first door only: what may be done to a case is judged by `engine.permissions` inside
the verb, in its transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask

from engine.actors import SUPERVISORS, Actor
from engine.permissions import DEPLOYERS, HANDLERS, MENDERS, READERS_OF_HISTORY

View = TypeVar("View", bound=Callable[..., Any])
_MARK, _FILES = "huzheng_policy", "huzheng_takes_files"
LARGEST_FORM = 8 << 20


@dataclass(frozen=True, slots=True)
class Policy:
    """`groups`: members of one of them; empty: anybody signed in; `public`: anybody at all."""

    groups: frozenset[str] = frozenset()
    public: bool = False

    def admits(self, actor: Actor | None) -> bool:
        if self.public:
            return True
        return actor is not None and (not self.groups or bool(self.groups & actor.groups))


PUBLIC = Policy(public=True)
SIGNED_IN = Policy()
HANDLING = Policy(HANDLERS)
CASES = Policy(HANDLERS | READERS_OF_HISTORY | MENDERS)
AUDIT = Policy(READERS_OF_HISTORY)
SUPERVISION = Policy(SUPERVISORS | {"control"})
ANALYSIS = Policy(DEPLOYERS | SUPERVISORS)
DEPLOYMENT = Policy(DEPLOYERS)
OPERATION = Policy(MENDERS)


def policy(rule: Policy) -> Callable[[View], View]:
    """Declare who may open the view. Stands directly below the route."""

    def declare(view: View) -> View:
        setattr(view, _MARK, rule)
        return view

    return declare


def takes_files(view: View) -> View:
    """Mark a view whose form may carry files; the bodies of all others are small."""
    setattr(view, _FILES, True)
    return view


def largest_body(view: Callable[..., Any] | None, largest_file: int) -> int:
    """How many bytes a request to the view may have."""
    return 2 * largest_file + LARGEST_FORM if getattr(view, _FILES, False) else LARGEST_FORM


def policy_of(view: Callable[..., Any] | None) -> Policy | None:
    """The declared policy, None where there is none."""
    found = getattr(view, _MARK, None)
    return found if isinstance(found, Policy) else None


def check_policies(app: Flask, prefix: str) -> None:
    """Refuse to start while an endpoint under `prefix` has no policy: nothing opens by oversight.

    Raises RuntimeError naming every such route.
    """
    open_doors = sorted(
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(prefix)
        and policy_of(app.view_functions.get(rule.endpoint)) is None
    )
    if open_doors:
        raise RuntimeError(
            "Every route says who may open it, but these have no policy: "
            + ", ".join(open_doors)
            + ". Put @policy(…) below the route."
        )
