"""The desks in a real browser: no complaints, no sideways scrolling, diagrams, forms alive."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import running_browser
from tests.web.house import ANALYST, CHIEF, COUNTER, OPERATOR, House
from tests.web.seat import Seat, served
from web import assets

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = {
    COUNTER: ["/counter", "/counter/P01", "/worklist?tab=group", "/cases"],
    CHIEF: ["/overdue", "/notifications"],
    ANALYST: ["/definitions", "/definitions/P01"],
    OPERATOR: ["/operations", "/operations/calendar"],
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if assets.bundle("page.js") is None:
        pytest.skip("the browser parts are not built")
    with running_browser() as browser:
        yield browser


@pytest.fixture
def address(house: House) -> Iterator[str]:
    with served(house.app) as address:
        yield address


@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_every_desk_fits_the_smallest_window_and_the_browser_has_no_complaint(
    house: House, browser: Browser, address: str, lang: str
) -> None:
    """Opened in it; whether every page fits the other windows, test_every_page judges."""
    case = house.file()
    house.pass_days(7)
    task = f"/user-tasks/{house.task(case).id}"
    for login, paths in PAGES.items():
        seat = Seat(browser, address, "small telephone", lang)
        seat.sign_in(login)
        own = [f"/cases/{case.id}", task] if login == COUNTER else []
        for path in (*paths, *own):
            seat.open(path)
            assert seat.sideways() <= 0, path
        assert seat.complaints == []
        seat.context.close()


def test_a_choice_brings_up_its_fields_at_once_and_keeps_what_is_being_typed(
    browser: Browser, address: str
) -> None:
    seat = Seat(browser, address, "desk", "zh-TW")
    seat.sign_in(COUNTER)
    seat.open("/counter/P01")
    name = seat.page.locator('[name="data.mother.name"]')
    name.fill("林美華")

    seat.page.get_by_label("父或母為外國人或大陸地區、港澳人士").check()

    expect(seat.page.locator('[name="data.foreign_parent.name"]')).to_be_visible()
    expect(name).to_have_value("林美華")
    assert seat.page.url.endswith("/counter/P01")
    assert seat.complaints == []
    seat.context.close()


def test_the_way_past_the_menu_is_the_first_stop_of_the_keyboard(
    browser: Browser, address: str
) -> None:
    seat = Seat(browser, address, "desk", "zh-TW")
    seat.sign_in(COUNTER)

    seat.page.keyboard.press("Tab")
    skip = seat.page.locator("a.skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    seat.page.keyboard.press("Enter")

    expect(seat.page.locator("main")).to_be_focused()
    seat.context.close()
