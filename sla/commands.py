"""The command line's part of legal time: `huzheng sla explain`, and scenarios with real clocks."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from engine.bpmn.scenario import ScenarioError
from engine.commands import AS_JSON, PATHS, chosen, process
from engine.errors import EngineError
from engine.packages import Library
from sla import golden
from sla.calendars import seed_national_days, settings_of, snapshot
from sla.errors import Refusal
from sla.explanation import explain, lines
from sla.periods import DEFAULTS
from sla.scenarios import Rehearsal, scenarios_of
from sla.settings import Settings
from sla.working_time import Calendar


@click.group()
def sla() -> None:
    """Legal time."""


@sla.command(name="explain")
@click.option("--rule", "rule_id", help="A rule id of bpmn/decisions/legal-limits.dmn.")
@click.option("--start", help="2026-03-12, 115/3/12 or 2026-03-12T10:30.")
@click.option("--length", help="Instead of the rule's own: 30, 3m+30, 7+7.")
@click.option("--unit", help="calendar_day, working_day, month …")
@click.option("--office", help="Use this office's calendar and settings.")
@click.option("--lang", default="zh-TW", show_default=True, type=click.Choice(["zh-TW", "en"]))
@click.option("--json", "as_json", is_flag=True)
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the columns of tests/golden/golden-sample.csv; prints id,due.",
)
@click.pass_obj
def explain_command(obj: Any, /, **asked: Any) -> None:
    """Say when a period ends, step by step, each step with its article."""
    if asked["csv_file"] is not None:
        _explain_file(asked["csv_file"])
        return
    if not asked["rule_id"] or not asked["start"]:
        raise click.UsageError("Give --rule and --start, or --csv FILE")
    try:
        calendar, settings = _office(obj, asked["office"])
        explained = explain(
            asked["rule_id"], asked["start"], asked["length"], asked["unit"], settings, calendar
        )
    except Refusal as refused:
        raise click.ClickException(refused.text(asked["lang"])) from refused
    if asked["as_json"]:
        click.echo(json.dumps(explained.to_dict(asked["lang"]), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(lines(explained, asked["lang"])))


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


def _office(obj: Any, office_id: str | None) -> tuple[Calendar | None, Settings]:
    if office_id is None:
        return None, DEFAULTS
    now: datetime = obj.clock.now()
    with obj.db.transaction(read_only=True) as tx:
        return snapshot(tx, office_id, now), settings_of(tx, office_id)


def _explain_file(path: Path) -> None:
    """Print `id,due` for every row; a row without an answer says why and fails the command."""
    failed = False
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        missing = [name for name in golden.COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise click.UsageError(f"{path} has no column {', '.join(missing)}")
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(["id", "due"])
        for row in rows:
            try:
                writer.writerow([row["id"], golden.evaluate(row)])
            except Refusal as refused:
                failed = True
                click.echo(f"{row['id']}: {refused.en}", err=True)
    if failed:
        raise click.exceptions.Exit(1)


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
