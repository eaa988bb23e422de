"""A database with a million cases: rows of played cases, copied by SQL with ids of their own.

Most are closed (copies of withdrawn ones, called registered) and carry what lists and searches
read: the case, one clock, one task, a line of history, search terms. The open ones carry all
their tasks, clocks, ledgers, rungs and incidents. Copies have no sealed data: pages of single cases
are measured on the played cases among them.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, create_engine, select, text
from sqlalchemy.schema import CreateIndex, DropIndex

from bench.around import AROUND, surround
from engine import keys, masking, search_terms
from store import tables
from store.database import Database
from web.demo_office.citizens import GIVEN, SURNAMES
from web.demo_office.office import OFFICE

CASES_PER_PERSON = 3
OPEN_SHARE = 33  # one case in so many is open
HALF = 12  # so many closed and so many open cases are copied
SHOWN = 200  # people told for searches
YEARS = 12
_FIRST_YEAR = 90  # Minguo: numbers of the copies are of years long before the demo's
_SERIALS = 99_999
_DAY = 86_400_000  # ms
_LAST = int(datetime(2026, 2, 20, tzinfo=UTC).timestamp() * 1000)
_COPIED = (
    tables.user_tasks,
    tables.user_task_groups,
    tables.clocks,
    tables.clock_entries,
    tables.rungs,
)


@dataclass(frozen=True, slots=True)
class Grown:
    """What was made: how many cases, in how many seconds, and some people who are in them."""

    cases: int
    seconds: float
    names: tuple[str, ...]
    numbers: tuple[str, ...]  # ID numbers


def grow(url: str, wanted: int, say: Callable[[str], None]) -> Grown:
    """Copy until there are about `wanted` cases. Nobody else may use the database meanwhile."""
    began = time.perf_counter()
    # A plain engine: nothing here must survive a power cut, and every row that is referred to is
    # copied too, so neither durability nor foreign keys are paid for.
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as tx:
        _unhurried(tx)
        with _without_indices(tx, say):
            people = _people(tx, max(300, wanted // CASES_PER_PERSON))
            _originals(tx)
            open_copies = max(1, wanted // OPEN_SHARE // HALF)
            for is_open, copies in ((False, wanted // HALF - open_copies), (True, open_copies)):
                say(f"… {copies * HALF:,} {'open' if is_open else 'closed'} cases")
                _copies(tx, copies)
                _copy(tx, is_open=is_open)
            _run(tx, _WAITING_FOR_APPLICANTS)
            surround(tx)
        say("… statistics")
        # As autovacuum would have done: else every row of an index is looked up in its table.
        tx.exec_driver_sql("VACUUM ANALYZE" if tx.dialect.name == "postgresql" else "ANALYZE")
        made = int(tx.scalar(text("SELECT count(*) FROM cases")) or 0)
    engine.dispose()
    return Grown(made, time.perf_counter() - began, people.names, people.numbers)


def grow_open(url: str, wanted: int, say: Callable[[str], None]) -> int:
    """Copy until there are about `wanted` open cases, each with the limits of its original to the
    day: their ledgers lead to them. Returns how many there are. Nobody else may use the database.
    """
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as tx:
        _unhurried(tx)
        with _without_indices(tx, say):
            _people(tx, 300)
            _originals(tx)
            _copies(tx, max(1, wanted // HALF - 1))
            _copy(tx, is_open=True, words=_Unmoved(tx.dialect.name))
        tx.exec_driver_sql("VACUUM ANALYZE" if tx.dialect.name == "postgresql" else "ANALYZE")
        made = int(tx.scalar(text("SELECT count(*) FROM cases WHERE status = 'active'")) or 0)
    engine.dispose()
    return made


_WAITING_FOR_APPLICANTS = """
UPDATE clocks SET party = 'applicant', rule_id = 'CORRECTION_TERM_7D'
WHERE status = 'running' AND task_id IS NULL
AND case_id IN (SELECT id FROM cases WHERE package_id = 'P08' AND status = 'active')
"""
"""As if every move waited for who has to bring a paper: half of the cases on the overdue desk."""


def _unhurried(tx: Connection) -> None:
    is_pg = tx.dialect.name == "postgresql"
    for setting in _PG_SETTINGS if is_pg else _SQLITE_SETTINGS:
        tx.exec_driver_sql(setting).close()


_PG_SETTINGS = (
    "SET session_replication_role = replica",
    "SET synchronous_commit = off",
    "SET statement_timeout = 0",
    "SET maintenance_work_mem = '512MB'",
)
_SQLITE_SETTINGS = (
    "PRAGMA foreign_keys = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA journal_mode = MEMORY",
    "PRAGMA cache_size = -400000",
)


@contextmanager
def _without_indices(tx: Connection, say: Callable[[str], None]) -> Iterator[None]:
    """Rows first, indices after: several times as fast."""
    grown = (tables.cases, tables.history, tables.case_terms, *_COPIED, *AROUND)
    taken = [index for table in grown for index in table.indexes]
    for index in taken:
        tx.execute(DropIndex(index))
    yield
    say("… indices")
    for index in taken:
        tx.execute(CreateIndex(index))


# --- people -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _People:
    names: tuple[str, ...]
    numbers: tuple[str, ...]


def _run(tx: Connection, sql: str, rows: list[tuple[Any, ...]] | None = None) -> None:
    """A statement as it stands; psycopg takes a per cent sign for a parameter."""
    is_pg = tx.dialect.name == "postgresql"
    tx.exec_driver_sql(sql.replace("%", "%%") if is_pg else sql, rows)


def _people(tx: Connection, count: int) -> _People:
    """Who the cases are about: a table of hashes, made once, drawn from by number."""
    chance = random.Random(115)
    _run(
        tx,
        "CREATE TEMPORARY TABLE crowd (n INTEGER PRIMARY KEY, label TEXT, name_hash TEXT, "
        "subject_hash TEXT)",
    )
    _run(tx, "CREATE TEMPORARY TABLE crowd_terms (n INTEGER, term BIGINT)")
    pool = [surname + given for surname in SURNAMES for given in GIVEN]
    named = {name: search_terms.terms_for_name(OFFICE, name) for name in pool}
    hashes = {name: keys.keyed_hash("name", name) for name in pool}
    first = date(1940, 1, 1)
    names: list[str] = []
    numbers: list[str] = []
    people: list[tuple[Any, ...]] = []
    terms: list[tuple[int, int]] = []
    for n in range(count):
        name = chance.choice(pool)
        number = f"Z{100_000_000 + n}"  # of no valid check digit: nobody's
        born = first + timedelta(days=chance.randrange(30_000))
        hashed = hashlib.blake2b(number.encode(), digest_size=32).hexdigest()
        people.append((n, masking.mask_name(name), hashes[name], hashed))
        of_person = {
            *named[name],
            search_terms.term_for_number(OFFICE, number),
            search_terms.term_for_birth(OFFICE, born),
        }
        terms += [(n, term) for term in of_person]
        if n < SHOWN:
            names.append(name)
            numbers.append(number)
    _fill(tx, "crowd", ("n", "label", "name_hash", "subject_hash"), people)
    _fill(tx, "crowd_terms", ("n", "term"), terms)
    _run(tx, "CREATE INDEX crowd_terms_n ON crowd_terms (n)")
    return _People(tuple(names), tuple(numbers))


def _fill(
    tx: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    if tx.dialect.name == "postgresql":
        driver: Any = tx.connection.driver_connection
        with driver.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(columns))
    _run(
        tx,
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",
        list(rows),
    )


# --- copying ------------------------------------------------------------------------------------


def _originals(tx: Connection) -> None:
    """Half of them closed, half of them open; numbered from 0 within each half."""
    _run(
        tx,
        "CREATE TEMPORARY TABLE originals (id CHAR(32), is_open INTEGER, n BIGINT, number TEXT)",
    )
    for is_open, status in ((0, "withdrawn"), (1, "active")):
        found = tx.execute(
            select(tables.cases.c.id, tables.cases.c.number)
            .where(tables.cases.c.status == status)
            .order_by(tables.cases.c.id)
            .limit(HALF)
        ).all()
        if len(found) < HALF:
            raise SystemExit(f"Expected {HALF} {status} cases to copy, but there are {len(found)}")
        rows = [(row.id.hex, is_open, n, row.number) for n, row in enumerate(found)]
        _fill(tx, "originals", ("id", "is_open", "n", "number"), rows)


def _copies(tx: Connection, count: int) -> None:
    _run(tx, "DROP TABLE IF EXISTS copies")
    _run(tx, "CREATE TEMPORARY TABLE copies (k BIGINT PRIMARY KEY)")
    _run(
        tx,
        "INSERT INTO copies WITH RECURSIVE counted (k) AS "
        f"(SELECT 0 UNION ALL SELECT k + 1 FROM counted WHERE k + 1 < {count}) "
        "SELECT k FROM counted",
    )


def _copy(tx: Connection, *, is_open: bool, words: _Words | None = None) -> None:
    words = words or _Words(tx.dialect.name)
    running = f"(c.k * {HALF} + o.n)"  # by it come the copy's time, number and person
    days = 200 if is_open else YEARS * 365
    share = f"CAST({running} AS FLOAT) / ((SELECT count(*) FROM copies) * {HALF})"
    made = f"CAST({_LAST} - {days * _DAY} + {share} * {days * _DAY} AS BIGINT)"
    person = f"(({running} * 7919 + {int(is_open)}) % (SELECT count(*) FROM crowd))"
    copied = _Copied(
        words,
        words.case_id(made),
        "FROM copies c CROSS JOIN originals o "
        f"JOIN cases s ON s.id = {words.original('o.id')} {{joined}} "
        f"WHERE o.is_open = {int(is_open)}",
        is_open,
        words.instant(made),
    )
    replaced = {
        "id": copied.case_id,
        "number": words.number(f"({running} + {2_000_000 * is_open})"),
        "state": words.empty,
        "subject_label": "p.label",
        "subject_hash": "p.subject_hash",
        "name_hash": "p.name_hash",
        "status_code_hash": "NULL",
        "status_code_sealed": "NULL",
        "parent_case_id": "NULL",
        "filed_at": copied.filed_at,
    }
    if not is_open:  # played cases end soonest by being withdrawn; their copies were registered
        replaced |= {"status": "'closed'", "outcome": "'registered'"}
    _insert(tx, tables.cases, "s", replaced, copied.joined(f"JOIN crowd p ON p.n = {person}"))
    terms = copied.joined(f"JOIN crowd_terms t ON t.n = {person}")
    _run(
        tx,
        "INSERT INTO case_terms (office_id, term, case_id) "
        f"SELECT s.office_id, t.term, {copied.case_id} AS of_case {terms} ORDER BY t.term, of_case",
    )
    for table in _COPIED:
        _children(tx, table, copied)
    for action, which in (("case.filed", ""), ("case.data_read", " AND c.k % 10 = 0")):
        _run(
            tx,
            "INSERT INTO history (office_id, case_id, step, at, action, detail) "
            f"SELECT s.office_id, {copied.case_id}, 1, s.filed_at, '{action}', "
            f"{words.empty_json} {copied.joined()}{which}",
        )


@dataclass(frozen=True, slots=True)
class _Copied:
    """What the statements of one half share: the new case id, and where the rows come from."""

    words: _Words
    case_id: str
    source: str
    is_open: bool
    filed_at: str

    def joined(self, *joins: str) -> str:
        return self.source.format(joined=" ".join(joins))


def _insert(
    tx: Connection, table: Table, alias: str, replaced: Mapping[str, str], source: str
) -> None:
    names = [column.name for column in table.columns]
    values = ", ".join(replaced.get(name, f'{alias}."{name}"') for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    _run(tx, f"INSERT INTO {table.name} ({quoted}) SELECT {values} {source}")


def _children(tx: Connection, table: Table, copied: _Copied) -> None:
    """The rows of a table that belong to the case; of closed cases one clock and one task."""
    words = copied.words
    if not copied.is_open and table not in (tables.clocks, tables.user_tasks):
        return
    ids = {name: words.child(f"r.{name}") for name in ("id", "task_id", "clock_id")}
    replaced = {"case_id": copied.case_id, **{name: ids[name] for name in ids if name in table.c}}
    if table is tables.user_tasks:
        ended = "CASE r.status WHEN 'completed' THEN 'cancelled' ELSE r.status END"
        replaced |= {"completed_by": "NULL", "status": ended}
        replaced["urgent_at"] = words.later("r.urgent_at")
    if table in (tables.clocks, tables.rungs):
        replaced["due_at"] = words.later("r.due_at")
    if table is tables.clocks:
        replaced["started_at"] = words.begun("r.started_at")
    if table is tables.clock_entries:
        replaced["at"] = words.begun("r.at")
    if not copied.is_open:
        replaced |= dict.fromkeys(("explanation", "ladder", "inputs"), words.empty_json)
        replaced |= {"key": "'k'", "task_id": "NULL", "met_at": copied.filed_at}
    _insert(tx, table, "r", replaced, copied.joined(*_to(table, copied)))


def _to(table: Table, copied: _Copied) -> Iterator[str]:
    """From the original case to its rows of the table."""
    if "case_id" not in table.c:
        above, link = ("user_tasks", "task_id") if "task_id" in table.c else ("clocks", "clock_id")
        yield f"JOIN {above} u ON u.case_id = s.id JOIN {table.name} r ON r.{link} = u.id"
        return
    if copied.is_open:
        yield f"JOIN {table.name} r ON r.case_id = s.id"
        return
    own = " AND x.task_id IS NULL" if table is tables.clocks else ""
    yield f"JOIN {table.name} r ON r.id = (SELECT x.id FROM {table.name} x "
    yield f"WHERE x.case_id = s.id{own} ORDER BY x.id LIMIT 1)"


@dataclass(frozen=True, slots=True)
class _Words:
    """How each database writes ids and moments. `c.k` is the copy's number."""

    dialect: str

    @property
    def is_pg(self) -> bool:
        return self.dialect == "postgresql"

    @property
    def empty(self) -> str:
        return "'\\x'::bytea" if self.is_pg else "x''"

    @property
    def empty_json(self) -> str:
        return "'\\x7b7d'::bytea" if self.is_pg else "x'7b7d'"

    def original(self, column: str) -> str:
        return f"{column}::uuid" if self.is_pg else column

    def case_id(self, made: str) -> str:
        """A UUIDv7 of the time `made` (ms): its first 12 digits, then the original's, then k."""
        if self.is_pg:
            plain = "replace(s.id::text, '-', '')"
            return (
                f"(lpad(to_hex({made}), 12, '0') || substr({plain}, 13, 12) || "
                "lpad(to_hex(c.k), 8, '0'))::uuid"
            )
        return f"(printf('%012x', {made}) || substr(s.id, 13, 12) || printf('%08x', c.k))"

    def child(self, column: str) -> str:
        """The copy's own id of a row below: the original's with k in its last digits."""
        if self.is_pg:
            plain = f"replace({column}::text, '-', '')"
            return f"(substr({plain}, 1, 24) || lpad(to_hex(c.k + 1), 8, '0'))::uuid"
        return f"(substr({column}, 1, 24) || printf('%08x', c.k + 1))"

    def later(self, column: str) -> str:
        """22 days earlier to 17 days later than the original: half of the open are overdue."""
        if self.is_pg:
            return f"{column} + (c.k % 40 - 22) * interval '1 day'"
        moved = f"{column}, (c.k % 40 - 22) || ' days'"
        return f"strftime('%Y-%m-%dT%H:%M:%f000Z', {moved})"

    def begun(self, column: str) -> str:
        """When a limit began: with its original."""
        return column

    def number(self, running: str) -> str:
        """Numbers of years long past, 99,999 of each."""
        year = f"({_FIRST_YEAR} - {running} / {_SERIALS})"
        serial = f"({running} % {_SERIALS} + 1)"
        if self.is_pg:
            return f"'DS-' || {year} || '-' || lpad(({serial})::text, 5, '0')"
        return f"'DS-' || {year} || '-' || printf('%05d', {serial})"

    def instant(self, made: str) -> str:
        if self.is_pg:
            return f"to_timestamp({made} / 1000.0)"
        return f"strftime('%Y-%m-%dT%H:%M:%f000Z', {made} / 1000.0, 'unixepoch')"


class _Unmoved(_Words):
    """Copies that are due when their originals are, and began within four hours of them: one day
    of law, and hardly two of the same minute."""

    def later(self, column: str) -> str:
        return column

    def begun(self, column: str) -> str:
        if self.is_pg:
            return f"{column} + (c.k % 14400) * interval '1 second'"
        moved = f"{column}, (c.k % 14400) || ' seconds'"
        return f"strftime('%Y-%m-%dT%H:%M:%f000Z', {moved})"


def size_of(db: Database) -> int:
    """Bytes of the database."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
        pages = connection.scalar(text("SELECT page_count FROM pragma_page_count"))
        return 4096 * int(pages or 0)
