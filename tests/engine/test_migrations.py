"""Migration plans on both databases: dry run, four eyes, one case to a transaction, all rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import migrations, migrations_work
from engine.errors import Conflict, Forbidden, NotFound, Rejected
from engine.migrations import Asked
from engine.migrations_list import Counts
from tests.engine.moving_desk import APPROVER, AUTHOR, LONGER, REASON, Desk
from tests.support.driver import CaseDriver
from tests.support.factories import an_office
from tests.support.packages import diagram, flows, user_task


@pytest.fixture
def desk(driver: CaseDriver, packages: Path) -> Desk:
    return Desk(driver, packages)


# Judging


def test_a_dry_run_judges_every_running_case_and_moves_none(desk: Desk, driver: CaseDriver) -> None:
    old = driver.deploy("REVIEW")
    at_record, at_review = driver.file("REVIEW"), driver.file("REVIEW")
    driver.complete(at_review, "record", by="counter Lin")
    ended = driver.file("REVIEW")
    driver.complete(ended, "record", by="counter Lin")
    driver.complete(ended, "review", by="reviewer Wu", outcome="approve")
    new = desk.deploy(
        diagram(
            "REVIEW",
            '<startEvent id="start"/>'
            + user_task("review", "reviewer", duty="review", outcomes="approve,return")
            + '<endEvent id="end"/>'
            + flows("start>review", "review>end"),
        )
    )

    plan_id = desk.propose(old, new)

    found, counted = desk.plan(plan_id)
    assert (found.status, found.from_version, found.to_version) == ("waiting", 1, 2)
    assert counted == Counts(2, {"cannot": 1, "can": 1}, {})
    by_case = {each.case_id: each for each in desk.results(plan_id).rows}
    assert by_case[at_record.id].verdict == "cannot"
    (remark,) = by_case[at_record.id].remarks
    assert (remark["code"], remark["element"]) == ("element.gone", "record")
    assert "record" in remark["zh"]
    assert {driver.row(each).definition_id for each in (at_record, at_review)} == {old}


def test_a_thousand_cases_are_judged_in_batches_that_pages_list(
    desk: Desk, driver: CaseDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations_work, "BATCH", 3)
    old = driver.deploy("REVIEW")
    filed = [driver.file("REVIEW") for _ in range(8)]
    new = desk.deploy(LONGER)
    with driver.db.transaction() as tx:
        asked = Asked(old, new, REASON, {})
        plan_id = migrations.propose(tx, asked, driver.person(AUTHOR), driver.clock.now())

    assert desk.plan(plan_id)[0].status == "judging"
    assert desk.plan(plan_id)[1].total == 3
    assert desk.work() == 2
    assert desk.plan(plan_id)[0].status == "waiting"

    first = desk.results(plan_id, limit=5)
    rest = desk.results(plan_id, cursor=first.next_cursor, limit=5)
    assert [row.case_id for row in (*first.rows, *rest.rows)] == sorted(each.id for each in filed)
    assert rest.next_cursor is None


# Four eyes


def test_the_author_does_not_approve_a_plan(desk: Desk, driver: CaseDriver) -> None:
    old = driver.deploy("REVIEW")
    plan_id = desk.propose(old, desk.deploy(LONGER))

    with pytest.raises(Forbidden) as refused:
        desk.approve(plan_id, by=AUTHOR)
    assert refused.value.code == "migration.four_eyes"
    with pytest.raises(Forbidden):
        desk.approve(plan_id, by="counter Lin")
    desk.approve(plan_id, by=APPROVER)
    with pytest.raises(Conflict):
        desk.approve(plan_id, by=APPROVER)


def test_a_refused_plan_moves_nothing(desk: Desk, driver: CaseDriver) -> None:
    old = driver.deploy("REVIEW")
    case = driver.file("REVIEW")
    plan_id = desk.propose(old, desk.deploy(LONGER))
    chief, now = driver.person(APPROVER), driver.clock.now()

    with pytest.raises(Rejected), driver.db.transaction() as tx:
        migrations.refuse(tx, plan_id, " ", chief, now)
    with driver.db.transaction() as tx:
        migrations.refuse(tx, plan_id, "先不要動", chief, now)
    desk.work()

    found, _ = desk.plan(plan_id)
    assert (found.status, found.decided_why) == ("refused", "先不要動")
    assert driver.row(case).definition_id == old


def test_an_author_takes_a_plan_back(desk: Desk, driver: CaseDriver) -> None:
    old = driver.deploy("REVIEW")
    new = desk.deploy(LONGER)
    plan_id = desk.propose(old, new)
    with pytest.raises(Conflict) as other:
        desk.propose(old, new)
    assert other.value.code == "migration.other"

    other_analyst = driver.person("analyst Lo")
    with pytest.raises(Forbidden), driver.db.transaction() as tx:
        migrations.take_back(tx, plan_id, other_analyst, driver.clock.now())
    with driver.db.transaction() as tx:
        migrations.take_back(tx, plan_id, driver.person(AUTHOR), driver.clock.now())

    with pytest.raises(Conflict):
        desk.approve(plan_id)
    desk.propose(old, new)


def test_what_cannot_be_asked_for_is_refused_with_a_sentence(
    desk: Desk, driver: CaseDriver
) -> None:
    old = driver.deploy("REVIEW")
    new = desk.deploy(LONGER)
    clerk = "counter Lin"

    with pytest.raises(Forbidden):
        desk.propose(old, new, by=clerk)
    with pytest.raises(Rejected, match="Say why"):
        desk.propose(old, new, reason="  ")
    with pytest.raises(Rejected, match="two different versions"):
        desk.propose(old, old)
    with pytest.raises(Rejected, match="nowhere"):
        desk.propose(old, new, {"processes": {"REVIEW": {"elements": {"nowhere": "record"}}}})
    with pytest.raises(Rejected, match="no fast"):
        desk.propose(old, new, {"clocks": ["fast"]})
    with pytest.raises(Rejected, match=r"processes\.REVIEW\.rearm"):
        desk.propose(old, new, {"processes": {"REVIEW": {"rearm": "late"}}})
    with pytest.raises(Rejected, match=r"named\.other"):
        desk.propose(old, new, {"other": 1})


def test_another_office_sees_neither_versions_nor_plans(desk: Desk, driver: CaseDriver) -> None:
    old = driver.deploy("REVIEW")
    new = desk.deploy(LONGER)
    plan_id = desk.propose(old, new)
    with driver.db.transaction() as tx:
        an_office(tx, "elsewhere")
    stranger = driver.person("analyst Far", "elsewhere")

    with pytest.raises(NotFound), driver.db.transaction() as tx:
        migrations.propose(tx, Asked(old, new, REASON, {}), stranger, driver.clock.now())
    with pytest.raises(NotFound), driver.db.transaction() as tx:
        migrations.approve(tx, plan_id, "", stranger, driver.clock.now())
