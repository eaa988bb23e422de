"""The e-counter: who may file what online, by which proof, and what becomes of it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from agencies.identity import CERTIFICATE, Shown
from agencies.sandbox import PIN, Faults
from engine.packages import load_library
from store import tables
from store.tables import cases, history, idempotency_keys
from tests.support.certificates import SandboxIssuer
from tests.support.files import a_pdf
from tests.web.house import COUNTER, LIBRARY, House
from tests.web.test_procedures import deploy
from tests.web.visitor import Visitor
from web import apply, procedures

ME, SOMEBODY_ELSE = "A223456781", "A123456789"
DEATH: Mapping[str, Any] = {
    "data.deceased.name": "張範例",
    "data.deceased.id_number": "A123456789",
    "data.death.date": "115/2/20",
    "in_taiwan": "true",
    "data.applicant.name": "李範例",
    "data.contact.phone": "0912-345-678",
    "applicant_relation": "spouse",
    "contact": "sms",
}
FAILED = "身分驗證未成功。請確認統一編號與憑證後再試一次，或至戶政事務所辦理。"


@pytest.fixture(autouse=True)
def nobody_has_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(procedures, "_tries", procedures.Tries(procedures.TRIES))
    monkeypatch.setattr(apply, "_tries", apply.Tries(apply.TRIES))
    monkeypatch.setattr(apply, "_pages", apply.Tries(apply.PAGES))


@pytest.fixture
def portal(house: House) -> House:
    deploy(house, load_library(LIBRARY), "P02")
    clocks = {"clock": house.clock, "wall_clock": house.wall_clock}
    opened = House(house.db, issuer=SandboxIssuer(house.wall_clock), **clocks)
    opened.clock, opened.wall_clock = house.clock, house.wall_clock
    return opened


def issuer_of(portal: House) -> SandboxIssuer:
    found = portal.app.extensions["huzheng_web"].issuer
    assert isinstance(found, SandboxIssuer)
    return found


def proven(portal: House, id_number: str = ME) -> Visitor:
    visitor = portal.visitor().open("/apply/P02")
    visitor.press("以模擬憑證簽章", id_number=id_number, pin=PIN)
    return visitor.press("驗證並填寫申請書")


def filled(portal: House, **differences: Any) -> Visitor:
    visitor = proven(portal)
    values = {name.replace(".", "__"): value for name, value in DEATH.items()}
    return visitor.press("核對內容", **{**values, **differences})


def count(portal: House, table: Any) -> int:
    with portal.reading() as tx:
        return tx.scalar(select(func.count()).select_from(table)) or 0


def test_a_death_is_filed_online_and_the_counter_finds_it(portal: House) -> None:
    visitor = filled(portal)
    assert "李範例" in visitor.main
    visitor.press("送出申請", file__death_certificate=(io.BytesIO(a_pdf()), "證明書.pdf"))

    assert visitor.status == 200, visitor.main
    number = visitor.page.xpath("//*[@class='number']")[0].text_content()
    code = visitor.page.xpath("//*[@class='code']")[0].text_content()
    assert "李範例" not in visitor.main
    status = portal.visitor().open(f"/status/{code}").press("查詢", code=code, proof=ME[-4:])
    assert number in status.main

    with portal.reading() as tx:
        row = tx.execute(select(cases).where(cases.c.number == number)).one()
        told = tx.scalars(select(history.c.action).where(history.c.case_id == row.id)).all()
    assert (row.channel, row.filed_by, row.status) == ("online", None, "active")
    assert {"case.filed", "case.proven_by_certificate", "attachment.added"} <= set(told)
    clerk = portal.sign_in(COUNTER)
    assert number in clerk.open("/worklist").follow("可領取").main
    assert "線上" in clerk.open("/cases?channel=online").main
    assert "證明書.pdf" in clerk.open(f"/cases/{row.id}/attachments").main


def test_a_second_click_files_no_second_case(portal: House) -> None:
    visitor = filled(portal).press("送出申請")
    first = visitor.page.xpath("//*[@class='number']")[0].text_content()
    before = count(portal, cases)

    visitor.send_again()

    assert visitor.page.xpath("//*[@class='number']")[0].text_content() == first
    assert count(portal, cases) == before


def test_before_it_is_sent_nothing_of_it_is_kept(portal: House) -> None:
    every = tables.metadata.sorted_tables
    before = {table.name: count(portal, table) for table in every}

    visitor = filled(portal)

    assert visitor.response.headers["Cache-Control"] == "no-store"
    assert {table.name: count(portal, table) for table in every} == before
    visitor.press("送出申請")
    with portal.reading() as tx:
        kept = tx.scalars(select(idempotency_keys.c.body)).all()
    assert all(b"A2" not in body for body in kept)


@pytest.mark.parametrize(
    ("differences", "reason"),
    [
        ({"was_head": "true"}, "死亡者為戶長，須推選新戶長，請至戶政事務所辦理"),
        ({"data__death__date": "115/1/5"}, "已逾法定申請期間，請至戶政事務所辦理"),
        (
            {"registration_type": "death_declaration", "data__death__final_on": "115/2/20"},
            "本項登記未開放線上申辦，請至戶政事務所辦理",
        ),
    ],
)
def test_what_the_table_refuses_is_told_with_the_way_and_nothing_is_lost(
    portal: House, differences: dict[str, str], reason: str
) -> None:
    before = count(portal, cases)

    visitor = filled(portal, **differences)
    if "registration_type" in differences:  # asks for the day of the ruling as well
        visitor.press("核對內容", **differences)

    assert visitor.status == 422
    assert reason in visitor.main
    assert visitor.value_of("data.applicant.name") == "李範例"
    assert count(portal, cases) == before


def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(portal: House) -> None:
    visitor = filled(portal, data__deceased__id_number="A123456780")

    assert visitor.status == 422
    assert visitor.page.xpath("//*[@id='f-data-deceased-id_number-error']")
    assert visitor.value_of("data.deceased.id_number") == "A123456780"
    assert visitor.value_of("data.deceased.name") == "張範例"
    visitor.press("核對內容", data__deceased__id_number="A123456789").press("修改")
    assert visitor.status == 200
    assert visitor.value_of("data.deceased.name") == "張範例"


def test_the_applicant_is_who_proved_it(portal: House) -> None:
    visitor = filled(portal, data__applicant__id_number=SOMEBODY_ELSE)

    assert visitor.status == 422
    assert "須與驗證身分的統一編號相同" in visitor.main


@pytest.mark.parametrize("trouble", ["pin", "number", "challenge", "refused", "failing", "down"])
def test_every_failure_of_a_proof_gets_the_same_sentence(portal: House, trouble: str) -> None:
    issuer = issuer_of(portal)
    visitor = portal.visitor().open("/apply/P02")
    pin = "000000" if trouble == "pin" else PIN
    visitor.press("以模擬憑證簽章", id_number=ME, pin=pin)
    if trouble == "refused":
        issuer.memory.faults[CERTIFICATE] = Faults(refuse=True)
    if trouble == "failing":
        issuer.memory.faults[CERTIFICATE] = Faults(fail=9)
    issuer.down = trouble == "down"
    if trouble == "challenge":
        portal.wall_clock.move(timedelta(minutes=11))
    if visitor.has_button("驗證並填寫申請書"):
        number = SOMEBODY_ELSE if trouble == "number" else ME
        visitor.press("驗證並填寫申請書", id_number=number)

    assert (visitor.status, FAILED in visitor.main) == (422, True)


def test_an_answer_serves_for_its_own_challenge_only(portal: House) -> None:
    issuer, at = issuer_of(portal), portal.wall_clock.now()
    answer = issuer.card_of_sandbox(ME, PIN, "one challenge", at)

    assert issuer.proves(Shown(ME, "one challenge", answer), at)
    assert issuer.proves(Shown(ME, "another challenge", answer), at) is None


def test_who_tries_too_often_waits(portal: House) -> None:
    for _ in range(apply.TRIES + 1):
        visitor = portal.visitor().open("/apply/P02")
        visitor.press("以模擬憑證簽章", id_number=ME, pin="000000")

    assert visitor.status == 429


def test_a_proof_is_good_for_its_matter_only(portal: House) -> None:
    visitor = proven(portal)
    proof = visitor.value_of("proof")
    page = portal.visitor().open("/apply/P02")
    token = page.value_of("csrf_token")
    elsewhere = page.client.post("/apply/P01", data={"csrf_token": token, "proof": proof})
    assert elsewhere.status_code == 422


def test_who_proves_again_after_an_hour_has_lost_nothing(portal: House) -> None:
    visitor = filled(portal)
    portal.wall_clock.move(timedelta(minutes=61))

    visitor.press("送出申請")
    assert (visitor.status, "驗證已逾時" in visitor.main) == (422, True)
    visitor.press("以模擬憑證簽章", id_number=ME, pin=PIN).press("驗證並填寫申請書")

    assert visitor.value_of("data.deceased.name") == "張範例"
    assert visitor.press("核對內容").has_button("送出申請")


def test_a_file_that_is_no_document_is_refused_and_the_rest_stays(portal: House) -> None:
    visitor = filled(portal)

    visitor.press("送出申請", file__death_certificate=(io.BytesIO(b"MZ..."), "a.exe"))

    assert visitor.status == 422
    assert "李範例" in visitor.main
    assert count(portal, cases) == 0


def test_the_e_counter_says_what_can_be_filed_online_and_how_the_rest_is(portal: House) -> None:
    index = portal.visitor().open("/apply?lang=en")
    assert "Death and declaration of death" in index.main
    assert index.link("Birth registration").startswith("/procedures/P01")

    birth = portal.visitor().open("/apply/P01")
    assert "本項登記未開放線上申辦" in birth.main
    assert birth.link("查看申辦須知").startswith("/procedures/P01")
    assert portal.visitor().open("/procedures/P02").link("前往線上申請").startswith("/apply/P02")


def test_without_an_issuer_nothing_is_filed_online(house: House) -> None:
    deploy(house, load_library(LIBRARY), "P02")

    assert "線上申辦目前暫停" in house.visitor().open("/apply/P02").main


def test_where_there_is_no_demonstration_there_is_no_simulated_reader(portal: House) -> None:
    real = House(portal.db, issuer=issuer_of(portal), demo=False, https=False)

    visitor = real.visitor().open("/apply/P02")

    assert not visitor.has_button("以模擬憑證簽章")
    token = visitor.value_of("csrf_token")
    sent = visitor.client.post("/apply/P02/card", data={"csrf_token": token})
    assert sent.status_code == 404
