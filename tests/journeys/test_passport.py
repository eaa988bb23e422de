"""A first passport in one stop: the clock runs from payment; e-Gate, BOCA, pick-up."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from tests.journeys import matters
from tests.journeys.matters import CLERK, RECORDS, REVIEWER
from tests.support.http_driver import CaseOverHttp, DemoOffice, at_taipei

pytestmark = pytest.mark.slow
PERSON = {"name", "id_number", "birth_date", "photo_reference"}
BOCA = PERSON | {
    *("case_number", "english_name", "representative_name", "paid_on", "fee", "delivery"),
}


def test_a_passport_is_paid_for_made_and_picked_up(office: DemoOffice) -> None:
    office.begin_week(weeks=4)
    case = file_passport(office)

    entered_and_reviewed(case)
    the_period_runs_from_payment(office, case)
    boca_and_the_gates_are_told(office, case)
    it_arrives_and_is_picked_up(office, case)

    seen = case.look()
    assert (seen["status"], seen["outcome"]) == ("closed", "issued")


def file_passport(office: DemoOffice) -> CaseOverHttp:
    values = {
        "service": "one_stop",
        "contact": "sms",
        "no_former_passport": True,
        "delivery": "pick_up",
        "wants_e_gate": True,
        "height_cm": 168,
    }
    data = {
        "applicant": {
            "name": "許示範",
            "id_number": "A123456789",
            "birth_date": "2001-05-04",
            "mailing_address": "示範市東區示範路3號",
        },
        "contact": {"phone": "0912-345-678"},
    }
    return office.file("P30", RECORDS, values, data)


def entered_and_reviewed(case: CaseOverHttp) -> None:
    case.complete("check_papers", CLERK, "complete", missing=[])
    case.complete("check_identity", CLERK, "confirmed", id_paper="id_card")
    case.complete("compare_face", CLERK, face_score=95, photo_age=2)
    case.complete("capture_face", RECORDS, capture_reference="F-0001", capture_agreed=True)
    entry = {"english_name": "HSU, SHIH-FAN", "photo_reference": "PH-0001"}
    case.complete(
        "enter_application",
        RECORDS,
        data={"applicant": entry},
        consent_signed=True,
        scanned_pages=3,
    )
    case.complete("self_check", RECORDS, **matters.SELF_CHECK)
    case.complete("review_entry", REVIEWER, "approve")


def the_period_runs_from_payment(office: DemoOffice, case: CaseOverHttp) -> None:
    case.complete("collect_fee", RECORDS, "slip", receipt_channel="email")
    assert "processing" not in {row["name"] for row in case.look()["clocks"]}

    office.come_in(office.today + timedelta(days=2))
    paid_on = office.today
    case.complete(
        "wait_payment",
        RECORDS,
        paid_on=matters.iso(paid_on),
        payment_means="convenience_store",
        payment_reference="P-0001",
    )

    clock = case.clock()
    assert clock["rule_id"] == "PASSPORT_ONESTOP"
    assert clock["started_on"] == matters.iso(paid_on)
    assert case.due() == at_taipei(office.working_day_after(paid_on, 14), time(17))
    assert case.clock("counter")["status"] == "met"
    assert case.look()["variables"]["amount"] == 1300


def boca_and_the_gates_are_told(office: DemoOffice, case: CaseOverHttp) -> None:
    case.wait_for("ask_consent", *(task for task in case.open_tasks() if task != "ask_consent"))
    case.complete(
        "ask_consent",
        RECORDS,
        data={"consent": {"signed": True}},
        consented=["immigration:e_gate_registration"],
    )
    case.wait_for("wait_passport")

    told = office.received(case)
    assert {agency: told[agency]["effects"] for agency in told} == {"boca": 1, "immigration": 1}
    assert set(told["boca"]["fields"]) == BOCA
    assert set(told["immigration"]["fields"]) == PERSON | {"case_number"}


def it_arrives_and_is_picked_up(office: DemoOffice, case: CaseOverHttp) -> None:
    office.come_in(office.working_day_after(office.today, 9))
    issued_on = office.today - timedelta(days=2)
    case.complete(
        "wait_passport",
        RECORDS,
        data={"applicant": {"passport_number": "300000001"}},
        issued_on=matters.iso(issued_on),
        arrived_on=matters.iso(office.today),
    )
    assert case.clock()["status"] == "met"
    # Not collected within three months of the issue, it is void.
    last = date.fromisoformat(case.clock("collection")["due_on"])
    assert timedelta(days=88) <= last - issued_on <= timedelta(days=100)

    case.complete(
        "hand_over",
        RECORDS,
        collected_by="applicant",
        collected_on=matters.iso(office.today),
        collect_signature="SIG-3",
    )
    matters.file_papers(case, RECORDS)
