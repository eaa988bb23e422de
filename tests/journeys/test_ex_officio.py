"""Nobody applies for a birth that was reported: dunned with proof of service, then registered."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from tests.journeys import matters
from tests.journeys.matters import CHIEF, CLERK, RECORDS, REVIEWER
from tests.support.http_driver import CaseOverHttp, DemoOffice, at_taipei

pytestmark = pytest.mark.slow
DIRECTOR = "director.wu"
MOTHER = {"name": "吳示範", "id_number": "A223456781"}


def test_a_reported_birth_is_dunned_and_registered_ex_officio(office: DemoOffice) -> None:
    office.begin_week()
    case, born_on = a_report_comes_in(office)

    nobody_applies_in_sixty_days(office, case, born_on)
    dunned_and_served(office, case)
    approved_by_chief_and_director(case)
    registered(case, born_on)

    seen = case.look()
    assert (seen["status"], seen["outcome"]) == ("closed", "ex_officio")
    assert "吳示範 director_approves" in case.deeds()


def a_report_comes_in(office: DemoOffice) -> tuple[CaseOverHttp, date]:
    born_on = office.today - timedelta(days=3)
    values = {
        "report_source": "health_authority",
        "in_taiwan": True,
        "single_parent": True,
        "booklet_copies": 0,
    }
    data = {"child": {"birth_date": matters.iso(born_on), "sex": "female"}, "mother": MOTHER}
    case = office.file("P01", CLERK, values, data, channel="message")
    assert case.open_tasks() == ["wait_application"]
    assert case.clock("statutory")["status"] == "running"
    return case, born_on


def nobody_applies_in_sixty_days(office: DemoOffice, case: CaseOverHttp, born_on: date) -> None:
    last_day = date.fromisoformat(case.clock("statutory")["due_on"])
    # A last day that is a day of rest moves to the next working day, so it may be later.
    assert last_day - born_on >= timedelta(days=60)
    assert office.working_day_after(born_on + timedelta(days=59), 1) == last_day

    office.move_to(at_taipei(last_day, time(23, 59)))
    office.let_the_worker_look()
    assert case.open_tasks() == ["wait_application"]
    office.move_to(at_taipei(last_day + timedelta(days=1), time(0, 1)))
    case.wait_for("check_filed")


def dunned_and_served(office: DemoOffice, case: CaseOverHttp) -> None:
    monday = office.begin_week(weeks=3)
    case.complete("check_filed", CLERK, "none", filed_note="本所及他所均查無申請")
    address = {**MOTHER, "address": "示範市東區示範路9號"}
    case.complete("write_dunning", CLERK, "send", {"obliged": address})
    office.come_in(monday + timedelta(days=4))
    served_on = monday + timedelta(days=2)
    case.complete(
        "record_dunning_service",
        CLERK,
        "served",
        service_method="post",
        served_on=matters.iso(served_on),
    )
    dunning = case.clock("dunning")
    assert dunning["started_on"] == matters.iso(served_on)
    last_day = served_on + timedelta(days=7)
    assert dunning["due_on"] == matters.iso(last_day)

    office.move_to(at_taipei(last_day, time(23, 59)))
    office.let_the_worker_look()
    assert case.open_tasks() == ["wait_dunned"]
    office.move_to(at_taipei(last_day + timedelta(days=1), time(9)))
    case.wait_for("chief_approves")


def approved_by_chief_and_director(case: CaseOverHttp) -> None:
    clerk = case.claim("chief_approves", CLERK)
    assert (clerk.status, clerk.code) == (403, "user_task.not_candidate")
    case.complete("chief_approves", CHIEF, "approve", approval_note="催告期滿未申請，擬逕為登記")
    chief = case.claim("director_approves", CHIEF)
    assert (chief.status, chief.code) == (403, "user_task.not_candidate")
    case.complete("director_approves", DIRECTOR, "approve", approval_note="准予逕為登記")


def registered(case: CaseOverHttp, born_on: date) -> None:
    today = matters.iso(case.office.today)
    case.complete(
        "draw_surname",
        CLERK,
        data={"child": {"surname": "吳"}},
        lot_drawn_on=today,
        lot_witness="登記課課長",
    )
    case.complete(
        "name_child", DIRECTOR, data={"child": {"name": "吳小範"}}, naming_reason="依法代立"
    )
    child = {"name": "吳小範", "id_number": "A123456798", "birth_place": "示範市"}
    case.complete(
        "enter_birth",
        CLERK,
        data={"child": {**child, "birth_date": matters.iso(born_on)}},
        birth_order="first_daughter",
        household_number="D0001234",
        record_note="逕為登記。",
    )
    case.complete("self_check", CLERK, **matters.SELF_CHECK)
    case.complete("review_entry", REVIEWER, "approve")
    case.complete("print_booklet", CLERK, booklets_printed=0, grant_told=True)
    tell_and_file(case, today)
    fined(case, today)


def fined(case: CaseOverHttp, today: str) -> None:
    assert case.clock("processing")["status"] == "met"
    address = {**MOTHER, "address": "示範市東區示範路9號"}
    facts = {"obliged": address, "fine": {"facts": "催告期滿未申請"}}
    case.complete("examine_facts", CLERK, "plain", data=facts)
    reason = "經催告仍不申請"
    case.complete("judge_fine", CHIEF, "impose", fine_amount=900, fine_reason=reason)
    case.complete("sign_fine", DIRECTOR, "sign")
    case.complete("record_service", CLERK, "served", service_method="post", served_on=today)
    case.complete("wait_fine", CLERK, "paid", paid_on=today, fine_receipt="F-0001")


def tell_and_file(case: CaseOverHttp, today: str) -> None:
    case.complete("ask_consent", CLERK, data={"consent": {"signed": True}}, consented=[])
    case.complete("scan_papers", CLERK, file_number="HR-2", pages=4, signature_reference="SIG-1")
    case.complete("check_scans", RECORDS, "good")
    case.complete("record_service", CLERK, "served", service_method="post", served_on=today)
