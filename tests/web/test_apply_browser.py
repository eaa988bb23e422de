"""Filing a death online on a telephone, in a real browser with its scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from agencies.sandbox import PIN
from tests.support.browser import axe, running_browser
from tests.web import test_apply
from tests.web.house import House
from tests.web.seat import Seat, served, untold

pytestmark = pytest.mark.browser
portal = test_apply.portal
nobody_has_tried = test_apply.nobody_has_tried


@pytest.fixture
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


def looked_at(seat: Seat) -> None:
    assert axe(seat.page) == []
    assert seat.sideways() <= 0
    assert untold(seat, "") == []


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label).click()


def test_a_death_is_filed_from_a_telephone(portal: House, browser: Browser) -> None:
    with served(portal.app) as address:
        seat = Seat(browser, address, "telephone")
        page = seat.page
        seat.open("/apply")
        looked_at(seat)
        page.get_by_role("link", name="死亡、死亡宣告登記").first.click()
        looked_at(seat)
        page.get_by_label("國民身分證統一編號").fill(test_apply.ME)
        page.get_by_label("模擬憑證的 PIN 碼").fill(PIN)
        press(page, "以模擬憑證簽章")
        looked_at(seat)
        press(page, "驗證並填寫申請書")
        looked_at(seat)

        for name, value in test_apply.DEATH.items():
            field = page.locator(f'[name="{name}"]').first
            if field.evaluate("each => each.tagName") == "SELECT":
                field.select_option(value)
            elif field.get_attribute("type") == "checkbox":
                field.check()
            else:
                field.fill(value)
        page.get_by_label("遺有配偶").check()  # with scripts the next field comes at once
        expect(page.get_by_label("配偶同時換領國民身分證")).to_be_visible()
        press(page, "核對內容")
        expect(page.get_by_role("heading", name="核對後送出")).to_be_visible()
        expect(page.get_by_text("115-02-20").or_(page.get_by_text("115/2/20"))).to_be_visible()
        assert page.locator("dd", has_text="張範例").bounding_box()["width"] > 100
        looked_at(seat)
        press(page, "送出申請")

        expect(page.locator(".number")).to_contain_text("115")
        looked_at(seat)
        assert seat.complaints == []
