"""Whoever agreed to mail or text messages hears by itself when the case waits and goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import cases, notice_reads
from engine.cases import Filed
from engine.events import CaseRef
from engine.notices import Notice, issue
from store import tables
from tests.support.clocked import CLOCKED, LIMITS
from tests.support.office import Office
from tests.support.packages import ask_more, write_package

PHONE, MAIL = {"phone": "0912-345-678"}, {"email": "chen@example.org"}


@pytest.fixture
def telling(office: Office) -> Office:
    """CLOCKED, asked when filing by which way the applicant may be told."""
    folder = write_package(office.packages, "CLOCKED", CLOCKED, limits=LIMITS)
    ask_more(folder, "contact", "data.contact.phone", "data.contact.email")
    office.deploy("CLOCKED")
    return office


def file(office: Office, way: str | None = "sms", contact: Any = PHONE) -> Filed:
    data = {"applicant": {"name": "陳示範"}, "contact": contact}
    return office.file("CLOCKED", values={"contact": way} if way else {}, data=data)


def told(office: Office, case: Filed) -> list[tuple[str, str]]:
    """The notices of progress as the applicant reads them: the way, and how it stands."""
    chief = office.person("chief Wu")
    rows = [row for row in office.rows(tables.notices, case) if row.kind == "progress"]
    with office.db.transaction(read_only=True) as tx:
        return [
            (row.channel, notice_reads.paper(tx, row.id, chief, "zh-TW", str).value("told"))
            for row in sorted(rows, key=lambda row: row.issued_at)
        ]


def suspend(office: Office, case: Filed) -> None:
    chief = office.person("chief Wu")
    with office.db.transaction() as tx:
        cases.suspend(tx, case.id, "court", chief, office.clock.now())


def resume(office: Office, case: Filed) -> None:
    chief = office.person("chief Wu")
    with office.db.transaction() as tx:
        cases.resume(tx, case.id, "it may go on", chief, office.clock.now())


def test_it_is_told_that_papers_are_missing_and_that_they_came(telling: Office) -> None:
    case = file(telling)

    telling.complete(case, "check", "counter Lin", "missing")
    telling.clock.move(timedelta(days=1))
    telling.complete(case, "wait_papers", "counter Lin")

    assert told(telling, case) == [
        ("sms", "等候臺端補正文件，處理期間暫停計算。"),
        ("sms", "臺端補正之文件已收到，繼續辦理。"),
    ]
    sent = [row for row in telling.rows(tables.outbox, case) if row.operation == "sms.send"]
    assert len(sent) == 2


def test_nobody_is_told_twice_on_one_day(telling: Office) -> None:
    case = file(telling)

    telling.complete(case, "check", "counter Lin", "missing")
    telling.complete(case, "wait_papers", "counter Lin")

    assert [each for _, each in told(telling, case)] == ["等候臺端補正文件，處理期間暫停計算。"]


def test_a_notice_of_the_diagram_on_that_day_is_news_enough(telling: Office) -> None:
    case = file(telling)
    row = telling.row(case)
    ref = CaseRef(row.id, row.number, row.office_id, row.package_id, row.definition_id, row.version)
    with telling.db.transaction() as tx:
        issue(tx, ref, "papers", Notice("one_time_notice", "letter", {}), telling.clock.now())

    telling.complete(case, "check", "counter Lin", "missing")

    assert told(telling, case) == []


def test_a_case_that_rests_and_goes_on_is_told_by_mail(telling: Office) -> None:
    case = file(telling, "email", MAIL)

    suspend(telling, case)
    telling.clock.move(timedelta(days=2))
    resume(telling, case)

    assert told(telling, case) == [("email", "案件暫停辦理。"), ("email", "案件恢復辦理。")]


@pytest.mark.parametrize(
    ("way", "contact"),
    [("letter", PHONE), ("phone", PHONE), (None, PHONE), ("sms", MAIL), ("email", PHONE)],
)
def test_who_did_not_agree_or_left_no_address_is_not_told(
    telling: Office, way: str | None, contact: dict[str, str]
) -> None:
    case = file(telling, way, contact)

    suspend(telling, case)

    assert told(telling, case) == []
    assert telling.rows(tables.notices, case) == []
