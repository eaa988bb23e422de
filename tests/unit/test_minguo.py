"""Dates as people write them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.minguo import (
    DateError,
    format_date,
    format_end,
    format_instant,
    format_short,
    parse_date,
)


@pytest.mark.parametrize(
    "text",
    [
        *("115/3/12", "115年3月12日", "民國115年03月12日", "１１５／３／１２", "1150312"),
        *("2026-03-12", "民國115.3.12", "中華民國115年3月12日", " 115-3-12 "),
        "115 年 3 月 12 日（四）",
    ],
)
def test_every_usual_way_of_writing_is_read(text: str) -> None:
    assert parse_date(text) == date(2026, 3, 12)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("115/2/30", "date.impossible"),
        ("0/1/1", "date.impossible"),
        ("tomorrow", "date.unreadable"),
        ("", "date.unreadable"),
        ("99999999999999/1/1", "date.unreadable"),
    ],
)
def test_what_is_no_date_is_refused_with_a_sentence(text: str, code: str) -> None:
    with pytest.raises(DateError) as refused:
        parse_date(text)

    assert refused.value.code == code
    assert text in refused.value.zh


@given(st.dates(date(1600, 1, 1), date(2899, 12, 31)))
def test_what_is_written_is_read_back(day: date) -> None:
    assert parse_date(format_date(day)) == day
    assert parse_date(format_short(day)) == day
    assert parse_date(format_short(day, "en")) == day


def test_midnight_ends_a_limit_at_the_end_of_its_last_day() -> None:
    midnight = datetime(2026, 11, 30, 16, tzinfo=UTC)

    assert format_instant(midnight) == "115 年 12 月 1 日（二） 00:00"
    assert format_end(midnight) == "115 年 11 月 30 日（一） 24:00"
    assert format_end(midnight, "en") == "Mon 30 November 2026 24:00"
    assert format_end(datetime(2026, 3, 12, 9, tzinfo=UTC)) == "115 年 3 月 12 日（四） 17:00"


def test_instants_are_shown_in_taipei() -> None:
    assert format_instant(datetime(2026, 3, 12, 9, tzinfo=UTC)) == "115 年 3 月 12 日（四） 17:00"
    assert format_date(date(2026, 3, 12), "en") == "Thu 12 March 2026"
