"""An open page in a real browser: it tells what is new, never moves, and loses nothing typed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import running_browser
from tests.web.house import CHIEF, COUNTER, House
from tests.web.seat import Seat, served
from web import assets

pytestmark = pytest.mark.browser
SOON = 'dispatchEvent(new Event("online"))'
"""What makes a page ask at once, instead of the test waiting for its twenty seconds."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if assets.bundle("page.js") is None:
        pytest.skip("the browser parts are not built")
    with running_browser() as browser:
        yield browser


@pytest.fixture
def clerk(house: House, browser: Browser) -> Iterator[Seat]:
    with served(house.app) as address:
        seat = Seat(browser, address)
        seat.sign_in(COUNTER)
        yield seat
        seat.context.close()


def test_new_rows_are_told_and_come_when_asked_for(house: House, clerk: Seat) -> None:
    house.file()
    clerk.open("/worklist?tab=group")
    rows = clerk.page.locator("tbody tr[data-row]")
    box = rows.first.locator("input[type=checkbox]")
    box.check()
    place = rows.first.bounding_box()

    house.file()
    house.file()
    clerk.page.evaluate(SOON)

    bar = clerk.page.locator("#live")
    expect(bar).to_contain_text("新增 2 筆")
    expect(rows).to_have_count(1)
    assert rows.first.bounding_box() == place

    bar.get_by_role("button", name="顯示").click()

    expect(rows).to_have_count(3)
    expect(clerk.page.locator("tbody input:checked")).to_have_count(1)
    expect(bar).to_contain_text("清單已更新")
    assert clerk.complaints == []


def test_the_figure_in_the_menu_follows(house: House, clerk: Seat) -> None:
    clerk.open("/keys")
    figure = clerk.page.locator(".rail [data-count=worklist]")
    expect(figure).to_be_hidden()

    house.claim(house.file(), COUNTER)
    clerk.page.evaluate(SOON)

    expect(figure).to_have_text("1")


def test_a_hidden_tab_does_not_ask(house: House, clerk: Seat) -> None:
    asked: list[str] = []
    clerk.page.on("request", lambda sent: asked.append(sent.url) if "/live" in sent.url else None)
    clerk.page.clock.install()
    clerk.open("/worklist?tab=group")
    hide = "Object.defineProperty(document, 'hidden', {get: () => %s, configurable: true});"
    tell = "document.dispatchEvent(new Event('visibilitychange'))"

    clerk.page.evaluate(hide % "true" + tell)
    clerk.page.clock.fast_forward("10:00")
    while_hidden = len(asked)
    with clerk.page.expect_response("**/live*"):
        clerk.page.evaluate(hide % "false" + tell)

    assert while_hidden == 0
    assert len(asked) == 1


def test_a_lost_connection_is_told_and_forgotten_when_it_is_back(house: House, clerk: Seat) -> None:
    clerk.open("/worklist?tab=group")
    clerk.page.route("**/live*", lambda route: route.abort())

    clerk.page.evaluate(SOON)
    clerk.page.wait_for_timeout(100)
    clerk.page.evaluate(SOON)
    expect(clerk.page.locator("#live")).to_contain_text("連線中斷")

    clerk.page.unroute("**/live*")
    clerk.page.evaluate(SOON)
    expect(clerk.page.locator("#live")).to_be_empty()


def test_an_expired_sign_in_is_told_and_what_was_typed_is_sent_after_signing_in_again(
    house: House, clerk: Seat
) -> None:
    case = house.file()
    task = house.claim(case, COUNTER)
    clerk.open(f"/user-tasks/{task.id}")
    reason = clerk.page.locator('[name="reason"]')
    reason.fill("缺出生證明正本")
    house.wall_clock.move(timedelta(minutes=16))

    clerk.page.evaluate(SOON)
    bar = clerk.page.locator("#live")
    expect(bar).to_contain_text("登入已逾時")
    clerk.page.get_by_role("button", name="不合規定").click()
    expect(reason).to_have_value("缺出生證明正本")
    expect(bar.get_by_role("link")).to_be_focused()

    with clerk.context.expect_page() as opened:
        bar.get_by_role("link").click()
    opened.value.locator(f'button[value="{COUNTER}"]').click()
    opened.value.wait_for_url(lambda url: "sign-in" not in url)
    opened.value.close()
    clerk.page.evaluate(SOON)
    expect(bar).to_be_empty()
    clerk.page.get_by_role("button", name="不合規定").click()

    expect(clerk.page.locator("main .flash")).to_contain_text("已完成")


def test_rows_are_walked_ticked_and_opened_by_keys_alone(house: House, clerk: Seat) -> None:
    house.file()
    house.file()
    clerk.open("/worklist?tab=group")
    press = clerk.page.keyboard.press
    links = clerk.page.locator("tbody a.main-link")

    press("j")
    expect(links.nth(0)).to_be_focused()
    press("j")
    press("x")
    expect(links.nth(1)).to_be_focused()
    expect(clerk.page.locator("tbody tr").nth(1).locator("input:checked")).to_have_count(1)
    press("k")
    press("Enter")
    clerk.page.wait_for_url("**/user-tasks/*")
    press("?")
    clerk.page.wait_for_url("**/keys")
    press("/")
    press("j")

    expect(clerk.page.locator("#find")).to_have_value("j")


def test_keys_that_were_turned_off_do_nothing(house: House, clerk: Seat) -> None:
    house.file()
    clerk.open("/keys")
    clerk.page.get_by_role("button", name="關閉單鍵快速鍵").click()
    clerk.open("/worklist?tab=group")

    clerk.page.keyboard.press("j")
    clerk.page.keyboard.press("/")

    expect(clerk.page.locator("tbody a.main-link:focus")).to_have_count(0)
    expect(clerk.page.locator("#find")).not_to_be_focused()


def test_a_menu_closes_by_escape_and_when_it_is_left(house: House, browser: Browser) -> None:
    with served(house.app) as address:
        chief = Seat(browser, address, "telephone")
        chief.sign_in(CHIEF)
        menu = chief.page.locator("details.menu")
        summary = menu.locator("summary")
        summary.click()
        expect(menu.get_by_role("link", name="逾期督導")).to_be_visible()

        chief.page.keyboard.press("Escape")
        expect(menu.get_by_role("link", name="逾期督導")).to_be_hidden()
        expect(summary).to_be_focused()
        summary.click()
        chief.page.locator("#find").focus()

        expect(menu.get_by_role("link", name="逾期督導")).to_be_hidden()
        chief.context.close()
