"""Reviewing an entry: what stands side by side, and what happens when the reason is left out."""

from __future__ import annotations

import pytest

from engine.cases import Filed
from tests.web.house import COUNTER, REVIEWER, House
from tests.web.visitor import Visitor

REASON = "出生別誤繕"


@pytest.fixture
def case(house: House) -> Filed:
    """A birth that waits for its review."""
    case = house.file()
    house.complete(case, COUNTER, "complete", missing=[])
    house.complete(case, COUNTER, "confirmed", id_paper="id_card")
    house.complete(
        case,
        COUNTER,
        "agreed",
        data__child__surname="陳",
        surname_from="father",
        agreement_signed=True,
    )
    _enter(house, case)
    return case


def _enter(house: House, case: Filed) -> None:
    """The entry and the recorder's own check; no booklet, so there is no fee."""
    _record(house, case)
    checks = dict.fromkeys(("names_checked", "records_checked", "signatures_checked"), True)
    house.complete(case, COUNTER, **checks)


def _record(house: House, case: Filed) -> None:
    house.complete(
        case,
        COUNTER,
        data__child__name="陳小文",
        data__child__id_number="A223456781",
        data__child__birth_date="115/2/20",
        data__child__birth_place="示範市",
        birth_order="first_daughter",
        household_number="D0001234",
        record_note="在示範市出生，父母申登。",
    )


def review(house: House, case: Filed) -> Visitor:
    house.claim(case, by=REVIEWER)
    return house.sign_in(REVIEWER).open(f"/user-tasks/{house.task(case).id}")


def test_a_return_without_its_reason_leads_to_the_field_that_is_missing(
    house: House, case: Filed
) -> None:
    reviewer = review(house, case)
    assert "必填）（選填）" not in reviewer.main.replace(" ", "")

    reviewer.press("退回")

    assert reviewer.status == 422
    (focused,) = reviewer.page.xpath("//main//*[@autofocus]")
    assert focused.get("name") == "error_class"
    assert focused.get("aria-invalid") == "true"


def test_what_reviewers_said_is_no_part_of_the_entry_they_compare(
    house: House, case: Filed
) -> None:
    review(house, case).press("退回", error_class="typing", return_reason=REASON)
    _enter(house, case)

    reviewer = review(house, case)

    compared = reviewer.page.xpath("//table[contains(@class, 'compare')]")[0].text_content()
    assert "陳小文" in compared
    assert REASON not in compared
    assert "note:" not in compared
    assert "錯誤類別" not in compared


def test_the_recorder_checks_the_whole_entry_beside_its_papers(house: House) -> None:
    case = house.file()
    house.complete(case, COUNTER, "complete", missing=[])
    house.complete(case, COUNTER, "confirmed", id_paper="id_card")
    surname = {"surname_from": "father", "agreement_signed": True, "data__child__surname": "陳"}
    house.complete(case, COUNTER, "agreed", **surname)
    _record(house, case)
    assert house.task(case).element_id == "self_check"
    address = f"/user-tasks/{house.task(case).id}"
    before = house.sign_in("counter.gao").open(address)
    assert "陳小文" not in before.main
    assert "陳○文" in before.main

    house.claim(case, by=COUNTER)
    clerk = house.sign_in(COUNTER).open(address)

    (compared,) = clerk.page.xpath("//table[contains(@class, 'compare')]")
    told = " ".join(compared.text_content().split())
    assert "陳小文" in told
    assert "A223456781" in told
    assert "115/2/20" in told
    assert "在示範市出生，父母申登" in told
    (papers,) = clerk.page.xpath("//*[@id='papers']//tbody")
    assert "出生證明" in papers.text_content()
    assert "已備" in papers.text_content()
