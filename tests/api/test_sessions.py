"""Signing in over the API, how sessions live and end, and how often one may try."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from api.limits import Limiter, Limits
from engine import passwords
from engine.clock import SystemClock
from store import tables
from tests.api.caller import refusal
from tests.api.house import House

PASSWORD = "Tall-Heron-44-river"
BODY = {"login": "counter.lin", "password": PASSWORD}


@pytest.fixture
def house(house: House) -> House:
    _set(house, password_hash=passwords.hash_password(PASSWORD))
    return house


@pytest.fixture
def hasty(house: House) -> House:
    """Three calls a minute, two sign-ins."""
    return House(house.db, limits=Limits(Limiter(3), Limiter(2)))


def _set(house: House, **columns: object) -> None:
    with house.db.transaction() as tx:
        tx.execute(
            update(tables.accounts).where(tables.accounts.c.login == "counter.lin").values(columns)
        )


def test_signing_in_gives_a_token_that_opens_the_doors(house: House) -> None:
    stranger = house.stranger()

    answer = stranger.post("/sessions", BODY, key=None)

    session = answer.get_json()
    assert answer.status_code == 201
    assert session["person"]["name"] == "counter.lin"
    assert session["office"] == "kh-fengshan"
    assert session["groups"] == ["counter"]
    stranger.token = session["token"]
    assert stranger.get("/cases").status_code == 200


@pytest.mark.parametrize(
    "body", [{**BODY, "password": "wrong"}, {"login": "nobody", "password": PASSWORD}]
)
def test_every_failure_to_sign_in_is_answered_alike(house: House, body: dict[str, str]) -> None:
    answer = house.stranger().post("/sessions", body)

    assert refusal(answer) == (401, "sign_in.refused")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_five_failures_lock_the_account(house: House) -> None:
    stranger = house.stranger()
    for _ in range(5):
        stranger.post("/sessions", {**BODY, "password": "wrong"})

    answer = stranger.post("/sessions", BODY)

    assert refusal(answer) == (401, "sign_in.refused")


def test_a_source_that_tries_too_often_waits(hasty: House) -> None:
    stranger = hasty.stranger()
    for _ in range(2):
        assert stranger.post("/sessions", BODY).status_code == 201

    answer = stranger.post("/sessions", BODY)

    assert refusal(answer) == (429, "limit.exceeded")
    assert 1 <= int(answer.headers["Retry-After"]) <= 61


def test_an_account_that_calls_too_often_waits_and_others_do_not(hasty: House) -> None:
    lin, wu = hasty.sign_in("counter.lin"), hasty.sign_in("counter.wu")
    for _ in range(3):
        assert lin.get("/persons").status_code == 200

    assert refusal(lin.get("/persons")) == (429, "limit.exceeded")
    assert wu.get("/persons").status_code == 200


def test_a_minute_later_one_may_call_again() -> None:
    limiter, now = Limiter(1), SystemClock().now()

    waits = [limiter.wait_for("lin", now + timedelta(seconds=after)) for after in (0, 20, 61)]

    assert waits == [0, 41, 0]


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer nothing", "Basic bGluOng=", "\xff"])
def test_without_a_living_session_no_door_opens(house: House, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}

    answer = house.stranger().get("/cases", headers=headers)

    assert refusal(answer) == (401, "session.none")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_after_signing_out_the_token_opens_nothing(house: House) -> None:
    lin = house.sign_in("counter.lin")

    assert lin.call("DELETE", "/sessions/current").status_code == 204

    assert refusal(lin.get("/cases")) == (401, "session.none")


def test_somebody_who_only_reads_stays_signed_in(house: House) -> None:
    lin = house.sign_in("counter.lin")
    long_ago = SystemClock().now() - timedelta(minutes=14)
    with house.db.transaction() as tx:
        tx.execute(update(tables.sessions).values(seen_at=long_ago))

    assert lin.get("/persons").status_code == 200

    (session,) = house.rows(tables.sessions)
    assert session.seen_at > long_ago + timedelta(minutes=13)


def test_a_session_nobody_used_for_a_quarter_of_an_hour_is_over(house: House) -> None:
    lin = house.sign_in("counter.lin")
    with house.db.transaction() as tx:
        idle = SystemClock().now() - timedelta(minutes=15, seconds=1)
        tx.execute(update(tables.sessions).values(seen_at=idle))

    assert refusal(lin.get("/persons")) == (401, "session.none")


def test_a_given_password_is_replaced_before_anything_else(house: House) -> None:
    _set(house, must_change_password=True)
    lin = house.sign_in("counter.lin")
    new = {"old_password": PASSWORD, "password": "Quiet-Otter-77-lake"}

    before = lin.get("/persons")
    changed = lin.post("/sessions/current/password", new)
    after = lin.get("/persons")
    stranger = house.stranger()
    anew = stranger.post("/sessions", {"login": "counter.lin", "password": new["password"]})

    assert refusal(before) == (403, "account.must_change_password")
    assert changed.status_code == 204
    assert refusal(after) == (401, "session.none")
    assert anew.get_json()["must_change_password"] is False


def test_a_weak_password_is_refused_field_by_field_in_the_callers_language(house: House) -> None:
    lin = house.sign_in("counter.lin")
    weak = {"old_password": PASSWORD, "password": "short"}
    chinese = {"Accept-Language": "zh-TW"}

    answer = lin.post("/sessions/current/password", weak, headers=chinese)

    assert refusal(answer) == (422, "account.password")
    errors = answer.get_json()["errors"]
    assert {error["path"] for error in errors} == {"password"}
    assert "密碼至少要" in errors[0]["detail"]


def test_a_token_is_stored_only_as_its_hash(house: House) -> None:
    token = house.stranger().post("/sessions", BODY).get_json()["token"]

    with house.db.transaction(read_only=True) as tx:
        stored = tx.execute(select(tables.sessions)).all()

    assert len(stored) == 1
    assert token not in str(stored)
