"""What the system tells a member of staff: read by oneself, and by nobody else."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import insert, select

from store.tables import person_notices
from tests.web.house import CHIEF, COUNTER, House


def tell(house: House, login: str) -> UUID:
    case, notice_id = house.file(), uuid4()
    detail = {"number": case.number, "clock": "processing", "point": "0.8", "due_at": None}
    with house.db.transaction() as tx:
        tx.execute(
            insert(person_notices).values(
                id=notice_id,
                office_id="demo-south",
                person_id=house.actor(login).person_id,
                case_id=case.id,
                kind="clock.warned",
                detail=detail,
                created_at=house.clock.now(),
            )
        )
    return notice_id


def test_a_warning_is_told_in_words_and_marked_as_read(house: House) -> None:
    notice = tell(house, COUNTER)
    clerk = house.sign_in(COUNTER).open("/notifications")
    for told in ("期限提醒", "處理期限", "已過八成", "DS-115-00001"):
        assert told in clerk.main

    clerk.press("標為已讀")

    assert "目前沒有通知" in clerk.main
    assert is_read(house, notice)
    assert "期限提醒" in clerk.open("/notifications?view=all").main


def test_all_are_marked_at_once(house: House) -> None:
    notices = [tell(house, COUNTER), tell(house, COUNTER)]

    house.sign_in(COUNTER).open("/notifications").press("全部標為已讀")

    assert all(is_read(house, notice) for notice in notices)


def test_nobody_reads_or_marks_what_was_told_to_others(house: House) -> None:
    notice = tell(house, COUNTER)
    chief = house.sign_in(CHIEF).open("/notifications?view=all")
    assert "期限提醒" not in chief.main

    tokens = {"csrf_token": chief.value_of("csrf_token"), "idempotency_key": "a-key"}
    assert chief.client.post(f"/notifications/{notice}/read", data=tokens).status_code == 404
    assert not is_read(house, notice)


def is_read(house: House, notice: UUID) -> bool:
    with house.reading() as tx:
        read_at = select(person_notices.c.read_at).where(person_notices.c.id == notice)
        return tx.scalar(read_at) is not None
