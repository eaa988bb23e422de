"""People move, skip, repeat and cancel steps of a case, on both databases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine import cases, notes, tokens
from engine.bpmn.token_moves import Cancel, Deed, Move, Repeat, Skip
from engine.bpmn.token_moves_rules import Act
from engine.case_rows import load
from engine.cases import Filed
from engine.errors import Conflict, EngineError, Forbidden, NotFound, Rejected
from engine.tokens import Where
from store import tables
from tests.support.driver import CaseDriver
from tests.support.factories import an_office
from tests.support.packages import diagram, flows, user_task, write_package

CHIEF = "chief Mei"
WHY = "資料已由他機關送達，不必再核對"
FORKED = diagram(
    "REVIEW",
    '<startEvent id="start"/><parallelGateway id="fork"/><parallelGateway id="join"/>'
    + user_task("one")
    + user_task("two")
    + user_task("last")
    + '<endEvent id="end"/>'
    + flows("start>fork", "fork>one", "fork>two", "one>join", "two>join", "join>last", "last>end"),
)


def do(driver: CaseDriver, case: Filed, deed: Deed, by: str = CHIEF, reason: str = WHY) -> None:
    actor = driver.person(by)
    with driver.db.transaction() as tx:
        tokens.do(tx, case.id, deed, reason, actor, driver.clock.now())


def look(driver: CaseDriver, case: Filed, by: str = CHIEF) -> Where:
    actor = driver.person(by)
    with driver.db.transaction(read_only=True) as tx:
        return tokens.look(tx, case.id, actor, driver.clock.now())


@pytest.fixture
def case(driver: CaseDriver) -> Filed:
    driver.deploy("REVIEW")
    return driver.file("REVIEW")


def test_a_case_is_moved_back_with_all_its_rows(driver: CaseDriver, case: Filed) -> None:
    driver.complete(case, "record", by="counter Lin")
    former = driver.task(case, "review").id

    do(driver, case, Move("review#1", "record"))

    assert driver.open_tasks(case) == ["record"]
    (cancelled,) = driver.tasks(case, "cancelled")
    assert cancelled.id == former
    driver.complete(case, "record", by="counter Lin")
    assert driver.open_tasks(case) == ["review"]


def test_a_skipped_task_gives_what_the_next_step_reads(driver: CaseDriver, case: Filed) -> None:
    driver.complete(case, "record", by="counter Lin")

    do(driver, case, Skip("review#1", {"outcome": "approve"}))

    assert driver.status(case) == "closed"
    (told,) = [row for row in driver.rows(tables.history, case) if row.action == "activity.skipped"]
    assert (told.element_id, told.detail["variables"]) == ("review", ["outcome"])


def test_a_repeated_task_is_open_anew(driver: CaseDriver, case: Filed) -> None:
    driver.claim(case, "record", by="counter Lin")

    do(driver, case, Repeat("record#1"))

    task = driver.task(case, "record")
    assert (task.key, task.status) == ("record#2", "unclaimed")


def test_why_is_said_and_lies_under_the_cases_key(driver: CaseDriver, case: Filed) -> None:
    with pytest.raises(Rejected) as refused:
        do(driver, case, Repeat("record#1"), reason="  ")
    assert refused.value.code == "token.reason"

    do(driver, case, Move("record#1", "review"))

    (told,) = [row for row in driver.rows(tables.history, case) if row.action == "token.moved"]
    assert (told.element_id, told.detail) == ("record", {"said": True, "to": "Task review"})
    assert WHY not in json.dumps(told.detail, ensure_ascii=False)
    with driver.db.transaction(read_only=True) as tx:
        said = notes.last_said(tx, load(tx, case.id, driver.person(CHIEF), lock=False), notes.TOKEN)
    assert said is not None
    assert (said.text, said.person_id) == (WHY, driver.person(CHIEF).person_id)


def test_what_the_diagram_does_not_bear_is_refused_in_both_languages(
    driver: CaseDriver, packages: Path
) -> None:
    write_package(packages, "REVIEW", FORKED)
    driver.deploy("REVIEW")
    case = driver.file("REVIEW")

    with pytest.raises(Rejected) as refused:
        do(driver, case, Cancel("one#1"))

    assert refused.value.code == "case.token.starved"
    assert {"zh", "en"} <= refused.value.facts.keys()
    assert driver.open_tasks(case) == ["one", "two"]


def test_a_token_that_waits_at_a_join_is_listed_and_moved(
    driver: CaseDriver, packages: Path
) -> None:
    write_package(packages, "REVIEW", FORKED)
    driver.deploy("REVIEW")
    case = driver.file("REVIEW")
    driver.complete(case, "one", by="counter Lin")

    found = {token.key: token for token in look(driver, case).tokens}
    assert found.keys() == {"two#1", ">one_join"}
    assert found[">one_join"].acts == (Act.MOVE, Act.CANCEL)
    do(driver, case, Move(">one_join", "one"))

    assert sorted(driver.open_tasks(case)) == ["one", "two"]


@pytest.mark.parametrize(
    ("by", "error"),
    [("counter Lin", Forbidden), ("reviewer Wu", Forbidden), ("analyst Ho", Forbidden)],
)
def test_only_operators_and_supervisors_do_it(
    driver: CaseDriver, case: Filed, by: str, error: type[EngineError]
) -> None:
    with pytest.raises(error):
        do(driver, case, Repeat("record#1"), by=by)

    assert look(driver, case, by=by).refusal is not None
    assert look(driver, case, by="operator Op").refusal is None
    do(driver, case, Repeat("record#1"), by="operator Op")


def test_another_office_learns_nothing(driver: CaseDriver, case: Filed) -> None:
    with driver.db.transaction() as tx:
        an_office(tx, "elsewhere")
    driver.person("chief Far", "elsewhere")

    with pytest.raises(NotFound):
        do(driver, case, Repeat("record#1"), by="chief Far")


def test_a_case_that_rests_or_has_gone_on_is_left_alone(driver: CaseDriver, case: Filed) -> None:
    chief = driver.person(CHIEF)
    with driver.db.transaction() as tx:
        cases.suspend(tx, case.id, "等公文", chief, driver.clock.now())
    with pytest.raises(Conflict):
        do(driver, case, Repeat("record#1"))
    with driver.db.transaction() as tx:
        cases.resume(tx, case.id, "it may go on", chief, driver.clock.now())
    driver.complete(case, "record", by="counter Lin")

    with pytest.raises(Conflict) as gone:
        do(driver, case, Repeat("record#1"))
    assert gone.value.code == "case.token.unknown"


def test_targets_are_what_the_diagram_has(driver: CaseDriver, case: Filed) -> None:
    with driver.db.transaction(read_only=True) as tx:
        found: list[Any] = tokens.targets(
            tx, case.id, "record#1", driver.person(CHIEF), driver.clock.now()
        )

    assert [element.id for element in found] == ["start", "record", "review", "decide", "end"]
