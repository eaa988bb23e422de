"""The command line's part of legal time: `huzheng sla …`, and scenarios with real clocks."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from engine.bpmn.scenario import ScenarioError
from engine.commands import AS_JSON, PATHS, chosen, process
from engine.errors import EngineError
from engine.packages import Library
from sla.calendars import seed_national_days
from sla.law_commands import explain_command, rules_command
from sla.scenarios import Rehearsal, scenarios_of


@click.group()
def sla() -> None:
    """Legal time."""


sla.add_command(explain_command)
sla.add_command(rules_command)


@sla.command(name="load-days")
@click.option("--office", "office_id", required=True, help="The country's office id.")
@click.option("--from-year", type=int, required=True)
@click.option("--to-year", type=int, required=True)
@click.pass_obj
def load_days_command(obj: Any, /, *, office_id: str, from_year: int, to_year: int) -> None:
    """Load the national holidays and working days of the years into an office's calendar.

    Its cities and offices inherit them. Load further years when they are published.
    """
    with obj.db.transaction() as tx:
        loaded = seed_national_days(tx, office_id, from_year, to_year, obj.clock.now())
    click.echo(f"{loaded} days of {from_year} to {to_year} are in the calendar of {office_id}")


@process.command(name="test")
@PATHS
@AS_JSON
def test_command(*, paths: tuple[Path, ...], as_json: bool) -> None:
    """Run the scenarios of the packages under PATHS, with real clocks, in memory.

    Exit status 1 if one fails.
    """
    results = [
        {"package": package_id, "file": file.name, "failures": list(failures)}
        for library, package_ids in chosen(paths)
        for package_id in package_ids
        for file, failures in _rehearsed(library, package_id)
    ]
    failed = [result for result in results if result["failures"]]
    if as_json:
        click.echo(json.dumps(results, ensure_ascii=False))
    else:
        for result in results:
            state = "; ".join(result["failures"]) or "holds"
            click.echo(f"{result['package']} {result['file']}: {state}")
        click.echo(f"{len(results) - len(failed)} scenarios hold, {len(failed)} fail")
    sys.exit(1 if failed else 0)


def _rehearsed(library: Library, package_id: str) -> Iterator[tuple[Path, tuple[str, ...]]]:
    try:
        rehearsal = Rehearsal.of(library, package_id)
        for file, scenario in scenarios_of(library, package_id):
            yield file, rehearsal.check(scenario).failures
    except (EngineError, ScenarioError) as refused:
        raise click.ClickException(f"{package_id}: {refused}") from refused
