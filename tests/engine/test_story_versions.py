"""The story of a moved case, and names in two languages: each line in the words of its time."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from engine import deployments, element_names, queries
from store import tables
from tests.engine.moving_desk import Desk
from tests.support.driver import CaseDriver
from tests.support.factories import OFFICE
from tests.support.packages import diagram, flows

BY = "counter Lin"


def watched(task: str, task_name: str, timer: str, timer_name: str) -> bytes:
    """A task that a timer watches, under these ids and names."""
    return diagram(
        "REVIEW",
        '<startEvent id="start" name="開始" hz:nameEn="Start"/>'
        f'<userTask id="{task}" {task_name} hz:candidateGroups="counter" hz:form="anything"/>'
        f'<boundaryEvent id="{timer}" {timer_name} attachedToRef="{task}" cancelActivity="false">'
        "<timerEventDefinition><timeDuration>P5D</timeDuration></timerEventDefinition>"
        '</boundaryEvent><endEvent id="end" name="結束"/><endEvent id="told" name="已告知"/>'
        + flows(f"start>{task}", f"{task}>end", f"{timer}>told"),
    )


def named(zh: str, en: str = "") -> str:
    return f'name="{zh}"' + (f' hz:nameEn="{en}"' if en else "")


OLD = watched("record", named("登錄", "Record"), "late", named("太久了", "Too long"))
NEW = watched("enter", named("建檔", "Enter"), "slow", named("逾五日", "Five days over"))
BECOME = {"processes": {"REVIEW": {"elements": {"record": "enter", "late": "slow"}}}}


@pytest.fixture
def desk(driver: CaseDriver, packages: Path) -> Desk:
    return Desk(driver, packages)


def story(driver: CaseDriver, case: Any) -> list[Any]:
    with driver.db.transaction(read_only=True) as tx:
        view = queries.case_view(tx, case.id, driver.person(BY), driver.clock.now())
    return list(view.timeline)


def lines(driver: CaseDriver, case: Any, action: str) -> list[tuple[str, str]]:
    return [(event.zh, event.en) for event in story(driver, case) if event.action == action]


def test_a_renamed_step_is_told_by_the_name_of_its_time_and_never_by_an_id(
    desk: Desk, driver: CaseDriver
) -> None:
    old = desk.deploy(OLD)
    case = driver.file("REVIEW")
    desk.move(old, desk.deploy(NEW), BECOME)
    driver.pass_time(timedelta(days=6))
    driver.complete(case, "enter", by=BY)

    (scheduled,) = lines(driver, case, "timer.scheduled")
    assert "太久了" in scheduled[0]
    assert "Too long" in scheduled[1]
    (fired,) = lines(driver, case, "timer.fired")  # its key still has the old id
    assert "逾五日" in fired[0]
    assert "Five days over" in fired[1]
    assert ("步驟「登錄」在新版稱為「建檔」", "The step “Record” is called “Enter” now") in lines(
        driver, case, "element.renamed"
    )
    assert lines(driver, case, "case.closed") == [
        ("案件辦結（已告知、結束）", "The case was closed (已告知, 結束)")  # no English was given
    ]
    for event in story(driver, case):
        assert not re.search(r"\b(record|late|enter|slow|end)\b", event.zh + event.en), event


def test_a_line_of_a_version_that_nobody_noted_is_read_by_its_number(
    desk: Desk, driver: CaseDriver
) -> None:
    old = desk.deploy(OLD)
    case = driver.file("REVIEW")
    desk.move(old, desk.deploy(NEW), BECOME)
    with driver.db.transaction() as tx:  # as lines were written before they named the version
        moved = tables.history.c.action == "case.migrated"
        detail = dict(tx.scalar(select(tables.history.c.detail).where(moved)))
        del detail["from"]
        tx.execute(update(tables.history).where(moved).values(detail=detail))

    (scheduled,) = lines(driver, case, "timer.scheduled")

    assert "太久了" in scheduled[0]


def test_a_step_that_was_dropped_twice_over_is_still_told(desk: Desk, driver: CaseDriver) -> None:
    first = desk.deploy(OLD)
    case = driver.file("REVIEW")
    second = desk.deploy(NEW)
    desk.move(first, second, BECOME)
    third = watched("keep", named("留存", "Keep"), "tardy", named("拖延", "Delay"))
    again = {"processes": {"REVIEW": {"elements": {"enter": "keep", "slow": "tardy"}}}}
    desk.move(second, desk.deploy(third), again)

    assert lines(driver, case, "element.renamed") == [
        ("步驟「登錄」在新版稱為「建檔」", "The step “Record” is called “Enter” now"),
        (
            "步驟「太久了」在新版稱為「逾五日」",
            "The step “Too long” is called “Five days over” now",
        ),
        ("步驟「建檔」在新版稱為「留存」", "The step “Enter” is called “Keep” now"),
        ("步驟「逾五日」在新版稱為「拖延」", "The step “Five days over” is called “Delay” now"),
    ]


def english(driver: CaseDriver) -> element_names.English:
    with driver.db.transaction(read_only=True) as tx:
        return element_names.english(tx, OFFICE)


def test_a_case_on_an_older_version_is_told_in_the_english_there_is_now(
    desk: Desk, driver: CaseDriver
) -> None:
    plain = watched("record", named("登錄"), "late", named("太久了"))
    desk.deploy(plain)
    case = driver.file("REVIEW")
    assert english(driver).of("登錄", "record") == ""
    assert "登錄" in lines(driver, case, "user_task.created")[0][1]

    desk.deploy(OLD)  # the case is not moved

    assert english(driver).of("登錄", "record") == "Record"
    assert "Record" in lines(driver, case, "user_task.created")[0][1]
    with driver.db.transaction(read_only=True) as tx:
        view = queries.case_view(tx, case.id, driver.person(BY), driver.clock.now())
    assert [(step.name, step.name_en) for step in view.path.now] == [("登錄", "Record")]


def test_one_chinese_name_may_be_two_english_ones_at_two_steps(
    desk: Desk, driver: CaseDriver
) -> None:
    xml = watched("record", named("受理", "Take it"), "late", named("受理", "Taken"))
    definition_id: UUID = desk.deploy(xml)

    known = english(driver)

    assert (known.of("受理", "record"), known.of("受理", "late")) == ("Take it", "Taken")
    assert known.of("受理") in {"Take it", "Taken"}
    with driver.db.transaction(read_only=True) as tx:
        loaded = deployments.definition(tx, definition_id)
    assert element_names.english_of(loaded).of("沒有的", "record") == ""
