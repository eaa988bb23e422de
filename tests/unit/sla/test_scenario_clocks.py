"""The clocks of a rehearsed case run, stand still and run out as those of a real one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from engine.bpmn.scenario import ScenarioError
from sla.limits import parse
from sla.scenario_clocks import ScenarioClocks

LIMITS = parse(
    b"""
clocks:
  statutory: {rule: STAT_BIRTH_60D, start: data.child.birth_date, stop: operation}
  processing: {rule: PROC_WORKDAY, length: 3, unit: working_day, start: filed, pausable: true}
  dunning: {rule: DUNNING_MIN_7D, start: operation}
""",
    "limits.yaml",
)
MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)  # 09:00 in Taipei
BORN = {"child": {"birth_date": date(2025, 12, 1)}}


@pytest.fixture
def clocks() -> ScenarioClocks:
    made = ScenarioClocks(LIMITS)
    made.filed(MONDAY, BORN, {})
    return made


def test_filing_starts_what_the_limits_say(clocks: ScenarioClocks) -> None:
    assert clocks.statuses(MONDAY) == {"statutory": "overdue", "processing": "running"}


def test_a_working_day_limit_runs_out_after_its_third_working_day(clocks: ScenarioClocks) -> None:
    thursday_evening = datetime(2026, 3, 5, 15, 59, tzinfo=UTC)

    assert clocks.statuses(thursday_evening)["processing"] == "running"
    assert clocks.statuses(thursday_evening + timedelta(minutes=1))["processing"] == "overdue"


def test_a_pause_leaves_the_rest_of_the_period(clocks: ScenarioClocks) -> None:
    due_before = clocks.reaches("processing", "due")
    clocks.operate("clock.pause", {"clock": "processing", "ground": "correction"}, MONDAY)
    paused = clocks.statuses(MONDAY)["processing"], clocks.reaches("processing", "due")
    back = MONDAY + timedelta(days=7)

    clocks.operate("clock.resume", {"clock": "processing"}, back)

    assert paused == ("paused", None)
    assert due_before == datetime(2026, 3, 5, 16, tzinfo=UTC)
    assert clocks.reaches("processing", "due") == datetime(2026, 3, 12, 16, tzinfo=UTC)


def test_a_stopped_clock_says_how_many_days_it_was_late(clocks: ScenarioClocks) -> None:
    posted = {"clock": "statutory", "on": date(2026, 2, 27)}

    assert clocks.operate("clock.stop", posted, MONDAY)["days_late"] == 28
    assert clocks.statuses(MONDAY)["statutory"] == "met"


def test_a_clock_that_never_started_is_never_late(clocks: ScenarioClocks) -> None:
    answer = clocks.operate("clock.stop", {"clock": "dunning"}, MONDAY)

    assert answer == {"due": None, "days_late": 0}


def test_a_clock_started_by_the_diagram_tells_its_last_day(clocks: ScenarioClocks) -> None:
    served = {"clock": "dunning", "from": date(2026, 3, 6)}

    answer = clocks.operate("clock.start", served, MONDAY)

    assert answer["due_on"] == date(2026, 3, 13)
    assert clocks.reaches("dunning", "due") == datetime(2026, 3, 13, 16, tzinfo=UTC)


def test_a_share_of_a_clock_comes_before_its_end(clocks: ScenarioClocks) -> None:
    clocks.operate("clock.start", {"clock": "dunning", "from": date(2026, 3, 6)}, MONDAY)

    nearly, due = clocks.reaches("dunning", "0.8"), clocks.reaches("dunning", "due")

    assert nearly is not None
    assert due is not None
    assert MONDAY < nearly < due


def test_an_unknown_clock_is_named_in_the_refusal(clocks: ScenarioClocks) -> None:
    with pytest.raises(ScenarioError, match="'collection'"):
        clocks.operate("clock.start", {"clock": "collection"}, MONDAY)
    with pytest.raises(ScenarioError, match="'dunning'"):
        clocks.operate("clock.pause", {"clock": "dunning"}, MONDAY)


def test_a_closed_case_has_met_its_clocks(clocks: ScenarioClocks) -> None:
    clocks.closed(MONDAY)

    assert set(clocks.statuses(MONDAY + timedelta(days=90)).values()) == {"met"}
