"""Used working days against a table worked out by hand, and what holds for every ledger."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import TAIPEI
from sla.ledger import Entry
from sla.rules import rule
from sla.settings import Settings
from sla.used_days import UsedDays, used_days
from sla.working_time import Calendar, Day
from tests.unit.sla.calendars import NATIONAL, closed

PERIOD = rule("PROC_WORKDAY", date(2026, 3, 2)).with_length("6", None)
TYPHOON = closed("2026-03-11")
AFTERNOON = closed("2026-03-11", "afternoon")


def entry(text: str) -> Entry:
    """`pause 2026-03-04`, `away 2026-03-04 k1`, `transfer 2026-03-05 restarts`."""
    kind, day, *more = text.split()
    on = date.fromisoformat(day)
    at = datetime.combine(on, datetime.min.time(), TAIPEI).replace(hour=10)
    detail: dict[str, Any] = {}
    if kind in ("away", "back"):
        detail = {"key": more[0] if more else "k", "agency": "tax"}
    if kind == "transfer":
        detail = {"policy": more[0], "from": "a", "to": "b"}
    return Entry(kind, at, on, "correction" if kind == "pause" else None, detail)


def counted(
    ledger: str, today: str = "2030-01-01", calendar: Calendar = NATIONAL, **chosen: str
) -> UsedDays:
    entries = [entry(each.strip()) for each in ledger.split(",")]
    choices = Settings.from_mapping(chosen)
    return used_days(PERIOD, entries, calendar, choices, date.fromisoformat(today))


# Worked out by hand with the calendar beside it. 2 March 2026 is a Monday.
BY_HAND = [
    # the two published examples: received Friday 7 October 2005, 10 October is a holiday
    ("start 2005-10-07, stop 2005-10-14", "4"),
    ("start 2005-10-07, stop 2005-10-18", "6"),
    # the day of receipt
    ("start 2026-03-02, stop 2026-03-02", "0.5"),
    ("start 2026-03-02, stop 2026-03-03", "1"),
    ("start 2026-03-08, stop 2026-03-08", "0"),  # a Sunday is no day used
    ("start 2026-03-08, stop 2026-03-09", "1"),
    # holidays: Lunar New Year 16 to 20 February; 27 February for the 28th
    ("start 2026-02-13, stop 2026-02-23", "1"),
    ("start 2026-02-13, stop 2026-03-02", "5"),
    # make-up Saturday 8 February 2025
    ("start 2025-02-07, stop 2025-02-10", "2"),
    # pauses: the day of the notice counts, that of the return does not (3, 4, 11, 12 March)
    ("start 2026-03-02, pause 2026-03-04, resume 2026-03-10, stop 2026-03-12", "4"),
    ("start 2026-03-02, pause 2026-03-04, resume 2026-03-04, stop 2026-03-05", "3"),
    ("start 2026-03-02, pause 2026-03-04, stop 2026-03-10", "2"),
    # waits for another agency: both of its ends count (3, 4, 10, 11, 12 March)
    ("start 2026-03-02, away 2026-03-04, back 2026-03-10, stop 2026-03-12", "5"),
    ("start 2026-03-02, away 2026-03-04, back 2026-03-05, stop 2026-03-06", "4"),
    ("start 2026-03-02, away 2026-03-04, stop 2026-03-10", "3"),
    # two at once: 3, 4, 10 March
    (
        "start 2026-03-02, away 2026-03-04 k1, away 2026-03-05 k2, back 2026-03-06 k1, "
        "back 2026-03-10 k2, stop 2026-03-10",
        "3",
    ),
    # a pause and a wait over the same days, each day once: 3, 4, 12, 13 March
    (
        "start 2026-03-02, pause 2026-03-04, away 2026-03-05, resume 2026-03-10, "
        "back 2026-03-12, stop 2026-03-13",
        "4",
    ),
    # handed to another office on Thursday 5 March
    ("start 2026-03-02, transfer 2026-03-05 goes_on, stop 2026-03-09", "5"),
    ("start 2026-03-02, transfer 2026-03-05 restarts, stop 2026-03-09", "2"),
    ("start 2026-03-02, transfer 2026-03-05 restarts, stop 2026-03-05", "0.5"),
    (
        "start 2026-03-02, pause 2026-03-04, transfer 2026-03-05 restarts, resume 2026-03-09, "
        "stop 2026-03-10",
        "1",
    ),
]


@pytest.mark.parametrize(("ledger", "days"), BY_HAND)
def test_the_table_worked_out_by_hand(ledger: str, days: str) -> None:
    assert counted(ledger).days == Decimal(days)


@pytest.mark.parametrize(
    ("ledger", "calendar", "days"),
    [
        ("start 2026-03-10, stop 2026-03-12", TYPHOON, "1"),
        ("start 2026-03-10, stop 2026-03-12", AFTERNOON, "1.5"),
        ("start 2026-03-11, stop 2026-03-11", AFTERNOON, "0.5"),
        # the half day lies in the wait: 10 and 13 March are used
        ("start 2026-03-09, away 2026-03-10, back 2026-03-13, stop 2026-03-13", AFTERNOON, "2"),
    ],
)
def test_days_of_which_a_half_was_closed(ledger: str, calendar: Calendar, days: str) -> None:
    assert counted(ledger, calendar=calendar).days == Decimal(days)


@pytest.mark.parametrize(
    ("chosen", "days"),
    [
        ({"half_day_used": "whole"}, "2"),
        ({"half_day_used": "half"}, "1.5"),
    ],
)
def test_an_office_may_count_a_half_closed_day_as_a_whole_one(
    chosen: dict[str, str], days: str
) -> None:
    found = counted("start 2026-03-10, stop 2026-03-12", calendar=AFTERNOON, **chosen)

    assert found.days == Decimal(days)


@pytest.mark.parametrize(
    ("choice", "days"), [("between", "5"), ("as_pause", "4"), ("counted", "8")]
)
def test_an_office_chooses_what_a_wait_for_an_agency_takes_out(choice: str, days: str) -> None:
    ledger = "start 2026-03-02, away 2026-03-04, back 2026-03-10, stop 2026-03-12"

    assert counted(ledger, agency_wait=choice).days == Decimal(days)


def test_what_is_left_out_is_said_with_its_reason_and_its_working_days() -> None:
    found = counted(
        "start 2026-03-02, pause 2026-03-03, resume 2026-03-05, away 2026-03-06", "2026-03-11"
    )

    assert [(each.why, each.first, each.last, each.days) for each in found.left_out] == [
        ("pause", date(2026, 3, 4), date(2026, 3, 5), Decimal(2)),
        ("away", date(2026, 3, 9), date(2026, 3, 11), Decimal(3)),
    ]
    assert (found.left_out[1].agency, found.left_out[1].goes_on) == ("tax", True)
    assert (found.days, found.rest_days) == (Decimal(2), 2)


def test_what_comes_in_after_hours_counts_from_the_day_it_is_received() -> None:
    night = Entry(
        "start", datetime(2026, 3, 6, 20, tzinfo=TAIPEI), date(2026, 3, 6), detail={"instant": True}
    )
    choices = Settings.from_mapping({"receipt": "next_working_day"})

    found = used_days(PERIOD, [night], NATIONAL, choices, date(2026, 3, 10))

    assert (found.since, found.days) == (date(2026, 3, 9), Decimal(1))


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["pause", "resume", "away k1", "back k1", "away k2", "back k2"]),
        st.integers(0, 6),
    ),
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(acts=ACTS, more=st.integers(0, 20))
def test_every_working_day_is_used_or_left_out_with_a_reason(
    acts: list[tuple[str, int]], more: int
) -> None:
    day = date(2026, 3, 2)
    ledger = ["start 2026-03-02"]
    for kind, days in acts:
        day += timedelta(days=days)
        name, *key = kind.split()
        ledger.append(" ".join([name, day.isoformat(), *key]))
    today = day + timedelta(days=more)

    found = counted(",".join(ledger), today.isoformat(), AFTERNOON)

    left_out = sum((each.days for each in found.left_out), Decimal(0))
    weights = [_weight(AFTERNOON.day(found.since + timedelta(days=n))) for n in _between(found)]
    assert found.days + left_out == sum(weights, Decimal(0))
    assert found.days >= 0
    assert found.rest_days == sum(weight == 0 for weight in weights)


def _between(found: UsedDays) -> range:
    return range(1, (found.until - found.since).days + 1)


def _weight(day: Day) -> Decimal:
    if not day.is_working:
        return Decimal(0)
    return Decimal(1) if day.half is None else Decimal("0.5")
