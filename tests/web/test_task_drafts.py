"""What is typed into a task survives a reload, signing out and a crash, for its assignee alone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from engine.cases import Filed
from store.tables import task_drafts
from tests.web.house import CHIEF, COUNTER, House
from tests.web.visitor import Visitor

OTHER_CLERK = "counter.gao"
KEEP, ANEW = "先存起來", "清除重填"


@pytest.fixture
def case(house: House) -> Filed:
    filed = house.file()
    house.claim(filed, by=COUNTER)
    return filed


def address(house: House, case: Filed) -> str:
    return f"/user-tasks/{house.task(case).id}"


def begun(house: House, case: Filed) -> Visitor:
    clerk = house.sign_in(COUNTER).open(address(house, case))
    return clerk.press(KEEP, reason="還在問申請人")


def stored(house: House) -> list[Any]:
    with house.reading() as tx:
        return list(tx.execute(select(task_drafts)))


def test_what_was_typed_is_there_after_signing_out(house: House, case: Filed) -> None:
    clerk = begun(house, case)
    assert "已存下您填的內容" in clerk.text
    clerk.press("登出")

    again = house.sign_in(COUNTER).open(address(house, case))

    assert again.value_of("reason") == "還在問申請人"
    assert "已存 09:00" in again.main
    assert not again.page.xpath("//main//div[@id='errors']")  # what is missing is no mistake yet


def test_it_is_kept_while_one_types_and_the_task_stays_open(house: House, case: Filed) -> None:
    clerk = house.sign_in(COUNTER).open(address(house, case))

    told = clerk.autosaved("task-form", reason="還在")
    clerk.autosaved(
        "task-form", reason="還在問"
    )  # names the version before the first: typing overtook itself

    assert "已存 09:00" in told
    assert clerk.open(clerk.path).value_of("reason") == "還在問"
    assert house.task(case).status == "claimed"


def test_nobody_else_sees_it_not_even_who_gets_the_task(house: House, case: Filed) -> None:
    begun(house, case)
    assert "還在問申請人" not in house.sign_in(OTHER_CLERK).open(address(house, case)).text

    chief = house.sign_in(CHIEF).open(address(house, case))
    person = str(house.actor(OTHER_CLERK).person_id)
    chief.press("改派", person=person, reason="請假")

    assert "還在問申請人" not in house.sign_in(OTHER_CLERK).open(address(house, case)).text


def test_completing_deletes_it(house: House, case: Filed) -> None:
    clerk = begun(house, case)

    clerk.press("齊備，受理", reason="")

    assert "已完成" in clerk.text
    assert stored(house) == []


def test_a_second_window_overwrites_nothing_unasked(house: House, case: Filed) -> None:
    first = begun(house, case)
    second = first.another_window()
    first.press(KEEP, reason="第一個視窗")

    told = second.autosaved("task-form", reason="第二個視窗")
    assert "您在另一個視窗存了較新的內容" in told
    second.press(KEEP, reason="第二個視窗")
    assert "您在另一個視窗存了較新的內容" in second.main
    assert second.value_of("reason") == "第二個視窗"  # what was typed here is still here
    assert first.another_window().value_of("reason") == "第一個視窗"

    second.press("以這個視窗為準")

    assert first.another_window().value_of("reason") == "第二個視窗"


def test_one_may_begin_anew(house: House, case: Filed) -> None:
    clerk = begun(house, case)

    clerk.press(ANEW)

    assert "已清除先前填的內容" in clerk.text
    assert clerk.value_of("reason") == ""
    assert stored(house) == []


def test_a_task_of_somebody_else_keeps_nothing(house: House, case: Filed) -> None:
    clerk = house.sign_in(COUNTER).open(address(house, case))
    house.release(case, by=COUNTER)

    told = clerk.autosaved("task-form", reason="晚了")

    assert 'role="alert"' in told
    assert stored(house) == []
