"""Notices: numbered, sealed, issued once, served once on a day that can be."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from engine import notice_reads, notices, person_entries
from engine.cases import Filed
from engine.errors import Conflict, EngineError, NotFound, Rejected
from engine.events import CaseRef
from engine.notices import Notice, Serving
from engine.person_entries import PersonEntry
from store import tables
from tests.support.driver import CaseDriver
from tests.support.factories import an_office, an_officer

LETTER = Notice("one_time_notice", "letter", {"missing": ["戶口名簿"], "days": Decimal(15)})


@pytest.fixture
def case(driver: CaseDriver, packages: Path) -> Filed:
    driver.deploy("REVIEW")
    return driver.file("REVIEW")


def issue(driver: CaseDriver, case: Filed, key: str = "send#1", notice: Notice = LETTER) -> UUID:
    row = driver.row(case)
    ref = CaseRef(row.id, row.number, row.office_id, row.package_id, row.definition_id, row.version)
    with driver.db.transaction() as tx:
        return notices.issue(tx, ref, key, notice, driver.clock.now())


def serve(driver: CaseDriver, notice_id: UUID, day: date, by: Any = None) -> None:
    actor = by or driver.person("counter Lin")
    with driver.db.transaction() as tx:
        notices.serve(tx, notice_id, Serving(day, "掛號 123"), actor, driver.clock.now())


def test_a_notice_is_numbered_sealed_and_told(driver: CaseDriver, case: Filed) -> None:
    first, second = issue(driver, case), issue(driver, case, "send#2")

    rows = {row.id: row for row in driver.rows(tables.notices, case)}
    assert [rows[each].number for each in (first, second)] == [
        "KH-FENGSHAN字第1150000001號",
        "KH-FENGSHAN字第1150000002號",
    ]
    assert "戶口名簿".encode() not in rows[first].ciphertext
    assert driver.actions(case).count("notice.issued") == 2
    with driver.db.transaction(read_only=True) as tx:
        told = notices.content(tx, first, driver.person("counter Lin"))
    assert told == {"missing": ["戶口名簿"], "days": "15"}


def test_the_same_key_issues_the_same_notice(driver: CaseDriver, case: Filed) -> None:
    assert issue(driver, case) == issue(driver, case)

    assert len(driver.rows(tables.notices, case)) == 1
    assert driver.actions(case).count("notice.issued") == 1


@pytest.mark.parametrize(("kind", "channel"), [("gossip", "letter"), ("receipt", "pigeon")])
def test_a_kind_or_a_way_nobody_knows_is_refused(
    driver: CaseDriver, case: Filed, kind: str, channel: str
) -> None:
    with pytest.raises(Rejected, match=kind):
        issue(driver, case, notice=Notice(kind, channel, {}))


def test_service_is_entered_once(driver: CaseDriver, case: Filed) -> None:
    notice_id = issue(driver, case)
    driver.clock.move(timedelta(days=3))

    serve(driver, notice_id, date(2026, 3, 4))

    (row,) = driver.rows(tables.notices, case)
    assert (row.served_on, row.proof) == (date(2026, 3, 4), "掛號 123")
    with pytest.raises(Conflict):
        serve(driver, notice_id, date(2026, 3, 5))
    assert driver.rows(tables.notices, case)[0].served_on == date(2026, 3, 4)
    assert driver.actions(case).count("notice.served") == 1


@pytest.mark.parametrize("day", [date(2026, 3, 1), date(2026, 3, 6)], ids=["before", "to come"])
def test_a_day_that_cannot_be_is_refused(driver: CaseDriver, case: Filed, day: date) -> None:
    notice_id = issue(driver, case)
    driver.clock.move(timedelta(days=3))

    with pytest.raises(Rejected):
        serve(driver, notice_id, day)


def test_another_office_has_no_such_notice(driver: CaseDriver, case: Filed) -> None:
    notice_id = issue(driver, case)
    with driver.db.transaction() as tx:
        an_office(tx, "kh-zuoying")
        stranger = an_officer(tx, "counter Ho", ("counter",), "kh-zuoying")

    def read() -> None:
        with driver.db.transaction(read_only=True) as tx:
            notices.content(tx, notice_id, stranger)

    for deed in (read, lambda: serve(driver, notice_id, date(2026, 3, 2), stranger)):
        with pytest.raises(NotFound):
            deed()
    refusals: list[EngineError] = []
    try:
        serve(driver, uuid4(), date(2026, 3, 2))
    except EngineError as refused:
        refusals.append(refused)
    assert [type(each) for each in refusals] == [NotFound]


@pytest.mark.parametrize(
    ("latin_name", "named"), [("LIN, Shih-Fan", "LIN, Shih-Fan"), ("", "counter Lin")]
)
def test_the_officer_has_a_name_in_each_language(
    driver: CaseDriver, case: Filed, latin_name: str, named: str
) -> None:
    clerk, operator = driver.person("counter Lin"), driver.person("operator Ho")
    entry = PersonEntry("counter Lin", latin_name=latin_name)
    with driver.db.transaction() as tx:
        person_entries.correct(tx, clerk.person_id, entry, operator, driver.clock.now())
    letter = Notice(LETTER.kind, LETTER.channel, LETTER.content, clerk.person_id)

    notice_id = issue(driver, case, notice=letter)

    with driver.db.transaction(read_only=True) as tx:
        papers = {
            language: notice_reads.paper(tx, notice_id, clerk, language, str)
            for language in ("zh-TW", "en")
        }
    assert papers["zh-TW"].value("officer") == "counter Lin"
    assert papers["en"].value("officer") == named


def test_a_name_in_other_letters_is_no_name_in_latin_letters() -> None:
    person_entries.check(PersonEntry("林示範", latin_name="O’Neil, Ana-María"))

    with pytest.raises(Rejected, match="Latin letters"):
        person_entries.check(PersonEntry("林示範", latin_name="林示範"))
