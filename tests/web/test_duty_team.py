"""The control table of the year names who carries the plan."""

from __future__ import annotations

from sqlalchemy import select, update

from engine import deployments
from engine.packages import load_library
from sla import plan_members
from sla.duties import begin_owed
from store import tables
from tests.web.house import ANALYST, CHIEF, LIBRARY, House


def test_the_table_names_who_carries_the_plan(house: House) -> None:
    with house.db.transaction() as tx:
        library = load_library(LIBRARY)
        deployments.deploy(tx, library, "D1", house.actor(ANALYST), house.clock.now())
    begin_owed(house.db, house.clock.now())
    with house.db.transaction() as tx:
        plan = tx.execute(select(tables.cases.c.id, tables.cases.c.office_id).limit(1)).one()
        member = {"role": "召集人", "name": "吳主任", "work": "綜理推動"}
        plan_members.enter(tx, plan.id, plan.office_id, [member])
        item = {"title": "簡化申請書表", "section": "registration"}
        here = tables.duty_periods.c.case_id == plan.id
        tx.execute(update(tables.duty_periods).where(here).values(**item))

    visitor = house.sign_in(CHIEF).open("/duties")

    cells = [each.text_content() for each in visitor.page.xpath("//*[@id='team']//tbody/tr/*")]
    assert cells == ["召集人", "吳主任", "綜理推動"]
