"""The overdue desk in a real browser: compact and folded on a telephone, open on a desk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import running_browser
from tests.web.house import CHIEF, House
from tests.web.seat import Seat, served
from web import assets

pytestmark = pytest.mark.browser
LINES = 8
MOST_PIXELS = 210  # of a line on a telephone, four to a window; English words are longer


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if assets.bundle("page.js") is None:
        pytest.skip("the browser parts are not built")
    with running_browser() as browser:
        yield browser


@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_a_line_is_compact_on_a_telephone_and_details_open_on_demand(
    house: House, browser: Browser, lang: str
) -> None:
    for _ in range(LINES):
        house.file()
    house.clock.move(timedelta(days=7))

    with served(house.app) as address:
        seat = Seat(browser, address, "telephone", lang)
        seat.sign_in(CHIEF)
        seat.open("/overdue")
        rows = seat.page.locator("table.lines tbody tr")
        expect(rows).to_have_count(LINES)
        heights = rows.evaluate_all("all => all.map(each => each.getBoundingClientRect().height)")
        tabs = seat.page.locator("nav.tabs")
        expect(tabs).to_be_hidden()
        seat.page.locator("#filters > summary").click()
        expect(tabs).to_be_visible()
        other = rows.first.locator("details .limit")
        expect(other).to_be_hidden()
        rows.first.locator("details > summary").click()
        expect(other).to_be_visible()
        sideways = seat.sideways()
        seat.context.close()

    assert max(heights) <= MOST_PIXELS, heights
    assert sideways <= 0
    assert seat.complaints == []


def test_on_a_desk_nothing_is_folded_that_one_works_with(house: House, browser: Browser) -> None:
    house.file()
    house.clock.move(timedelta(days=7))

    with served(house.app) as address:
        seat = Seat(browser, address)
        seat.sign_in(CHIEF)
        seat.open("/overdue")
        expect(seat.page.locator("nav.tabs")).to_be_visible()
        expect(seat.page.locator("#filters > summary")).to_be_hidden()
        expect(seat.page.locator("#several input[name=reason]")).to_be_visible()
        expect(seat.page.locator("#why")).to_be_visible()
        seat.context.close()

    assert seat.complaints == []


def test_filters_and_views_are_reached_saved_and_opened_by_keyboard_alone(
    house: House, browser: Browser
) -> None:
    house.file()
    house.clock.move(timedelta(days=7))

    with served(house.app) as address:
        seat = Seat(browser, address)
        seat.sign_in(CHIEF)
        seat.open("/overdue")
        press = seat.page.keyboard.press
        press("f")
        expect(seat.page.locator("#filter-section:focus")).to_have_count(1)
        press("Tab")
        press("ArrowDown")  # work that nobody has taken
        press("Enter")
        seat.page.locator("#narrow button").focus()
        press("Enter")
        seat.page.wait_for_url("**owner=nobody**")
        expect(seat.page.locator("table.lines tbody tr")).to_have_count(1)

        seat.page.locator(".saved summary").first.focus()
        press("Enter")
        press("Tab")
        expect(seat.page.locator("#view-name:focus")).to_have_count(1)
        seat.page.keyboard.type("無人承辦")
        press("Enter")
        expect(seat.page.locator(".saved li")).to_have_count(1)

        seat.open("/overdue")
        press("v")
        expect(seat.page.locator("#first-view:focus")).to_have_count(1)
        press("Enter")
        seat.page.wait_for_url("**owner=nobody**")
        seat.context.close()

    assert seat.complaints == []
