"""The history of a case on its page: by day, by kind, newest or oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask import request

from engine.clock import legal_day
from engine.history import HistoryEvent
from engine.looks import LOOKS

LAST_EVENTS = 20
KINDS = ("all", "people", "time", "outside", "looks")
_OUTSIDE = ("notification.", "notice.", "message.", "mail.", "sms.")


@dataclass(frozen=True, slots=True)
class Story:
    """`days` are the lines shown, grouped; `length` is how many there are of the kind."""

    days: tuple[tuple[date, tuple[HistoryEvent, ...]], ...]
    kind: str
    is_oldest_first: bool
    has_details: bool
    is_whole: bool
    length: int


def story_of(timeline: Sequence[HistoryEvent], *, whole: bool = False) -> Story:
    """What the address asks for (`history`, `order`, `details`, `lines`); `whole` for paper."""
    kind = request.args.get("history", "all")
    kind = kind if kind in KINDS else "all"
    has_details = "details" in request.args
    told = [event for event in timeline if _is_told(event, kind, has_details=has_details)]
    is_oldest_first = whole or request.args.get("order") == "old"
    ordered = told if is_oldest_first else told[::-1]
    is_whole = whole or "lines" in request.args or len(told) <= LAST_EVENTS
    shown = ordered if is_whole else ordered[:LAST_EVENTS]
    days = groupby(shown, key=lambda event: legal_day(event.at))
    return Story(
        tuple((day, tuple(events)) for day, events in days),
        kind,
        is_oldest_first,
        has_details,
        is_whole,
        len(told),
    )


def _is_told(event: HistoryEvent, kind: str, *, has_details: bool) -> bool:
    if event.routine and not has_details:
        return False
    match kind:
        case "people":
            others = ("clock.", *_OUTSIDE)
            is_deed = event.action not in LOOKS and not event.action.startswith(others)
            return event.person_id is not None and is_deed
        case "time":
            return event.action.startswith("clock.")
        case "outside":
            return event.action.startswith(_OUTSIDE)
        case "looks":
            return event.action in LOOKS
        case _:
            return True
