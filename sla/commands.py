"""The command line's part of legal time: `huzheng sla …`, and scenarios with real clocks."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from engine.bpmn.definition import Definition
from engine.bpmn.scenario import Result, ScenarioError, flows_of, unvisited
from engine.commands import AS_JSON, PATHS, chosen, process
from engine.errors import EngineError
from engine.packages import Library, Package
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

    Names the elements and sequence flows of these packages that no scenario comes to. Exit status 1
    if a scenario fails.
    """
    played = _played([(library, each) for library, ids in chosen(paths) for each in ids])
    failed = [each for each in played if each.result.failures]
    if as_json:
        click.echo(json.dumps([each.told for each in played], ensure_ascii=False))
    else:
        for each in played:
            state = "; ".join(each.result.failures) or "holds"
            click.echo(f"{each.package.id} {each.file.name}: {state}")
        _tell_coverage(played)
        click.echo(f"{len(played) - len(failed)} scenarios hold, {len(failed)} fail")
    sys.exit(1 if failed else 0)


@dataclass(frozen=True, slots=True)
class _Played:
    definition: Definition
    package: Package
    file: Path
    result: Result

    @property
    def told(self) -> dict[str, Any]:
        return {
            "package": self.package.id,
            "file": self.file.name,
            "failures": list(self.result.failures),
        }


def _played(packages: Sequence[tuple[Library, str]]) -> list[_Played]:
    played: list[_Played] = []
    with click.progressbar(packages, label="Scenarios", file=sys.stderr) as shown:
        for library, package_id in shown:
            try:
                package = library.package(package_id)
                rehearsal = Rehearsal.of(library, package_id)
                for file, scenario in scenarios_of(library, package_id):
                    result = rehearsal.check(scenario)
                    played.append(_Played(library.definition(package), package, file, result))
            except (EngineError, ScenarioError) as refused:
                raise click.ClickException(f"{package_id}: {refused}") from refused
    return played


def _tell_coverage(played: Sequence[_Played]) -> None:
    definitions = {each.definition.process_id: each.definition for each in played}.values()
    missed = unvisited(definitions, [each.result for each in played])
    for each in missed:
        click.echo(f"{each}: no scenario comes here")
    places = sum(len(each.elements) + len(flows_of(each)) for each in definitions)
    click.echo(f"{places - len(missed)} of {places} elements and sequence flows are taken")
