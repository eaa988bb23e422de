"""Somebody moves in: a look-up instead of a paper, a doubt about the residence, five agencies."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from tests.journeys import matters
from tests.journeys.matters import CHIEF, CLERK, REVIEWER
from tests.support.http_driver import CaseOverHttp, DemoOffice, at_taipei

pytestmark = pytest.mark.slow
CONSENTED = ("tax", "motor_vehicle", "water")
PERSON = {"case_number", "name", "id_number"}


def test_a_move_is_checked_on_the_spot_and_told_to_those_who_may_know(office: DemoOffice) -> None:
    monday = office.begin_week()
    case = file_move(office)
    assert case.due() == at_taipei(monday + timedelta(days=3), time(17))

    a_look_up_replaces_the_title_deed(case)
    the_residence_is_checked(case)
    matters_are_entered_and_reviewed(case)
    agencies_are_told(office, case)
    matters.file_papers(case)

    seen = case.look()
    assert (seen["status"], seen["outcome"]) == ("closed", "registered")
    assert [row["status"] for row in seen["clocks"] if row["name"] == "processing"] == ["met"]
    assert "陳示範 review_entry" in case.deeds()


def file_move(office: DemoOffice) -> CaseOverHttp:
    mover = {"name": "陳示範", "id_number": "A123456789"}
    values = {
        "report_source": "none",
        "registration_type": "move_in",
        "applicant_relation": "self",
        "contact": "sms",
        "title_proof": "look_up",
        "people": 2,
        "renew_cards": True,
        "booklet_copies": 1,
        "foreign_spouse": True,
    }
    data = {
        "mover": mover,
        "move": {
            "old_address": "示範市東區示範路1號",
            "new_address": "示範市南區測試街2號",
            "moved_on": matters.iso(office.today - timedelta(days=100)),
        },
        "applicant": {**mover, "mailing_address": "示範市南區測試街2號"},
        "contact": {"phone": "0912-345-678"},
        "owner": mover,
    }
    return office.file("P08", CLERK, values, data)


def a_look_up_replaces_the_title_deed(case: CaseOverHttp) -> None:
    case.complete("check_papers", CLERK, "complete", missing=[])
    case.complete("check_identity", CLERK, "confirmed", id_paper="id_card")
    case.complete("compare_face", CLERK, face_score=93, photo_age=3)
    case.wait_for("judge_residence")

    (asked,) = case.look()["outbox"]
    assert (asked["operation"], asked["peer"]) == ("agency.look_up", "land")
    (answered,) = case.history("notification.answered")
    assert answered["detail"]["agency"] == "land"


def the_residence_is_checked(case: CaseOverHttp) -> None:
    day = matters.iso(case.office.today)
    why = "同址戶數異常"
    case.complete("judge_residence", CLERK, "doubtful", residence_note=why)
    case.complete("assign_visit", CHIEF, visit_reason=why, visit_company=["neighbourhood_head"])
    case.complete(
        "visit_address", "counter.gao", "lives_there", visited_on=day, visit_note="有居住事實"
    )
    case.complete("confirm_visit", CHIEF, "lives_there")
    case.complete("decide_residence", CHIEF, "accept", refusal_reason="查實居住，受理")


def matters_are_entered_and_reviewed(case: CaseOverHttp) -> None:
    moved_on = matters.iso(case.office.today - timedelta(days=100))
    case.complete(
        "enter_move",
        CLERK,
        data={"move": {"new_address": "示範市南區測試街2號", "moved_on": moved_on}},
        household_number="D0005678",
        record_note="遷入登記。",
    )
    matters.pay_at_counter(case)
    case.complete("self_check", CLERK, **matters.SELF_CHECK)
    case.complete("review_entry", REVIEWER, "approve")


def agencies_are_told(office: DemoOffice, case: CaseOverHttp) -> None:
    office.trouble("tax", fail=2)
    office.trouble("water", answer_first=True, duplicate=1)
    case.complete(
        "print_documents",
        CLERK,
        cards_renewed=2,
        booklets_printed=1,
        land_tax_desk=False,
        services_told=True,
    )
    consented = [f"{agency}:household_change" for agency in CONSENTED]
    # The tax office is told both addresses, the motor vehicle office the registered one alone.
    addresses = [
        *("tax:household_change:registered", "tax:household_change:mailing"),
        "motor_vehicle:household_change:registered",
    ]
    agreed = {"consented": consented, "addresses_told": addresses}
    case.complete("ask_consent", CLERK, data={"consent": {"signed": True}}, **agreed)
    case.wait_until_tried("tax", 1)
    office.pass_time(timedelta(minutes=1))
    case.wait_until_tried("tax", 2)
    office.pass_time(timedelta(minutes=2))
    case.wait_for("scan_papers")

    told = office.received(case)
    assert {agency: told[agency]["effects"] for agency in told} == dict.fromkeys(
        (*CONSENTED, "immigration", "land"), 1
    )
    assert told["tax"]["statuses"] == [500, 500, 202]
    moved = PERSON | {"old_address", "new_address", "mailing_address"}
    assert {agency: set(told[agency]["fields"]) for agency in told} == {
        "tax": moved,
        "motor_vehicle": moved - {"mailing_address"},
        "water": PERSON | {"new_address"},
        "immigration": PERSON | {"new_address"},  # by duty: the spouse is a foreigner
        "land": {"case_number", "address", "id_number"},  # the look-up
    }
    # The water company said it twice; it was heard once.
    assert len(case.history("notification.confirmed")) == 4
