"""Functions the application gives to FEEL: what `feel/` itself must not know.

`app.py` registers those of legal time; the engine's own are the maskings. All are pure. Names may
have spaces, as FEEL's do: `mask name("王小明")`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection

from engine import masking
from engine.clock import TAIPEI, legal_day
from feel import Fault

Function: TypeAlias = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression is asked: for an office, in the transaction of the step that asks."""

    tx: Connection
    office_id: str


Maker: TypeAlias = Callable[[Place, datetime], Function]
"""Makes a function as it answers at a place and moment (aware UTC)."""


def _of_text(function: Callable[[str], str]) -> Function:
    """What FEEL may call with anything: null stays null, other kinds are a diagnostic."""

    def masked(text: Any) -> str | None:
        if text is None:
            return None
        if not isinstance(text, str):
            raise Fault("Expected text to mask, but got another kind of value")
        return function(text)

    return masked


_OURS: dict[str, Function] = {
    "mask name": _of_text(masking.mask_name),
    "mask id": _of_text(masking.mask_id),
    "mask address": _of_text(masking.mask_address),
    "mask phone": _of_text(masking.mask_phone),
    "mask email": _of_text(masking.mask_email),
}
_registered: dict[str, Function] = {}
_of_places: dict[str, Maker] = {}


def register(name: str, function: Function) -> None:
    """Give FEEL a function. The same name again replaces it."""
    _registered[name] = function


def register_of_places(name: str, maker: Maker) -> None:
    """Give FEEL, for a function it has already, what the function is in a case of an office.

    What is made may read what the office has entered, once it is called, and nothing else: the
    steps that do not call it then cost nothing.
    """
    _of_places[name] = maker


def names() -> frozenset[str]:
    """What expressions may call beside FEEL's own functions, for lint."""
    return frozenset({*_OURS, *_registered, "now", "today"})


def given(now: datetime, place: Place | None = None) -> Mapping[str, Function]:
    """All functions, with `now()` and `today()` answering the given moment in Taipei.

    Without a place nothing is known of any office: rehearsals, ladders, what is published.
    """
    made = {} if place is None else {name: make(place, now) for name, make in _of_places.items()}
    return {
        **_OURS,
        **_registered,
        **made,
        "now": lambda: now.astimezone(TAIPEI),
        "today": lambda: legal_day(now),
    }


def forget_registered() -> None:
    """For tests that register their own."""
    _registered.clear()
    _of_places.clear()
