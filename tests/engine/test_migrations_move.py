"""Cases that are moved, with all their rows, each in a transaction of its own."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from engine import cases, events, migrations, migrations_work, notes, user_tasks
from engine.bpmn.interpreter import load_state
from engine.case_rows import load
from engine.errors import Conflict, Forbidden
from engine.migrations_list import Wanted
from engine.user_tasks import Completion
from store import tables
from tests.engine.moving_desk import APPROVER, AUTHOR, LONGER, REASON, Desk, timed
from tests.support.driver import CaseDriver
from tests.support.packages import FORM, REVIEW, write_package


@pytest.fixture
def desk(driver: CaseDriver, packages: Path) -> Desk:
    return Desk(driver, packages)


# Moving


def test_an_open_task_keeps_its_id_assignee_and_claim(desk: Desk, driver: CaseDriver) -> None:
    old = driver.deploy("REVIEW")
    case = driver.file("REVIEW")
    task_id = driver.claim(case, "record", by="counter Lin")
    before = driver.task(case, "record")
    new = desk.deploy(LONGER)

    plan_id = desk.move(old, new)

    assert desk.plan(plan_id)[1].outcomes == {"moved": 1}
    assert desk.plan(plan_id)[0].status == "done"
    assert driver.row(case).definition_id == new
    assert driver.task(case, "record") == before
    assert before.id == task_id
    driver.complete(case, "record", by="counter Lin")
    assert driver.open_tasks(case) == ["check"]
    driver.complete(case, "check", by="records Yu")
    driver.complete(case, "review", by="reviewer Wu", outcome="approve")
    assert driver.status(case) == "closed"


def test_a_task_with_another_form_shows_it_and_refuses_who_saw_the_old_one(
    desk: Desk, driver: CaseDriver, packages: Path
) -> None:
    old = driver.deploy("REVIEW")
    case = driver.file("REVIEW")
    task_id = driver.claim(case, "record", by="counter Lin")
    seen = driver.task(case, "record").version
    other = {**FORM, "components": [*FORM["components"][:1]]}
    write_package(packages, "REVIEW", REVIEW.replace(b"Task record", b"Record anew"))
    (packages / "review" / "forms" / "anything.form").write_text(json.dumps(other))
    new = driver.deploy("REVIEW")

    plan_id = desk.move(old, new)

    task = driver.task(case, "record")
    assert desk.plan(plan_id)[1].verdicts == {"task_changed": 1}
    assert (task.id, task.name, task.status, task.version) == (
        task_id,
        "Record anew",
        "claimed",
        seen + 1,
    )
    clerk = driver.person("counter Lin")
    with pytest.raises(Conflict) as stale, driver.db.transaction() as tx:
        user_tasks.complete(tx, task_id, Completion({}, {}), clerk, driver.clock.now(), seen)
    assert stale.value.code == "user_task.changed"


def test_candidate_groups_and_duty_follow_the_new_version(desk: Desk, driver: CaseDriver) -> None:
    old = driver.deploy("REVIEW")
    case = driver.file("REVIEW")
    new = desk.deploy(
        REVIEW.replace(
            b'hz:candidateGroups="counter" hz:duty="record"',
            b'hz:candidateGroups="records,chief" hz:duty="record"',
        )
    )

    desk.move(old, new)

    groups = {row.group_name for row in driver.rows(tables.user_task_groups)}
    assert groups == {"records", "chief"}
    with pytest.raises(Forbidden):
        driver.claim(case, "record", by="counter Lin")
    driver.complete(case, "record", by="records Yu")


def test_a_renamed_element_takes_its_rows_along(desk: Desk, driver: CaseDriver) -> None:
    old = driver.deploy("REVIEW")
    case = driver.file("REVIEW")
    task_id = driver.claim(case, "record", by="counter Lin")
    new = desk.deploy(
        REVIEW.replace(b'"record"', b'"enter"').replace(b'duty="enter"', b'duty="record"')
    )

    plan_id = desk.propose(old, new)
    assert desk.plan(plan_id)[1].verdicts == {"cannot": 1}
    with driver.db.transaction() as tx:
        migrations.take_back(tx, plan_id, driver.person(AUTHOR), driver.clock.now())
    desk.move(old, new, {"processes": {"REVIEW": {"elements": {"record": "enter"}}}})

    assert driver.task(case, "enter").id == task_id
    assert load_state(driver.row(case).state).activations["record#1"].element == "enter"
    driver.complete(case, "enter", by="counter Lin")
    assert driver.open_tasks(case) == ["review"]


def test_a_timer_keeps_its_due_time_unless_it_is_named(desk: Desk, driver: CaseDriver) -> None:
    old = desk.deploy(timed("P5D"))
    case = driver.file("REVIEW")
    due = driver.clock.now() + timedelta(days=5)
    driver.clock.move(timedelta(days=1))
    new = desk.deploy(timed("P30D"))

    desk.move(old, new)
    (kept,) = driver.rows(tables.timers, case)
    assert (kept.status, kept.due_at) == ("waiting", due)

    third = desk.deploy(timed("P40D"))
    desk.move(new, third, {"processes": {"REVIEW": {"rearm": ["late"]}}})
    armed = {row.status: row.due_at for row in driver.rows(tables.timers, case)}
    assert armed == {"cancelled": due, "waiting": driver.clock.now() + timedelta(days=40)}
    driver.pass_time(timedelta(days=41))
    assert driver.open_tasks(case) == ["record"]
    driver.complete(case, "record", by="counter Lin")
    assert driver.status(case) == "closed"


def test_the_history_tells_the_move_and_the_words_lie_under_the_cases_key(
    desk: Desk, driver: CaseDriver
) -> None:
    old = driver.deploy("REVIEW")
    case = driver.file("REVIEW")
    desk.move(old, desk.deploy(LONGER))

    (told,) = [row for row in driver.rows(tables.history, case) if row.action == "case.migrated"]
    assert (told.detail["former"], told.detail["version"], told.detail["said"]) == (1, 2, True)
    assert REASON not in json.dumps(told.detail, ensure_ascii=False)
    assert told.person_id == driver.person(APPROVER).person_id
    with driver.db.transaction(read_only=True) as tx:
        loaded = load(tx, case.id, driver.person(AUTHOR), lock=False)
        said = notes.last_said(tx, loaded, notes.MIGRATION)
    assert said is not None
    assert said.text == REASON
    assert {"migration.planned", "migration.approved", "migration.done"} <= {
        row.action for row in driver.rows(tables.history)
    }


def test_a_case_that_cannot_be_moved_stays_and_the_others_go(
    desk: Desk, driver: CaseDriver
) -> None:
    old = driver.deploy("REVIEW")
    stays, goes = driver.file("REVIEW"), driver.file("REVIEW")
    driver.complete(goes, "record", by="counter Lin")
    new = desk.deploy(
        REVIEW.replace(b'"record"', b'"enter"').replace(b'duty="enter"', b'duty="record"')
    )

    plan_id = desk.move(old, new)

    assert desk.plan(plan_id)[1].outcomes == {"kept": 1, "moved": 1}
    assert (driver.row(stays).definition_id, driver.row(goes).definition_id) == (old, new)
    driver.complete(stays, "record", by="counter Lin")
    (row,) = desk.results(plan_id, Wanted(outcome="kept")).rows
    assert row.case_id == stays.id


def test_a_case_is_judged_again_when_its_turn_comes(desk: Desk, driver: CaseDriver) -> None:
    old = driver.deploy("REVIEW")
    first, second, third = (driver.file("REVIEW") for _ in range(3))
    new = desk.deploy(
        REVIEW.replace(b'"review"', b'"examine"').replace(b'duty="examine"', b'duty="review"')
    )
    plan_id = desk.propose(old, new)
    assert desk.plan(plan_id)[1].verdicts == {"can": 3}
    driver.complete(first, "record", by="counter Lin")
    with driver.db.transaction() as tx:
        cases.withdraw(tx, second.id, "不辦了", driver.person("counter Lin"), driver.clock.now())

    desk.approve(plan_id)

    outcomes = {row.case_id: row.outcome for row in desk.results(plan_id).rows}
    assert outcomes == {first.id: "kept", second.id: "gone", third.id: "moved"}


def test_a_case_that_breaks_is_marked_and_the_work_goes_on(desk: Desk, driver: CaseDriver) -> None:
    old = driver.deploy("REVIEW")
    broken, sound = driver.file("REVIEW"), driver.file("REVIEW")
    plan_id = desk.propose(old, desk.deploy(LONGER))
    desk.approve(plan_id, work=False)
    with driver.db.transaction() as tx:
        tx.execute(
            update(tables.cases).where(tables.cases.c.id == broken.id).values(state=b"not a state")
        )

    for _ in range(6):
        desk.work()
        driver.clock.move(timedelta(minutes=6))

    outcomes = {row.case_id: row.outcome for row in desk.results(plan_id).rows}
    assert outcomes == {broken.id: "failed", sound.id: "moved"}
    assert desk.plan(plan_id)[0].status == "done"


def test_a_suspended_case_is_moved_and_stays_suspended(desk: Desk, driver: CaseDriver) -> None:
    old = driver.deploy("REVIEW")
    case = driver.file("REVIEW")
    chief = driver.person(APPROVER)
    with driver.db.transaction() as tx:
        cases.suspend(tx, case.id, "等公文", chief, driver.clock.now())
    new = desk.deploy(LONGER)

    desk.move(old, new)

    row = driver.row(case)
    assert (row.status, row.definition_id) == ("suspended", new)
    with driver.db.transaction() as tx:
        cases.resume(tx, case.id, "it may go on", chief, driver.clock.now())
    driver.complete(case, "record", by="counter Lin")
    assert driver.open_tasks(case) == ["check"]


def test_each_case_is_moved_in_a_transaction_of_its_own(desk: Desk, driver: CaseDriver) -> None:
    old = driver.deploy("REVIEW")
    filed = [driver.file("REVIEW") for _ in range(3)]
    new = desk.deploy(LONGER)
    plan_id = desk.propose(old, new)
    desk.approve(plan_id, work=False)

    assert migrations_work.advance_next(driver.db, driver.clock.now())

    on_new = [each for each in filed if driver.row(each).definition_id == new]
    assert len(on_new) == 1
    assert desk.plan(plan_id)[1].outcomes == {"moved": 1}
    assert desk.work() == 3  # two cases, and the end


def test_a_moved_task_keeps_the_limit_it_began_with(desk: Desk, driver: CaseDriver) -> None:
    ended: list[str | None] = []
    events.subscribe(events.UserTaskEnded, lambda _tx, event, _now: ended.append(event.limit))
    old = desk.deploy(
        REVIEW.replace(b'hz:duty="record"', b'hz:duty="record" hz:limit="entry"'),
        limits="tasks: {entry: {rule: PROC_WORKDAY, length: 3, unit: working_day}}\n",
    )
    case = driver.file("REVIEW")

    desk.move(old, desk.deploy(LONGER, limits="tasks: {}\n"))
    driver.complete(case, "record", by="counter Lin")

    assert ended == ["entry"]


def test_two_workers_move_each_case_once(desk: Desk, driver: CaseDriver) -> None:
    old = driver.deploy("REVIEW")
    case = driver.file("REVIEW")
    new = desk.deploy(LONGER)
    desk.move(old, new)
    versions = [driver.row(case).version]

    assert not migrations_work.advance_next(driver.db, driver.clock.now())

    versions.append(driver.row(case).version)
    assert versions == [versions[0]] * 2
    with driver.db.transaction(read_only=True) as tx:
        told = tx.execute(
            select(tables.history).where(tables.history.c.action == "case.migrated")
        ).all()
    assert len(told) == 1
