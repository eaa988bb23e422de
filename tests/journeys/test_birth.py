"""A birth from filing to closing, as the office lives it."""

from __future__ import annotations

from datetime import time, timedelta
from uuid import uuid4

import pytest

from tests.journeys import matters
from tests.journeys.matters import CLERK, REVIEWER
from tests.support.http_driver import CaseOverHttp, DemoOffice, at_taipei

pytestmark = pytest.mark.slow
PERSON = {"case_number", "name", "id_number", "birth_date"}
FIELDS = {
    "health_insurance": {
        *("case_number", "child_name", "child_id_number", "birth_date"),
        *("guardian_id_number", "mailing_address"),
    },
    "labour_insurance": PERSON | {"child_name", "bank_account"},
}
CLERK_NAME, BOTH_NAME = "林示範", "簡示範"  # the clerk, and the colleague who is clerk and reviewer
STORY = [
    f"{CLERK_NAME} case.filed",
    f"{CLERK_NAME} check_papers",
    f"{CLERK_NAME} wait_papers",
    *(f"{BOTH_NAME} {step}" for step in ("check_identity", "agree_surname", "enter_birth")),
    *(f"{BOTH_NAME} {step}" for step in ("collect_fee", "self_check")),
    "陳示範 review_entry",
    *(f"{CLERK_NAME} {step}" for step in ("print_booklet", "ask_consent", "scan_papers")),
    "黃示範 check_scans",
    "黃示範 case.closed",
]


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest) -> DemoOffice:
    office: DemoOffice = request.getfixturevalue(f"{request.param}_office")
    return office


def test_a_birth_with_a_missing_paper_is_registered_and_told(office: DemoOffice) -> None:
    monday = office.begin_week()
    case = matters.file_birth(office)
    assert case.due() == at_taipei(monday + timedelta(days=3), time(17))

    a_paper_is_missing_from_wednesday_to_friday(office, case)
    entered_by_one_and_reviewed_by_another(office, case)
    agencies_are_told_and_two_of_them_are_difficult(office, case)
    matters.file_papers(case)

    assert case.status == "closed"
    assert case.look()["outcome"] == "registered"
    assert case.clock()["status"] == "met"
    assert case.deeds() == STORY


def a_paper_is_missing_from_wednesday_to_friday(office: DemoOffice, case: CaseOverHttp) -> None:
    monday = office.today
    office.come_in(monday + timedelta(days=2))
    case.complete("check_papers", CLERK, "missing", missing=["surname_agreement"])

    (notice,) = case.look()["notices"]
    paused = case.clock()
    assert notice["kind"] == "one_time_notice"
    assert (paused["status"], paused["due_at"]) == ("paused", None)
    assert matters.steps_of(paused)[-1].endswith("1 day left")

    office.come_in(monday + timedelta(days=4))
    on = matters.iso(office.today)
    case.complete("wait_papers", CLERK, papers_received_on=on)

    # Tuesday and Wednesday count, with the day of the notice; the day of return does not.
    assert case.due() == at_taipei(monday + timedelta(days=7), time(17))
    assert "stood still for 2 days" in " ".join(matters.steps_of(case.clock()))


def entered_by_one_and_reviewed_by_another(office: DemoOffice, case: CaseOverHttp) -> None:
    both = office.hire("both.jian", "demo-south", "counter", "reviewer")
    matters.enter_birth(case, office.today - timedelta(days=14), by=both.login)

    refused = case.claim("review_entry", both.login)

    assert (refused.status, refused.code) == (403, "duty.conflict")
    claimed = case.claim("review_entry", REVIEWER)
    path = f"/user-tasks/{claimed.body['id']}/complete"
    body, key = {"outcome": "approve"}, str(uuid4())
    version = claimed.body["version"]
    first = office.person(REVIEWER).post(path, body, version, key)
    again = office.person(REVIEWER).post(path, body, version, key)
    assert (first.status, again.status) == (200, 200)
    assert again.headers["Idempotent-Replay"] == "true"
    assert again.body == first.body


def agencies_are_told_and_two_of_them_are_difficult(office: DemoOffice, case: CaseOverHttp) -> None:
    office.trouble("health_insurance", fail=2)
    office.trouble("labour_insurance", answer_first=True)
    case.complete("print_booklet", CLERK, booklets_printed=1, booklet_number="B-1", grant_told=True)
    matters.consent_to_notify_of_birth(case)

    case.wait_until_sent("labour_insurance", "confirmed")
    case.wait_until_tried("health_insurance", 1)
    office.pass_time(timedelta(minutes=1))
    case.wait_until_tried("health_insurance", 2)
    office.pass_time(timedelta(minutes=2))
    case.wait_until_sent("health_insurance", "confirmed")

    told = office.received(case)
    assert {agency: told[agency]["effects"] for agency in told} == dict.fromkeys(FIELDS, 1)
    assert {agency: set(told[agency]["fields"]) for agency in told} == FIELDS
    assert told["health_insurance"]["statuses"] == [500, 500, 202]
    assert told["labour_insurance"]["statuses"] == [202]
    # Confirmed before we had written down that it was sent, and nothing is lost by that.
    assert told_of(case, "labour_insurance") == ["queued", "confirmed", "sent"]
    failed_twice = ["queued", "attempt_failed", "attempt_failed", "sent", "confirmed"]
    assert told_of(case, "health_insurance") == failed_twice


def told_of(case: CaseOverHttp, agency: str) -> list[str]:
    """What the history says of one agency, in order."""
    return [
        line["action"].removeprefix("notification.")
        for line in case.history()
        if line["action"].startswith("notification.") and line["detail"]["agency"] == agency
    ]
