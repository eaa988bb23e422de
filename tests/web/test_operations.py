"""Incidents and notifications that need a person."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import insert, select

from engine.incidents import raise_incident
from store.tables import incidents, outbox
from tests.web.house import OPERATOR, House

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
    operator = house.sign_in(OPERATOR).open("/operations")
    assert "the mail server refused the address" in operator.main

    operator.press("重送")

    assert "已重新排入待送" in operator.text
    with house.reading() as tx:
        assert tx.scalar(select(outbox.c.status).where(outbox.c.id == row_id)) == "queued"
