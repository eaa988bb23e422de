"""How near a due time is, in a word: by the table."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from web.dates import near_text
from web.due import pill

NOW = datetime(2026, 3, 12, 2, 20, tzinfo=UTC)  # Thursday 12 March, 10:20 in Taipei


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2026, given in Taipei hours."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC).replace(hour=hour - 8)


@pytest.mark.parametrize(
    ("due_at", "status", "kind", "key"),
    [
        (at(10, 17), "running", "late", "due.late_days"),
        (at(12, 9), "running", "late", "due.late_hours"),
        (at(12, 10, 20), "running", "late", "due.late_now"),
        (at(12, 10, 21), "running", "soon", "due.today"),
        (at(13, 17), "running", "soon", "due.tomorrow"),
        (at(14, 17), "running", "ok", "due.days"),
        (at(10, 17), "met", "ok", "due.met"),
        (None, "paused", "hold", "due.paused"),
        (None, None, "none", "due.none"),
    ],
)
def test_the_pill(due_at: datetime | None, status: str | None, kind: str, key: str) -> None:
    found = pill(due_at, NOW, status)

    assert (found.kind, found.key) == (kind, key)
    assert found.mark


def test_days_are_days_of_the_calendar_in_taipei() -> None:
    just_before_midnight = datetime(2026, 3, 11, 15, 59, tzinfo=UTC)  # 23:59 on the 11th

    assert pill(just_before_midnight, NOW).facts == {"n": 1}


def test_moments_in_tables_leave_out_this_year() -> None:
    assert near_text(at(10, 17), NOW, "zh-TW") == "3/10（二）17:00"
    assert near_text(at(10, 17), NOW, "en") == "Tue 10 Mar 17:00"
    assert near_text(datetime(2025, 12, 31, 1, tzinfo=UTC), NOW, "zh-TW") == "114/12/31（三）09:00"
    assert near_text(datetime(2025, 12, 31, 1, tzinfo=UTC), NOW, "en") == "Wed 31 Dec 2025 09:00"
