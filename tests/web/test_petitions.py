"""Petitions: who reads a secret one, how far the petitioner sees it come, what an extension may
do, and the list for the control meeting."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import deployments
from engine.cases import Filed
from engine.errors import Conflict
from engine.packages import load_library
from sla import extensions
from sla.extension_law import Longer
from sla.spans import Unit
from store.tables import clocks, notices
from tests.web.house import ANALYST, CHIEF, COUNTER, LIBRARY, REVIEWER, House
from tests.web.visitor import Visitor
from web import citizen_status

OFFICER, DIRECTOR = "petition.zhou", "director.wu"
SUGGESTION: Mapping[str, Any] = {
    "petition_source": "letter",
    "petition_kind": "suggestion",
    "petition_matter": "service",
    "data.applicant.name": "陳示範",
    "data.contact.phone": "0912-345-678",
    "contact": "sms",
    "data.petition.subject": "等候過久",
    "data.petition.content": "星期一上午等候逾一小時。",
}
SECRET = {**SUGGESTION, "petition_kind": "misconduct", "keep_secret": "true"}
REPLY = {"data__reply__facts": "已調閱叫號紀錄", "data__reply__text": "已增設櫃檯。"}


@pytest.fixture(autouse=True)
def nobody_has_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(citizen_status, "_tries", citizen_status.Tries(citizen_status.TRIES))


@pytest.fixture
def house(house: House) -> House:
    with house.db.transaction() as tx:
        deployments.deploy(
            tx, load_library(LIBRARY), "P50", house.actor(ANALYST), house.clock.now()
        )
    return house


def routed(house: House, case: Filed) -> None:
    house.complete(
        case, OFFICER, "accept", has_content=True, is_named=True, section="administration"
    )


def answered(house: House, case: Filed, *, sheet: bool) -> None:
    routed(house, case)
    house.complete(
        case, OFFICER, "draft", well_founded="founded", officer_title="示範課員 分機 21", **REPLY
    )
    house.complete(case, CHIEF, "approve", sheet_wanted=sheet, data__reply__text="已增設櫃檯。")


def status_page(house: House, case: Filed, proof: str = "5678") -> Visitor:
    return house.visitor().open(f"/status/{case.status_code}").press("查詢", proof=proof)


def test_the_petitioner_sees_how_far_it_has_come_with_the_telephone_as_proof(house: House) -> None:
    case = house.file("P50", OFFICER, SUGGESTION)

    at_first = status_page(house, case).main
    routed(house, case)
    later = " ".join(status_page(house, case).main.split())

    assert "【辦理中】 陳情專人登記、分案並列管" in " ".join(at_first.split())
    assert "【已完成】 陳情專人登記、分案並列管" in later
    assert "【辦理中】 承辦課室查明事實" in later
    assert "陳示範" not in later
    assert status_page(house, case, "0000").status == 422


def test_the_ordinary_limit_is_what_the_petitioner_is_told_not_the_outer_one(house: House) -> None:
    case = house.file("P50", OFFICER, SUGGESTION)

    assert "115 年 3 月 10 日" in status_page(house, case).main


def test_a_secret_petition_is_seen_by_who_registered_it_the_chief_and_the_director(
    house: House,
) -> None:
    case = house.file("P50", OFFICER, SECRET)

    seen = {
        login: house.sign_in(login).open(f"/cases/{case.id}").status
        for login in (OFFICER, CHIEF, DIRECTOR, COUNTER, REVIEWER)
    }

    assert seen == {OFFICER: 200, CHIEF: 200, DIRECTOR: 200, COUNTER: 404, REVIEWER: 404}


def test_a_petition_that_is_no_secret_is_seen_by_the_office(house: House) -> None:
    case = house.file("P50", OFFICER, SUGGESTION)

    assert house.sign_in(COUNTER).open(f"/cases/{case.id}").status == 200


def extend(house: House, case: Filed, days: int, name: str = "ordinary") -> None:
    with house.db.transaction() as tx:
        clock = tx.execute(
            select(clocks.c.id).where(clocks.c.case_id == case.id, clocks.c.name == name)
        ).scalar_one()
        longer = Longer(days, Unit.WORKING_DAY, "須函詢他機關")
        extensions.extend(tx, clock, longer, house.actor(CHIEF), house.clock.now())


def test_an_extension_is_told_in_writing_with_the_ground_of_petitions(house: House) -> None:
    case = house.file("P50", OFFICER, SUGGESTION)

    extend(house, case, 6)

    with house.reading() as tx:
        letter = tx.execute(
            select(notices.c.id).where(notices.c.case_id == case.id, notices.c.kind == "extension")
        ).scalar_one()
    page = house.sign_in(CHIEF).open(f"/notices/{letter}")
    assert "行政程序法第 171 條（人民陳情；最長不逾 30 日）" in page.main
    assert "115 年 3 月 18 日" in status_page(house, case).main


def test_no_extension_takes_a_petition_beyond_thirty_days(house: House) -> None:
    # Twice six working days fit into thirty days but where the office was closed for long; here
    # the outer limit is drawn nearer instead.
    case = house.file("P50", OFFICER, SUGGESTION)
    with house.db.transaction() as tx:
        outer = clocks.c.case_id == case.id, clocks.c.name == "outer"
        first = tx.execute(
            select(clocks.c.due_at, clocks.c.due_on).where(
                clocks.c.case_id == case.id, clocks.c.name == "ordinary"
            )
        ).one()
        tx.execute(update(clocks).where(*outer).values(due_at=first.due_at, due_on=first.due_on))

    with pytest.raises(Conflict) as refused:
        extend(house, case, 6)

    assert refused.value.code == "clock.over_thirty_days"


def test_the_thirty_days_themselves_are_never_extended(house: House) -> None:
    case = house.file("P50", OFFICER, SUGGESTION)

    with pytest.raises(Conflict) as refused:
        extend(house, case, 1, "outer")

    assert refused.value.code == "clock.outer_limit"


def test_the_meeting_sees_what_is_open_what_is_late_and_what_it_led_to(house: House) -> None:
    late = house.file("P50", OFFICER, SUGGESTION)
    mended = house.file("P50", OFFICER, {**SUGGESTION, "petition_source": "hotline_1999"})
    secret = house.file("P50", OFFICER, SECRET)
    answered(house, mended, sheet=True)
    house.complete(
        mended,
        OFFICER,
        cause_class="process",
        cause="尖峰櫃檯不足",
        correction="增設一櫃",
        prevention="每週檢視",
        measure_owner="登記課課長",
        follow_up_on="2026-04-01",
    )
    house.pass_days(10)

    page = house.sign_in(CHIEF).open("/petitions")
    told = " ".join(page.main.split())

    assert f"{late.number} " in told
    assert "逾期未答復" in told
    assert "期限內辦畢有理由" in told
    assert "1999 市民專線" in told
    assert "尖峰櫃檯不足" in told
    assert "陳示範" not in told
    assert secret.number in told
    counters = house.sign_in(COUNTER).open("/petitions")
    assert counters.status == 403
    content = house.sign_in(CHIEF).open("/petitions.ods").response.data
    with zipfile.ZipFile(io.BytesIO(content)) as sheet:
        assert "尖峰櫃檯不足" in sheet.read("content.xml").decode()


def test_a_secret_petition_is_on_the_list_of_those_only_who_may_see_it(house: House) -> None:
    secret = house.file("P50", COUNTER, SECRET)

    assert secret.number in house.sign_in(CHIEF).open("/petitions").main
    assert secret.number not in house.sign_in(OFFICER).open("/petitions").main
