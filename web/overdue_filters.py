"""What an address of the overdue desk asks for: a tab, its filters, and behind which line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import request

from sla.overdue_filters import Filters
from sla.overdue_views import Place, View
from sla.parties import Party

Options = Sequence[tuple[str, str]]


def filters() -> Filters:
    """What the address narrows the tab to."""
    return Filters.of(request.args)


def view() -> View:
    """The tab that the address names; all overdue where it names none."""
    wanted = request.args.get("view", View.OVERDUE)
    return View(wanted) if wanted in set(View) else View.OVERDUE


def address(**changes: str) -> dict[str, str]:
    """The arguments of an address of the same tab with the same filters, but for the changes."""
    return {"view": view().value, **filters().written(), **changes}


def place_of(text: str) -> Place | None:
    """The place behind the last line seen, as an address carries it."""
    try:
        party, due, clock = text.split("~")
        at = datetime.fromisoformat(due) if due else None
        return Party(party) if party else None, at, UUID(clock)
    except ValueError:
        return None


def written(place: Place | None) -> str | None:
    """The same place, as `place_of` reads it."""
    if place is None:
        return None
    party, due_at, clock_id = place
    return f"{party or ''}~{due_at.isoformat() if due_at else ''}~{clock_id}"


def chosen(narrowed: Filters, offers: Mapping[str, Options]) -> list[tuple[str, Any]]:
    """The filters in force, each with the name of what it narrows to."""
    names = {field: dict(options) for field, options in offers.items()}
    return [(field, names[field].get(value, value)) for field, value in narrowed.written().items()]
