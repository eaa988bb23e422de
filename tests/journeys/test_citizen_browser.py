"""An applicant at home: what to bring, and how the case stands; with and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys import matters
from tests.journeys.desks import Desk, seated
from tests.support.http_driver import CaseOverHttp, DemoOffice

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("patience")]
WORD = {"zh-TW": "搬家", "en": "moving house"}
LAST_FOUR = "6781"


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_an_applicant_reads_what_to_bring_and_how_the_case_stands(
    office: DemoOffice, browser: Browser, lang: str, scripts: bool
) -> None:
    case = matters.file_birth(office)
    with seated(browser, office, lang, size="telephone", scripts=scripts) as desk:
        what_to_bring_is_found_by_an_everyday_word(desk)
        how_the_case_stands(desk, case)
        if scripts:  # one address may ask ten times in five minutes
            a_wrong_code_and_a_wrong_number_get_the_same_answer(desk, case)


def what_to_bring_is_found_by_an_everyday_word(desk: Desk) -> None:
    desk.open("/sign-in")
    desk.follow("procedures.to_procedures")
    desk.look()
    desk.enter({"q": WORD[desk.lang]})
    desk.press("procedures.find")
    desk.look()
    found = desk.page.locator("main .entries a")
    expect(found).to_have_count(1)
    found.click()

    for part in ("who", "papers", "time", "fees", "steps", "missing", "afterwards"):
        desk.sees(f"procedures.{part}")
    desk.look()


def how_the_case_stands(desk: Desk, case: CaseOverHttp) -> None:
    desk.follow("procedures.to_status", desk.page.locator("main"))
    desk.look()
    answer = asked(desk, case.status_code, LAST_FOUR)

    assert case.number in answer
    assert desk.words("citizen.status_active") in answer
    for personal in ("陳示範", "A223456781", "0912-345-678", "示範路"):
        assert personal not in answer
    desk.look()


def a_wrong_code_and_a_wrong_number_get_the_same_answer(desk: Desk, case: CaseOverHttp) -> None:
    wrong_number = asked(desk, case.status_code, "0000")
    wrong_code = asked(desk, "7K2M9QXA7K2M9QXA", LAST_FOUR)

    assert desk.words("citizen.wrong") in wrong_number
    assert wrong_number == wrong_code
    desk.look()


def asked(desk: Desk, code: str, proof: str) -> str:
    desk.open("/status")
    desk.enter({"code": code, "proof": proof})
    desk.press("citizen.ask")
    expect(desk.page.locator("main .answer, main .errors")).to_be_visible()
    return " ".join(desk.page.locator("main").inner_text().split())
