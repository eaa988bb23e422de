"""A year of an office, live and replayed from its ledgers: the same days, rungs and reports.

The long run is `python -m bench.year` (20,000 cases). This slice has all that it has: typhoons by
half days, a calendar issued anew, settings that change, and three rules that change with a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from bench.year.compare import compare
from bench.year.records import Given
from bench.year.run import Lived, living
from bench.year.upheavals import UPHEAVALS, LocalEdit
from sla import decisions, rules
from tests.support.databases import sqlite_copy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
CASES, SEED = 240, 116


@pytest.fixture(autouse=True)
def wiring() -> None:
    """The year is wired by itself, once for all tests of this file."""


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Lived]:
    folder = tmp_path_factory.mktemp("year")
    with living(sqlite_copy(sqlite_template, folder), folder, CASES, SEED) as lived:
        yield lived


def test_the_replay_comes_to_the_same_days_rungs_and_reports(year: Lived) -> None:
    verdict = compare(year.given, year.kept, year.told)

    print(f"\n{dict(verdict.compared)}; {year.seconds:.0f} s of CPU live")
    assert verdict.sentences == []
    assert not verdict.found
    assert verdict.compared["clock: due"] > 2 * CASES
    assert verdict.compared["rung: fired"] > 2 * CASES


def test_the_year_has_all_that_a_year_may_bring(year: Lived) -> None:
    deeds, kinds = year.told.deeds, {e.kind for rows in year.kept.entries.values() for e in rows}
    clocks, rungs = (
        year.kept.clocks.values(),
        [r for rows in year.kept.rungs.values() for r in rows],
    )
    moved = [e for rows in year.kept.entries.values() for e in rows if e.kind == "recalculate"]

    # A scenario's day may be closed that year, and what is filed for it is refused.
    assert CASES - 3 <= deeds["filed"] <= CASES, deeds
    assert all(deeds[upheaval.name] == 1 for upheaval in UPHEAVALS)
    assert {"start", "pause", "resume", "extend", "recalculate", "stop"} <= kinds
    assert {clock.status for clock in clocks} >= {"running", "met"}
    assert max(counts.paused for counts in year.told.counts.values()) > 0
    assert {rung.status for rung in rungs} == {"waiting", "fired", "cancelled"}
    assert {rung.act for rung in rungs if rung.status == "fired"} >= {"warn", "escalate", "chase"}
    assert len({entry.at for entry in moved}) >= 3
    told = year.told
    assert len(told.shares) == len(told.counts) == len(told.listed) == len(told.reported) == 12
    assert sum(told.listed.values()) > 20
    assert max(counts.office for counts in year.told.counts.values()) > 10


def _without_the_typhoons(given: Given) -> Given:
    # All of them: of so few cases a single one may have moved none.
    return _without(given, {each.at for each in UPHEAVALS if isinstance(each, LocalEdit)})


def _without_a_setting(given: Given) -> Given:
    return _without(given, {UPHEAVALS[1].at})


def _without(given: Given, moments: Set[datetime]) -> Given:
    """As if nobody had known of the edits of those moments, only of those around them."""
    changes = [at for at in given.changes if at not in moments]
    assert len(changes) == len(given.changes) - len(moments)
    benches = [bench for bench in given.benches if bench.known not in moments]
    return replace(given, changes=changes, benches=benches)


def _without_the_pauses(given: Given) -> Given:
    # All of them: a single one may have ended on its own day and moved nothing.
    acts = {
        clock: [entry for entry in entries if entry.kind != "pause"]
        for clock, entries in given.acts.items()
    }
    return replace(given, acts=acts)


@pytest.mark.parametrize(
    ("otherwise", "seen"),
    [
        (_without_the_typhoons, "ledger: moved by an edit"),
        (_without_a_setting, "rung: fired"),
        (_without_the_pauses, "clock: due"),
    ],
)
def test_a_source_that_says_otherwise_is_seen(
    year: Lived, otherwise: Callable[[Given], Given], seen: str
) -> None:
    assert seen in compare(otherwise(year.given), year.kept, year.told).found


def test_law_without_the_reforms_of_the_year_is_seen(
    year: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(decisions.__file__).resolve().parents[1] / "bpmn" / "decisions"
    monkeypatch.setattr(decisions, "FOLDER", folder)
    _forget()
    try:
        found = compare(year.given, year.kept, year.told).found
    finally:
        monkeypatch.undo()
        _forget()

    assert found["clock: due"] > 0


def _forget() -> None:
    decisions.model.cache_clear()
    rules.all_rules.cache_clear()
