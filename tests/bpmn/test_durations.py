"""ISO 8601 durations and cycles as BPMN timers write them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.durations import (
    Cycle,
    Duration,
    NotATime,
    looks_like_duration,
    parse_cycle,
    parse_duration,
)
from feel import compile_expression
from feel.values import YearsMonths


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("P7D", Duration(time=dt.timedelta(days=7))),
        ("PT1H30M", Duration(time=dt.timedelta(minutes=90))),
        ("P1DT12H", Duration(time=dt.timedelta(hours=36))),
        ("P2W", Duration(time=dt.timedelta(days=14))),
        ("PT0.25S", Duration(time=dt.timedelta(milliseconds=250))),
        ("PT0S", Duration()),
        ("P1Y6M", Duration(months=18)),
        ("P1M", Duration(months=1)),
        ("PT1M", Duration(time=dt.timedelta(minutes=1))),
    ],
)
def test_durations_are_read(text: str, duration: Duration) -> None:
    assert looks_like_duration(text)
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    ["P", "PT", "P1DT", "P1M2D", "-P1D", "P1.5D", "1D", "p1d", "P1D ", "P9999999999D", "PT1H1H"],
)
def test_what_is_no_duration_is_refused_with_the_text(text: str) -> None:
    with pytest.raises(NotATime, match="Expected"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["data.wait", "duration(x)", "Processing", "P", "PTA", "Person"])
def test_feel_is_not_taken_for_a_duration(text: str) -> None:
    assert not looks_like_duration(text)


@settings(max_examples=100, deadline=None)
@given(st.timedeltas(min_value=dt.timedelta(), max_value=dt.timedelta(days=100_000)))
def test_feel_says_the_same_length(length: dt.timedelta) -> None:
    assert compile_expression(Duration(time=length).feel)({}) == length


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 100_000))
def test_feel_says_the_same_months(months: int) -> None:
    assert compile_expression(Duration(months=months).feel)({}) == YearsMonths(months)


@pytest.mark.parametrize(
    ("text", "cycle"),
    [
        ("R3/PT1H", Cycle(3, Duration(time=dt.timedelta(hours=1)))),
        ("R/P1M", Cycle(None, Duration(months=1))),
        (
            "R2/2026-03-02T09:00:00+08:00/P1D",
            Cycle(
                2,
                Duration(time=dt.timedelta(days=1)),
                dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8))),
            ),
        ),
    ],
)
def test_cycles_are_read(text: str, cycle: Cycle) -> None:
    assert parse_cycle(text) == cycle


@pytest.mark.parametrize(
    "text",
    ["R3", "R3/", "PT1H", "R0/PT1H", "R/PT0S", "R3/x/PT1H", "R3/2026-03-02T09:00/P1D", "R-1/P1D"],
)
def test_what_is_no_cycle_is_refused(text: str) -> None:
    with pytest.raises(NotATime, match="Expected"):
        parse_cycle(text)
