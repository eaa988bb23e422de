"""A field whose lines are taken from a table among the case's files."""

from __future__ import annotations

import io
import json
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Connection, select

from engine import attachments, deployments
from engine.attachments import Place, Rules
from engine.cases import FileCase, Filed, file
from engine.packages import load_library
from engine.user_tasks import claim
from store.tables import history, user_tasks
from tests.support.packages import diagram, flows, user_task, write_package
from tests.web.house import ANALYST, COUNTER, House
from tests.web.visitor import Visitor

BUTTON = "帶入附件中最新的名冊"
ROSTER = "班級座號,姓名\n\n301-01,王示範\n301-02,李示範\n"
ROWS = "班級座號\t姓名\n\n301-01\t王示範\n301-02\t李示範"


@pytest.fixture
def case(house: House, tmp_path: Path) -> Filed:
    """A case whose first task has a field for the rows of a table."""
    body = '<startEvent id="start"/>' + user_task("take") + '<endEvent id="end"/>'
    xml = diagram("ROSTER", body + flows("start>take", "take>end"))
    form = write_package(tmp_path, "ROSTER", xml) / "forms" / "anything.form"
    told = json.loads(form.read_text())
    properties = {"label_en": "Rows", "from_table": "true"}
    told["components"].append(
        {"type": "textarea", "id": "rows", "key": "rows", "label": "名冊", "properties": properties}
    )
    form.write_text(json.dumps(told))
    clerk, now = house.actor(COUNTER), house.clock.now()
    with house.db.transaction() as tx:
        deployments.deploy(tx, load_library(tmp_path), "ROSTER", house.actor(ANALYST), now)
        filed = file(tx, FileCase("ROSTER", "counter"), clerk, now)
        claim(tx, task_of(tx, filed), clerk, now)
    return filed


def task_of(tx: Connection, case: Filed) -> UUID:
    return tx.scalars(select(user_tasks.c.id).where(user_tasks.c.case_id == case.id)).one()


def opened(house: House, case: Filed) -> Visitor:
    with house.reading() as tx:
        task_id = task_of(tx, case)
    return house.sign_in(COUNTER).open(f"/user-tasks/{task_id}")


def rows_in(visitor: Visitor) -> str:
    return str(visitor.page.xpath('//textarea[@name="rows"]')[0].text_content()).strip()


def test_the_rows_of_the_newest_table_come_into_the_field_and_the_look_is_on_record(
    house: House, case: Filed
) -> None:
    prepared = attachments.prepare("pupils.csv", io.BytesIO(ROSTER.encode("cp950")), Rules())
    with house.db.transaction() as tx:
        attachments.add(tx, case.id, prepared, Place(), house.actor(COUNTER), house.clock.now())

    visitor = opened(house, case).press(BUTTON, note="from the school")

    assert rows_in(visitor) == ROWS
    assert visitor.page.xpath('//*[@name="note"]/@value') == ["from the school"]
    with house.reading() as tx:
        looks = select(history.c.id).where(history.c.action == "attachment.looked_at")
        assert len(tx.scalars(looks.where(history.c.case_id == case.id)).all()) == 1
        assert tx.scalar(select(user_tasks.c.status)) == "claimed"


def test_without_a_table_it_is_said_what_to_do(house: House, case: Filed) -> None:
    visitor = opened(house, case).press(BUTTON, note="typed")

    assert "請先加入附件" in visitor.main
    assert visitor.page.xpath('//*[@name="note"]/@value') == ["typed"]
