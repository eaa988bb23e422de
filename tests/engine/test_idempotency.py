"""Idempotency: a repeated call is answered again and its work is done once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from engine import history, idempotency
from engine.actors import system
from engine.errors import Conflict, Rejected
from engine.idempotency import Call, Stored
from store import tables
from store.database import Database, StoreError
from tests.engine.rows import NOW, OFFICE, an_office

CALL = Call("account:1", "key-1", idempotency.hash_request("POST", "/api/v1/cases", b"{}"), OFFICE)
ANSWER = Stored(201, {"Location": "/api/v1/cases/1"}, b'{"id": 1}')


@pytest.fixture
def office(db: Database) -> Database:
    with db.transaction() as tx:
        an_office(tx)
    return db


def ask(db: Database, call: Call = CALL) -> Stored:
    with db.transaction() as tx:
        stored = idempotency.recall(tx, call.principal, call.key, call.request_hash)
        if stored is not None:
            return stored
        history.append(tx, history.Entry("case.filed", system(OFFICE), NOW))
        idempotency.keep(tx, call, ANSWER, NOW)
        return ANSWER


def deeds(db: Database) -> int:
    with db.transaction(read_only=True) as tx:
        return int(tx.execute(select(func.count()).select_from(tables.history)).scalar_one())


def test_the_same_call_gets_the_same_answer_and_is_done_once(office: Database) -> None:
    answers = [ask(office) for _ in range(3)]

    assert answers == [ANSWER] * 3
    assert deeds(office) == 1


def test_the_same_key_for_another_request_is_refused(office: Database) -> None:
    ask(office)
    other = idempotency.hash_request("POST", "/api/v1/cases", b'{"a": 1}')

    with pytest.raises(Rejected) as refused:
        ask(office, Call(CALL.principal, CALL.key, other, OFFICE))

    assert refused.value.code == "idempotency.other_request"


def test_keys_of_others_are_their_own(office: Database) -> None:
    ask(office)
    ask(office, Call("account:2", CALL.key, CALL.request_hash, OFFICE))

    assert deeds(office) == 2


def test_work_that_is_undone_leaves_no_answer(office: Database) -> None:
    def undone() -> None:
        with office.transaction() as tx:
            idempotency.keep(tx, CALL, ANSWER, NOW)
            raise Conflict("some.reason", "something was in the way")

    with pytest.raises(Conflict, match="in the way"):
        undone()

    ask(office)
    assert deeds(office) == 1


def test_ten_at_once_do_the_work_once(office: Database) -> None:
    together = Barrier(10)

    def one(_: int) -> Stored:
        together.wait(timeout=10)
        return ask(office)

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(one, range(10)))

    assert answers == [ANSWER] * 10
    assert deeds(office) == 1


def test_a_key_kept_twice_is_a_conflict(office: Database) -> None:
    ask(office)

    with pytest.raises(Conflict) as refused, office.transaction() as tx:
        idempotency.keep(tx, CALL, ANSWER, NOW)

    assert refused.value.code == "idempotency.running"
    assert not isinstance(refused.value, StoreError)


@pytest.mark.parametrize("key", ["", "x" * 256, "鍵", "a\nb", "a\x00"])
def test_a_key_has_a_plain_form(office: Database, key: str) -> None:
    with pytest.raises(Rejected) as refused:
        ask(office, Call(CALL.principal, key, CALL.request_hash, OFFICE))

    assert refused.value.code == "idempotency.key"


def test_answers_are_kept_for_seven_days(office: Database) -> None:
    ask(office)

    with office.transaction() as tx:
        assert idempotency.prune(tx, NOW + timedelta(days=7)) == 0
        assert idempotency.prune(tx, NOW + timedelta(days=7, seconds=1)) == 1
        assert idempotency.recall(tx, CALL.principal, CALL.key, CALL.request_hash) is None


def test_method_path_query_and_body_tell_requests_apart() -> None:
    hashes = {
        idempotency.hash_request("POST", "/a", b"x"),
        idempotency.hash_request("PUT", "/a", b"x"),
        idempotency.hash_request("POST", "/ax", b""),
        idempotency.hash_request("POST", "/a", b"x", "q=1"),
        idempotency.hash_request("POST", "/a", b""),
    }

    assert len(hashes) == 5
    assert idempotency.hash_request("post", "/a", b"x") in hashes
