"""`huzheng sla explain` and `huzheng sla rules`: dates of law and the rules they rest on."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import click

from engine.commands import AS_JSON, PATHS, chosen
from sla import entered_rules, golden
from sla.calendars import all_choices, settings_of, snapshot
from sla.counting import MIDNIGHT, taipei_date
from sla.errors import Refusal
from sla.explanation import lines, parse_start
from sla.law_pages import listed, markdown, table_listed
from sla.law_tables import law_tables
from sla.process_pages import index, page
from sla.working_time import ONE_DAY, instant


@click.command(name="explain")
@click.option("--rule", "rule_id", help="A rule id of bpmn/decisions/legal-limits.dmn.")
@click.option("--start", help="2026-03-12, 115/3/12 or 2026-03-12T10:30.")
@click.option("--length", help="Instead of the rule's own: 30, 3m+30, 7+7.")
@click.option("--unit", help="calendar_day, working_day, month …")
@click.option("--office", help="Use this office's calendar, settings and local rules.")
@click.option("--known-on", help="With --office: by the calendar and rules known on that day.")
@click.option(
    "--facts",
    help='What happened, as JSON: \'{"filed": "2026-03-04", "channel": "online"}\'.',
)
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
    """Say when a period ends, step by step, each step with its article.

    Facts are: settings, closures, working_days, rest_days, pauses, extension, term_set_to,
    service, missed, finished, applied, dunned, good_reason, filed, received, postmark, channel,
    office, city.
    """
    if asked["csv_file"] is not None:
        _explain_file(asked["csv_file"])
        return
    if not asked["rule_id"] or not asked["start"]:
        raise click.UsageError("Give --rule and --start, or --csv FILE")
    try:
        office = _office(obj, asked["office"], asked["known_on"])
        length, unit, facts = (asked[name] or "" for name in ("length", "unit", "facts"))
        explained = golden.ask(asked["rule_id"], asked["start"], length, unit, facts, office)
    except Refusal as refused:
        raise click.ClickException(refused.text(asked["lang"])) from refused
    if asked["as_json"]:
        click.echo(json.dumps(explained.to_dict(asked["lang"]), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(lines(explained, asked["lang"])))


@click.command(name="rules")
@click.option("--rule", "rule_id", default="", help="Only rules with this in their id.")
@click.option("--tables", "with_tables", is_flag=True, help="Every row of every table of law.")
@click.option("--markdown", "as_markdown", is_flag=True, help="As docs/legal-limits.md.")
@click.option("--lang", default="zh-TW", show_default=True, type=click.Choice(["zh-TW", "en"]))
@AS_JSON
def rules_command(
    *, rule_id: str, with_tables: bool, as_markdown: bool, lang: str, as_json: bool
) -> None:
    """List the rules of legal time: length, article, whose, since when, source, how sure.

    Exit status 1 where there is none with that id.
    """
    if as_markdown:
        click.echo(markdown(), nl=False)
        return
    found = [each for each in listed(lang) if rule_id.upper() in str(each["id"])]
    if not found:
        raise click.ClickException(f"There is no rule with {rule_id!r} in its id")
    tables = [table_listed(table, lang) for table in law_tables()] if with_tables else []
    if as_json:
        told = {"rules": found, "tables": tables} if with_tables else found
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for each in found:
        since = each["valid_from"] or "…"
        place = f" [{each['jurisdiction']}]"
        click.echo(f"{each['id']} {each['length'] or '?'} {each['unit']} {since}{place}")
        law = f" {each['article']}" if each["article"] else ""
        click.echo(f"    {each['title']}{law} ({each['certainty']}: {each['source']})")
    for table in tables:
        click.echo(f"{table['file']}.dmn {table['decision']} {table['title']}")
        for row in table["rows"]:
            click.echo(f"    {row['when']} -> {row['then']} ({row['certainty']}: {row['source']})")


def _office(obj: Any, office_id: str | None, known_on: str | None) -> golden.Office:
    if office_id is None:
        if known_on:
            raise click.UsageError("--known-on asks an office's calendar; give --office too")
        return golden.NATION
    with obj.db.transaction(read_only=True) as tx:
        if not known_on:
            calendar, settings, rules = all_choices(tx, office_id, obj.clock.now())
        else:
            known = instant(taipei_date(parse_start(known_on)) + ONE_DAY, MIDNIGHT)
            calendar, settings = snapshot(tx, office_id, known), settings_of(tx, office_id)
            rules = entered_rules.known_by(tx, office_id, known)
        return golden.Office(calendar, settings, calendar.places, rules)


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


@click.command(name="docs")
@PATHS
@click.option(
    "--out",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the pages are written, such as docs/processes.",
)
def docs_command(*, paths: tuple[Path, ...], folder: Path) -> None:
    """Write a page for each package under PATHS: papers, steps, limits, agencies, scenarios."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {}
    for library, package_ids in chosen(paths):
        for package_id in sorted(package_ids):
            package = library.package(package_id)
            text = page(library, package)
            (folder / f"{package_id}.md").write_text(text, encoding="utf-8")
            pages[f"{package_id}.md"] = package
    (folder / "README.md").write_text(index(pages), encoding="utf-8")
    click.echo(f"{len(pages)} pages in {folder}")
