"""Deploying packages: versions, closures, four eyes, and what a running case keeps."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from engine import deployments
from engine.bpmn import DefinitionRefused
from engine.errors import Conflict, Forbidden, NotFound
from engine.manifests import PackageError
from engine.packages import load_library
from store import tables
from tests.support.driver import CaseDriver
from tests.support.factories import OFFICE, an_office
from tests.support.packages import REVIEW, diagram, flows, user_task, write_package

TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="size"
 namespace="urn:test:size"><inputData id="in" name="amount"><variable id="v" name="amount"/>
</inputData><decision id="size" name="size"><variable id="s" name="size"/>
<informationRequirement id="r"><requiredInput href="#in"/></informationRequirement>
<decisionTable id="sizes" hitPolicy="FIRST"><input id="i1"><inputExpression id="e1"
 typeRef="number"><text>amount</text></inputExpression></input><output id="o1" name="size"/>
<rule id="r1"><inputEntry id="r1i"><text>&gt; {limit}</text></inputEntry><outputEntry id="r1o">
<text>"large"</text></outputEntry></rule><rule id="r2"><inputEntry id="r2i"><text>-</text>
</inputEntry><outputEntry id="r2o"><text>"small"</text></outputEntry></rule></decisionTable>
</decision></definitions>"""
CALLER = diagram(
    "CALLER",
    '<startEvent id="start"/><callActivity id="call" name="Call" calledElement="SIZER">'
    '<extensionElements><hz:input source="amount" target="amount"/>'
    '<hz:output source="result" target="result"/></extensionElements></callActivity>'
    '<endEvent id="end"/>' + flows("start>call", "call>end"),
)
SIZER = diagram(
    "SIZER",
    '<startEvent id="start"/>'
    + user_task("look")
    + '<businessRuleTask id="decide" name="Decide" hz:decision="size" hz:resultVariable="result"/>'
    '<endEvent id="end"/>' + flows("start>look", "look>decide", "decide>end"),
)


def table(limit: int) -> bytes:
    return TABLE.replace("{limit}", str(limit)).encode()


def test_a_package_is_deployed_once_and_changed_is_a_new_version(
    driver: CaseDriver, packages: Path
) -> None:
    first, again = driver.deploy("REVIEW"), driver.deploy("REVIEW")
    write_package(packages, "REVIEW", REVIEW.replace(b"Task record", b"Task record anew"))
    second = driver.deploy("REVIEW")

    assert first == again != second
    states = {row.id: (row.version, row.state) for row in driver.rows(tables.definitions)}
    assert states == {first: (1, "superseded"), second: (2, "active")}


def test_a_running_case_keeps_the_version_it_was_filed_with(
    driver: CaseDriver, packages: Path
) -> None:
    driver.deploy("REVIEW")
    case = driver.file("REVIEW")
    short = diagram(
        "REVIEW",
        '<startEvent id="start"/>'
        + user_task("record")
        + '<endEvent id="end"/>'
        + flows("start>record", "record>end"),
    )
    write_package(packages, "REVIEW", short)
    driver.deploy("REVIEW")

    driver.complete(case, "record", by="counter Lin")
    other = driver.file("REVIEW")
    driver.complete(other, "record", by="counter Lin")

    assert driver.open_tasks(case) == ["review"]
    assert driver.status(other) == "closed"


def test_a_closure_pins_called_processes_and_tables_of_decisions(
    driver: CaseDriver, packages: Path
) -> None:
    write_package(packages, "CALLER", CALLER)
    write_package(packages, "SIZER", SIZER, starts=(), tables={"size.dmn": table(10)})
    driver.deploy("CALLER")
    case = driver.file("CALLER", values={"amount": 11})
    write_package(packages, "SIZER", SIZER, starts=(), tables={"size.dmn": table(100)})
    driver.deploy("CALLER")
    later = driver.file("CALLER", values={"amount": 11})

    driver.complete(case, "look", by="counter Lin")
    driver.complete(later, "look", by="counter Lin")

    assert (driver.row(case).outcome, driver.row(later).outcome) == ("large", "small")
    told = [row for row in driver.rows(tables.history, case) if row.action == "decision.evaluated"]
    assert told[0].detail["rules"] == ["sizes:1"]
    with driver.db.transaction(read_only=True) as tx:
        parts = tx.execute(
            select(tables.definition_parts.c.kind, tables.definition_parts.c.name).distinct()
        ).all()
    assert {(part.kind, part.name) for part in parts} == {
        ("bpmn", "CALLER"),
        ("bpmn", "SIZER"),
        ("dmn", "sizer/size.dmn"),
        ("form", "anything"),
        ("package", "CALLER"),
        ("package", "SIZER"),
    }


def test_a_table_that_cannot_answer_is_an_incident(driver: CaseDriver, packages: Path) -> None:
    write_package(packages, "CALLER", CALLER)
    one_row = table(10).replace(b"<text>-</text>", b"<text>&gt; 5</text>")
    write_package(packages, "SIZER", SIZER, starts=(), tables={"size.dmn": one_row})
    driver.deploy("CALLER")
    case = driver.file("CALLER", values={"amount": 1})

    driver.complete(case, "look", by="counter Lin")

    assert driver.rows(tables.incidents, case)[0].element_id == "decide"
    assert driver.status(case) == "active"


def test_who_proposes_a_version_does_not_approve_it(driver: CaseDriver, packages: Path) -> None:
    author, other = driver.person("analyst Ho"), driver.person("analyst Lo")
    now = driver.clock.now()
    with driver.db.transaction() as tx:
        proposed = deployments.propose(tx, load_library(packages), "REVIEW", author, now, "first")
    with pytest.raises(NotFound, match="deploy the package"):
        driver.file("REVIEW")

    with pytest.raises(Forbidden), driver.db.transaction() as tx:
        deployments.approve(tx, proposed.definition_id, author, now)
    with driver.db.transaction() as tx:
        deployments.approve(tx, proposed.definition_id, other, now)

    assert driver.status(driver.file("REVIEW")) == "active"
    row = driver.rows(tables.definitions)[0]
    assert (row.created_by, row.deployed_by) == (author.person_id, other.person_id)
    with pytest.raises(Conflict), driver.db.transaction() as tx:
        deployments.approve(tx, proposed.definition_id, other, now)


def test_a_retired_version_files_nothing_more_and_running_cases_go_on(driver: CaseDriver) -> None:
    version = driver.deploy("REVIEW")
    case = driver.file("REVIEW")
    analyst = driver.person("analyst Ho")
    with driver.db.transaction() as tx:
        deployments.retire(tx, version, analyst, driver.clock.now())

    with pytest.raises(NotFound):
        driver.file("REVIEW")
    driver.complete(case, "record", by="counter Lin")
    assert driver.open_tasks(case) == ["review"]


def test_an_office_without_a_version_of_its_own_uses_its_citys(driver: CaseDriver) -> None:
    driver.deploy("REVIEW")
    with driver.db.transaction() as tx:
        an_office(tx, "kh-lingya", parent_id=OFFICE)
        tx.execute(update(tables.offices).where(tables.offices.c.id == OFFICE).values(city="kh"))
    driver.person("counter Branch", "kh-lingya")

    case = driver.file("REVIEW", by="counter Branch")

    assert driver.row(case).office_id == "kh-lingya"
    assert case.number.startswith("KH-LINGYA-115-")


def test_only_analysts_and_operators_deploy(driver: CaseDriver, packages: Path) -> None:
    clerk = driver.person("counter Lin")

    with pytest.raises(Forbidden), driver.db.transaction() as tx:
        deployments.deploy(tx, load_library(packages), "REVIEW", clerk, driver.clock.now())


def test_a_diagram_with_an_error_is_refused_and_nothing_is_stored(
    driver: CaseDriver, packages: Path
) -> None:
    write_package(packages, "REVIEW", REVIEW.replace(b'hz:form="anything"', b'hz:form="nowhere"'))

    with pytest.raises((DefinitionRefused, PackageError), match="nowhere"):
        driver.deploy("REVIEW")

    assert driver.rows(tables.definitions) == []
    assert driver.rows(tables.artifacts) == []


def test_all_active_versions_of_an_office_are_those_found_one_by_one(
    driver: CaseDriver, packages: Path
) -> None:
    driver.deploy("REVIEW")
    with driver.db.transaction() as tx:
        an_office(tx, "below", parent_id=OFFICE)
        an_office(tx, "elsewhere")

    with driver.db.transaction(read_only=True) as tx:
        one = deployments.active(tx, "below", "REVIEW")
        assert [each.id for each in deployments.all_active(tx, "below")] == [one.id]
        assert deployments.all_active(tx, "elsewhere") == []
