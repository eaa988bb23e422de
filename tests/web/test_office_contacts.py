"""How an office is reached: on its page, by command, and on the papers people take home."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

import app
from engine import office_contacts
from engine.errors import Forbidden, NotFound
from store.tables import notices
from tests.web.house import BIRTH, CHIEF, COUNTER, OPERATOR, House
from web.demo_office.office import OFFICE, OTHER_OFFICE

TELEPHONE = "07-123-4567 轉 12"


def saved(house: House, **given: str) -> Any:
    page = house.sign_in(OPERATOR).open("/operations/offices")
    form = page.page.xpath("//form[contains(@action, '/offices/contact')]")[0]
    page.send(form.xpath(".//button")[0], dict(given))
    return page


def test_the_operator_says_how_the_office_is_reached_and_the_history_keeps_who(
    house: House,
) -> None:
    page = saved(house, telephone=TELEPHONE, open_zh="", open_en="")

    assert page.status == 200
    assert TELEPHONE in page.main
    with house.reading() as tx:
        found = office_contacts.of_office(tx, OFFICE)
    assert (found.telephone, found.open_zh) == (TELEPHONE, "")
    assert found.address_zh.startswith("示範市南區")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"telephone": "請洽服務台"}, "請輸入電話號碼"),
        ({"address_zh": "長" * 201}, "請勿超過 200 個字"),
    ],
)
def test_what_is_no_contact_is_refused_and_stays_typed(
    house: House, given: dict[str, str], told: str
) -> None:
    page = saved(house, **given)

    assert page.status == 422
    assert told in page.main
    ((name, typed),) = given.items()
    assert page.value_of(name) == typed


def test_only_an_operator_or_the_director_of_the_office_changes_it(house: House) -> None:
    given, now = {"telephone": TELEPHONE}, house.clock.now()
    for login, office_id in ((CHIEF, OFFICE), (OPERATOR, OTHER_OFFICE)):
        with pytest.raises(Forbidden), house.db.transaction() as tx:
            office_contacts.change(tx, office_id, given, house.actor(login), now)
    with pytest.raises(NotFound), house.reading() as tx:
        office_contacts.of_office(tx, "nowhere")


def test_the_command_line_shows_and_changes_it(house: House) -> None:
    def run(*words: str) -> dict[str, str]:
        told = CliRunner().invoke(
            app.main,
            ["office", "contact", OFFICE, "--json", *words],
            env={"DATABASE_URL": str(house.db.engine.url)},
            catch_exceptions=False,
        )
        assert told.exit_code == 0, told.output
        found: dict[str, str] = json.loads(told.output)
        return found

    before = run()
    after = run("--telephone", TELEPHONE)

    assert after == {**before, "telephone": TELEPHONE}
    assert before["address_en"].endswith("Demo City")


def test_the_one_time_notice_says_who_is_in_charge_and_how_the_office_is_reached(
    house: House,
) -> None:
    clerk = house.sign_in(COUNTER).open("/counter").follow("出生登記")
    clerk.press("收件", **BIRTH, paper=["birth_certificate"]).press("收件並一次告知")

    with house.reading() as tx:
        notice = tx.execute(select(notices).where(notices.c.kind == "one_time_notice")).one()
    assert notice.issued_by == house.actor(COUNTER).person_id
    paper = clerk.open(f"/notices/{notice.id}").main
    for told in (
        "林示範",
        "(00) 000-0001 #21",
        "示範市南區示範一路 1 號",
        "中午不休息",
    ):
        assert told in paper
    receipt = clerk.open(f"/cases/{notice.case_id}/receipt").main
    assert "(00) 000-0001 #21" in receipt

    saved(house, open_zh="", open_en="")
    assert "中午不休息" in clerk.open(f"/notices/{notice.id}").main  # as it was issued
