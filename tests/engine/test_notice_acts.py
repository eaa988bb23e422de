"""What becomes of a notice: it comes back, is sent again, is void, is made again; by hand as well.
And its paper: kept as it was issued, in the office's own words, as a text that opens again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pytest

from engine import notice_acts, notice_odt, notice_reads, notices, wording_choices, wordings
from engine.cases import Filed
from engine.errors import Conflict, EngineError, Forbidden, NotFound, Rejected
from engine.events import CaseRef
from engine.notice_acts import Draft
from engine.notice_papers import Paper
from engine.notice_reads import NoticeState
from engine.notices import Notice, Serving
from engine.wording_choices import Change
from store import tables
from tests.support.driver import CaseDriver

PICK_UP = Draft("pick_up", "letter", {"document": "booklet", "days": "30", "latest": "115/3/31"})
LATER = timedelta(days=2)
BACK = date(2026, 3, 4)


@pytest.fixture
def case(driver: CaseDriver, packages: Path) -> Filed:
    driver.deploy("REVIEW")
    return driver.file("REVIEW", data={"applicant": {"name": "王𡘙明"}})


@pytest.fixture
def notice_id(driver: CaseDriver, case: Filed) -> UUID:
    made = make(driver, case)
    driver.clock.move(LATER)
    return made


def make(driver: CaseDriver, case: Filed, draft: Draft = PICK_UP) -> UUID:
    actor, now = driver.person("counter Lin"), driver.clock.now()
    with driver.db.transaction() as tx:
        return notice_acts.make(tx, case.id, draft, actor, now)


def do(driver: CaseDriver, deed: Callable[..., Any], *given: Any, by: str = "counter Lin") -> Any:
    actor, now = driver.person(by), driver.clock.now()
    with driver.db.transaction() as tx:
        return deed(tx, *given, actor, now)


def row(driver: CaseDriver, case: Filed, notice_id: UUID) -> notice_reads.NoticeRow:
    with driver.db.transaction(read_only=True) as tx:
        return next(each for each in notice_reads.of_case(tx, case.id) if each.id == notice_id)


def paper(driver: CaseDriver, notice_id: UUID, language: str = "zh-TW") -> Paper:
    def address(code: str) -> str:
        return f"https://office.example/status/{code}"

    with driver.db.transaction(read_only=True) as tx:
        return notice_reads.paper(tx, notice_id, driver.person("counter Lin"), language, address)


def text_of(told: Paper) -> str:
    return "\n".join("".join(part for part, _ in block.runs) for block in told.blocks)


def test_one_made_by_hand_says_what_was_entered_in_both_languages(
    driver: CaseDriver, notice_id: UUID
) -> None:
    zh, en = paper(driver, notice_id), paper(driver, notice_id, "en")

    assert "戶口名簿" in text_of(zh)
    assert "115 年 3 月 31 日" in text_of(zh).replace("\u2009", " ")
    assert "household booklet" in text_of(en)
    assert zh.value("recipient") == "王𡘙明"
    assert zh.basis


def test_what_diagrams_alone_issue_is_not_made_by_hand(driver: CaseDriver, case: Filed) -> None:
    with pytest.raises(Rejected) as refused:
        make(driver, case, Draft("receipt", "letter", {}))

    assert refused.value.code == "notice.by_diagram"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"documnet": "x"}, "notice.field"),
        ({"latest": "115/2/30"}, "notice.day"),
        ({"days": "many"}, "notice.number"),
        ({"document": "x" * 3_000}, "notice.long"),
    ],
)
def test_a_value_that_is_none_of_its_kind_is_refused(
    driver: CaseDriver, case: Filed, values: dict[str, str], code: str
) -> None:
    with pytest.raises(Rejected) as refused:
        make(driver, case, replace(PICK_UP, values=values))

    assert refused.value.code == code


def test_one_that_came_back_is_sent_again_and_served(
    driver: CaseDriver, case: Filed, notice_id: UUID
) -> None:
    do(driver, notice_acts.returned, notice_id, BACK, "查無此人")
    assert row(driver, case, notice_id).state is NoticeState.RETURNED

    do(driver, notice_acts.send_again, notice_id, "counter", "改由本人領取")
    again = row(driver, case, notice_id)
    do(driver, notices.serve, notice_id, Serving(BACK, "本人簽收", "in_person"))

    assert (again.state, again.times_sent, again.channel) == (NoticeState.MADE, 2, "counter")
    served = row(driver, case, notice_id)
    assert (served.state, served.served_on, served.proof) == (NoticeState.SERVED, BACK, "本人簽收")
    told = [each for each in driver.actions(case) if each.startswith("notice.")]
    assert told == ["notice.issued", "notice.returned", "notice.sent_again", "notice.served"]


def test_one_that_was_served_neither_comes_back_nor_is_sent_again(
    driver: CaseDriver, notice_id: UUID
) -> None:
    do(driver, notices.serve, notice_id, Serving(BACK, "回執 1"))

    for deed, given in (
        (notice_acts.returned, (BACK, "遷移不明")),
        (notice_acts.send_again, ("letter", "再寄")),
    ):
        with pytest.raises(Conflict):
            do(driver, deed, notice_id, *given)


def test_a_void_one_stays_readable_with_the_reason(
    driver: CaseDriver, case: Filed, notice_id: UUID
) -> None:
    do(driver, notice_acts.void, notice_id, "誤發")

    voided = row(driver, case, notice_id)
    assert (voided.state, voided.void_reason) == (NoticeState.VOID, "誤發")
    assert paper(driver, notice_id).void == "誤發"
    with pytest.raises(Conflict):
        do(driver, notice_acts.void, notice_id, "再次")
    with pytest.raises(Conflict):
        do(driver, notices.serve, notice_id, Serving(BACK, "回執"))


def test_made_again_it_has_a_new_number_and_both_say_so(
    driver: CaseDriver, case: Filed, notice_id: UUID
) -> None:
    second = do(driver, notice_acts.make_again, notice_id, {"document": "id_card"}, "文件有誤")

    old, new = row(driver, case, notice_id), row(driver, case, second)
    assert (old.state, old.replaced_by) == (NoticeState.VOID, second)
    assert (new.state, new.replaces) == (NoticeState.MADE, notice_id)
    assert new.number != old.number
    assert "國民身分證" in text_of(paper(driver, second))
    assert "30 日" in text_of(paper(driver, second))  # the rest is as it was


@pytest.mark.parametrize("by", ["analyst Ho", "operator He"])
def test_who_does_not_work_on_cases_does_nothing_with_one(
    driver: CaseDriver, notice_id: UUID, by: str
) -> None:
    for deed, given in (
        (notice_acts.returned, (BACK, "遷移不明")),
        (notice_acts.send_again, ("letter", "再寄")),
        (notice_acts.void, ("誤發",)),
        (notice_acts.make_again, ({}, "誤發")),
    ):
        with pytest.raises((Forbidden, NotFound)):
            do(driver, deed, notice_id, *given, by=by)


def test_the_paper_keeps_the_words_it_was_issued_with(
    driver: CaseDriver, case: Filed, notice_id: UUID
) -> None:
    before, own = text_of(paper(driver, notice_id)), wordings.of_kind("pick_up").text
    said = replace(own, body={"zh-TW": "請來領取{document}。", "en": "Come for {document}."})

    do(driver, wording_choices.choose, Change("pick_up", said, 0, "本所用語"), by="director Wu")
    after = make(driver, case)

    assert text_of(paper(driver, notice_id)) == before
    assert text_of(paper(driver, after)) == "請來領取戶口名簿。"
    with pytest.raises(EngineError):
        do(driver, wording_choices.choose, Change("pick_up", said, 0, "又"), by="director Wu")
    assert len(driver.rows(tables.wording_choices)) == 1


def test_the_text_file_opens_again_with_rare_letters_and_no_markup(
    driver: CaseDriver, case: Filed
) -> None:
    made = make(driver, case, replace(PICK_UP, values={"desk": "<b>3</b> & 𡘙"}))

    with zipfile.ZipFile(io.BytesIO(notice_odt.odt(paper(driver, made)))) as book:
        names = book.namelist()
        content = ElementTree.fromstring(book.read("content.xml"))
        for name in ("styles.xml", "meta.xml", "META-INF/manifest.xml"):
            ElementTree.fromstring(book.read(name))
        first = book.infolist()[0]

    assert (names[0], first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    told = "".join(content.itertext())
    assert "領件通知" in told
    assert "王𡘙明" in told
    assert "<b>3</b> & 𡘙" in told


def test_the_status_address_has_the_code_as_it_is(driver: CaseDriver, case: Filed) -> None:
    found = driver.row(case)
    ref = CaseRef(
        *(found.id, found.number, found.office_id, found.package_id),
        *(found.definition_id, found.version),
    )
    asked = Notice("one_time_notice", "letter", {"missing": ["戶口名簿"]})
    with driver.db.transaction() as tx:
        issued = notices.issue(tx, ref, "letter", asked, driver.clock.now())
    told = paper(driver, issued)

    assert told.value("status_code").replace("-", "") == told.address.rpartition("/")[2]
    assert "-" not in told.address.rpartition("/")[2]
