"""How near a due time is, in a word: by the table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from web.dates import near_text, until, until_moment, until_time
from web.due import pill

NOW = datetime(2026, 3, 12, 2, 20, tzinfo=UTC)  # Thursday 12 March, 10:20 in Taipei
MIDNIGHT = datetime(2026, 3, 12, 16, tzinfo=UTC)  # the end of the 12th


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2026, given in Taipei hours."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC).replace(hour=hour - 8)


def test_a_late_applicant_is_not_told_as_our_lateness() -> None:
    for due_at in (at(10, 17), at(12, 9)):
        found = pill(due_at, NOW, "running", "applicant")

        assert (found.kind, found.key) == ("wait", "due.term_over")
    assert pill(at(13, 17), NOW, "running", "applicant").key == "due.tomorrow"


@pytest.mark.parametrize(
    ("due_at", "status", "kind", "key"),
    [
        (at(10, 17), "running", "late", "due.late_days"),
        (at(12, 9), "running", "late", "due.late_hours"),
        (at(12, 10, 20), "running", "late", "due.late_now"),
        (at(12, 10, 21), "running", "soon", "due.today"),
        (at(13, 17), "running", "soon", "due.tomorrow"),
        (at(14, 17), "running", "ok", "due.days"),
        (MIDNIGHT, "running", "soon", "due.today"),
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


def test_a_limit_that_ends_at_midnight_ends_with_its_last_day() -> None:
    one_day_later = datetime(2026, 3, 13, 1, tzinfo=UTC)  # 13 March, 09:00

    assert str(until(MIDNIGHT, NOW, "zh-TW")).endswith(">3/12（四）24:00</time>")
    assert str(until(MIDNIGHT, NOW, "en")).endswith(">Thu 12 Mar 24:00</time>")
    assert str(until_moment(MIDNIGHT, "zh-TW")).endswith(">115 年 3 月 12 日（四） 24:00</time>")
    assert 'datetime="2026-03-13T00:00:00+08:00"' in until(MIDNIGHT, NOW, "zh-TW")
    assert until_time(MIDNIGHT) == "24:00"
    assert pill(MIDNIGHT, one_day_later).facts == {"n": 1}


def test_a_limit_that_ends_in_the_day_is_shown_by_its_hour() -> None:
    assert str(until(at(10, 17), NOW, "zh-TW")).endswith(">3/10（二）17:00</time>")
    assert until_time(at(10, 17)) == "17:00"
    assert until(None, NOW, "en") == until_moment(None, "en") == "—"


def test_behind_the_offices_own_aim_a_limit_is_warned_of_and_not_late() -> None:
    now = at(2, 9)
    due, target = now + timedelta(days=5), now - timedelta(hours=1)

    assert pill(due, now, target_at=target).key == "due.past_target"
    assert pill(due, now, target_at=now + timedelta(hours=1)).key == "due.days"
    assert pill(due, now, "paused", target_at=target).key == "due.paused"
    assert pill(now, now, target_at=target).kind == "late"
