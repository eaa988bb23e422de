"""The pages that move cases and change their steps, in a real browser: axe, both themes, narrow."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from engine import deployments, migrations_work
from engine.packages import load_library
from tests.support.browser import axe, running_browser
from tests.web.house import ANALYST, CHIEF, LIBRARY, House
from tests.web.seat import Seat, served
from web import assets

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if assets.bundle("page.js") is None:
        pytest.skip("the browser parts are not built")
    with running_browser() as browser:
        yield browser


@pytest.fixture
def two_versions(house: House, tmp_path: Path) -> House:
    """A case on version 1, and a version 2 in which its step has another name."""
    folder = tmp_path / "library"
    shutil.copytree(LIBRARY, folder)
    house = House(house.db, library=folder)
    house.file()
    file = folder / "registration" / "birth" / "birth.bpmn"
    content = file.read_text("utf-8")
    file.write_text(content.replace('name="出生登記"', 'name="出生登記（新）"'), "utf-8")
    with house.db.transaction() as tx:
        deployments.deploy(tx, load_library(folder), "P01", house.actor(ANALYST), house.clock.now())
    return house


def faults(seat: Seat) -> list[str]:
    found = []
    seat.page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
    for theme in ("light", "dark"):
        seat.wear(theme)
        found += axe(seat.page)
    seat.page.set_viewport_size({"width": 320, "height": 844})
    if seat.sideways() > 0:
        found.append(f"{seat.page.url} scrolls sideways by {seat.sideways()} px")
    seat.page.set_viewport_size({"width": 1366, "height": 768})
    return found


@pytest.mark.parametrize(("lang", "start"), [("zh-TW", "開始試算"), ("en", "Begin the dry run")])
def test_a_plan_is_made_on_pages_without_fault(
    two_versions: House, browser: Browser, lang: str, start: str
) -> None:
    with served(two_versions.app) as address:
        seat = Seat(browser, address, lang=lang)
        seat.sign_in(ANALYST)
        seat.open("/definitions/P01/move")
        found = faults(seat)
        seat.page.get_by_role("textbox").last.fill("law")
        seat.page.get_by_role("button", name=start).click()
        seat.page.wait_for_url("**/migrations/*")
        found += faults(seat)
        plan = seat.page.url.removeprefix(address)
        seat.context.close()
        chief = Seat(browser, address, lang=lang)
        chief.sign_in(CHIEF)
        chief.open(plan)
        found += faults(chief)
        found += [*seat.complaints, *chief.complaints]
        chief.context.close()

    assert found == []


def test_a_plan_that_is_carried_out_is_followed_on_the_open_page(
    two_versions: House, browser: Browser
) -> None:
    two_versions.file()
    with served(two_versions.app) as address:
        analyst = Seat(browser, address, lang="en")
        analyst.sign_in(ANALYST)
        analyst.open("/definitions/P01/move")
        analyst.page.get_by_role("textbox").last.fill("law")
        analyst.page.get_by_role("button", name="Begin the dry run").click()
        analyst.page.wait_for_url("**/migrations/*")
        plan = analyst.page.url.removeprefix(address)
        analyst.context.close()
        chief = Seat(browser, address, lang="en")
        chief.sign_in(CHIEF)
        chief.open(plan)
        chief.page.get_by_role("button", name="Approve and begin").click()
        expect(chief.page.get_by_role("progressbar")).to_have_attribute("value", "0")

        migrations_work.advance_next(two_versions.db, two_versions.clock.now())
        expect(chief.page.get_by_role("progressbar")).to_have_attribute(
            "value", "1", timeout=60_000
        )
        while migrations_work.advance_next(two_versions.db, two_versions.clock.now()):
            pass

        expect(chief.page.get_by_role("progressbar")).to_have_count(0, timeout=60_000)
        expect(chief.page.locator("h1")).to_contain_text("Done")
        assert chief.complaints == []
        chief.context.close()


@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_steps_are_changed_on_pages_without_fault(
    house: House, browser: Browser, lang: str
) -> None:
    case = house.file()
    found = []
    with served(house.app) as address:
        seat = Seat(browser, address, lang=lang)
        seat.sign_in(CHIEF)
        seat.open(f"/cases/{case.id}/steps")
        found += faults(seat)
        deeds = seat.page.locator("td.acts a").evaluate_all(
            "all => all.map(a => a.getAttribute('href'))"
        )
        assert len(deeds) >= 5
        for path in deeds:
            seat.open(path)
            found += faults(seat)
        found += seat.complaints
        seat.context.close()

    assert found == []
