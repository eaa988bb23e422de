"""A year of the demo office in small: some packages, a few weeks, a few dozen cases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Table, func, insert, literal, select, update

import app
from agencies.transports import Endpoint
from engine.errors import Rejected
from engine.history import verify_database
from engine.installation import install
from engine.packages import Library, load_library
from store.database import Database, open_database
from store.merging import KEPT, carry
from store.tables import (
    calendar_days,
    cases,
    clocks,
    duty_periods,
    history,
    metadata,
    notices,
    outbox,
    user_tasks,
)
from tests.support.wiring import wired
from web.demo_office.checks import check_year
from web.demo_office.dealing import Year
from web.demo_office.seed_year import Hands, seed_year

FILED = ("D1", "P05")
CALLED = ("C01", "C02", "C03", "C04", "C05", "C06", "C07", "C08", "C09", "C11", "C12", "C13", "D2")
LADDERS = ("L01", "L02", "L03")
LIBRARY = Path(app.__file__).with_name("bpmn")
ENDPOINT = Endpoint("http://127.0.0.1:1", b"the year's secret", "http://127.0.0.1:1/answers")
CASES = 24


@pytest.fixture(scope="module")
def year() -> Year:
    whole = load_library(LIBRARY)
    packages = {each: whole.package(each) for each in (*FILED, *CALLED, *LADDERS)}
    library = Library(whole.root, packages, whole.tables)
    return Year(library, CASES, seed=7, first=date(2026, 3, 2), last=date(2026, 3, 27))


@pytest.fixture(scope="module")
def lived(year: Year, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The year, lived by two processes at the same time."""
    with wired(), _installed(tmp_path_factory.mktemp("two") / "demo.db") as db:
        _live(db, year, workers=2)
        yield db


@contextmanager
def _installed(file: Path) -> Iterator[Database]:
    with closing(open_database(f"sqlite:///{file}")) as db:
        db.upgrade()
        install(db, "demo", datetime(2026, 3, 2, tzinfo=UTC))
        yield db


def _live(db: Database, year: Year, workers: int) -> None:
    told: list[float] = []
    found = seed_year(db, year, ENDPOINT, app.WAYS, Hands(workers, lambda _: None, told.append))
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert [sentence for each in found for sentence in each.broken] == []


def test_what_is_true_of_the_year_is_counted(lived: Database, year: Year) -> None:
    held = {each.en: each.held for each in check_year(lived, year)}

    with lived.transaction(read_only=True) as tx:
        counted = _count(tx, clocks.c.id)
        begun = _count(tx, duty_periods.c.id)
        fined = tx.scalar(select(func.count()).where(user_tasks.c.element_id == "examine_facts"))
    assert held["due dates as their ledger leads to"] == counted > CASES
    assert held["turns of calendar duties, begun exactly once"] == begun > 20
    assert held["fines of their tier in fines.dmn"] == fined > 0
    assert held["notifications with a consent or a duty"] > 0


def test_a_process_that_no_case_came_through_is_named(lived: Database, year: Year) -> None:
    enough = replace(year, cases=1_000)  # for all ways, so that a process without a case is missed

    run = check_year(lived, enough)[0]

    assert run.held + len(run.broken) == len(year.library.packages)
    assert run.held > len(CALLED)
    assert not any(sentence.startswith(FILED) for sentence in run.broken)


def test_its_history_is_one_sealed_chain(lived: Database) -> None:
    verified = verify_database(lived)

    assert verified.findings == ()
    assert verified.pending == 0


def test_it_is_carried_to_postgresql_row_by_row(
    lived: Database, year: Year, postgresql_url: str
) -> None:
    with wired(), closing(open_database(postgresql_url)) as there:
        carry(lived, there)

        with lived.transaction(read_only=True) as here, there.transaction(read_only=True) as tx:
            carried = [each for each in metadata.sorted_tables if each.name not in KEPT]
            assert _rows_of(tx, carried) == _rows_of(here, carried)
            parents = select(cases.c.id, cases.c.parent_case_id).order_by(cases.c.id)
            assert tx.execute(parents).all() == here.execute(parents).all()
        assert verify_database(there).findings == ()
        assert [each.held for each in check_year(there, year)] == [
            each.held for each in check_year(lived, year)
        ]
        with there.transaction() as tx:  # numbers go on behind those that were carried
            columns = [each for each in calendar_days.c if each.name not in ("id", "day")]
            a_day = select(literal(date(2040, 1, 2)), *columns).limit(1)
            names = ["day", *(each.name for each in columns)]
            tx.execute(insert(calendar_days).from_select(names, a_day))


def _rows_of(tx: Connection, carried: list[Table]) -> dict[str, int]:
    return {each.name: tx.scalar(select(func.count()).select_from(each)) or 0 for each in carried}


def test_the_same_seed_is_the_same_year_however_many_live_it(
    lived: Database, year: Year, tmp_path: Path
) -> None:
    with wired(), _installed(tmp_path / "demo.db") as again:
        _live(again, year, workers=1)

        assert _told(again) == _told(lived)


def test_what_was_changed_by_hand_is_named(lived: Database, year: Year) -> None:
    with lived.transaction(read_only=True) as tx:
        clock = tx.execute(
            select(clocks.c.id, clocks.c.due_at, clocks.c.task_id, cases.c.number)
            .join(cases, cases.c.id == clocks.c.case_id)
            .where(clocks.c.due_at.is_not(None), clocks.c.task_id.is_not(None))
            .limit(1)
        ).one()
        turn = tx.execute(select(duty_periods).limit(1)).one()
        notified = tx.scalars(select(outbox.c.id).where(outbox.c.basis == "consent")).first()
        fine = tx.execute(
            select(user_tasks).where(user_tasks.c.element_id == "examine_facts").limit(1)
        ).one()

    with _changed(lived, clocks, clock.id, due_at=clock.due_at + timedelta(days=1)):
        assert _broken(lived, year) == {"due dates as their ledger leads to": 1}
        assert clock.number in str(check_year(lived, year))
    with _changed(lived, clocks, clock.id, task_id=None):
        assert _broken(lived, year) == {"tasks with a limit, with a clock": 1}
    with _changed(lived, duty_periods, turn.id, period="2099"):
        assert _broken(lived, year) == {"turns of calendar duties, begun exactly once": 2}
    with _changed(lived, outbox, notified, basis=None):
        assert _broken(lived, year) == {"notifications with a consent or a duty": 1}
    with _changed(lived, user_tasks, fine.id, inputs={**fine.inputs, "proposed_amount": 1}):
        assert _broken(lived, year) == {"fines of their tier in fines.dmn": 1}


def test_a_database_with_an_office_is_left_alone(lived: Database, year: Year) -> None:
    before = _told(lived)

    with pytest.raises(Rejected, match="name an empty one"):
        _live(lived, year, workers=1)

    assert _told(lived) == before


@contextmanager
def _changed(db: Database, table: Table, row_id: UUID | None, **values: Any) -> Iterator[None]:
    """Inside, a row says something else."""
    here = table.c.id == row_id
    with db.transaction() as tx:
        before = (
            tx.execute(select(*(table.c[name] for name in values)).where(here)).mappings().one()
        )
        tx.execute(update(table).where(here).values(**values))
    yield
    with db.transaction() as tx:
        tx.execute(update(table).where(here).values(**before))


def _broken(db: Database, year: Year) -> dict[str, int]:
    return {each.en: len(each.broken) for each in check_year(db, year) if each.broken}


def _count(tx: Connection, column: Any) -> int:
    return int(tx.scalar(select(func.count(column))) or 0)


def _told(db: Database) -> list[Any]:
    """Every case with what became of it, every due date, every number."""
    of_case = select(cases.c.number, cases.c.package_id, cases.c.filed_at, cases.c.status)
    of_clock = select(cases.c.number, clocks.c.name, clocks.c.due_at, clocks.c.status).join(
        cases, cases.c.id == clocks.c.case_id
    )
    with db.transaction(read_only=True) as tx:
        return [
            tx.execute(of_case.order_by(cases.c.number)).all(),
            tx.execute(of_clock.order_by(cases.c.number, clocks.c.name, clocks.c.id)).all(),
            tx.scalars(select(notices.c.number).order_by(notices.c.number)).all(),
            tx.execute(
                select(history.c.at, history.c.action, history.c.element_id).order_by(history.c.id)
            ).all(),
        ]
