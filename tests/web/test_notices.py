"""The page of a notice: its paper, its files, and what is done with it; the office's own words."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from xml.etree import ElementTree

from engine import case_rows, notices
from engine.notices import Notice
from tests.web.house import CHIEF, COUNTER, House
from tests.web.visitor import Visitor

DIRECTOR = "director.wu"


def made(house: House) -> Visitor:
    """The page of a notice to collect that a clerk has just made."""
    case = house.file()
    clerk = house.sign_in(COUNTER).open(f"/cases/{case.id}/notices/new?kind=pick_up")
    clerk.press("製作", **{"v.document": "booklet", "v.desk": "3", "channel": "counter"})
    assert clerk.path.startswith("/notices/"), clerk.main
    return clerk


def test_a_clerk_makes_one_and_takes_it_home_as_text(house: House) -> None:
    clerk = made(house)

    assert "領件通知" in clerk.main
    assert "戶口名簿" in clerk.main
    assert clerk.link("下載 ODT")
    answer = clerk.client.get(clerk.link("下載 ODT"))
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        content = ElementTree.fromstring(book.read("content.xml"))
    assert answer.mimetype == "application/vnd.oasis.opendocument.text"
    assert "戶口名簿" in "".join(content.itertext())


def test_the_receipt_of_a_fee_is_kept_with_its_case_as_a_file(house: House) -> None:
    case = house.file()
    content = {"amount": 300, "paid_on": date(2026, 3, 2), "items": []}
    with house.db.transaction() as tx:
        clerk_of_it = house.actor(COUNTER)
        filed = case_rows.load(tx, case.id, clerk_of_it, lock=True)
        receipt = Notice("fee_receipt", "counter", content, clerk_of_it.person_id, filed.data)
        notice_id = notices.issue(tx, filed.ref, "receipt#1", receipt, house.clock.now())
    clerk = house.sign_in(COUNTER).open(f"/notices/{notice_id}")

    assert "新臺幣 300 元" in clerk.main
    with zipfile.ZipFile(io.BytesIO(clerk.client.get(clerk.link("下載 ODT")).data)) as book:
        content_xml = ElementTree.fromstring(book.read("content.xml"))
    assert "300" in "".join(content_xml.itertext())
    printed = clerk.client.get(f"/notices/{notice_id}.pdf")
    assert printed.data.startswith(b"%PDF-")


def test_it_comes_back_is_sent_again_and_served(house: House) -> None:
    clerk = made(house)

    clerk.press("登錄退回", returned_on="115/3/2", reason="查無此人")
    assert "退回" in clerk.main
    clerk.press("重新寄發", channel="letter", reason="改寄指定處所")
    clerk.press("登錄", served_on="115/3/2", proof="回執 12345")

    assert "已送達" in clerk.main
    assert "12345" in clerk.main


def test_a_void_one_says_so_on_its_paper(house: House) -> None:
    clerk = made(house).press("作廢", reason="誤發")

    assert "作廢" in clerk.main
    assert "誤發" in clerk.main


def test_the_director_words_a_notice_and_the_chief_only_reads(house: House) -> None:
    chief = house.sign_in(CHIEF).open("/wordings/pick_up")
    assert not chief.has_button("儲存用語")
    assert "內容中寫 {欄位} 的地方" in chief.main

    director = house.sign_in(DIRECTOR).open("/wordings/pick_up")
    director.press("儲存用語", **{"body.zh-TW": "請領{documnet}。", "reason": "本所用語"})
    assert director.status == 422
    assert "documnet" in director.main
    director.press("儲存用語", **{"body.zh-TW": "請來領{document}。", "reason": "本所用語"})

    assert director.status == 200, director.main
    assert "請來領戶口名簿。" in made(house).main
