"""What was taken in on paper while the system was down is entered from its task, with its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine import deployments, user_tasks
from engine.cases import FileCase, Filed, file
from engine.packages import load_library
from engine.user_tasks import Completion
from store.tables import cases
from store.tables import user_tasks as tasks
from tests.web.house import ANALYST, BIRTH, CHIEF, COUNTER, LIBRARY, House

DOWN = {"since_on": "2026-03-02", "since_time": "09:00"}
PAPER = {
    "matter": "P01",
    "received_on": "2026-03-02",
    "received_time": "09:40",
    "held_papers": "出生證明書",
}


def done(house: House, case: Filed, element_id: str, by: str, **values: Any) -> None:
    actor, task_id = house.actor(by), waiting(house, case, element_id)
    outcome = values.pop("outcome", None)
    with house.db.transaction() as tx:
        user_tasks.claim(tx, task_id, actor, house.clock.now())
        entered = Completion(values, outcome=outcome)
        user_tasks.complete(tx, task_id, entered, actor, house.clock.now())


def waiting(house: House, case: Filed, element_id: str) -> UUID:
    with house.reading() as tx:
        return tx.execute(
            select(tasks.c.id).where(
                tasks.c.case_id == case.id,
                tasks.c.element_id == element_id,
                tasks.c.status.in_(("unclaimed", "claimed")),
            )
        ).scalar_one()


@pytest.fixture
def outage(house: House) -> Filed:
    """Down since nine, one paper at 09:40, back at eleven."""
    library, analyst = load_library(LIBRARY), house.actor(ANALYST)
    deployments.prepare(library, "A2")
    clerk = house.actor(COUNTER)
    with house.db.transaction() as tx:
        deployments.deploy(tx, library, "A2", analyst, house.clock.now())
        values = {"failed_system": "ris", "symptom": "無法存檔", **DOWN}
        case = file(tx, FileCase("A2", "counter", values), clerk, house.clock.now())
    desk = {"help_desk_number": "H-1", **DOWN}
    done(house, case, "confirm_outage", CHIEF, outcome="confirmed", **desk)
    house.clock.move(timedelta(minutes=45))
    done(house, case, "take_paper", COUNTER, **PAPER)
    house.clock.move(timedelta(minutes=80))
    back = {"recovered_on": "2026-03-02", "recovered_time": "11:00"}
    done(house, case, "wait_recovery", "records.huang", **back)
    return case


def test_the_task_opens_the_form_of_the_matter_and_the_case_counts_from_the_paper(
    house: House, outage: Filed
) -> None:
    task_id = waiting(house, outage, "enter_paper")
    clerk = house.sign_in(COUNTER).open(f"/user-tasks/{task_id}")
    assert not clerk.page.xpath("//a[. = '補登此件']")  # not before it is claimed
    clerk.press("領取")

    clerk.follow("補登此件")
    assert clerk.path.startswith("/counter/P01")
    assert f"{outage.number}-1" in clerk.main
    assert "09:40" in clerk.main
    assert "<time" not in clerk.main
    clerk.press("收件", papers_all="true", channel="counter", **BIRTH)

    assert clerk.path.endswith("/receipt"), clerk.main
    assert f"已補登紙本 {outage.number}-1" in clerk.text
    with house.reading() as tx:
        entered = tx.execute(select(cases).where(cases.c.parent_case_id == outage.id)).one()
    assert entered.filed_at == datetime(2026, 3, 2, 1, 40, tzinfo=UTC)
    assert waiting(house, outage, "check_paper")


def test_a_paper_of_somebody_else_or_of_another_matter_is_refused(
    house: House, outage: Filed
) -> None:
    task_id = waiting(house, outage, "enter_paper")
    clerk = house.sign_in(COUNTER).open(f"/counter/P01?reentry={task_id}")
    assert clerk.status == 409
    clerk.open(f"/user-tasks/{task_id}").press("領取")

    clerk.open(f"/counter/P08?reentry={task_id}")

    assert clerk.status == 422, clerk.main
    assert "P01" in clerk.main
