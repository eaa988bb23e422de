"""What an open page asks now and then: cheap if nothing happened, in words if something did."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from lxml import html

from tests.engine.test_statements import counted
from tests.web.house import CHIEF, COUNTER, REVIEWER, House
from tests.web.visitor import Visitor
from web.news import News, compare, row_mark


def ask(visitor: Visitor, **arguments: str) -> Any:
    """Ask as the open page does: at its address, with the marks of the rows it shows."""
    address = visitor.page.xpath("//body/@data-live")[0]
    marks = ",".join(visitor.page.xpath("//*/@data-row"))
    headers = {"X-Huzheng-Poll": "idle", **{k: v for k, v in arguments.items() if k[0].isupper()}}
    more = {key: value for key, value in arguments.items() if not key[0].isupper()}
    glue = "&" if "?" in address else "?"
    asked = "&".join(f"{key}={value}" for key, value in {"seen": marks, **more}.items())
    return visitor.client.get(f"{address}{glue}{asked}", headers=headers)


@pytest.mark.parametrize(
    ("login", "path"),
    [
        (COUNTER, "/worklist?tab=group"),
        (REVIEWER, "/worklist?tab=mine"),
        (CHIEF, "/overdue"),
        (CHIEF, "/overdue?view=upcoming"),
        (CHIEF, "/notifications"),
        (CHIEF, "/notifications?view=all"),
        (COUNTER, "/keys"),
    ],
)
def test_a_page_that_was_just_opened_has_no_news(house: House, login: str, path: str) -> None:
    for _ in range(2):
        house.file()
    house.pass_days(3)

    answer = ask(house.sign_in(login).open(path))

    assert answer.status_code == 200
    assert answer.json["told"] == ""


def test_what_came_and_went_is_told_in_the_readers_language(house: House) -> None:
    gone = house.file()
    clerk = house.sign_in(COUNTER).open("/worklist?tab=group")
    shown = len(clerk.page.xpath("//*/@data-row"))

    house.file()
    house.file()
    house.claim(gone, COUNTER)

    assert shown == 1
    assert ask(clerk).json["told"] == "新增 2 筆、已移出 1 筆"
    english = html.fromstring(clerk.client.get("/worklist?tab=group").data)
    assert len(english.xpath("//*/@data-row")) == 2
    clerk.client.set_cookie("huzheng-lang", "en")
    assert ask(clerk).json["told"] == "2 new, 1 gone"


def test_the_figures_of_the_menu_come_along(house: House) -> None:
    clerk = house.sign_in(COUNTER).open("/worklist")

    house.claim(house.file(), COUNTER)

    assert ask(clerk).json["counts"]["worklist"] == 1
    places = clerk.page.xpath("//*[@data-count='worklist']")
    assert {place.get("hidden") is not None for place in places} == {True}


def test_where_nothing_happened_one_statement_answers(house: House) -> None:
    house.file()
    clerk = house.sign_in(COUNTER).open("/worklist?tab=group")
    first = ask(clerk)
    tag = first.headers["ETag"]

    with counted(house.db) as statements:
        again = ask(clerk, **{"If-None-Match": tag})

    assert again.status_code == 304
    assert again.data == b""
    assert len([told for told in statements if "history" in told]) == 1
    assert [told for told in statements if "user_tasks" in told] == []


def test_a_deed_a_notice_or_a_minute_make_the_answer_new(house: House) -> None:
    clerk = house.sign_in(COUNTER).open("/worklist?tab=group")
    tag = ask(clerk).headers["ETag"]

    house.file()
    after_deed = ask(clerk, **{"If-None-Match": tag})
    house.clock.move(timedelta(minutes=1))
    after_minute = ask(clerk, **{"If-None-Match": after_deed.headers["ETag"]})

    assert after_deed.status_code == 200
    assert after_minute.status_code == 200


def test_a_list_of_another_desk_tells_nothing(house: House) -> None:
    house.file()
    house.pass_days(9)
    clerk = house.sign_in(COUNTER)

    answer = clerk.client.get("/live?list=overdue&seen=", headers={"X-Huzheng-Poll": "idle"})

    assert answer.json["told"] == ""
    assert "overdue" not in answer.json["counts"]


def test_only_the_first_page_of_a_list_has_news(house: House) -> None:
    clerk = house.sign_in(COUNTER).open("/worklist?tab=group")
    first = clerk.page.xpath("//body/@data-live")[0]
    later = house.sign_in(COUNTER).open("/keys").page.xpath("//body/@data-live")[0]

    assert re.search(r"list=worklist", first)
    assert "list=" not in later


def test_after_signing_in_again_open_forms_get_a_token_that_works(house: House) -> None:
    clerk = house.sign_in(COUNTER).open("/keys")
    house.wall_clock.move(timedelta(minutes=16))
    assert ask(clerk).status_code == 401

    old_page = clerk.page
    clerk.sign_in(COUNTER, "Kettle-Bridge-115")
    token = clerk.client.get("/live?token=1", headers={"X-Huzheng-Poll": "idle"}).json["token"]

    old = old_page.xpath("//main//input[@name='csrf_token']/@value")[0]
    assert clerk.client.post("/keys", data={"csrf_token": old, "keys": "on"}).status_code == 400
    assert clerk.client.post("/keys", data={"csrf_token": token, "keys": "on"}).status_code == 303


def test_rows_are_compared_by_name_and_state() -> None:
    stays, changes, goes = row_mark(1, "a"), row_mark(2, "a"), row_mark(3, "a")
    seen = ",".join((stays, changes, goes))

    found = compare(seen, [stays, row_mark(2, "b"), row_mark(4, "a")])

    assert found == News(new=1, changed=1, gone=1)
    assert not compare(seen, [stays, changes, goes])
    assert not compare(",".join([stays] * 61), [])
