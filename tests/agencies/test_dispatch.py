"""Sending: promised with its reason, tried with no lock held, recorded once, never doubled."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, event, insert, select, text, update

from agencies import dispatch, replays
from agencies.attempts import record
from agencies.retry import LONGEST_WAIT, MOST_ATTEMPTS, Outcome, next_attempt_at
from agencies.transports import Parcel, Receipt
from engine import cases, events, incidents
from engine.cases import Filed
from store import tables
from store.database import Database
from tests.support.agencies import TAKEN, FailingTransport, RecordingTransport
from tests.support.clock import GivenClock
from tests.support.office import OPERATIONS, Office
from tests.support.races import at_once


def statuses(office: Office, case: Filed) -> list[str]:
    return [row.status for row in office.promises(case)]


def attempts(office: Office) -> list[tuple[int, str]]:
    rows = office.rows(tables.attempts)
    return [(row.number, row.outcome) for row in sorted(rows, key=lambda row: row.number)]


def sender(office: Office, worker: str, transport: Any) -> dispatch.Sender:
    return dispatch.Sender(worker, dict.fromkeys(OPERATIONS, transport))


# --- the promise --------------------------------------------------------------------------------


def test_a_promise_is_written_with_its_reason_and_sent_once(
    office: Office, transport: RecordingTransport
) -> None:
    case = office.file("TELLS")
    (promise,) = office.promises(case)
    assert (promise.status, promise.peer, promise.number) == ("queued", "tax", 1)
    assert promise.field_names == ["case_number", "name"]
    assert "王小明".encode() not in promise.ciphertext

    assert office.send()
    assert not office.send()

    (parcel,) = transport.parcels
    assert parcel.id == str(promise.id)
    assert parcel.body == {"case_number": case.number, "name": "王小明"}
    assert statuses(office, case) == ["sent"]
    assert office.status(case) == "active"


def test_a_refused_step_promises_nothing(office: Office) -> None:
    office.person("counter Lin")

    def explode(tx: Connection, happened: events.CaseFiled, now: datetime) -> None:
        raise ZeroDivisionError

    events.subscribe(events.CaseFiled, explode)
    with pytest.raises(ZeroDivisionError):
        office.file("TELLS")

    assert office.rows(tables.outbox) == []


def test_a_field_the_agency_may_not_see_never_leaves(office: Office) -> None:
    case = office.file("FOREIGN")

    assert office.promises(case) == []
    (incident,) = office.rows(tables.incidents, case)
    assert "bank_account" in incident.message


# --- failing ------------------------------------------------------------------------------------


def test_a_passing_failure_is_tried_again_later_and_later(office: Office) -> None:
    office.transport = FailingTransport(times=2)
    case = office.file("TELLS")

    office.do_due()
    first = office.promises(case)[0].next_attempt_at - office.clock.now()
    assert timedelta(seconds=30) <= first <= timedelta(seconds=36)
    assert office.pass_time(timedelta(seconds=29)) == 0
    office.pass_time(timedelta(seconds=8))
    second = office.promises(case)[0].next_attempt_at - office.clock.now()
    assert timedelta(seconds=60) <= second <= timedelta(seconds=72)
    office.pass_time(timedelta(seconds=80))

    assert statuses(office, case) == ["sent"]
    assert attempts(office) == [(1, "passing"), (2, "passing"), (3, "delivered")]
    assert len(office.transport.effects) == 1
    assert office.actions(case).count("notification.attempt_failed") == 2


def test_waits_grow_to_four_hours_and_are_spread() -> None:
    now = GivenClock().now()
    waits = [next_attempt_at(n, now, 0) - now for n in range(1, 30)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=30)
    assert waits[-1] == LONGEST_WAIT
    seed = random.Random(1)
    spread = {next_attempt_at(3, now, seed.random()) for _ in range(20)}
    assert len(spread) == 20
    assert max(spread) - now <= timedelta(minutes=2) * 1.2


def test_a_dead_letter_is_the_diagrams_where_it_catches_it(office: Office) -> None:
    office.transport = FailingTransport(times=99, outcome=Outcome.PERMANENT)
    case = office.file("CATCHES")

    office.do_due()

    assert statuses(office, case) == ["failed"]
    assert office.open_tasks(case) == ["by_hand"]
    assert office.rows(tables.incidents, case) == []
    assert "notification.failed" in office.actions(case)


def test_a_dead_letter_is_an_incident_and_its_retry_sends_under_the_same_key(
    office: Office,
) -> None:
    office.transport = FailingTransport(times=MOST_ATTEMPTS)
    case = office.file("TELLS")
    for _ in range(MOST_ATTEMPTS):
        office.pass_time(timedelta(hours=5))
    assert statuses(office, case) == ["failed"]
    assert len(office.transport.parcels) == MOST_ATTEMPTS
    (incident,) = office.rows(tables.incidents, case)
    assert "tax" in incident.message

    operator = office.person("operator Su")
    with office.db.transaction() as tx:
        incidents.retry(tx, incident.id, {}, operator, office.clock.now())
    office.do_due()

    (promise,) = office.promises(case)
    assert promise.status == "sent"
    assert office.transport.effects == {str(promise.id)}
    assert attempts(office)[-1] == (MOST_ATTEMPTS + 1, "delivered")
    office.answer(promise)
    assert office.status(case) == "closed"


def test_a_failed_promise_is_sent_again_by_hand(office: Office) -> None:
    office.transport = FailingTransport(times=1, outcome=Outcome.PERMANENT)
    case = office.file("TELLS")
    office.do_due()
    operator = office.person("operator Su")

    with office.db.transaction() as tx:
        replays.replay(tx, office.promises(case)[0].id, operator, office.clock.now())
    office.do_due()

    assert statuses(office, case) == ["sent"]
    assert office.rows(tables.incidents, case)[0].status == "resolved"
    assert len(office.transport.effects) == 1


def test_asked_again_with_other_content_it_is_another_promise(office: Office) -> None:
    """What an agency refused for its content may not hide behind the old key."""
    office.transport = FailingTransport(times=1, outcome=Outcome.PERMANENT)
    case = office.file("NOTED", values={"note": "王小名"})
    office.do_due()
    operator, (incident,) = office.person("operator Su"), office.rows(tables.incidents, case)
    with office.db.transaction() as tx:
        put_right = {"note": "王小明"}
        incidents.retry(tx, incident.id, put_right, operator, office.clock.now())
    office.do_due()

    assert statuses(office, case) == ["failed", "sent"]
    assert len(office.transport.effects) == 2


def test_what_cannot_be_opened_is_a_dead_letter_and_holds_nobody_up(office: Office) -> None:
    bad, good = office.file("TELLS"), office.file("TELLS")
    with office.db.transaction() as tx:
        mine = tables.outbox.c.case_id == bad.id
        tx.execute(update(tables.outbox).where(mine).values(ciphertext=b"spoilt"))

    office.do_due()

    assert statuses(office, bad) == ["failed"]
    assert statuses(office, good) == ["sent"]
    assert office.rows(tables.incidents, bad)[0].status == "open"


def test_our_own_fault_while_sending_is_a_failed_try_like_others(office: Office) -> None:
    def faulty(parcel: Parcel, at: Any) -> Receipt:
        raise ZeroDivisionError

    office.transport = faulty
    case = office.file("TELLS")
    office.do_due()

    assert statuses(office, case) == ["queued"]
    assert attempts(office) == [(1, "unknown")]


# --- leases -------------------------------------------------------------------------------------


def test_a_promise_on_lease_is_nobody_elses(office: Office) -> None:
    case = office.file("TELLS")
    others: list[bool] = []
    office.transport = RecordingTransport(
        on_the_way=lambda parcel: others.append(office.send("worker 2"))
    )

    assert office.send("worker 1")

    assert others == [False]
    assert statuses(office, case) == ["sent"]


def test_a_worker_that_dies_while_sending_loses_its_lease_and_the_key_stays(
    office: Office, transport: RecordingTransport
) -> None:
    case = office.file("TELLS")

    def die(parcel: Parcel) -> None:
        raise SystemExit

    transport.on_the_way = die
    with pytest.raises(SystemExit):
        office.send("worker 1")
    assert statuses(office, case) == ["sending"]
    transport.on_the_way = lambda parcel: None
    assert not office.send("worker 2")

    lose_lease(office)
    assert office.send("worker 2")

    assert statuses(office, case) == ["sent"]
    assert len(transport.parcels) == 2
    assert len(transport.effects) == 1  # the receiver knows it by its key


def lose_lease(office: Office) -> None:
    office.clock.move(dispatch.LEASE)
    with office.db.transaction() as tx:
        ago = office.db.now(tx) - timedelta(seconds=1)
        tx.execute(update(tables.outbox).values(lease_until=ago))


def test_a_stalled_sender_changes_nothing_after_its_lease_was_lost(office: Office) -> None:
    case = office.file("TELLS")
    inner = RecordingTransport()

    def stall(parcel: Parcel) -> None:
        lose_lease(office)
        assert dispatch.send_one(office.db, sender(office, "worker 2", inner), office.clock.now())
        assert statuses(office, case) == ["sent"]

    stalled = FailingTransport(times=1, on_the_way=stall)
    assert dispatch.send_one(office.db, sender(office, "worker 1", stalled), office.clock.now())

    (promise,) = office.promises(case)
    assert (promise.status, promise.fence) == ("sent", 2)
    assert office.actions(case).count("notification.sent") == 1
    assert "notification.attempt_failed" not in office.actions(case)
    assert attempts(office) == [(1, "passing"), (2, "delivered")]


def test_a_stalled_sender_does_not_end_the_lease_of_the_next(office: Office) -> None:
    case = office.file("TELLS")
    with office.db.transaction() as tx:
        row = tx.execute(select(tables.outbox)).one()
        tx.execute(
            update(tables.outbox).values(
                status="sending", fence=2, attempts=2, lease_owner="worker 2"
            )
        )
    with office.db.transaction() as tx:
        record(tx, row, 1, TAKEN, office.clock.now())

    (promise,) = office.promises(case)
    assert (promise.status, promise.lease_owner, promise.sent_at) == ("sending", "worker 2", None)


def test_many_workers_send_every_promise_once_and_in_order(office: Office) -> None:
    filed = [office.file("TWICE") for _ in range(8)]
    transport = RecordingTransport()

    def drain(name: str) -> int:
        mine, done = sender(office, name, transport), 0
        while dispatch.send_one(office.db, mine, office.clock.now()):
            done += 1
        return done

    at_once(*(partial(drain, f"worker {n}") for n in range(4)))
    drain("the last")

    assert len(transport.parcels) == len(transport.effects) == 24
    for case in filed:
        rows = {str(row.id): row for row in office.promises(case)}
        sent = [rows[parcel.id] for parcel in transport.parcels if parcel.id in rows]
        assert [row.number for row in sent if row.peer == "tax"] == [1, 2]


def test_an_earlier_promise_that_waits_holds_back_the_later_one_only_there(
    office: Office,
) -> None:
    office.transport = FailingTransport(times=1, peer="tax")
    case = office.file("TWICE")

    office.do_due()

    by_peer = {(row.peer, row.number): row.status for row in office.promises(case)}
    assert by_peer == {("tax", 1): "queued", ("tax", 2): "queued", ("water", 1): "sent"}
    due = office.promises(case, "tax")[0].next_attempt_at
    assert _next_due(office.db) == due  # and nobody spins on the one that is held back
    office.pass_time(timedelta(minutes=1))
    assert set(statuses(office, case)) == {"sent"}


def _next_due(db: Database) -> Any:
    with db.transaction(read_only=True) as tx:
        return dispatch.next_due(tx, OPERATIONS)


def test_a_slow_agency_leaves_lanes_to_the_others(office: Office) -> None:
    for _ in range(3):
        office.file("TELLS")
        office.clock.move(timedelta(seconds=1))  # those of one instant go in any order
    office.file("TWICE")
    traffic_of: list[list[str]] = []
    mine = sender(office, "worker", RecordingTransport())

    def meanwhile(parcel: Parcel) -> None:
        if len(traffic_of) < dispatch.AT_ONE_PEER and parcel.peer == "tax":
            traffic_of.append(mine.traffic.full())
            dispatch.send_one(office.db, mine, office.clock.now())

    mine.transports["agency.notify"].on_the_way = meanwhile  # type: ignore[attr-defined]
    dispatch.send_one(office.db, mine, office.clock.now())

    peers = [parcel.peer for parcel in mine.transports["agency.notify"].parcels]  # type: ignore[attr-defined]
    assert peers[:3] == ["tax", "tax", "water"]


def test_an_operation_without_a_way_stays_queued(office: Office) -> None:
    case = office.file("TELLS")

    assert not dispatch.send_next(office.db, {}, "worker", office.clock.now())
    assert statuses(office, case) == ["queued"]


# --- cases that end -----------------------------------------------------------------------------


def withdraw(office: Office, case: Filed) -> None:
    chief = office.person("chief Wu")
    with office.db.transaction() as tx:
        cases.withdraw(tx, case.id, "申請人撤回", chief, office.clock.now())


def test_a_withdrawn_case_tells_nobody_anything_more(
    office: Office, transport: RecordingTransport
) -> None:
    case = office.file("TELLS")

    withdraw(office, case)
    office.do_due()

    assert transport.parcels == []
    assert statuses(office, case) == ["failed"]
    assert "notification.cancelled" in office.actions(case)


@pytest.mark.parametrize(
    ("times", "status"), [(0, "sent"), (1, "failed")], ids=["it arrived", "it did not"]
)
def test_what_is_on_its_way_when_the_case_is_withdrawn_is_not_tried_again(
    office: Office, times: int, status: str
) -> None:
    case = office.file("TELLS")
    office.transport = FailingTransport(
        times=times, on_the_way=lambda parcel: withdraw(office, case)
    )

    office.send()
    office.pass_time(timedelta(hours=5))

    assert len(office.transport.parcels) == 1
    assert statuses(office, case) == [status]


def test_a_failure_that_comes_while_the_case_rests_waits_for_it(office: Office) -> None:
    office.transport = FailingTransport(times=1, outcome=Outcome.PERMANENT)
    case, chief = office.file("CATCHES"), office.person("chief Wu")
    with office.db.transaction() as tx:
        cases.suspend(tx, case.id, "court", chief, office.clock.now())
    office.do_due()
    assert statuses(office, case) == ["failed"]

    with office.db.transaction() as tx:
        cases.resume(tx, case.id, "it may go on", chief, office.clock.now())
    office.do_due()

    assert office.open_tasks(case) == ["by_hand"]


# --- ten thousand -------------------------------------------------------------------------------


def test_the_next_promise_is_taken_by_index_among_ten_thousand(office: Office) -> None:
    case = office.file("TELLS")
    mapping = office.promises(case)[0]._mapping
    later = office.clock.now() + timedelta(days=1)
    rows = [
        {**mapping, "id": uuid4(), "key": f"k{n}", "number": n + 2, "next_attempt_at": later}
        for n in range(10_000)
    ]
    with office.db.transaction() as tx:
        tx.execute(insert(tables.outbox), rows)
    with office.db.transaction() as tx:
        tx.execute(text("ANALYZE"))
    took: list[float] = []
    _time_statements(office.db, took)

    assert office.send()
    assert not office.send()

    assert max(took) < 0.1, took


def _time_statements(db: Database, took: list[float]) -> None:
    began: list[float] = []
    event.listen(
        db.engine, "before_cursor_execute", lambda *given: began.append(time.perf_counter())
    )
    event.listen(
        db.engine,
        "after_cursor_execute",
        lambda *given: took.append(time.perf_counter() - began.pop()),
    )
