"""Counter, review and overdue desk by keyboard alone: typed for real, and how many keys it takes.

A key more than the figure here is a key too many, thousands of times a year: the tests fail if the
figure grows, and whoever makes it smaller writes the smaller one here. Chinese characters count as
one key each; what an input method needs for them is not ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from engine import deployments
from engine.cases import Filed
from engine.packages import load_library
from tests.web.house import ANALYST, CHIEF, COUNTER, LIBRARY, REVIEWER, House
from tests.web.seat import Seat
from tests.web.test_browser import address, browser
from tests.web.test_reviews import case

__all__ = ["address", "browser", "case"]
pytestmark = pytest.mark.browser
BIRTH_KEYS = 43
MOVE_KEYS = 51
ACCEPT_PAPERS_KEYS = 1
"""After the scan, which types and presses Enter by itself."""
APPROVE_KEYS = 2
"""From the worklist; reading what is approved takes no key, but for Space to see more of it."""
CHASE_KEYS = 3
REASSIGN_TWO_KEYS = 11
"""With a reason of two characters, to the first of those who can take both."""


class Typist:
    """Types, and counts every key. Never touches a mouse."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys = page, 0

    def type(self, text: str) -> Typist:
        self.page.keyboard.type(text)
        self.keys += len(text)
        return self

    def press(self, *names: str) -> Typist:
        for name in names:
            self.page.keyboard.press(name)
            self.keys += 1
        return self

    def tab(self, times: int = 1) -> Typist:
        return self.press(*["Tab"] * times)

    def on(self, name: str) -> Typist:
        """Where the focus has to be now, for the reader of the test as much as for the test."""
        expect(self.page.locator(f'[name="{name}"]:focus')).to_have_count(1)
        return self


@pytest.fixture
def seat(house: House, browser: Browser, address: str) -> Iterator[Seat]:
    seat = Seat(browser, address, "desk", "zh-TW")
    seat.sign_in(COUNTER)
    seat.open("/counter")
    yield seat
    assert seat.complaints == []
    seat.context.close()


def receipt(page: Page) -> None:
    page.wait_for_url("**/receipt")
    expect(page.locator("a:focus")).to_have_text("接著辦這一件")


def test_a_birth_with_all_papers(house: House, seat: Seat) -> None:
    typist = Typist(seat.page)

    typist.on("text").type("1").press("Enter")
    seat.page.wait_for_url("**/counter/P01")
    typist.on("papers_all").press("Space").tab(4)
    typist.on("data.applicant.name").type("陳文青").tab()
    typist.on("data.applicant.id_number").type("A123456789").tab(4)
    typist.on("applicant_relation").press("ArrowDown").tab(3)
    typist.on("data.child.birth_date").type("1150220").tab()
    typist.on("data.child.sex").press("Space").tab()
    typist.on("data.mother.name").type("林美華").press("Enter")

    receipt(seat.page)
    assert house.task_of_number("DS-115-00001").element_id == "check_identity"
    assert typist.keys == BIRTH_KEYS


def test_a_move_of_who_applies(house: House, seat: Seat) -> None:
    typist = Typist(seat.page)

    typist.on("text").type("8").press("Enter")
    seat.page.wait_for_url("**/counter/P08")
    typist.on("papers_all").press("Space").press("Tab", "Tab")
    typist.on("registration_type").tab()
    typist.on("data.mover.name").type("陳文青").tab()
    typist.on("data.mover.id_number").type("A123456789").tab()
    typist.type("示範市北區甲路1號").tab().type("示範市南區乙路2號").tab()
    typist.on("data.move.moved_on").type("1150225").tab()
    typist.on("data.applicant.name").tab().on("data.applicant.id_number").press("Enter")

    receipt(seat.page)
    assert typist.keys == MOVE_KEYS


def test_papers_that_come_are_accepted_by_a_scan_and_one_key(house: House, seat: Seat) -> None:
    case = house.file()
    house.complete(case, COUNTER, "missing", missing=["surname_agreement"])
    house.pass_days(1)
    seat.open("/counter")
    typist = Typist(seat.page)

    seat.page.keyboard.type(case.status_code)  # the scanner types, and presses Enter
    seat.page.keyboard.press("Enter")

    seat.page.wait_for_url("**/user-tasks/**")
    typist.on("papers_received_on").press("Enter")
    expect(seat.page.get_by_role("heading", level=1)).to_contain_text("查驗身分證件")
    assert house.task(case).element_id == "check_identity"
    assert typist.keys == ACCEPT_PAPERS_KEYS


def test_a_reviewer_takes_the_next_and_approves(
    house: House, case: Filed, browser: Browser, address: str
) -> None:
    with seated(browser, address, REVIEWER, "/worklist") as seat:
        typist = Typist(seat.page)

        typist.press("n")
        seat.page.wait_for_url("**/user-tasks/**")
        expect(seat.page.get_by_role("heading", name="登錄內容")).to_be_visible()
        typist.press("a")

        expect(seat.page.get_by_role("status").filter(has_text="已完成")).to_be_visible()
        assert house.task(case).element_id != "review_entry"
        assert typist.keys == APPROVE_KEYS


def test_a_chief_chases_the_case_on_top(house: House, browser: Browser, address: str) -> None:
    deploy_chases(house)
    late = house.file()
    house.pass_days(9)
    with seated(browser, address, CHIEF, "/overdue") as seat:
        typist = Typist(seat.page)

        typist.press("j", "Enter")
        seat.page.wait_for_url("**case=**")
        typist.press("c")

        expect(seat.page.locator("h1")).to_have_text("查催結果")
        expect(seat.page.locator("tbody tr")).to_contain_text(late.number)
        assert typist.keys == CHASE_KEYS


def test_a_chief_gives_two_cases_to_a_colleague(
    house: House, browser: Browser, address: str
) -> None:
    house.file()
    house.file()
    house.pass_days(9)
    with seated(browser, address, CHIEF, "/overdue") as seat:
        typist = Typist(seat.page)

        typist.press("j", "x", "j", "x", "s").tab()
        typist.on("person").press("ArrowDown").tab()
        typist.on("reason").type("支援").press("Enter")

        done = seat.page.locator("tbody tr").filter(has_text="完成")
        expect(done).to_have_count(2)
        assert typist.keys == REASSIGN_TWO_KEYS


def deploy_chases(house: House) -> None:
    with house.db.transaction() as tx:
        library, analyst = load_library(LIBRARY), house.actor(ANALYST)
        deployments.deploy(tx, library, "C13", analyst, house.clock.now())


@contextmanager
def seated(browser: Browser, address: str, login: str, path: str) -> Iterator[Seat]:
    seat = Seat(browser, address, "desk", "zh-TW")
    seat.sign_in(login)
    seat.open(path)
    yield seat
    assert seat.complaints == []
    seat.page.close()
    seat.context.close()


def test_an_id_number_and_a_date_say_at_once_what_is_wrong(seat: Seat) -> None:
    seat.open("/counter/P01")
    page = seat.page

    page.locator('[name="data.applicant.id_number"]').fill("A123456788")
    page.keyboard.press("Tab")
    told = page.locator("#f-data-applicant-id_number-check")
    expect(told).to_contain_text("統一編號或統一證號不正確")
    page.locator('[name="data.applicant.id_number"]').fill("A123456789")
    page.keyboard.press("Tab")
    expect(told).to_contain_text("檢查碼相符")

    page.locator('[name="data.child.birth_date"]').fill("1150220")
    page.keyboard.press("Tab")
    expect(page.locator("#f-data-child-birth_date-check")).to_contain_text(
        "115 年 2 月 20 日（五）"
    )


def test_what_is_typed_is_kept_while_it_is_typed_and_found_after_a_reload(seat: Seat) -> None:
    seat.open("/counter/P01")
    page = seat.page

    page.locator('[name="data.applicant.name"]').click()
    page.keyboard.type("陳文青")
    expect(page.locator("#draft-state")).to_contain_text("已存")
    page.wait_for_url("**/counter/P01?draft=*")
    page.reload()

    expect(page.locator('[name="data.applicant.name"]')).to_have_value("陳文青")


def test_the_ground_changes_papers_and_fields_in_place(seat: Seat) -> None:
    seat.open("/counter/P01")
    page = seat.page
    page.locator('[name="data.mother.name"]').fill("林美華")

    page.get_by_label("由受委託人申請").check()

    expect(page.locator("#paper-power_of_attorney")).to_be_visible()
    expect(page.locator('[name="data.mother.name"]')).to_have_value("林美華")
