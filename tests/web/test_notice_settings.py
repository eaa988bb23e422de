"""Who is told what, and how: chosen by oneself, widened by supervisors, never against a duty."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from store.tables import absences, ladder_additions, notice_choices, persons
from tests.web.house import CHIEF, COUNTER, House


def rows(house: House, table: Any) -> list[Any]:
    with house.reading() as tx:
        return list(tx.execute(select(table)).all())


def test_a_choice_is_saved_and_says_who_made_it(house: House) -> None:
    clerk = house.sign_in(COUNTER).open("/notifications/settings")
    assert "目前沒有設定郵件伺服器" in clerk.main
    assert "逾期督導是職務，不能關閉" in clerk.main

    clerk.press(
        "儲存", **{"in_app.clock.warned": None, "email.clock.warned": "daily"}, language="en"
    )

    assert "已儲存" in clerk.text
    (row,) = rows(house, notice_choices)
    assert (row.kind, row.in_app, row.email) == ("clock.warned", False, "daily")
    assert row.changed_by == house.actor(COUNTER).person_id
    assert "林示範 於 3/2（一）09:00 變更" in clerk.main
    languages = {each.language for each in rows(house, persons)}
    assert languages == {None, "en"}


def test_a_duty_cannot_be_switched_off_by_a_form_made_by_hand(house: House) -> None:
    clerk = house.sign_in(COUNTER).open("/notifications/settings")
    assert not clerk.page.xpath("//input[@name='in_app.clock.escalated']")
    assert not clerk.page.xpath("//input[@name='email.chase.asked' and @value='off']")

    clerk.press("儲存", **{"email.chase.asked": "off"}, language="zh-TW")

    assert clerk.status == 422
    assert "電子郵件只能選立即或每日彙整" in clerk.main
    assert rows(house, notice_choices) == []


def test_a_supervisor_adds_people_to_a_step_of_the_ladder(house: House) -> None:
    chief = house.sign_in(CHIEF).open("/notifications/office")
    first = chief.page.xpath("//form[contains(@action, '/office/due')]//button")[0]

    chief.send(first, {"group": ["director", "secretary"]})

    assert {(row.at_point, row.group_name) for row in rows(house, ladder_additions)} == {
        ("due", "director"),
        ("due", "secretary"),
    }
    assert "主任、秘書" in chief.main
    assert "王示範 於 3/2（一）09:00 變更" in chief.main
    assert house.sign_in(COUNTER).open("/notifications/office").status == 403


def test_leave_and_deputy_are_entered_and_a_bad_day_keeps_what_was_typed(house: House) -> None:
    chief = house.sign_in(CHIEF).open("/notifications/office")
    lin, gao = (str(house.actor(each).person_id) for each in (COUNTER, "counter.gao"))

    chief.press("登錄請假", person=lin, first="明天", last="115/3/6", deputy=gao)
    assert chief.status == 422
    assert "看不懂日期" in chief.main
    assert chief.value_of("last") == "115/3/6"

    chief.press("登錄請假", person=lin, first="115/3/5", last="115/3/6", deputy=gao)
    assert "林示範115/3/5–115/3/6高示範" in chief.main.replace(" ", "")
    assert len(rows(house, absences)) == 1
