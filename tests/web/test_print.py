"""What comes out of the printer: black on white, without menus, buttons or what is folded in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import running_browser
from tests.web.house import CHIEF, COUNTER, House
from tests.web.seat import Seat, served
from web import assets

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if assets.bundle("page.js") is None:
        pytest.skip("the browser parts are not built")
    with running_browser() as browser:
        yield browser


def test_a_printed_page_has_no_menu_no_buttons_and_is_black_on_white(
    house: House, browser: Browser
) -> None:
    case = house.file()
    house.pass_days(9)
    with served(house.app) as address:
        seat = Seat(browser, address)
        seat.sign_in(CHIEF)
        for path in ("/overdue", f"/cases/{case.id}", "/notifications"):
            seat.open(path)
            seat.wear("dark")
            seat.page.emulate_media(media="print")

            expect(seat.page.locator("h1")).to_be_visible()
            for part in (".rail", ".top", ".foot", ".live", "button.btn", "a.btn"):
                assert not [each for each in seat.page.locator(part).all() if each.is_visible()], (
                    f"{path}: {part}"
                )
            assert style(seat, "backgroundColor") == "rgb(255, 255, 255)", path
            assert style(seat, "color") == "rgb(0, 0, 0)", path
            seat.page.emulate_media(media="screen")
        seat.context.close()


def test_a_receipt_prints_on_one_page(house: House, browser: Browser) -> None:
    case = house.file()
    with served(house.app) as address:
        seat = Seat(browser, address)
        seat.sign_in(COUNTER)
        seat.open(f"/cases/{case.id}/receipt")

        sheet = seat.page.pdf(format="A4", prefer_css_page_size=True)

        seat.context.close()
    assert sheet.count(b"/Type /Page\n") + sheet.count(b"/Type /Page ") == 1


def style(seat: Seat, name: str) -> str:
    return str(seat.page.evaluate("name => getComputedStyle(document.body)[name]", name))
