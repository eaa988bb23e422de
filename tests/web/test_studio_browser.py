"""An analyst's first day in a real browser: draw a step, mend it, rehearse, propose, approve."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from store import tables
from tests.support.browser import axe, running_browser
from tests.web.house import ANALYST, CHIEF, MOVE, House
from tests.web.seat import Seat, served
from tests.web.studio_seat import SCENARIOS
from web import assets

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if assets.bundle("studio.js") is None:
        pytest.skip("the browser parts are not built")
    with running_browser() as browser:
        yield browser


@pytest.fixture
def address(house: House) -> Iterator[str]:
    with served(house.app) as address:
        yield address


def seated(browser: Browser, address: str, login: str) -> Seat:
    seat = Seat(browser, address, "desk", "zh-TW")
    seat.sign_in(login)
    return seat


def draw(seat: Seat) -> Page:
    """A draft of the move process, open in the editor."""
    page = seat.page
    page.goto(f"{seat.address}/definitions/P08")
    page.get_by_role("button", name="開始編修").click()
    page.get_by_role("link", name="編輯流程圖").click()
    expect(page.locator("[data-studio][data-ready]")).to_be_attached(timeout=20_000)
    return page


def insert_after_start(page: Page) -> None:
    """By keyboard and list alone: choose the start, and put a user task behind it."""
    page.locator("#outline").get_by_role("link", name="遷徙登記", exact=True).last.click()
    page.get_by_role("button", name="在這之後插入").click()
    panel = page.locator(".studio-panel")
    expect(panel.get_by_role("heading")).to_contain_text("新的使用者")  # not its id
    panel.get_by_label("名稱", exact=True).fill("初步查核")
    panel.get_by_label("英文名稱", exact=True).fill("First look")
    panel.get_by_label("英文名稱", exact=True).blur()
    expect(panel.get_by_role("heading")).to_contain_text("初步查核")


def saved(page: Page, number: int) -> None:
    page.get_by_role("button", name="儲存", exact=True).click()
    expect(page.locator(".studio-told")).to_have_text(f"已儲存為第 {number} 次。")


def test_an_analyst_adds_a_step_and_a_new_case_takes_it(
    house: House, browser: Browser, address: str
) -> None:
    old = house.file("P08", values=MOVE)
    seat = seated(browser, address, ANALYST)
    page = draw(seat)
    expect(page.locator(".bjs-powered-by")).to_be_visible()

    insert_after_start(page)
    saved(page, 2)
    findings = page.locator("#findings")
    expect(findings).to_contain_text("錯誤")
    expect(page.locator(".djs-overlays .bpmn-finding-error")).to_have_count(1)

    findings.get_by_role("link").first.click()
    panel = page.locator(".studio-panel")
    panel.get_by_label("表單", exact=True).select_option("judge-residence")
    panel.get_by_label("櫃檯").check()
    saved(page, 3)
    expect(findings).to_contain_text("檢查無誤")

    rehearse_and_propose(page)
    approve(seated(browser, address, CHIEF))

    new = house.file("P08", values=MOVE)
    assert house.task(new).name == "初步查核"
    assert house.task(old).name != "初步查核"
    assert versions(house) == {old.id: 1, new.id: 2}
    assert seat.complaints == []


def rehearse_and_propose(page: Page) -> None:
    page.get_by_role("link", name="情境").first.click()
    page.get_by_role("button", name="全部執行").click()
    expect(page.get_by_role("status").filter(has_text="個不符")).to_be_visible(timeout=60_000)
    page.get_by_label("放在").select_option("first")
    page.get_by_role("button", name="補入").click()
    expect(page.get_by_text(f"已執行 {SCENARIOS} 個，0 個不符")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="提出").first.click()
    page.get_by_label("理由").fill("先由櫃檯初步查核")
    page.get_by_role("button", name="提出新版本").click()
    expect(page.get_by_text("已提出新版本")).to_be_visible()


def approve(seat: Seat) -> None:
    page = seat.page
    page.goto(f"{seat.address}/definitions")
    page.get_by_role("link", name="P08 遷徙").first.click()
    expect(page.get_by_text("新增元件「初步查核").first).to_be_visible()
    page.get_by_role("button", name="核准上線").click()
    expect(page.get_by_text("新版本已上線")).to_be_visible()
    assert seat.complaints == []
    seat.context.close()


def versions(house: House) -> dict[object, int]:
    with house.reading() as tx:
        rows = tx.execute(
            select(tables.cases.c.id, tables.definitions.c.version).join(
                tables.definitions, tables.definitions.c.id == tables.cases.c.definition_id
            )
        )
        return {row.id: row.version for row in rows}


def test_what_was_drawn_when_the_browser_died_is_offered(browser: Browser, address: str) -> None:
    seat = seated(browser, address, ANALYST)
    page = draw(seat)
    insert_after_start(page)
    expect(page.locator(".studio-told")).to_contain_text("修改已暫存", timeout=15_000)
    editor = page.url
    page.close()

    again = seat.context.new_page()
    again.goto(editor)
    again.get_by_role("link", name="查看並決定").click()
    expect(again.get_by_text("新增元件「初步查核").first).to_be_visible()
    again.get_by_role("button", name="存成最新的一次").click()
    expect(again.get_by_text("已儲存。")).to_be_visible()


def test_two_who_draw_are_told_of_each_other(browser: Browser, address: str) -> None:
    seat = seated(browser, address, ANALYST)
    page = draw(seat)
    other = seat.context.new_page()
    other.goto(page.url)
    expect(other.locator("[data-studio][data-ready]")).to_be_attached(timeout=20_000)
    insert_after_start(page)
    saved(page, 2)

    insert_after_start(other)
    other.get_by_role("button", name="儲存", exact=True).click()

    expect(other.get_by_role("alert")).to_contain_text("已經存了第 2 次")
    expect(other.get_by_role("alert")).to_contain_text("新增元件「初步查核")
    other.get_by_role("link", name="查看差異並決定").click()
    other.get_by_role("button", name="把我的存成分支").click()
    expect(other.get_by_text("已另存為分支")).to_be_visible()


def test_what_is_no_feel_is_told_when_the_field_is_left(browser: Browser, address: str) -> None:
    seat = seated(browser, address, ANALYST)
    page = draw(seat)
    page.locator("#outline").get_by_role("link", name="受理申請", exact=True).click()
    field = page.locator(".studio-panel").get_by_label("優先順序")

    field.fill("1 +")
    field.blur()
    expect(page.locator(".studio-panel .field.bad")).to_contain_text("不是 FEEL")
    field.fill("70")
    field.blur()

    expect(page.locator(".studio-panel .field.bad")).to_have_count(0)
    assert seat.complaints == []
    seat.context.close()


def test_the_palette_offers_only_what_the_engine_runs_and_fits_a_telephone(
    browser: Browser, address: str
) -> None:
    seat = seated(browser, address, ANALYST)
    page = draw(seat)
    offered = page.locator(".djs-palette .entry[data-action^='create.']")

    names = {offered.nth(n).get_attribute("aria-label") for n in range(offered.count())}
    assert {"使用者任務", "服務任務", "業務規則任務", "互斥閘道", "平行閘道"} <= names
    assert not any("data" in (name or "").lower() for name in names)
    page.set_viewport_size({"width": 390, "height": 844})
    assert seat.sideways() <= 0
    seat.context.close()


PARTS = (
    "",
    "/diagram",
    "/limits",
    "/forms/move-entry",
    "/tables/move-documents.dmn?try=move-documents",
    "/files/package.yaml",
    "/scenarios",
    "/scenarios/show/scenarios/happy.yaml",
    "/elements/take_application",
    "/propose",
)


@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_axe_has_nothing_to_say_of_any_page_and_none_scrolls_sideways(
    house: House, browser: Browser, address: str, lang: str
) -> None:
    seat = Seat(browser, address, "telephone", lang)
    seat.sign_in(ANALYST)
    page = seat.page
    page.goto(f"{address}/definitions/P08")
    page.locator("form[action$='/draft'] button").click()
    page.wait_for_url("**/studio/**")
    draft = page.url
    found: list[str] = []
    for part in PARTS:
        page.goto(draft + part)
        if part == "/diagram":
            expect(page.locator("[data-studio][data-ready]")).to_be_attached(timeout=20_000)
        page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        found += [f"{part}: {fault}" for fault in axe(page)]
        assert seat.sideways() <= 0, part

    assert found == []
    assert seat.complaints == []
    seat.context.close()
