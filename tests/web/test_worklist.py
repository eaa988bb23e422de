"""The worklist's pages: filters that are remembered, taking the next, several at once, files,
comments, hand-over, undo. Without JavaScript."""

from __future__ import annotations

import io

from sqlalchemy import select

from engine.cases import Filed
from store import tables
from tests.support.files import a_pdf, a_png
from tests.web.house import CHIEF, COUNTER, MOVE, REVIEWER, House
from tests.web.visitor import Visitor

OTHER_CLERK = "counter.gao"


def _task_page(house: House, case: Filed) -> str:
    return f"/user-tasks/{house.task(case).id}"


def _rows(visitor: Visitor) -> list[str]:
    return [" ".join(row.text_content().split()) for row in visitor.page.xpath("//tbody/tr")]


def _file(content: bytes, name: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def test_a_filter_is_in_the_address_and_comes_back_with_the_person(house: House) -> None:
    birth, move = house.file(), house.file("P08", values=MOVE)
    clerk = house.sign_in(COUNTER).open("/worklist?tab=group")
    assert len(_rows(clerk)) == 2
    assert "出生登記 （1）" in clerk.main

    clerk.press("篩選", package="P08")
    assert "package=P08" in clerk.path
    assert [move.number in row for row in _rows(clerk)] == [True]
    clerk.open("/worklist")
    assert [move.number in row for row in _rows(clerk)] == [True]

    house.sign_in(OTHER_CLERK).open("/worklist?tab=group")
    clerk.follow("清除篩選")
    assert len(_rows(clerk)) == 2
    clerk.press("篩選", number=birth.number[-5:])
    assert [birth.number in row for row in _rows(clerk)] == [True]
    clerk.press("篩選", number="99999")
    assert "沒有符合篩選的作業" in clerk.main


def test_taking_the_next_says_why_this_one(house: House) -> None:
    house.file()
    clerk = house.sign_in(COUNTER).open("/worklist")

    clerk.press("領下一件")

    assert "您目前可以領取的只有這一件" in clerk.text
    assert clerk.path.startswith("/user-tasks/")


def test_several_claims_say_of_each_what_became_of_it_and_who_has_it(house: House) -> None:
    first, second = house.file(), house.file()
    clerk = house.sign_in(COUNTER).open("/worklist?tab=group")
    tasks = [str(house.task(case).id) for case in (first, second)]
    house.claim(first, by=OTHER_CLERK)

    clerk.press("領取勾選的", task=tasks)

    taken, got = sorted(_rows(clerk), key=lambda row: second.number in row)
    assert "目前由 高示範 承辦" in taken
    assert "完成" in got
    assert house.task(second).assignee_id == house.actor(COUNTER).person_id


def test_several_are_released_with_a_note_for_whoever_comes_next(house: House) -> None:
    case = house.file()
    house.claim(case, by=COUNTER)
    clerk = house.sign_in(COUNTER).open("/worklist?tab=mine")

    clerk.press("釋回勾選的", task=[str(house.task(case).id)], note="申請人週五再來")

    next_clerk = house.sign_in(OTHER_CLERK).open(_task_page(house, case))
    assert "林示範 交接： 申請人週五再來" in next_clerk.main


def test_a_claim_is_taken_back_and_later_it_is_not_offered(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(_task_page(house, case)).press("領取")

    clerk.press("收回領取")
    clerk.send_again()

    assert house.task(case).status == "unclaimed"
    house.claim(case, by=COUNTER)
    house.pass_days(1)
    assert not clerk.open(_task_page(house, case)).has_button("收回領取")


def test_after_a_deed_one_goes_on_with_the_same_case(house: House) -> None:
    first, second = house.file(), house.file()
    house.claim(second, by=COUNTER)
    clerk = house.sign_in(COUNTER).open(_task_page(house, first)).press("領取")

    clerk.press("齊備，受理", reason="")

    assert "已完成" in clerk.text
    assert clerk.path == _task_page(house, first)
    assert clerk.has_button("領取")


def test_after_a_deed_that_makes_the_case_wait_one_lands_on_the_next_task(house: House) -> None:
    first, second = house.file(), house.file()
    house.claim(second, by=COUNTER)
    clerk = house.sign_in(COUNTER).open(_task_page(house, first)).press("領取")

    clerk.press("缺件，一次告知", missing=["surname_agreement"])

    assert "已完成" in clerk.text
    assert clerk.path == _task_page(house, second)


def test_a_supervisor_assigns_with_a_reason_and_a_note(house: House) -> None:
    case = house.file()
    chief = house.sign_in(CHIEF).open(_task_page(house, case))

    chief.press("改派", person="", reason="請假")
    assert "請選擇改派給誰" in chief.text
    gao = str(house.actor(OTHER_CLERK).person_id)
    chief.press("改派", person=gao, reason="請假", note="先打電話")

    assert str(house.task(case).assignee_id) == gao
    assert "先打電話" in house.sign_in(OTHER_CLERK).open(_task_page(house, case)).main


def test_files_are_added_each_with_its_result_and_fetched_with_a_purpose(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(_task_page(house, case)).press("領取")
    files = [_file(a_pdf(), "申請書.pdf"), _file(b"MZ", "病毒.exe")]

    clerk.press("加入附件", file=files)
    told = _rows(clerk)
    clerk.follow("回到清單")

    assert ["完成" in row for row in told] == [True, False]
    assert "申請書.pdf" in told[0]
    assert "只收 PDF" in told[1]
    assert "申請書.pdf" in clerk.main
    clerk.press("下載")
    assert clerk.response.get_data() == a_pdf()
    assert clerk.response.headers["Content-Security-Policy"].startswith("sandbox")
    assert clerk.response.headers["Content-Disposition"].startswith("attachment;")
    assert clerk.response.headers["X-Content-Type-Options"] == "nosniff"
    with house.reading() as tx:
        looked = tx.execute(
            select(tables.history).where(tables.history.c.action == "attachment.looked_at")
        ).one()
    assert looked.purpose == "compare"


def test_a_file_is_not_fetched_by_its_address_alone_and_leaves_a_trace_when_taken_out(
    house: House,
) -> None:
    case = house.file()
    page = f"/cases/{case.id}/attachments"
    clerk = house.sign_in(COUNTER).open(page)
    clerk.press("加入附件", file=[_file(a_png(), "a.png")])
    with house.reading() as tx:
        file = tx.scalar(select(tables.attachments.c.id))
    assert clerk.open(f"/attachments/{file}/content").status == 409

    clerk.open(page).press("移除並銷毀內容", reason="別家的")

    assert "已移除" in clerk.main
    assert "別家的" in clerk.main
    with house.reading() as tx:
        assert tx.execute(select(tables.attachment_parts)).first() is None
    reviewer = house.sign_in(REVIEWER)
    assert reviewer.open(f"/attachments/{file}/content").status == 409


def test_a_picture_is_shown_beside_the_work_and_that_is_recorded(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(_task_page(house, case)).press("領取")
    clerk.press("加入附件", file=[_file(a_png(), "a.png")])

    clerk.follow("並排顯示")

    (picture,) = clerk.page.xpath("//img[contains(@src, '/attachments/')]")
    assert picture.get("alt") == "附件影像：a.png"
    assert clerk.open(picture.get("src")).response.get_data() == a_png()


def test_a_comment_is_read_by_all_and_tells_whom_it_names(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open(_task_page(house, case))

    clerk.press("留言", text="@陳示範 請先看這件")

    assert "請先看這件" in clerk.main
    reviewer = house.sign_in(REVIEWER).open("/notifications")
    assert "同仁在留言中提到您" in reviewer.main
    reviewer.open(f"/cases/{case.id}/comments").press("留言", text=" " * 3)
    assert reviewer.status == 422
    assert "林示範" in reviewer.main
