"""The panel of population movements: counts for everybody, nobody's name, one office only."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from engine.bpmn.codec import dump_state, load_state
from engine.bpmn.state import ROOT
from engine.cases import Filed
from store.tables import cases
from tests.web.house import MOVE, House
from tests.web.visitor import Visitor


def registered(house: House, case: Filed, outcome: str = "registered", **known: object) -> None:
    """The case ended so; what the process knew of the people stays in its state."""
    with house.db.transaction() as tx:
        saved = tx.scalar(select(cases.c.state).where(cases.c.id == case.id))
        state = load_state(saved)
        state.activations[ROOT].variables.update(known)
        ended = {"status": "closed", "outcome": outcome, "closed_at": house.clock.now()}
        changed = {**ended, "state": dump_state(state)}
        tx.execute(update(cases).where(cases.c.id == case.id).values(**changed))


@pytest.fixture
def panel(house: House) -> Visitor:
    """In March two births, three people in, one out; one move of an address; one refused."""
    registered(house, house.file())
    registered(house, house.file(), "ex_officio")
    registered(house, house.file(), "withdrawn")
    for kind, people in (("move_in", 3), ("move_out", 1), ("address_change", 5)):
        case = house.file("P08", values={**MOVE, "registration_type": kind})
        registered(house, case, people=Decimal(people))
    away = house.file()
    registered(house, away)
    house.move_away(away)
    return house.visitor().open("/population?office=demo-south")


def row(visitor: Visitor, name: str) -> list[str]:
    found = visitor.page.xpath(f"//tr[th[@scope='row'][normalize-space()='{name}']]")[0]
    return [" ".join(cell.text_content().split()) for cell in found.iter("td")]


def test_everybody_sees_the_counts_of_the_month_and_no_person(panel: Visitor) -> None:
    assert row(panel, "出生")[0] == "2"  # not the one that was withdrawn, nor the other office's
    assert row(panel, "115 年 3 月") == ["2", "0", "2", "3", "1", "2", "0", "0"]
    assert row(panel, "115 年 2 月") == ["0"] * 8
    assert "陳" not in panel.main
    assert "示範市北區" not in panel.main


def test_the_bars_are_told_in_numbers_too(panel: Visitor) -> None:
    bars = panel.page.xpath("//svg[@class='bar']")

    assert len(bars) == 6
    assert all(bar.get("aria-hidden") == "true" for bar in bars)
    assert row(panel, "遷入")[0] == "3"


def test_the_spreadsheet_has_the_same_figures(panel: Visitor) -> None:
    panel.follow("下載 ODS")

    with zipfile.ZipFile(io.BytesIO(panel.response.data)) as packed:
        told = packed.read("content.xml").decode()
    assert "115 年 3 月" in told
    assert "社會增減" in told


def test_an_office_that_is_none_is_not_found(house: House) -> None:
    assert house.visitor().open("/population?office=nobody").response.status_code == 404
