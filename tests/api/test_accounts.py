"""People, groups and accounts over the API; lines, timers and messages of operations."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select

from store import tables
from tests.api.caller import Caller, refusal
from tests.api.house import HERE, House


@pytest.fixture
def tsai(house: House) -> Caller:
    return house.sign_in("operator.tsai")


def _staff(caller: Caller, login: str) -> dict[str, Any]:
    (row,) = caller.get(f"/staff?text={login}").get_json()["items"]
    return dict(row)


def test_an_account_is_locked_and_its_sessions_end(either_house: House) -> None:
    tsai, lin = either_house.sign_in("operator.tsai"), either_house.sign_in("counter.lin")
    account = _staff(tsai, "counter.lin")["accounts"][0]

    missing = tsai.post(f"/accounts/{account['id']}/lock", {"reason": " "})
    answer = tsai.post(f"/accounts/{account['id']}/lock", {"reason": "手機遺失"})

    assert refusal(missing) == (422, "request.invalid")
    assert answer.status_code == 204
    assert lin.get("/cases").status_code == 401
    assert _staff(tsai, "counter.lin")["accounts"][0]["status"] == "locked"
    assert tsai.post(f"/accounts/{account['id']}/unlock").status_code == 204


def test_a_group_with_power_waits_for_a_second_person(house: House, tsai: Caller) -> None:
    person = house.person_id("counter.wu")
    asked = tsai.post(f"/persons/{person}/groups", {"group": "chief", "reason": "新任"})
    waiting = asked.get_json()["waiting"]

    own = tsai.post(f"/grants/{waiting}/approve")
    assert refusal(own) == (403, "grant.four_eyes")
    assert house.sign_in("all.here").post(f"/grants/{waiting}/approve").status_code == 204

    assert sorted(_staff(tsai, "counter.wu")["groups"]) == ["chief", "counter"]
    assert tsai.get("/grants").get_json()["items"] == []


def test_leave_and_departure(house: House, tsai: Caller) -> None:
    lin = house.sign_in("counter.lin")
    lin.post("/user-tasks/take-next") if lin.file() else None
    person = house.person_id("counter.lin")
    leave = {"first_day": "2026-03-02", "last_day": "2099-03-06", "substitute": None}
    assert lin.post(f"/persons/{person}/absences", leave).status_code == 204
    assert len(_staff(tsai, "counter.lin")["absences"]) == 1

    gone = {"last_day": "2026-03-31", "reason": "退休"}
    done = tsai.post(f"/persons/{person}/departure", gone).get_json()

    assert [each["code"] for each in done["results"]] == [None]
    assert tsai.get("/staff?text=counter.lin").get_json()["items"] == []


def test_a_line_is_paused_and_resumed(house: House, tsai: Caller) -> None:
    house.sign_in("counter.lin").file("NOTIFY", note="tax")

    assert tsai.post("/lines/tax/pause", {"reason": "對方維護"}).status_code == 204
    again = tsai.post("/lines/tax/pause", {"reason": "again"})
    (line,) = tsai.get("/lines").get_json()["items"]

    assert refusal(again) == (409, "agency.paused")
    assert (line["peer"], line["waiting"], line["pause"]["reason"]) == ("tax", 1, "對方維護")
    assert tsai.post("/lines/tax/resume").status_code == 204
    assert refusal(house.sign_in("counter.lin").get("/lines")) == (403, "policy.group")


def test_timers_and_messages_are_listed(house: House, tsai: Caller) -> None:
    now = house.clock.now()
    row = {"id": house.person_id("counter.lin"), "office_id": HERE, "peer": "tax"}
    more = {"message_id": "m-1", "name": "paper", "ciphertext": b"x", "status": "quarantined"}
    with house.db.transaction() as tx:
        tx.execute(insert(tables.inbox).values(**row, **more, received_at=now, expires_at=now))

    assert tsai.get("/timers?view=waiting").get_json() == {"items": [], "next": None}
    (message,) = tsai.get("/messages").get_json()["items"]
    assert (message["name"], message["incident_id"]) == ("paper", None)
    assert refusal(tsai.get("/timers?view=lost")) == (422, "request.invalid")


def test_an_edit_of_the_calendar_says_how_far_it_has_come(house: House, tsai: Caller) -> None:
    house.sign_in("counter.lin").file()
    closing = {"day": "2026-03-03", "reason": "颱風", "source": "市府公告"}

    proposed = tsai.post("/calendar/edits", closing).get_json()
    assert (proposed["status"], proposed.get("work")) == ("proposed", None)
    huang = house.sign_in("chief.huang")
    entered = huang.post(f"/calendar/edits/{proposed['id']}/approve").get_json()
    told = tsai.get(f"/calendar/edits/{proposed['id']}").get_json()

    assert entered["done"] is True
    assert told["status"] == "entered"
    work = told["work"]
    assert (work["status"], work["looked_at"], work["total"]) == ("done", 1, 1)
    assert work["moved_count"] == len(work["moved"]) == len(entered["moved"])
    with house.db.transaction(read_only=True) as tx:
        assert tx.scalar(select(tables.jobs.c.status)) == "done"
