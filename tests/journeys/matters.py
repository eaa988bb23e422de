"""What citizens come with, and the ordinary steps of an office, one function for each stretch.

Dates hang on the day it is in the demo. The people are fictional.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.support.http_driver import CaseOverHttp, DemoOffice

CLERK, REVIEWER, RECORDS, CHIEF = "counter.lin", "reviewer.chen", "records.huang", "chief.wang"
SELF_CHECK: dict[str, Any] = {
    "names_checked": True,
    "records_checked": True,
    "signatures_checked": True,
}


def iso(day: date) -> str:
    return day.isoformat()


def minguo(today: date, ago: int = 0) -> str:
    """A day as one enters it at the counter, in digits of the Minguo calendar."""
    day = today - timedelta(days=ago)
    return f"{day.year - 1911}{day:%m%d}"


# --- a birth ------------------------------------------------------------------------------------

PARENTS = {
    "mother": {"name": "陳示範", "id_number": "A223456781"},
    "father": {"name": "林測試", "id_number": "A123456789"},
}


CLOSURE = {"reason": "颱風停止上班", "source": "市府公告"}
ENTERED = frozenset(
    {
        *CLOSURE.values(),
        *(person["name"] for person in PARENTS.values()),
        "示範市東區示範路1號",
        "林小示",
        "林",
        "示範市",
        "在示範市出生，父母申登。",
    }
)
"""What of a birth, and of a day the office was shut, stands on pages in Chinese, whatever the
language of the page."""


def file_birth(office: DemoOffice, by: str = CLERK, booklets: int = 1) -> CaseOverHttp:
    """A mother comes to the counter ten days after the birth; without booklets there is no fee."""
    values = {
        "report_source": "none",
        "applicant_relation": "mother",
        "contact": "sms",
        "in_taiwan": True,
        "labour_insured": True,
        "booklet_copies": booklets,
    }
    data = {
        "applicant": {**PARENTS["mother"], "mailing_address": "示範市東區示範路1號"},
        "contact": {"phone": "0912-345-678"},
        "child": {"birth_date": iso(office.today - timedelta(days=10)), "sex": "male"},
        **PARENTS,
    }
    return office.file("P01", by, values, data)


def enter_birth(case: CaseOverHttp, born_on: date, by: str = CLERK) -> None:
    """Identity, surname and entry, the fee, and the recorder's own check."""
    case.complete("check_identity", by, "confirmed", id_paper="id_card")
    case.complete(
        "agree_surname",
        by,
        "agreed",
        {"child": {"surname": "林"}},
        surname_from="father",
        agreement_signed=True,
    )
    write_entry(case, born_on, by=by)
    if "collect_fee" in case.open_tasks():
        pay_at_counter(case, by)
    case.complete("self_check", by, **SELF_CHECK)


def write_entry(
    case: CaseOverHttp, born_on: date, order: str = "first_son", by: str = CLERK
) -> None:
    child = {
        "name": "林小示",
        "id_number": "A123456798",
        "birth_date": iso(born_on),
        "birth_place": "示範市",
    }
    case.complete(
        "enter_birth",
        by,
        data={"child": child},
        birth_order=order,
        household_number="D0001234",
        record_note="在示範市出生，父母申登。",
    )


def close_birth(case: CaseOverHttp) -> None:
    """From the review to the file: booklet, consent, what the agencies confirm, scans."""
    case.complete("review_entry", REVIEWER, "approve")
    case.complete("print_booklet", CLERK, booklets_printed=1, booklet_number="B-1", grant_told=True)
    consent_to_notify_of_birth(case)
    file_papers(case)


def consent_to_notify_of_birth(case: CaseOverHttp) -> None:
    case.complete(
        "ask_consent",
        CLERK,
        data={"consent": {"signed": True}, "payment": {"bank_account": "01234567890"}},
        consented=["health_insurance:newborn_card", "labour_insurance:maternity_benefit"],
    )


# --- what all have in common --------------------------------------------------------------------


def pay_at_counter(case: CaseOverHttp, by: str = CLERK) -> None:
    today = iso(case.office.today)
    case.complete(
        "collect_fee", by, "paid", payment_means="cash", paid_on=today, receipt_channel="counter"
    )


def file_papers(case: CaseOverHttp, by: str = CLERK) -> None:
    """Scan the papers once everything else is done, and let the records section check them."""
    case.wait_for("scan_papers")
    case.complete("scan_papers", by, file_number="HR-0001", pages=4, signature_reference="SIG-1")
    case.complete("check_scans", RECORDS, "good")


def steps_of(clock: dict[str, Any]) -> list[str]:
    """The explanation's steps, as sentences."""
    return [step["fact"] for step in clock["explanation"]["en"]["steps"]]
