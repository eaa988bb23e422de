"""The page of a list: progress, bad rows, the cases; and the way to it from the case."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from engine import attachments, deployments, list_work
from engine.attachments import Place, Rules
from engine.cases import FileCase, Filed, file
from engine.packages import load_library
from engine.user_tasks import Completion, claim, complete
from store.database import Database
from store.tables import user_tasks
from tests.support.listing import GOOD, HEADING, people, write_packages
from tests.web.house import ANALYST, COUNTER, House
from tests.web.test_live import ask


@pytest.fixture
def listed(house: House, tmp_path: Path) -> Filed:
    """A case whose list of 21 good rows and a bad one was handed in, and nothing done yet."""
    write_packages(tmp_path)
    rows = [f"王小明,{each}," for each in people(list_work.BATCH + 1)]
    table = HEADING + "\n".join([*rows[:3], "李大同,A123456788,", *rows[3:]])
    clerk, now = house.actor(COUNTER), house.clock.now()
    with house.db.transaction() as tx:
        for each in ("EACH", "LISTED"):
            deployments.deploy(tx, load_library(tmp_path), each, house.actor(ANALYST), now)
        case = file(tx, FileCase("LISTED", "counter"), clerk, now)
    prepared = attachments.prepare("list.csv", io.BytesIO(table.encode()), Rules())
    with house.db.transaction() as tx:
        attachments.add(tx, case.id, prepared, Place(), clerk, now)
        task = tx.execute(user_tasks.select().where(user_tasks.c.case_id == case.id)).one()
        claim(tx, task.id, clerk, now)
        complete(tx, task.id, Completion({}, {}, None), clerk, now)
    return case


def work(db: Database, house: House, most: int = 1_000) -> None:
    while most and list_work.advance_next(db, house.clock.now()):
        most -= 1


def test_an_open_page_shows_progress_and_hears_of_it(house: House, listed: Filed) -> None:
    work(house.db, house, most=2)

    visitor = house.sign_in(COUNTER).open(f"/cases/{listed.id}")
    address = visitor.page.xpath('//*[@id="lists"]//a/@href')[0]
    visitor.open(address)

    assert visitor.page.xpath("//progress/@value") == [str(list_work.BATCH)]
    assert visitor.page.xpath("//progress/@max") == [str(list_work.BATCH + 1)]
    assert ask(visitor).json["told"] == ""
    work(house.db, house)
    house.clock.move(house.minutes(2))
    assert ask(visitor).json["told"] != ""


def test_bad_rows_are_named_and_good_ones_lead_to_their_case(house: House, listed: Filed) -> None:
    work(house.db, house)
    visitor = house.sign_in(COUNTER).open(f"/cases/{listed.id}")

    visitor.open(visitor.page.xpath('//*[@id="lists"]//a/@href')[0])

    assert "已匯入" in visitor.main
    bad, filed = visitor.page.xpath("//table")
    assert [cell.text_content() for cell in bad.xpath(".//tbody/tr/td")][:2] == ["5", "統一編號"]
    assert len(filed.xpath(".//tbody/tr")) == list_work.BATCH + 1
    visitor.open(filed.xpath(".//tbody/tr[1]//a/@href")[0])
    assert visitor.status == 200
    assert "A123456788" not in visitor.text
    assert GOOD[0] not in visitor.text


def test_the_page_of_the_case_does_not_name_those_of_its_list(house: House, listed: Filed) -> None:
    work(house.db, house)

    visitor = house.sign_in(COUNTER).open(f"/cases/{listed.id}")

    relations = visitor.page.xpath('//*[@id="relations"]')[0].text_content()
    assert "王○明" not in relations
    assert not visitor.page.xpath('//*[@id="relations"]//li')


def test_a_list_that_is_none_is_answered_as_such(house: House, listed: Filed) -> None:
    visitor = house.sign_in(COUNTER).open(f"/lists/{listed.id}")

    assert visitor.status == 404
