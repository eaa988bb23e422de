"""What must hold after everything was killed and came back: read from the database and the ledger.

Each check returns sentences; none means it holds. The numbers are those of our reliability
plan: INV-01 acknowledged is there, 02 once, 03 drained, 04 alive, 05 one claimant, 06 versions
without gaps, 07 outbox, 09 the chain verifies, 10 four eyes, 11 one answer per key, 14 leases,
15 rungs once and in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from engine.sealing import seal
from engine.verification import verify
from store.tables import (
    attempts,
    case_duties,
    cases,
    clocks,
    history,
    idempotency_keys,
    incidents,
    jobs,
    message_waits,
    outbox,
    person_notices,
    rungs,
    timers,
    user_tasks,
)
from tests.chaos.ledger import Ledger

LONG_AGO = timedelta(seconds=20)  # what is due longer than this should have been done
LEASE = timedelta(seconds=60)
OPEN = ("unclaimed", "claimed")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The database (a transaction that may write: it seals the rest of the history), the client's
    ledger, what the agencies received (ids), and the moment of the check, aware UTC."""

    tx: Connection
    now: datetime
    ledger: Ledger | None = None
    received: Iterable[str] = field(default_factory=tuple)


def check(evidence: Evidence) -> list[str]:
    """All that does not hold, each with the number of its invariant."""
    return [f"{name}: {sentence}" for name, each in CHECKS.items() for sentence in each(evidence)]


# --- what the client was told -------------------------------------------------------------------


def acknowledged(evidence: Evidence) -> Iterator[str]:
    """What was answered with success is there, and done by who asked."""
    if evidence.ledger is None:
        return
    filed = _strings(evidence.tx, select(cases.c.id))
    for line in evidence.ledger.done("file"):
        if line.thing not in filed:
            yield f"case {line.thing} was acknowledged to {line.login} and is not there"
    tasks = _strings(evidence.tx, select(user_tasks.c.id).where(user_tasks.c.status == "completed"))
    for line in evidence.ledger.done("complete"):
        if line.thing not in tasks:
            yield f"task {line.thing} was acknowledged as completed to {line.login} and is not"


def once(evidence: Evidence) -> Iterator[str]:
    """Nothing is there twice, and nothing that nobody was told of."""
    if evidence.ledger is not None:
        told = len(evidence.ledger.done("file"))
        there = evidence.tx.scalar(select(func.count()).select_from(cases))
        if there != told:
            yield f"{told} cases were acknowledged, but {there} are there"
        told = len(evidence.ledger.done("complete"))
        there = len(list(_of_action(evidence.tx, "user_task.completed")))
        if there != told:
            yield f"{told} completions were acknowledged, but {there} were done"
    for action in _ONCE:
        counted = Counter((row.case_id, row.object_id) for row in _of_action(evidence.tx, action))
        for (case_id, thing), times in counted.items():
            if times > 1:
                yield f"{action} was done {times} times to {thing} of case {case_id}"
    early = select(timers.c.id).where(
        timers.c.status == "fired", timers.c.fired_at < timers.c.due_at
    )
    for timer in evidence.tx.scalars(early):
        yield f"timer {timer} fired before it was due"


_ONCE = (
    "user_task.completed",
    "timer.fired",
    "notification.queued",
    "notification.confirmed",
    *("clock.warned", "clock.prompted", "clock.escalated"),
    *("clock.delay_due", "clock.delay_known", "clock.chased"),
    "overdue.listed",
)


def answered_once(evidence: Evidence) -> Iterator[str]:
    """Every key has one stored answer, and it is the one the client got; nothing was refused."""
    if evidence.ledger is None:
        return
    stored = {
        row.key: row.status_code
        for row in evidence.tx.execute(
            select(idempotency_keys.c.key, idempotency_keys.c.status_code)
        )
    }
    for line in evidence.ledger.last_of_each_key():
        kept = stored.get(line.key)
        if line.outcome == "ok" and kept != line.status:
            yield f"{line.deed} {line.key} was answered {line.status}, but stored is {kept}"
        if line.outcome == "fail":
            yield f"{line.deed} of {line.thing} was refused with {line.status}: {line.answer}"
        if line.outcome == "unknown":
            yield f"{line.deed} {line.key} was never answered"


def one_claimant(evidence: Evidence) -> Iterator[str]:
    """Nobody claims what somebody has, and whoever claimed a task was told of it."""
    counted = Counter(row.object_id for row in _of_action(evidence.tx, "user_task.claimed"))
    released = Counter(row.object_id for row in _of_action(evidence.tx, "user_task.released"))
    for task, times in counted.items():
        if times > 1 + released[task]:
            yield f"task {task} was claimed {times} times"
    if evidence.ledger is not None:
        taken = Counter(line.thing for line in evidence.ledger.done("take") if line.thing)
        for task, times in taken.items():
            if times > 1:
                yield f"task {task} was given to {times} who asked for the next one"
        for task in set(counted) - set(taken):
            yield f"task {task} was claimed for somebody who was never told"


# --- what the cases look like -------------------------------------------------------------------


def drained(evidence: Evidence) -> Iterator[str]:
    """Nothing that is due long since waits."""
    before = evidence.now - LONG_AGO
    due: dict[str, Any] = {
        "timer": select(timers.c.id).where(timers.c.status == "waiting", timers.c.due_at < before),
        "rung": select(rungs.c.id).where(rungs.c.status == "waiting", rungs.c.due_at < before),
        "job": select(jobs.c.id).where(jobs.c.status == "waiting", jobs.c.due_at < before),
        "promise": select(outbox.c.id).where(
            outbox.c.status.in_(("queued", "sending")), outbox.c.next_attempt_at < before
        ),
    }
    for what, query in due.items():
        for found in evidence.tx.scalars(query):
            yield f"{what} {found} has been due for more than {LONG_AGO}"


def alive(evidence: Evidence) -> Iterator[str]:
    """An open case has something that will move it, or an incident that a person sees."""
    movers = (
        select(user_tasks.c.case_id).where(user_tasks.c.status.in_(OPEN)),
        select(timers.c.case_id).where(timers.c.status == "waiting", timers.c.due_at.is_not(None)),
        select(message_waits.c.case_id).where(message_waits.c.status == "open"),
        select(jobs.c.case_id).where(jobs.c.status == "waiting"),
        select(incidents.c.case_id).where(incidents.c.status == "open"),
        select(outbox.c.case_id).where(
            outbox.c.key.is_not(None), outbox.c.status.in_(("queued", "sending", "sent"))
        ),
    )
    moved = {found for query in movers for found in evidence.tx.scalars(query)}
    for found in evidence.tx.execute(
        select(cases.c.id, cases.c.number).where(cases.c.status == "active")
    ):
        if found.id not in moved:
            yield f"case {found.number} is open and nothing will ever move it"
    for found in evidence.tx.execute(select(incidents).where(incidents.c.status == "open")):
        yield f"incident {found.code} in {found.element_id}: {found.message}"


def versions(evidence: Evidence) -> Iterator[str]:
    """A case has as many versions as the history has steps of it, without a gap."""
    steps: dict[Any, set[int]] = {}
    for row in evidence.tx.execute(
        select(history.c.case_id, history.c.step).where(history.c.step.is_not(None)).distinct()
    ):
        steps.setdefault(row.case_id, set()).add(row.step)
    for case in evidence.tx.execute(select(cases.c.id, cases.c.number, cases.c.version)):
        if steps.get(case.id, set()) != set(range(1, case.version + 1)):
            told = sorted(steps.get(case.id, ()))
            yield f"case {case.number} is in version {case.version}, its history tells of {told}"


def four_eyes(evidence: Evidence) -> Iterator[str]:
    """Nobody exercises two duties in one case, nor one that the case does not know of."""
    done: dict[tuple[Any, Any], set[str]] = {}
    for row in evidence.tx.execute(
        select(user_tasks.c.case_id, user_tasks.c.completed_by, user_tasks.c.duty).where(
            user_tasks.c.status == "completed", user_tasks.c.duty.is_not(None)
        )
    ):
        done.setdefault((row.case_id, row.completed_by), set()).add(row.duty)
    known = {
        (row.case_id, row.person_id): {row.duty} for row in evidence.tx.execute(select(case_duties))
    }
    for who, duties in done.items():
        if len(duties) > 1 or known.get(who) != duties:
            yield f"person {who[1]} did {sorted(duties)} in case {who[0]}, known {known.get(who)}"


# --- what goes out, what is due -----------------------------------------------------------------


def promises(evidence: Evidence) -> Iterator[str]:
    """Each request for an agency is one promise; what is sent was received; dead ones are told."""
    asked = {
        (row.case_id, row.object_id)
        for row in _of_action(evidence.tx, "service_task.requested")
        if str(row.detail.get("operation", "")).startswith("agency.")
    }
    rows = evidence.tx.execute(select(outbox).where(outbox.c.key.is_not(None))).all()
    there = Counter((row.case_id, row.key) for row in rows)
    for missing in asked - set(there):
        yield f"{missing} was asked for and never promised"
    for more in set(there) - asked:
        yield f"{more} was promised and never asked for"
    received = set(evidence.received)
    for row in rows:
        if row.status in ("sent", "confirmed") and str(row.id) not in received:
            yield f"promise {row.id} is {row.status}, but {row.peer} has never received it"
        if row.status == "failed":
            yield f"promise {row.id} to {row.peer} has failed: {row.last_error}"


def leases(evidence: Evidence) -> Iterator[str]:
    """No lease outlives its worker, and no try was made without one."""
    for row in evidence.tx.execute(select(outbox).where(outbox.c.status == "sending")):
        if row.lease_until is None or row.lease_until < evidence.now - 2 * LEASE:
            yield f"promise {row.id} is being sent by {row.lease_owner}, whose lease is long over"
    tried = select(attempts.c.outbox_id, func.max(attempts.c.number).label("highest")).group_by(
        attempts.c.outbox_id
    )
    fences = {row.id: row.fence for row in evidence.tx.execute(select(outbox.c.id, outbox.c.fence))}
    for row in evidence.tx.execute(tried):
        fence = fences[row.outbox_id]
        if row.highest > fence:
            yield f"promise {row.outbox_id} has attempt {row.highest} and fence {fence}"


def ladders(evidence: Evidence) -> Iterator[str]:
    """The rungs of a clock are those of its ladder, fired in their order, and told each person
    once."""
    by_clock: dict[Any, list[Any]] = {}
    for row in evidence.tx.execute(select(rungs).order_by(rungs.c.clock_id, rungs.c.level)):
        by_clock.setdefault(row.clock_id, []).append(row)
    for clock, rows in by_clock.items():
        fired = [row for row in rows if row.status == "fired"]
        if [row.level for row in fired] != [row.level for row in rows[: len(fired)]]:
            yield f"clock {clock}: a rung fired before one below it"
        if [row.fired_at for row in fired] != sorted(row.fired_at for row in fired):
            yield f"clock {clock}: a higher rung fired earlier than a lower one"
    for row in evidence.tx.execute(select(clocks.c.id, clocks.c.ladder)):
        wanted = [(rung["at"], rung["do"], rung["to"]) for rung in row.ladder["rungs"]]
        if wanted != [(each.at_point, each.act, each.to) for each in by_clock.get(row.id, ())]:
            yield f"clock {row.id}: its rungs are not those of its ladder"
    told = sum(
        len((row.result or {}).get("told", ())) for rows in by_clock.values() for row in rows
    )
    notices = evidence.tx.scalar(
        select(func.count())
        .select_from(person_notices)
        .where(person_notices.c.kind.like("clock.%"))
    )
    if notices != told:
        yield f"rungs told {told} people, but there are {notices} notices"


def chain(evidence: Evidence) -> Iterator[str]:
    """The history's chain verifies from the first block to the last."""
    while seal(evidence.tx, evidence.now):
        pass
    for finding in verify(evidence.tx).findings:
        yield finding.sentence


def _of_action(tx: Connection, action: str) -> Iterable[Any]:
    return tx.execute(select(history).where(history.c.action == action)).all()


def _strings(tx: Connection, query: Any) -> set[str]:
    return {str(found) for found in tx.scalars(query)}


CHECKS: dict[str, Callable[[Evidence], Iterator[str]]] = {
    "INV-01 acknowledged": acknowledged,
    "INV-02 once": once,
    "INV-03 drained": drained,
    "INV-04 alive": alive,
    "INV-05 one claimant": one_claimant,
    "INV-06 versions": versions,
    "INV-07 promises": promises,
    "INV-09 chain": chain,
    "INV-10 four eyes": four_eyes,
    "INV-11 answered once": answered_once,
    "INV-14 leases": leases,
    "INV-15 ladders": ladders,
}
