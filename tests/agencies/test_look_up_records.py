"""What was asked of an agency is a paper of the file: who, what for, what the case needs of it."""

from __future__ import annotations

import pytest

from engine import notice_acts, notice_reads, notices, wordings
from engine.cases import Filed
from engine.clock import legal_day
from engine.errors import Conflict
from engine.notice_papers import Paper
from store import tables
from tests.agencies.test_payloads import outputs_of
from tests.support.notifying import END, START
from tests.support.office import Office
from tests.support.packages import diagram, flows, service_task, user_task, write_package

GIVEN = {"agency": "&quot;justice&quot;", "purpose": "&quot;name_change_bar&quot;"}
FILES = diagram(
    "FILES",
    START
    + user_task("begin")
    + service_task(
        "ask",
        "agency.look_up",
        **GIVEN,
        subject="{case_number: case.number, name: data.applicant.name}",
    )
    + service_task(
        "keep",
        "look_up.file",
        **GIVEN,
        paper="&quot;刑事紀錄證明&quot;",
        status="status",
        look_up_id="look_up_id",
        withheld="false",
    )
    + END
    + flows("start>begin", "begin>ask", "ask>keep", "keep>end"),
)
BY_HAND = diagram(
    "BY_HAND",
    START
    + user_task("begin")
    + service_task(
        "keep",
        "look_up.file",
        **GIVEN,
        status="&quot;none&quot;",
        method="&quot;phone&quot;",
        reference="&quot;紀錄科&quot;",
        note="&quot;經電話查證，查無紀錄&quot;",
    )
    + END
    + flows("start>begin", "begin>keep", "keep>end"),
)
FORGED = FILES.replace(b'"FILES"', b'"FORGED"').replace(
    b'source="look_up_id"', b'source="&quot;00000000-0000-0000-0000-000000000000&quot;"'
)
SILENT = FILES.replace(b'"FILES"', b'"SILENT"').replace(b'source="false"', b'source="true"')
FOUND = {"bar": True, "records": 2, "offence": "竊盜", "court": "示範地方法院"}


@pytest.fixture
def filing(office: Office) -> Office:
    for package_id, xml in (
        ("FILES", FILES),
        ("BY_HAND", BY_HAND),
        ("FORGED", FORGED),
        ("SILENT", SILENT),
    ):
        write_package(office.packages, package_id, xml)
        office.deploy(package_id)
    return office


def looked_up(office: Office, package_id: str = "FILES") -> Filed:
    case = office.file(package_id)
    office.complete(case, "begin", "counter Ho")
    for promise in office.promises(case):
        office.do_due()
        office.answer(promise, "found", answer=FOUND)
    return case


def record(office: Office, case: Filed, language: str = "zh-TW") -> Paper:
    (row,) = office.rows(tables.notices, case)
    assert (row.kind, row.channel) == ("look_up_record", "file")
    clerk, now = office.person("counter Lin"), office.clock.now()
    with office.db.transaction() as tx:
        paper = notice_reads.paper(tx, row.id, clerk, language, str)
        notice_reads.note(tx, paper, clerk, now)
    return paper


def text_of(paper: Paper) -> str:
    lines = (f"{block.label} {''.join(run for run, _ in block.runs)}" for block in paper.blocks)
    return "\n".join(lines)


def test_the_record_says_who_asked_what_and_when_it_was_answered(filing: Office) -> None:
    case = looked_up(filing)

    paper = record(filing, case)

    assert paper.title == "查詢紀錄（附卷）"
    assert paper.value("officer") == "counter Ho"  # by whose deed it was asked
    shown = text_of(paper)
    for said in ("改名限制之查核", "刑事紀錄證明", "電子閘門", "查有資料", "R-1", "姓名"):
        assert said in shown
    assert "115 年 3 月 2 日（一） 09:00" in shown
    assert "Electronic gateway" in text_of(record(filing, case, "en"))


def test_it_holds_what_the_case_needs_and_the_rest_stays_sealed(filing: Office) -> None:
    case = looked_up(filing)

    shown = text_of(record(filing, case))

    assert "bar: true" in shown
    assert "records: 2" in shown
    assert "竊盜" not in shown
    assert "其餘 2 項" in shown
    (row,) = filing.rows(tables.notices, case)
    assert b"bar" not in row.ciphertext
    assert b"bar" not in row.paper


def test_of_a_criminal_record_not_even_whether_there_is_one_is_told(filing: Office) -> None:
    shown = text_of(record(filing, looked_up(filing, "SILENT")))

    assert "結果限承辦查閱" in shown
    assert "改名限制之查核" in shown
    for told in ("查有資料", "bar", "records", "其餘"):
        assert told not in shown


def test_it_is_written_to_nobody_and_each_opening_is_on_record(filing: Office) -> None:
    case = looked_up(filing)

    paper = record(filing, case)

    assert (paper.value("recipient"), paper.value("recipient_address")) == ("", "")
    (look,) = [told for told in filing.told(case) if told.action == "case.data_read"]
    assert (look.purpose, look.object_id) == ("compare", str(paper.id))


def test_a_record_is_neither_served_nor_sent_nor_made_anew(filing: Office) -> None:
    case, clerk = looked_up(filing), filing.person("counter Lin")
    (row,) = filing.rows(tables.notices, case)
    now = filing.clock.now()
    day = legal_day(now)
    with filing.db.transaction() as tx:
        for deed in (
            lambda: notices.serve(tx, row.id, notices.Serving(day, "slip"), clerk, now),
            lambda: notice_acts.returned(tx, row.id, day, "unknown", clerk, now),
            lambda: notice_acts.send_again(tx, row.id, "letter", "once more", clerk, now),
            lambda: notice_acts.make_again(tx, row.id, {"found": "none"}, "wrong", clerk, now),
        ):
            with pytest.raises(Conflict, match="record of the file"):
                deed()

    assert len(filing.rows(tables.notices, case)) == 1


def test_what_was_found_out_by_hand_is_filed_alike(filing: Office) -> None:
    case = looked_up(filing, "BY_HAND")

    paper = record(filing, case)

    shown = text_of(paper)
    assert paper.value("officer") == "counter Ho"
    for said in ("電話", "紀錄科", "經電話查證，查無紀錄", "查無資料"):
        assert said in shown


def test_a_record_of_a_look_up_that_was_never_made_is_an_incident(filing: Office) -> None:
    case = looked_up(filing, "FORGED")

    assert filing.rows(tables.notices, case) == []
    (incident,) = filing.rows(tables.incidents, case)
    assert "answered look-up of this case" in incident.message


def test_every_purpose_that_may_be_asked_has_a_name_on_the_record() -> None:
    purposes = {
        row["purpose"] for row in outputs_of("look-ups.dmn", "lookUp", ("agency", "purpose"))
    }

    assert purposes == set(wordings.words()["look_up"])
