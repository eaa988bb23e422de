"""limits.yaml is judged before it is deployed; what it promises is what is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import app
from engine.bpmn.findings import DefinitionRefused
from engine.packages import load_library
from sla.limits import check
from store import tables
from tests.support.clocked import LIMITS, with_boundary
from tests.support.office import LIBRARY, Office
from tests.support.packages import write_package

CLOCK = "clocks: {processing: {%s}}\n"


@pytest.mark.parametrize(
    ("text", "key", "why"),
    [
        (CLOCK % "rule: PROC_WORKDY, length: 3", "clocks.processing.rule", "did you mean"),
        (CLOCK % "rule: PROC_WORKDAY", "clocks.processing.rule", "length"),
        (CLOCK % "rule: PROC_WORKDAY, length: soon", "clocks.processing.rule", "soon"),
        (CLOCK % "rule: PROC_WORKDAY, length: 3, unit: moons", "processing.unit", "working_day"),
        (CLOCK % "length: 3", "clocks.processing.rule", "legal-limits.dmn"),
        (CLOCK % "rule: STAT_BIRTH_60D, pausable: true", "processing.pausable", "APA 51"),
        (CLOCK % "rule: STAT_BIRTH_60D, pausable: perhaps", "processing.pausable", "true or false"),
        (CLOCK % "rule: STAT_BIRTH_60D, stop: sometime", "processing.stop", "closed"),
        (CLOCK % "rule: STAT_BIRTH_60D, start: created", "processing.start", "created"),
        (CLOCK % "rule: STAT_BIRTH_60D, start: data.(", "processing.start", ""),
        (CLOCK % "rule: STAT_BIRTH_60D, ladder: 7", "processing.ladder", "name of a ladder"),
        (CLOCK % "rule: STAT_BIRTH_60D, dead: 1", "processing.dead", "part of a clock"),
        ("tasks: {review: {rule: STAT_BIRTH_60D, start: filed}}", "tasks.review.start", "created"),
        (LIMITS.replace("due+1wd", "due+1d"), "ladders.standard[3].at", "due+1wd"),
        (LIMITS.replace("do: chase", "do: shout"), "ladders.standard[3].do", "chase"),
        (LIMITS.replace("to: director", "to: boss"), "ladders.standard[4].to", "boss"),
        (LIMITS.replace('at: "0.5"', "at: due+9wd"), "clocks.processing.ladder", "by time"),
        (
            LIMITS.replace("PROC_WORKDAY, length: 3, unit: working_day", "STAT_BIRTH_60D").replace(
                "pausable: true, ", ""
            ),
            "clocks.processing.ladder",
            "write prompt",
        ),
        (LIMITS.replace("do: chase", "do: prompt"), "clocks.processing.ladder", "office's own"),
        ("ladders: {standard: 7}", "ladders.standard", "list of rungs"),
        ("clocks: [processing]", "clocks", "mapping"),
        ("hours: {}", "hours", "expected only"),
        ("clocks: {", "", "YAML"),
        ("- clocks", "", "mapping"),
    ],
)
def test_what_cannot_be_kept_is_named_by_file_and_key(text: str, key: str, why: str) -> None:
    faults = check(text.encode(), "p01/limits.yaml")

    assert faults
    assert "p01/limits.yaml" in faults[0].en
    assert key in faults[0].en
    assert why in faults[0].en
    assert faults[0].zh


@pytest.mark.parametrize("file", sorted(LIBRARY.rglob("limits.yaml")), ids=lambda f: f.parent.name)
def test_the_librarys_own_limits_can_be_kept(file: Path) -> None:
    assert check(file.read_bytes(), file.name) == []


def test_a_wrong_rule_refuses_the_deployment_with_file_and_key(
    office: Office, packages: Path
) -> None:
    wrong = LIMITS.replace("PROC_WORKDAY", "PROC_WORKDY")
    write_package(packages, "WRONG", with_boundary("WRONG", "processing", "due"), limits=wrong)

    with pytest.raises(DefinitionRefused) as refused:
        office.deploy("WRONG")

    assert "wrong/limits.yaml: clocks.processing.rule" in refused.value.message
    assert "WRONG" not in {row.package_id for row in office.rows(tables.definitions)}


def test_lint_prints_what_is_wrong_and_fails(packages: Path) -> None:
    write_package(
        packages,
        "WRONG",
        with_boundary("WRONG", "processing", "due"),
        limits=LIMITS.replace("working_day", "moon"),
    )
    (packages / "decisions").mkdir()

    told = CliRunner().invoke(app.main, ["process", "lint", str(packages / "wrong")])

    assert told.exit_code == 1
    assert "wrong/limits.yaml: clocks.processing.unit" in told.output


def test_nothing_is_judged_where_nobody_judges(packages: Path) -> None:
    from engine.packages import forget_judges

    forget_judges()
    write_package(
        packages,
        "WRONG",
        with_boundary("WRONG", "processing", "due"),
        limits=LIMITS.replace("PROC_WORKDAY", "PROC_WORKDY"),
    )

    assert not [each for each in load_library(packages).lint("WRONG") if "limits" in each.file]


def test_a_case_whose_event_lies_before_our_law_is_taken_with_an_incident(
    office: Office, packages: Path
) -> None:
    limits = LIMITS.replace(
        "clocks:\n", "clocks:\n  statutory: {rule: STAT_BIRTH_60D, start: 'date(\"1931-02-03\")'}\n"
    )
    write_package(packages, "OLD", with_boundary("OLD", "processing", "due"), limits=limits)
    office.deploy("OLD")

    case = office.file("OLD")

    (incident,) = office.rows(tables.incidents, case)
    assert (incident.code, incident.status) == ("clock.not_started", "open")
    assert "'statutory'" in incident.message
    assert [clock.name for clock in office.rows(tables.clocks, case)] == ["processing"]


def test_a_citizens_own_window_runs_from_the_event_and_is_kept_by_the_filing(
    office: Office, packages: Path
) -> None:
    window = "{rule: STAT_BIRTH_60D, start: 'date(\"2025-12-01\")', stop: filed}"
    limits = LIMITS.replace("clocks:\n", f"clocks:\n  statutory: {window}\n")
    write_package(packages, "BORN", with_boundary("BORN", "processing", "due"), limits=limits)
    office.deploy("BORN")

    case = office.file("BORN")

    clock = office.clock_of(case, "statutory")
    assert (clock.status, clock.due_on.isoformat()) == ("met", "2026-01-30")
    assert "clock.stopped" in office.actions(case)  # a month late: not said to be in time
    assert [row.kind for row in office.ledger(case, "statutory")] == ["start", "stop"]
