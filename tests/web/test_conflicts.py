"""A form that others have overtaken: who did what, when; and everything typed is still there."""

from __future__ import annotations

from datetime import timedelta

from engine import user_tasks
from engine.cases import Filed
from tests.web.house import CHIEF, COUNTER, House
from tests.web.visitor import Visitor

COLLEAGUE = "counter.gao"


def typing(house: House, case: Filed) -> Visitor:
    """A clerk has claimed the task and has its form open."""
    task = house.claim(case, COUNTER)
    return house.sign_in(COUNTER).open(f"/user-tasks/{task.id}")


def give_away(house: House, case: Filed) -> None:
    house.clock.move(timedelta(minutes=20))
    chief, colleague = house.actor(CHIEF), house.actor(COLLEAGUE).person_id
    assert colleague is not None
    with house.db.transaction() as tx:
        user_tasks.assign(tx, house.task(case).id, colleague, "請假代理", chief, house.clock.now())


def test_who_took_the_task_meanwhile_is_named_beside_what_was_typed(house: House) -> None:
    case = house.file()
    clerk = typing(house, case)

    give_away(house, case)
    clerk.press("不合規定", reason="缺出生證明正本")

    assert clerk.status == 403
    told = " ".join(clerk.page.xpath("//*[@id='errors']")[0].text_content().split())
    assert "情況已經改變" in told
    assert house.actor(CHIEF).name in told
    assert "3/2（一）09:20" in told
    assert clerk.value_of("reason") == "缺出生證明正本"
    assert house.task(case).name == "檢核應附文件"


def test_what_happened_before_the_form_was_opened_is_not_told_again(house: House) -> None:
    case = house.file()
    clerk = typing(house, case)
    old_version = clerk.value_of("version")
    house.release(case, COUNTER)
    house.claim(case, COUNTER)
    clerk.open(clerk.path)

    clerk.press("不合規定", reason="缺證明", version=old_version)

    assert clerk.status == 409
    told = clerk.page.xpath("//*[@id='errors']")[0].text_content()
    assert "這段時間發生的事" not in told
    assert clerk.value_of("reason") == "缺證明"


def test_after_the_change_was_seen_the_form_can_be_sent(house: House) -> None:
    case = house.file()
    clerk = typing(house, case)
    old_version = clerk.value_of("version")
    house.release(case, COUNTER)
    house.claim(case, COUNTER)
    clerk.press("不合規定", reason="缺證明", version=old_version)
    assert clerk.status == 409

    clerk.press("不合規定", reason="缺證明")

    assert "已完成" in clerk.text
