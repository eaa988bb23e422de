"""Pages over a million cases: server time of each kind of search, list and page, and its plans.

`python -m bench.search --store sqlite` (or postgresql, both). Requests go through Flask's test
client to the real pages, signed in, forms and tokens included; what is timed is one request. *Cold*
is the first request of its kind after the database was opened anew, *warm* are those after it. CPU
time is this process's: where other work shares the machine, it says more than the wall clock does
(a PostgreSQL server's own is not in it).
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy import event, insert

import app as application
from bench.databases import POSTGRESQL, SQLITE, scratch
from bench.million import HALF, grow, size_of
from bench.pages import Kind, NotShownError, addresses, kinds
from engine import cases, deployments, heap, keys
from engine.cases import Filed
from engine.keyring import Keyring
from engine.packages import load_library
from store.database import Database, open_database
from store.tables import installation
from tests.web.house import ANALYST, BIRTH, COUNTER, LIBRARY, MOVE, PACKAGES, House
from tests.web.visitor import Visitor
from web.demo_office.office import PASSWORD, found_office

CALLS = 30
PLANS = Path(__file__).parent / "plans"
BIG = ("cases", "user_tasks", "clocks", "history", "case_terms", "rungs", "outbox")
"""Tables that no page may read from end to end."""


@click.command()
@click.option("--store", type=click.Choice([SQLITE, POSTGRESQL, "both"]), default="both")
@click.option("--cases", "wanted", default=1_000_000, show_default=True)
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--plans", type=click.Path(file_okay=False, path_type=Path), default=PLANS)
def main(*, store: str, wanted: int, file: Path | None, plans: Path) -> None:
    """Measure pages over a million cases (see docs/benchmarks.md), and keep their query plans."""
    found: dict[str, Any] = {}
    with scratch(with_postgresql=store != SQLITE) as place:
        for each in place.stores if store == "both" else (store,):
            url = place.empty(each)
            found[each] = _measure(url, each, wanted, plans)
            place.drop(url)
    if file is not None:
        file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _measure(url: str, store: str, wanted: int, plans: Path) -> dict[str, Any]:
    played = furnish(url)
    grown = grow(url, wanted, click.echo)
    db = open_database(url)
    size = size_of(db)
    db.close()
    click.echo(
        f"{store}: {grown.cases:,} cases in {grown.seconds:.0f} s, {size / 1e9:.2f} GB; "
        "ms of server time per request"
    )
    asked = kinds(grown, played)
    figures = {name: _timed(url, name, kind) for name, kind in asked.items()}
    _tell(figures)
    _keep_plans(url, asked, plans / f"{store}.txt")
    return {"cases": grown.cases, "seconds": grown.seconds, "bytes": size, "ms": figures}


def furnish(url: str) -> list[Filed]:
    """The office with its processes, and the cases that are copied: half of them ended."""
    _wire()
    db = open_database(url)
    db.upgrade()
    house = House(db)
    library = load_library(LIBRARY)
    with db.transaction() as tx:
        tx.execute(insert(installation).values(id=1, mode="demo", created_at=house.clock.now()))
        people = found_office(tx, house.clock.now())
        for package_id in PACKAGES:
            deployments.deploy(tx, library, package_id, people["analyst.luo"], house.clock.now())
    filed = [_played(house, at) for at in range(2 * HALF)]
    house.sign_in(ANALYST).open("/definitions/P08").press("開始編修")
    db.close()
    return filed


def _played(house: House, at: int) -> Filed:
    package, values = ("P01", BIRTH) if at % 2 else ("P08", MOVE)
    case = house.file(package, values=values)
    if at < HALF:
        with house.db.transaction() as tx:
            actor = house.actor(COUNTER)
            cases.withdraw(tx, case.id, "for the measurement", actor, house.clock.now())
    elif at % 3 == 0:
        house.claim(case, COUNTER)
    elif at % 3 == 1:
        house.complete(case, COUNTER, "complete", missing=[])
    return case


def _wire() -> None:
    keys.use(Keyring.for_demo())
    application.wire()


# --- measuring ----------------------------------------------------------------------------------


@contextmanager
def _signed_in(url: str, kind: Kind) -> Iterator[tuple[Visitor, Database]]:
    """Somebody at the pages of a database that was just opened; signed in, but for citizens."""
    _wire()
    db = open_database(url)
    house = House(db)
    visitor = house.visitor().open("/sign-in" if kind.login else "/status")
    visitor.token = visitor.value_of("csrf_token")  # type: ignore[attr-defined]
    if kind.login:
        _sign_in(visitor, kind.login)
    addresses(visitor, kind)
    with db.transaction(read_only=True) as tx:
        for version_id in deployments.active_anywhere(tx):
            deployments.definition(tx, version_id)
    heap.settle()  # as the server does when it starts
    yield visitor, db
    db.close()


def _sign_in(visitor: Visitor, login: str) -> None:
    """Leads nowhere yet: no page may be warm before its time."""
    form = {"login": login, "password": PASSWORD, "csrf_token": visitor.token}  # type: ignore[attr-defined]
    visitor.client.post("/sign-in", base_url="http://localhost", data=form)
    visitor.open("/notifications/settings")
    visitor.token = visitor.value_of("csrf_token")  # type: ignore[attr-defined]


def _timed(url: str, name: str, kind: Kind) -> dict[str, float]:
    with _signed_in(url, kind) as (visitor, _):
        took, cpu = [], []
        for n in range(CALLS + 1):
            began, worked = time.perf_counter(), time.process_time()
            try:
                kind.ask(visitor, n)
            except NotShownError as gone:
                click.echo(f"{name}: {gone} after {time.perf_counter() - began:.1f} s")
                return {"cold": 1000 * (time.perf_counter() - began)}
            took.append(1000 * (time.perf_counter() - began))
            cpu.append(1000 * (time.process_time() - worked))
    return {
        "cold": took[0],
        "p50": _quantile(took[1:], 0.5),
        "p95": _quantile(took[1:], 0.95),
        "cpu p95": _quantile(cpu[1:], 0.95),
    }


def _quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _tell(figures: dict[str, dict[str, float]]) -> None:
    click.echo("| request | cold | warm p50 | warm p95 | CPU p95 |")
    click.echo("| --- | ---: | ---: | ---: | ---: |")
    for name, ms in figures.items():
        shown = (ms.get(each) for each in ("cold", "p50", "p95", "cpu p95"))
        told = " | ".join("–" if each is None else f"{each:.0f}" for each in shown)
        click.echo(f"| {name} | {told} |")


# --- plans --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Statement:
    sql: str
    parameters: Any


def statements_of(db: Database, ask: Callable[[], None]) -> list[Statement]:
    """The reads of one request that touch a big table."""
    seen: list[Statement] = []

    def note(_c: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        if sql.lstrip().upper().startswith(("SELECT", "WITH")) and any(
            re.search(rf"\b{table}\b", sql) for table in BIG
        ):
            seen.append(Statement(sql, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return seen


def plan_of(db: Database, statement: Statement) -> list[str]:
    """How the database would answer it."""
    is_pg = db.is_postgresql
    explain = "EXPLAIN " if is_pg else "EXPLAIN QUERY PLAN "
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql(explain + statement.sql, statement.parameters).all()
    return [str(row[0] if is_pg else row[3]) for row in rows]


def _keep_plans(url: str, asked: Mapping[str, Kind], file: Path) -> None:
    lines: list[str] = []
    for name, kind in asked.items():
        with _signed_in(url, kind) as (visitor, db):
            found = statements_of(db, partial(_quietly, kind, visitor))
            lines.append(f"## {name}")
            for statement in found:
                lines += ["", *(_costless(line) for line in plan_of(db, statement))]
            lines.append("")
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(lines), encoding="utf-8")
    click.echo(f"plans are in {file}")


def _quietly(kind: Kind, visitor: Visitor) -> None:
    with suppress(NotShownError):
        kind.ask(visitor, 3)


def _costless(line: str) -> str:
    """Without PostgreSQL's guesses, which differ from run to run, and without what was asked."""
    plain = re.sub(r"  \(cost=.*?\)", "", line)
    return re.sub(r"'[^']*'", "'…'", plain)


if __name__ == "__main__":
    sys.exit(main())
