"""Incidents and notifications that need a person; timers, messages, the state of the system."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select

from engine.incidents import raise_incident
from engine.workers import Pulse
from store.tables import history, inbox, incidents, outbox, timers
from tests.web.house import CHIEF, COUNTER, OPERATOR, House

OFFICE = "demo-south"


def an_incident(house: House) -> UUID:
    case = house.file()
    with house.db.transaction() as tx:
        return raise_incident(
            tx,
            house.clock.now(),
            office_id=OFFICE,
            case_id=case.id,
            source="timer",
            source_id=str(uuid4()),
            code="timer.failed",
            message="Tried 4 times without success: the table has no row",
        )


def test_an_incident_is_told_in_words_and_counted_in_the_menu(house: House) -> None:
    an_incident(house)

    operator = house.sign_in(OPERATOR).open("/operations")

    assert "計時作業多次失敗" in operator.main
    assert "DS-115-00001" in operator.main
    assert "營運1" in operator.text.replace(" ", "")


def test_what_cannot_be_retried_says_why_and_is_resolved_by_hand(house: House) -> None:
    incident = an_incident(house)
    operator = house.sign_in(OPERATOR).open("/operations")

    operator.press("重試")
    assert operator.status == 409
    assert "原來失敗的作業已不存在" in operator.main

    operator.press("結案", resolution=" ")
    assert operator.status == 422
    assert "請填寫如何處理的" in operator.main

    operator.press("結案", resolution="已改由人工計時")
    assert "異常已結案" in operator.text
    with house.reading() as tx:
        row = tx.execute(select(incidents).where(incidents.c.id == incident)).one()
    assert (row.status, row.resolution) == ("resolved", "已改由人工計時")


def test_a_dead_letter_is_sent_again(house: House) -> None:
    row_id = uuid4()
    with house.db.transaction() as tx:
        tx.execute(
            insert(outbox).values(
                id=row_id,
                office_id=OFFICE,
                operation="mail.send",
                peer="mail",
                kind="mail",
                field_names=[],
                ciphertext=b"sealed",
                status="failed",
                created_at=house.clock.now(),
                attempts=5,
                last_error="the mail server refused the address",
            )
        )
    operator = house.sign_in(OPERATOR).open("/operations/outbox")
    assert "郵件伺服器不接受這個地址" in operator.main
    assert "the mail server refused the address" in operator.main

    operator.press("重送")

    assert "已重新排入待送" in operator.text
    with house.reading() as tx:
        assert tx.scalar(select(outbox.c.status).where(outbox.c.id == row_id)) == "queued"


def a_letter(house: House, peer: str = "tax", status: str = "failed", attempts: int = 5) -> UUID:
    row_id = uuid4()
    row = {"id": row_id, "office_id": OFFICE, "operation": "agency.notify", "peer": peer}
    more = {"kind": "moved", "field_names": [], "ciphertext": b"sealed", "status": status}
    waits = {"next_attempt_at": house.clock.now() if status == "queued" else None}
    with house.db.transaction() as tx:
        tx.execute(
            insert(outbox).values(
                **row,
                **more,
                **waits,
                created_at=house.clock.now(),
                attempts=attempts,
                last_error="HTTP 503",
            )
        )
    return row_id


# --- many at once -------------------------------------------------------------------------------


def test_many_incidents_are_retried_with_a_result_for_each(house: House) -> None:
    hopeless = an_incident(house)
    letter = a_letter(house)
    with house.db.transaction() as tx:
        mendable = raise_incident(
            tx,
            house.clock.now(),
            office_id=OFFICE,
            case_id=None,
            source="outbox",
            source_id=str(letter),
            code="outbox.dead_letter",
            message="Expected tax to take it",
        )
    operator = house.sign_in(OPERATOR).open("/operations")

    operator.press("重試勾選的", incident=[str(hopeless), str(mendable)])

    assert "原來失敗的作業已不存在" in operator.main
    assert "1 件" in operator.main or "完成" in operator.main
    with house.reading() as tx:
        states = dict(tx.execute(select(incidents.c.id, incidents.c.status)).all())
        assert states == {hopeless: "open", mendable: "resolved"}
        assert tx.scalar(select(outbox.c.status).where(outbox.c.id == letter)) == "queued"


def test_nothing_ticked_is_said(house: House) -> None:
    an_incident(house)
    operator = house.sign_in(OPERATOR).open("/operations")

    operator.press("重試勾選的")

    assert operator.status == 422
    assert "請先勾選" in operator.main


def test_many_dead_letters_are_queued_again(house: House) -> None:
    letters = [a_letter(house), a_letter(house, "immigration")]
    operator = house.sign_in(OPERATOR).open("/operations/outbox")

    operator.press("重送勾選的", letter=[str(each) for each in letters])

    with house.reading() as tx:
        assert set(tx.scalars(select(outbox.c.status))) == {"queued"}


# --- one incident -------------------------------------------------------------------------------


def test_an_incident_has_a_page_of_its_own_and_is_closed_there(house: House) -> None:
    incident = an_incident(house)
    operator = house.sign_in(OPERATOR).open("/operations").follow("計時作業多次失敗")
    assert operator.path == f"/operations/incidents/{incident}"
    assert "the table has no row" in operator.main

    operator.press("結案", resolution="")
    assert operator.status == 422
    assert "請填寫如何處理的" in operator.main
    operator.press("結案", resolution="改以人工通知")

    assert "異常已結案" in operator.text
    assert "已結案" in operator.open(f"/operations/incidents/{incident}").main


def test_another_offices_incident_is_not_there(house: House) -> None:
    with house.db.transaction() as tx:
        other = raise_incident(
            tx,
            house.clock.now(),
            office_id="demo-north",
            case_id=None,
            source="job",
            code="job.failed",
            message="x",
        )

    assert house.sign_in(OPERATOR).open(f"/operations/incidents/{other}").status == 404


# --- agencies -----------------------------------------------------------------------------------


def test_a_line_is_paused_with_a_reason_and_resumed(house: House) -> None:
    a_letter(house, status="queued", attempts=2)
    operator = house.sign_in(OPERATOR).open("/operations/outbox")
    assert "傳送失敗，自動重試中" in operator.main

    operator.press("暫停傳送", reason=" ")
    assert operator.status == 422
    operator.press("暫停傳送", reason="對方維護")
    assert "暫停傳送" in operator.main
    assert "對方維護" in operator.main
    operator.press("恢復傳送")

    assert "已恢復傳送" in operator.text
    with house.reading() as tx:
        told = list(tx.scalars(select(history.c.action).where(history.c.object_id == "tax")))
    assert told == ["agency.paused", "agency.resumed"]


# --- timers, messages, system -------------------------------------------------------------------


def test_timers_are_told_by_when_they_are_due_and_how_late_they_fired(house: House) -> None:
    case, now = house.file(), house.clock.now()
    rows = [("waiting", now + timedelta(hours=2), None), ("waiting", None, None)]
    rows.append(("fired", now - timedelta(hours=1), now - timedelta(minutes=57)))
    with house.db.transaction() as tx:
        tx.execute(timers.delete())
        for at, (status, due_at, fired_at) in enumerate(rows):
            row = {"id": uuid4(), "office_id": OFFICE, "case_id": case.id, "key": f"k{at}"}
            place = {"process_id": "P01", "element_id": "wait", "point": "due"}
            state = {"status": status, "due_at": due_at, "fired_at": fired_at}
            tx.execute(insert(timers).values(**row, **place, **state, created_at=now))
    operator = house.sign_in(OPERATOR)

    assert "預定" in operator.open("/operations/timers").main
    assert "期限停止計算" in operator.open("/operations/timers?view=resting").main
    fired = operator.open("/operations/timers?view=fired").main
    assert "晚了 3 分鐘" in fired
    assert "共 1 個，最晚 3 分鐘" in fired


def test_messages_that_found_no_case_are_listed(house: House) -> None:
    now = house.clock.now()
    with house.db.transaction() as tx:
        for status in ("early", "quarantined", "expired", "correlated"):
            row = {"id": uuid4(), "office_id": OFFICE, "peer": "tax", "message_id": status}
            more = {"name": f"消息 {status}", "ciphertext": b"x", "status": status}
            times = {"received_at": now, "expires_at": now + timedelta(days=1)}
            tx.execute(insert(inbox).values(**row, **more, **times, reason="several wait"))
    operator = house.sign_in(OPERATOR)

    shown = {
        view: operator.open(f"/operations/inbox?view={view}").main
        for view in ("early", "quarantined", "expired")
    }

    assert all(f"消息 {view}" in text for view, text in shown.items())
    assert not any("correlated" in text for text in shown.values())


def test_the_system_page_says_who_works_and_when_it_was_saved(house: House) -> None:
    operator = house.sign_in(OPERATOR).open("/operations/system")
    assert "沒有背景程序在執行" in operator.main
    assert "從未備份" in operator.main

    Pulse("host:1:serve", "serve", lambda now: None, "0.1.0").tell(house.db, house.clock.now())

    operator.open("/operations/system")
    assert "host:1:serve" in operator.main
    assert "沒有背景程序在執行" not in operator.main


@pytest.mark.parametrize(
    "path", ["/operations/outbox", "/operations/timers", "/operations/inbox", "/operations/system"]
)
def test_the_pages_of_operations_are_for_those_who_mend(house: House, path: str) -> None:
    assert house.sign_in(COUNTER).open(path).status == 403
    assert house.sign_in(CHIEF).open(path).status == 200


def test_an_incident_is_told_in_the_readers_language_and_kept_as_the_system_said_it(
    house: House,
) -> None:
    said = (
        "Expected a way on from decide, but no condition on its outgoing flows is true and none of "
        "them is the default"
    )
    with house.db.transaction() as tx:
        raised = raise_incident(
            tx,
            house.clock.now(),
            office_id=house.actor(OPERATOR).office_id,
            case_id=None,
            source="engine",
            code="gateway.no-flow",
            message=said,
        )

    operator = house.sign_in(OPERATOR).open(f"/operations/incidents/{raised}")
    assert "流程在分流處沒有路可走" in operator.main
    assert "decide 之後沒有可走的路" in operator.main
    assert operator.page.xpath("//details[contains(., '系統原文')]")[0].text_content().count(said)

    operator.press("English").open(f"/operations/incidents/{raised}")
    assert said in operator.main
    assert not operator.page.xpath("//main//details[contains(., 'As the system said it')]")
