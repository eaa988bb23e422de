"""Service tasks: done at once, done later, failed; and incidents that people mend."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from engine import events, incidents, service_tasks
from engine.errors import Conflict, Forbidden, Rejected
from engine.service_tasks import Request
from store import tables
from tests.support.driver import CaseDriver
from tests.support.packages import (
    PROCESSING,
    diagram,
    flows,
    service_task,
    user_task,
    write_package,
)

CALLING = diagram(
    "CALLING",
    '<startEvent id="start"/>'
    + service_task("begin", "clock.start", clock="&quot;processing&quot;")
    + service_task("tell", "agency.notify", agency="&quot;tax&quot;", amount="amount")
    + '<boundaryEvent id="failed" attachedToRef="tell"><errorEventDefinition errorRef="down"/>'
    "</boundaryEvent>"
    + user_task("by_hand")
    + '<exclusiveGateway id="big" default="big_end"/><endEvent id="end"/><endEvent id="large"/>'
    + '<endEvent id="done"/>'
    + flows("start>begin", "begin>tell", "tell>big", "big>end", "big>large:amount * 2 > 10")
    + flows("failed>by_hand", "by_hand>done"),
    '<error id="down" name="down" errorCode="AGENCY_FAILED"/>',
)
LOOPING = diagram(
    "LOOPING",
    '<startEvent id="start"/><exclusiveGateway id="again"/>'
    + service_task("begin", "clock.start", clock="&quot;processing&quot;")
    + flows("start>again", "again>begin", "begin>again"),
)


class Agency:
    """Remembers who asked; answers at once or later, as it is told."""

    def __init__(self, answer: Mapping[str, Any] | None = None) -> None:
        self.asked: list[Request] = []
        self.answer = answer

    def __call__(self, tx: Connection, request: Request, now: datetime) -> Mapping[str, Any] | None:
        self.asked.append(request)
        return self.answer


@pytest.fixture
def agency(driver: CaseDriver, packages: Path) -> Agency:
    write_package(packages, "CALLING", CALLING, limits=PROCESSING)
    driver.deploy("CALLING")
    agency = Agency()
    service_tasks.register("clock.start", Agency({"due": None}))
    service_tasks.register("agency.notify", agency)
    return agency


def answer(driver: CaseDriver, request: Request, values: Mapping[str, Any]) -> None:
    with driver.db.transaction() as tx:
        service_tasks.complete(tx, request.case.id, request.key, values, driver.clock.now())


def test_an_operation_is_done_at_once_and_the_next_one_waits(
    driver: CaseDriver, agency: Agency
) -> None:
    case = driver.file("CALLING", values={"amount": 3})

    request = agency.asked[0]
    assert (request.operation, request.element_id) == ("agency.notify", "tell")
    assert dict(request.inputs) == {"agency": "tax", "amount": 3}
    assert request.data["applicant"]["name"] == "王小明"
    assert request.case.id == case.id
    assert driver.status(case) == "active"
    assert driver.row(case).version == 1

    answer(driver, request, {"status": "confirmed", "reference": "R", "reason": None})
    assert driver.status(case) == "closed"


def test_an_answer_comes_once(driver: CaseDriver, agency: Agency) -> None:
    driver.file("CALLING", values={"amount": 3})
    answer(driver, agency.asked[0], {"status": "confirmed"})

    with pytest.raises(Conflict):
        answer(driver, agency.asked[0], {"status": "confirmed"})


def test_a_failure_the_diagram_catches_goes_on_by_hand(driver: CaseDriver, agency: Agency) -> None:
    case = driver.file("CALLING", values={"amount": 3})
    request = agency.asked[0]

    with driver.db.transaction() as tx:
        service_tasks.fail(
            tx, case.id, request.key, "gone", driver.clock.now(), error_code="AGENCY_FAILED"
        )

    assert driver.open_tasks(case) == ["by_hand"]
    assert driver.rows(tables.incidents, case) == []


def test_a_failure_nobody_catches_is_an_incident_with_retry(
    driver: CaseDriver, agency: Agency
) -> None:
    case = driver.file("CALLING", values={"amount": 3})
    with driver.db.transaction() as tx:
        service_tasks.fail(tx, case.id, agency.asked[0].key, "no such office", driver.clock.now())
    incident = driver.rows(tables.incidents, case)[0]
    assert (incident.code, incident.element_id) == ("service.failed", "tell")

    _retry(driver, incident.id, {})

    assert len(agency.asked) == 2
    assert agency.asked[0].key != agency.asked[1].key
    answer(driver, agency.asked[1], {"status": "confirmed"})
    assert driver.status(case) == "closed"
    assert driver.rows(tables.incidents, case)[0].status == "resolved"


def _retry(driver: CaseDriver, incident_id: Any, values: Mapping[str, Any]) -> None:
    operator = driver.person("operator Su")
    with driver.db.transaction() as tx:
        incidents.retry(tx, incident_id, values, operator, driver.clock.now())


def test_a_condition_that_cannot_be_judged_is_an_incident_mended_with_values(
    driver: CaseDriver, agency: Agency
) -> None:
    raised: list[str] = []

    def heard(tx: Connection, event: events.IncidentRaised, now: datetime) -> None:
        raised.append(event.code)

    events.subscribe(events.IncidentRaised, heard)
    agency.answer = {"status": "confirmed"}
    case = driver.file("CALLING")

    incident = driver.rows(tables.incidents, case)[0]
    assert raised == [incident.code]
    assert driver.status(case) == "active"
    with pytest.raises(Conflict, match="retry"):
        _resolve(driver, incident.id)
    _retry(driver, incident.id, {"amount": 50})

    assert (driver.status(case), driver.row(case).outcome) == ("closed", "large")


def _resolve(driver: CaseDriver, incident_id: Any) -> None:
    operator = driver.person("operator Su")
    with driver.db.transaction() as tx:
        incidents.resolve(tx, incident_id, "by hand", operator, driver.clock.now())


def test_only_those_who_mend_may_retry(driver: CaseDriver, agency: Agency) -> None:
    agency.answer = {"status": "confirmed"}
    case = driver.file("CALLING")
    incident = driver.rows(tables.incidents, case)[0]
    clerk = driver.person("counter Lin")

    with pytest.raises(Forbidden), driver.db.transaction() as tx:
        incidents.retry(tx, incident.id, {}, clerk, driver.clock.now())


def test_a_handler_that_refuses_makes_an_incident_and_the_case_stands(
    driver: CaseDriver, agency: Agency
) -> None:
    def refuse(tx: Connection, request: Request, now: datetime) -> None:
        raise Rejected("clock.unplanned", "There is no such clock")

    service_tasks.register("clock.start", refuse)

    case = driver.file("CALLING")

    assert [row.message for row in driver.rows(tables.incidents, case)] == [
        "There is no such clock"
    ]
    assert agency.asked == []


def test_an_operation_nobody_does_is_an_incident(driver: CaseDriver, packages: Path) -> None:
    write_package(packages, "CALLING", CALLING, limits=PROCESSING)
    driver.deploy("CALLING")

    case = driver.file("CALLING")

    assert "clock.start" in driver.rows(tables.incidents, case)[0].message


def test_a_loop_of_operations_ends_as_an_incident(driver: CaseDriver, packages: Path) -> None:
    clock = Agency({"due": None})
    service_tasks.register("clock.start", clock)
    write_package(packages, "LOOPING", LOOPING, limits=PROCESSING)
    driver.deploy("LOOPING")

    case = driver.file("LOOPING")

    assert len(clock.asked) == 200
    assert "look for a loop" in driver.rows(tables.incidents, case)[0].message


def test_a_listener_hears_the_case_before_its_first_operation(
    driver: CaseDriver, agency: Agency
) -> None:
    order: list[str] = []

    def filed(tx: Connection, event: events.CaseFiled, now: datetime) -> None:
        order.append("filed")

    def begin(tx: Connection, request: Request, now: datetime) -> Mapping[str, Any]:
        order.append("clock.start")
        return {}

    events.subscribe(events.CaseFiled, filed)
    service_tasks.register("clock.start", begin)

    driver.file("CALLING")

    assert order == ["filed", "clock.start"]


def test_what_a_withdrawn_case_still_asked_for_is_announced_as_cancelled(
    driver: CaseDriver, agency: Agency
) -> None:
    from engine import cases

    cancelled: list[str] = []

    def heard(tx: Connection, event: events.ServiceTaskCancelled, now: datetime) -> None:
        cancelled.append(event.key)

    events.subscribe(events.ServiceTaskCancelled, heard)
    case = driver.file("CALLING", values={"amount": 1})
    clerk = driver.person("counter Lin")

    with driver.db.transaction() as tx:
        cases.withdraw(tx, case.id, "changed my mind", clerk, driver.clock.now())

    assert cancelled == [agency.asked[0].key]
