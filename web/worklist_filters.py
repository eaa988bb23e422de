"""The filters of the worklist: in the address, so a list can be kept as a bookmark; and remembered
for whoever comes back without any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy import Connection

from engine import person_choices
from engine.actors import Actor
from engine.due_spans import Due
from engine.forms import Label
from engine.worklist import Tab, WorklistFilter
from engine.worklist_facets import Facets

CHOICE = "worklist"
NAMES = ("package", "step", "due", "group", "desk", "owner", "number")
MINE = "mine"
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Asked:
    """A tab and its filters, as they stand in the address: name → value."""

    tab: Tab
    filters: Mapping[str, str]

    def filter(self, owners: tuple[UUID, ...]) -> WorklistFilter:
        """`owners` are those for whom the person answers."""
        due = self.filters.get("due")
        return WorklistFilter(
            self.tab,
            self.filters.get("package"),
            self.filters.get("step"),
            self.filters.get("number"),
            self.filters.get("group"),
            Due(due) if due in set(Due) else None,
            _id(self.filters.get("desk")),
            owners if self.filters.get("owner") == MINE else (),
        )

    def with_(self, **changes: str | None) -> dict[str, str]:
        """The arguments of an address that differs in these; None takes a filter out."""
        merged = {"tab": str(self.tab), **self.filters, **changes}
        return {name: value for name, value in merged.items() if value}


@dataclass(frozen=True, slots=True)
class Option:
    """One value to filter by. `label` is a Label, or a text that is a name already."""

    value: str
    label: Any
    count: int


def asked(tx: Connection, actor: Actor) -> Asked:
    """What the address asks for; without any filter in it, what the person chose last."""
    if "tab" in request.args or any(name in request.args for name in NAMES):
        return _of(request.args)
    return _of(person_choices.chosen(tx, actor, CHOICE) or {})


def wants_remembering(tx: Connection, actor: Actor, now_asked: Asked) -> bool:
    """Whether this differs from what is remembered; the first page of a list only."""
    if "cursor" in request.args:
        return False
    return _of(person_choices.chosen(tx, actor, CHOICE) or {}) != now_asked


def remember(tx: Connection, actor: Actor, wanted: Asked, now: datetime) -> None:
    person_choices.choose(tx, actor, CHOICE, wanted.with_(), now)


def options(found: Facets, titles: Mapping[str, Label]) -> Iterator[tuple[str, list[Option]]]:
    """What the drop-downs offer, each with its count."""
    yield (
        "due",
        [Option(span.value, f"worklist.span.{span}", count) for span, count in found.due.items()],
    )
    yield (
        "package",
        [Option(each, titles.get(each), count) for each, count in found.packages.items()],
    )
    yield (
        "step",
        [Option(element, name, count) for (element, name), count in found.steps.items()],
    )
    yield "group", [Option(name, name, count) for name, count in found.groups.items()]
    if found.desks:
        yield "desk", [Option(str(desk.id), desk.name, desk.count) for desk in found.desks]
    if found.owned:
        yield "owner", [Option(MINE, "worklist.own_cases", found.owned)]


def _of(given: Mapping[str, Any]) -> Asked:
    tab = given.get("tab", Tab.MINE)
    filters = {
        name: str(given[name]).strip()[:_LONGEST]
        for name in NAMES
        if str(given.get(name) or "").strip()
    }
    return Asked(Tab(tab) if tab in set(Tab) else Tab.MINE, filters)


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
