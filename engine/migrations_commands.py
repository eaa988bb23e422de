"""The command line's part of moving running cases: a plan in a file, tried or carried out.

Four eyes are kept outside here: whoever runs it has the database. Pages and API need two people.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import yaml
from sqlalchemy import Connection, select

from engine import case_rows, migrations
from engine.actors import Actor, system
from engine.bpmn.migration import Remark
from engine.errors import Rejected
from engine.migrations_judge import Order, judge, running
from engine.migrations_move import move
from engine.migrations_named import parse_named
from engine.yaml_reading import load_yaml
from store.tables import definitions

PLAN_KEYS = frozenset({"office", "package", "from", "to", "reason", "processes", "clocks"})
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One case: `result` is a verdict (dry run) or moved, kept, gone."""

    case_id: UUID
    number: str
    result: str
    remarks: tuple[Remark, ...]


@click.group()
def cases() -> None:
    """Running cases."""


@cases.command()
@click.option(
    "--plan",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML or JSON: office, package, from, to (version numbers), reason, processes, clocks.",
)
@click.option("--dry-run/--apply", "is_dry", required=True, help="Judge only, or move as well.")
@click.option("--json", "as_json", is_flag=True, help="For machines: one document.")
@click.pass_obj
def migrate(obj: Any, /, *, file: Path, is_dry: bool, as_json: bool) -> None:
    """Move the running cases of one version to another, each in a transaction of its own.

    Exit status 1 if a case cannot be moved.
    """
    plan = _read(file)
    with obj.db.transaction(read_only=True) as tx:
        order = _order(tx, plan)
    lines: list[Line] = []
    for line in _lines(obj, plan["office"], order, is_dry=is_dry):
        lines.append(line)
        if not as_json:
            _print(line)
    counted = Counter(line.result for line in lines)
    if as_json:
        told = {"dry_run": is_dry, "counts": counted, "cases": [_told(line) for line in lines]}
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        said = ", ".join(f"{number} {result}" for result, number in sorted(counted.items()))
        click.echo(f"{len(lines)} cases: {said or 'none runs on that version'}")
    left = sum(counted[each] for each in ("cannot", "kept", "failed"))
    click.get_current_context().exit(1 if left else 0)


def _lines(obj: Any, office_id: str, order: Order, *, is_dry: bool) -> Iterator[Line]:
    after: UUID | None = None
    actor = system(office_id)
    while True:
        with obj.db.transaction(read_only=True) as tx:
            found = running(tx, office_id, order.from_id, after, AT_ONCE)
        for case_id in found.cases:
            yield _one(obj, case_id, order, actor, is_dry=is_dry)
        if found.is_done:
            return
        after = found.after


def _one(obj: Any, case_id: UUID, order: Order, actor: Actor, *, is_dry: bool) -> Line:
    now = obj.clock.now()
    with obj.db.transaction(read_only=is_dry) as tx:
        case = case_rows.load(tx, case_id, actor, lock=not is_dry)
        plan = judge(tx, case, order, now)
        if plan is None or case.status not in ("active", "suspended"):
            return Line(case_id, case.number, "gone", ())
        if is_dry:
            return Line(case_id, case.number, plan.verdict, plan.remarks)
        remarks = move(tx, case, order, actor, now)
        return Line(case_id, case.number, "kept" if remarks else "moved", remarks)


def _read(file: Path) -> dict[str, Any]:
    try:
        plan = load_yaml(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as wrong:
        raise click.ClickException(f"Expected {file} to be YAML or JSON: {wrong}") from wrong
    if not isinstance(plan, dict):
        raise click.ClickException(f"Expected {file} to hold the keys of a plan")
    unknown = sorted(str(key) for key in plan.keys() - PLAN_KEYS)
    missing = sorted({"office", "package", "from", "to", "reason"} - plan.keys())
    if unknown or missing:
        wrong_keys = f"no key {unknown[0]}" if unknown else f"the key {missing[0]}"
        raise click.ClickException(f"Expected {file} to have {wrong_keys}")
    return plan


def _order(tx: Connection, plan: dict[str, Any]) -> Order:
    from_id, to_id = (_version(tx, plan, plan[side]) for side in ("from", "to"))
    reason = str(plan["reason"]).strip()
    if not reason or from_id == to_id:
        raise Rejected("migration.reason", "Expected a reason, and two different versions")
    named = parse_named({name: plan[name] for name in ("processes", "clocks") if name in plan})
    migrations.demand_fit(tx, from_id, to_id, named)
    return Order(from_id, to_id, named, reason)


def _version(tx: Connection, plan: dict[str, Any], version: Any) -> UUID:
    found: UUID | None = tx.scalar(
        select(definitions.c.id).where(
            definitions.c.office_id == str(plan["office"]),
            definitions.c.package_id == str(plan["package"]),
            definitions.c.version == version,
            definitions.c.state != "draft",
        )
    )
    if found is None:
        raise click.ClickException(
            f"Expected version {version} of {plan['package']} in office {plan['office']}, but "
            "there is none that was approved"
        )
    return found


def _told(line: Line) -> dict[str, Any]:
    remarks = [
        {"code": each.code, "element": each.element_id, "zh": each.zh, "en": each.en}
        for each in line.remarks
    ]
    return {
        "case": str(line.case_id),
        "number": line.number,
        "result": str(line.result),
        "remarks": remarks,
    }


def _print(line: Line) -> None:
    why = "; ".join(each.en for each in line.remarks)
    click.echo(f"{line.number} {line.result}{f': {why}' if why else ''}")
