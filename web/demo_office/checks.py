"""What must be true of a year that was lived, worked out anew from rules and ledgers, and counted.

Nothing here asks the engine what it thinks: due dates are counted from the ledgers, fines from the
table of fines, duties from the table of duties, notifications from the matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import select

from sla import duty_table
from sla.benches import bench_of
from sla.decisions import rows
from sla.duty_days import periods
from store.database import Database
from store.tables import cases, clocks, duty_periods, history, outbox, user_tasks
from web.demo_office import limit_checks
from web.demo_office.dealing import Year, filed_by_people
from web.demo_office.invariants import Asked, Broken, Invariant


def check_year(db: Database, year: Year) -> list[Invariant]:
    """Check every invariant of a year that was lived. Nobody may be writing."""
    with db.engine.connect() as tx:  # reads longer than a transaction of the product may take
        asked = Asked(tx, year.library, year.cases, year.first, year.last, year.ends)
        return [_checked(zh, en, find(asked)) for zh, en, find in INVARIANTS]


def _checked(zh: str, en: str, found: Broken) -> Invariant:
    made = Invariant(zh, en)
    for sentence in found:
        if sentence is None:
            made.held += 1
        else:
            made.broken.append(sentence)
    return made


# --- processes ------------------------------------------------------------------------------------


def _processes(asked: Asked) -> Broken:
    tx = asked.tx
    run = set(tx.scalars(select(history.c.process_id).distinct()))
    drawn = {
        row.ladder["drawn"]["id"]
        for row in tx.execute(select(clocks.c.ladder))
        if row.ladder.get("drawn")
    }
    filed = [asked.library.package(each) for each in filed_by_people(asked.library)]
    if asked.cases < sum(len(each.scenarios) for each in filed):
        return  # too few cases for all ways, and what only some way calls is not missed
    for package_id, package in sorted(asked.library.packages.items()):
        is_known = package.manifest.process in run or package_id in run or package_id in drawn
        yield None if is_known else f"{package_id}: no case has come through it"


# --- duties ---------------------------------------------------------------------------------------


def _duties(asked: Asked) -> Broken:
    """Each duty and each of its turns has begun once, as a case; and nothing that is not owed."""
    rows_ = asked.tx.execute(select(duty_periods).where(duty_periods.c.title.is_(None))).all()
    begun: dict[tuple[str, str, str], list[Any]] = {}
    for row in rows_:
        begun.setdefault((row.office_id, row.duty, row.period), []).append(row)
    for office_id in sorted({row.office_id for row in rows_}):
        calendar = bench_of(asked.tx, office_id, asked.now).calendar
        for duty in duty_table.table(asked.tx, office_id):
            turns = periods(duty.rhythm, asked.first, asked.last, calendar) if duty.active else ()
            for turn in turns:
                found = begun.pop((office_id, duty.id, turn.key), [])
                is_once = len(found) == 1 and found[0].case_id is not None
                yield None if is_once else f"{duty.id} {turn.key}: begun {len(found)} times"
    for _, duty_id, period in sorted(begun):
        yield f"{duty_id} {period}: begun, but not owed"


# --- notifications --------------------------------------------------------------------------------


def _notifications(asked: Asked) -> Broken:
    """Every notification rests on a duty or a consent, as the matrix says; where that asks for
    consent, somebody was asked."""
    matrix: dict[tuple[str, str], set[str]] = {}
    for row in rows("notification-matrix", "notifications"):
        matrix.setdefault((row["agency"], row["purpose"]), set()).add(row["basis"])
    asked_for = set(
        asked.tx.scalars(
            select(user_tasks.c.case_id).where(
                user_tasks.c.element_id == "ask_consent", user_tasks.c.status == "completed"
            )
        )
    )
    sent = (
        select(
            outbox.c.case_id,
            outbox.c.peer,
            outbox.c.kind,
            outbox.c.basis,
            outbox.c.key,
            cases.c.number,
        )
        .join(cases, cases.c.id == outbox.c.case_id)
        .where(outbox.c.operation.in_(("agency.notify", "agency.list")))
        .order_by(cases.c.number, outbox.c.peer)
    )
    for promise in asked.tx.execute(sent):
        told = matrix.get((promise.peer, promise.kind))
        wrong = _wrong_basis(promise, told, is_asked=promise.case_id in asked_for)
        yield wrong and f"{promise.number}: {promise.kind} to {promise.peer} {wrong}"


BY_MATRIX = ("/send_notification#", "/put_on_list#")
"""The elements of C06 that send what its matrix says."""


def _wrong_basis(row: Any, told: Collection[str] | None, *, is_asked: bool) -> str | None:
    if row.basis not in ("duty", "consent"):
        return "rests on neither duty nor consent"
    if told is None or not any(each in row.key for each in BY_MATRIX):
        return None  # not by the matrix: the process itself has the article, or the application
    if row.basis not in told:
        return f"rests on {row.basis}, but the matrix says {' or '.join(sorted(told))}"
    if row.basis == "consent" and not is_asked:
        return "needs consent, and nobody was asked"
    return None


INVARIANTS: tuple[tuple[str, str, Callable[[Asked], Broken]], ...] = (
    ("每一流程至少辦理一次", "processes that have run at least once, of all", _processes),
    (
        "收件即起算之期限，案案均有時鐘",
        "limits that begin with filing, with a clock",
        limit_checks.case_clocks,
    ),
    ("定有期限之工作均有時鐘", "tasks with a limit, with a clock", limit_checks.task_clocks),
    ("截止日與重算結果一致", "due dates as their ledger leads to", limit_checks.due_dates),
    ("定期業務每期恰辦一次", "turns of calendar duties, begun exactly once", _duties),
    ("通報均有依據（同意或法定）", "notifications with a consent or a duty", _notifications),
    ("罰鍰級距與基準表一致", "fines of their tier in fines.dmn", limit_checks.fines),
)
