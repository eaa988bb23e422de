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
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import click
from sqlalchemy import event, insert

import app as application
from bench.databases import POSTGRESQL, SQLITE, scratch
from bench.million import HALF, Grown, grow, size_of
from engine import cases, deployments, keys
from engine.cases import Filed
from engine.keyring import Keyring
from engine.packages import load_library
from store.database import Database, open_database
from store.tables import installation
from tests.web.house import BIRTH, CHIEF, COUNTER, LIBRARY, MOVE, PACKAGES, REVIEWER, House
from tests.web.visitor import Visitor
from web.demo_office.office import PASSWORD, found_office

CALLS = 30
PLANS = Path(__file__).parent / "plans"
BIG = ("cases", "user_tasks", "clocks", "history", "case_terms")
"""Tables that no page may read from end to end."""
Ask: TypeAlias = Callable[[Visitor, int], None]


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
    figures = {name: _timed(url, name, ask) for name, ask in asks(grown, played).items()}
    _tell(figures)
    _keep_plans(url, asks(grown, played), plans / f"{store}.txt")
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


# --- what is asked ------------------------------------------------------------------------------


def asks(grown: Grown, played: list[Filed]) -> dict[str, Ask]:
    """Each kind of request; its number varies what is looked for."""
    names, numbers = grown.names, grown.numbers
    open_ones = played[HALF:]

    def find(words: Callable[[int], str], **more: str) -> Ask:
        return lambda visitor, n: _find(visitor, text=words(n), purpose="call", **more)

    def look(address: str) -> Ask:
        return lambda visitor, n: _look(visitor, address)

    def case_page(end: str = "") -> Ask:
        return lambda visitor, n: _look(visitor, f"/cases/{open_ones[n % HALF].id}{end}")

    return {
        "search: case number": find(lambda n: f"DS-{90 - n % 9}-{n * 977 + 1:05}"),
        "search: ID number": find(lambda n: numbers[n]),
        "search: whole name": find(lambda n: names[n]),
        "search: two characters of a name": find(lambda n: names[n][:2]),
        "search: given name": find(lambda n: names[n][1:]),
        "search: name, closed, one process": find(
            lambda n: names[n], status="closed", package="P01"
        ),
        "search: name that nobody has": find(lambda n: f"甲{names[n][1:]}"),
        "search: date of birth": find(lambda n: f"{1950 + n}-03-12"),
        "list: newest": look("/cases"),
        "list: closed": look("/cases?status=closed"),
        "list: one process": look("/cases?package=P08"),
        "list: one process, closed": look("/cases?package=P08&status=closed"),
        "list: filed in one week": look("/cases?filed_from=110/3/1&filed_to=110/3/7"),
        "list: overdue": look("/cases?due=overdue"),
        "list: due in seven days": look("/cases?due=week"),
        "list: page after page": _page_after_page,
        "case page": case_page(),
        "case for print": case_page("/print"),
        "looks at one case": case_page("/looks"),
        "looks in the office": look("/looks"),
        "worklist: mine": look("/worklist"),
        "worklist: group": look("/worklist?tab=group"),
        "overdue desk": look("/overdue"),
    }


def _find(visitor: Visitor, **values: str) -> None:
    visitor.client.post(
        "/cases/find",
        base_url="http://localhost",
        data={"csrf_token": visitor.token, **values},  # type: ignore[attr-defined]
    )


def _look(visitor: Visitor, address: str) -> None:
    answer = visitor.client.get(address, base_url="http://localhost")
    if answer.status_code != 200:
        raise NotShownError(f"{address} answers {answer.status_code}")


class NotShownError(Exception):
    """A page was refused, or gave up."""


def _page_after_page(visitor: Visitor, n: int) -> None:
    """The list, from where the page before ended."""
    address = getattr(visitor, "next_page", "/cases")
    answer = visitor.client.get(address, base_url="http://localhost")
    found = re.search(r'href="([^"]*cursor=[^"]*)"', answer.get_data(as_text=True))
    visitor.next_page = found[1].replace("&amp;", "&") if found else "/cases"  # type: ignore[attr-defined]


# --- measuring ----------------------------------------------------------------------------------


@contextmanager
def _signed_in(url: str, name: str) -> Iterator[tuple[Visitor, Database]]:
    """Somebody at the pages of a database that was just opened."""
    _wire()
    db = open_database(url)
    house = House(db)
    desk = {"overdue desk": CHIEF, "worklist: group": REVIEWER}
    visitor = house.visitor().open("/sign-in")
    login = CHIEF if name.startswith("looks") else desk.get(name, COUNTER)
    form = {"login": login, "password": PASSWORD, "csrf_token": visitor.value_of("csrf_token")}
    visitor.client.post("/sign-in", base_url="http://localhost", data=form)  # goes nowhere yet
    page = visitor.open("/cases?status=suspended").page
    visitor.token = page.xpath("//input[@name='csrf_token']/@value")[0]  # type: ignore[attr-defined]
    yield visitor, db
    db.close()


def _timed(url: str, name: str, ask: Ask) -> dict[str, float]:
    with _signed_in(url, name) as (visitor, _):
        took, cpu = [], []
        for n in range(CALLS + 1):
            began, worked = time.perf_counter(), time.process_time()
            try:
                ask(visitor, n)
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


def _keep_plans(url: str, kinds: dict[str, Ask], file: Path) -> None:
    lines: list[str] = []
    for name, ask in kinds.items():
        with _signed_in(url, name) as (visitor, db):
            found = statements_of(db, partial(_quietly, ask, visitor))
            lines.append(f"## {name}")
            for statement in found:
                lines += ["", *(_costless(line) for line in plan_of(db, statement))]
            lines.append("")
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(lines), encoding="utf-8")
    click.echo(f"plans are in {file}")


def _quietly(ask: Ask, visitor: Visitor) -> None:
    with suppress(NotShownError):
        ask(visitor, 3)


def _costless(line: str) -> str:
    """Without PostgreSQL's guesses, which differ from run to run, and without what was asked."""
    plain = re.sub(r"  \(cost=.*?\)", "", line)
    return re.sub(r"'[^']*'", "'…'", plain)


if __name__ == "__main__":
    sys.exit(main())
