"""One case files another: the operation `case.file`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine import deployments, linked_filing, service_tasks
from engine.actors import system
from engine.cases import Filed
from engine.packages import load_library
from store import tables
from tests.support.driver import CaseDriver
from tests.support.factories import an_office
from tests.support.packages import diagram, flows, service_task, user_task, write_package

ASKED = "{applicant: {name: data.applicant.name}}"


def files(process_id: str, package: str, **inputs: str) -> bytes:
    """A process that files a case of `package` and goes on with a task."""
    given = {"personal": ASKED, **inputs}
    return diagram(
        process_id,
        '<startEvent id="start"/>'
        + service_task("another", "case.file", package=f"&quot;{package}&quot;", **given)
        + user_task("go_on")
        + '<endEvent id="end"/>'
        + flows("start>another", "another>go_on", "go_on>end"),
    )


@pytest.fixture
def filed(driver: CaseDriver, packages: Path) -> Filed:
    service_tasks.register("case.file", linked_filing.file_from_diagram)
    write_package(packages, "REVIEWED", files("REVIEWED", "REVIEW"))
    write_package(packages, "REVIEW", _review(packages), starts=("counter", "message"))
    driver.deploy("REVIEW")
    driver.deploy("REVIEWED")
    return driver.file("REVIEWED")


def _review(packages: Path) -> bytes:
    return (packages / "review" / "review.bpmn").read_bytes()


def test_the_other_case_is_a_case_of_its_own_below_the_first(
    driver: CaseDriver, filed: Filed
) -> None:
    (other,) = _others(driver, filed)

    assert (other.package_id, other.parent_case_id, other.channel) == (
        "REVIEW",
        filed.id,
        "message",
    )
    assert other.number != filed.number
    assert driver.variables(filed)["number"] == other.number
    assert driver.open_tasks(filed) == ["go_on"]
    assert driver.open_tasks(Filed(other.id, other.number, "")) == ["record"]


def test_what_was_brought_from_a_visit_says_so(driver: CaseDriver, packages: Path) -> None:
    service_tasks.register("case.file", linked_filing.file_from_diagram)
    write_package(packages, "VISITED", files("VISITED", "REVIEW", channel="&quot;mobile&quot;"))
    write_package(packages, "REVIEW", _review(packages), starts=("counter", "mobile"))
    driver.deploy("REVIEW")
    driver.deploy("VISITED")

    (other,) = _others(driver, driver.file("VISITED"))

    assert other.channel == "mobile"


def test_what_was_brought_with_the_first_came_by_the_same_channel(
    driver: CaseDriver, packages: Path
) -> None:
    service_tasks.register("case.file", linked_filing.file_from_diagram)
    write_package(packages, "BUNDLED", files("BUNDLED", "REVIEW", channel="&quot;same&quot;"))
    driver.deploy("REVIEW")
    driver.deploy("BUNDLED")

    (other,) = _others(driver, driver.file("BUNDLED"))

    assert other.channel == "counter"


def test_it_has_only_the_personal_data_it_was_given(driver: CaseDriver, filed: Filed) -> None:
    (other,) = _others(driver, filed)

    assert other.subject_label == "王○明"


def test_where_the_office_has_no_such_process_the_task_is_an_incident(
    driver: CaseDriver, packages: Path
) -> None:
    service_tasks.register("case.file", linked_filing.file_from_diagram)
    with driver.db.transaction() as tx:
        an_office(tx, "elsewhere")
    write_package(packages, "SENDING", files("SENDING", "REVIEW", office="&quot;elsewhere&quot;"))
    driver.deploy("SENDING")

    case = driver.file("SENDING")

    assert [row.element_id for row in driver.rows(tables.incidents, case)] == ["another"]
    assert _others(driver, case) == []


@pytest.mark.parametrize(
    "inputs",
    [
        {"values": "[1]"},
        {"values": "{unheard: 1}"},
        {"channel": "&quot;counter&quot;"},
    ],
)
def test_what_is_no_case_is_an_incident_and_files_nothing(
    driver: CaseDriver, packages: Path, inputs: dict[str, str]
) -> None:
    service_tasks.register("case.file", linked_filing.file_from_diagram)
    write_package(packages, "REVIEW", _review(packages), starts=("message",))
    write_package(packages, "SENDING", files("SENDING", "REVIEW", **inputs))
    driver.deploy("REVIEW")
    driver.deploy("SENDING")

    case = driver.file("SENDING")

    assert [row.element_id for row in driver.rows(tables.incidents, case)] == ["another"]
    assert _others(driver, case) == []


def test_an_office_out_of_this_system_is_told_by_letter(driver: CaseDriver, packages: Path) -> None:
    service_tasks.register("case.file", linked_filing.file_from_diagram)
    write_package(packages, "SENDING", files("SENDING", "REVIEW", office="&quot;nowhere&quot;"))
    driver.deploy("SENDING")

    case = driver.file("SENDING")

    assert driver.variables(case)["number"] is None
    assert driver.open_tasks(case) == ["go_on"]
    assert _others(driver, case) == []


def test_an_office_may_be_named_as_people_write_it(driver: CaseDriver, packages: Path) -> None:
    service_tasks.register("case.file", linked_filing.file_from_diagram)
    with driver.db.transaction() as tx:
        an_office(tx, "elsewhere", name_zh="示範市北區戶政事務所")
    write_package(packages, "REVIEW", _review(packages), starts=("message",))
    named = files("SENDING", "REVIEW", office="&quot;示範市北區戶政事務所&quot;")
    write_package(packages, "SENDING", named)
    driver.deploy("SENDING")
    with driver.db.transaction() as tx:
        deployments.deploy(
            tx, load_library(packages), "REVIEW", system("elsewhere"), driver.clock.now()
        )

    case = driver.file("SENDING")

    assert [(row.office_id, row.package_id) for row in _others(driver, case)] == [
        ("elsewhere", "REVIEW")
    ]


def test_processes_that_file_each_other_stop_at_the_second(
    driver: CaseDriver, packages: Path
) -> None:
    service_tasks.register("case.file", linked_filing.file_from_diagram)
    for one, other in (("PING", "PONG"), ("PONG", "PING")):
        write_package(packages, one, files(one, other), starts=("counter", "message"))
        driver.deploy(one)

    case = driver.file("PING")

    (second,) = _others(driver, case)
    assert second.package_id == "PONG"
    incidents = driver.rows(tables.incidents, Filed(second.id, second.number, ""))
    assert [row.element_id for row in incidents] == ["another"]


def _others(driver: CaseDriver, case: Filed) -> list[Any]:
    with driver.db.transaction(read_only=True) as tx:
        found = tx.execute(tables.cases.select().where(tables.cases.c.parent_case_id == case.id))
        return list(found)
