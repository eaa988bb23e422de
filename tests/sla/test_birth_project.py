"""The good-pregnancy project: one application, a case for each matter, seen together."""

from __future__ import annotations

import pytest

from engine import case_links
from engine.cases import Filed
from store import tables
from tests.support.office import Office

MOTHER = {"name": "陳示範", "id_number": "A223456781"}
DATA = {
    "applicant": MOTHER,
    "contact": {"phone": "0912-345-678", "email": None},
    "child": {"birth_date": "2026-02-20", "sex": "male"},
    "mother": MOTHER,
    "father": {"name": "林測試", "id_number": "A123456789"},
    "payment": {"bank_account": "01234567890"},
}
VALUES = {
    "wants_grant": True,
    "wants_third": True,
    "applicant_relation": "mother",
    "contact": "sms",
    "in_taiwan": True,
    "counted_by": "mother",
}


@pytest.fixture
def desk(office: Office) -> Office:
    for package_id in ("P01", "P29", "P53", "P01B"):
        office.deploy_real(package_id)
    return office


def seen_together(desk: Office, project: Filed) -> list[tuple[str, str]]:
    """What the page of the project shows beside it: package and status."""
    clerk, now = desk.person("counter Lin"), desk.clock.now()
    with desk.db.transaction(read_only=True) as tx:
        found = case_links.relations_of(tx, project.id, clerk, now).linked
    return [(row.package_id, row.status) for row in found]


def test_the_cases_of_a_project_are_filed_in_turn_and_seen_together(desk: Office) -> None:
    project = desk.file("P01B", values=VALUES, data=DATA)

    assert seen_together(desk, project) == [("P01", "active")]
    (birth,) = [row for row in desk.rows(tables.cases) if row.package_id == "P01"]
    assert (birth.channel, birth.number) == ("counter", desk.variables(project)["birth_number"])
    assert desk.open_tasks(Filed(birth.id, birth.number, "")) == ["check_papers"]

    child = {"child": {"name": "林小示", "id_number": "A123456798"}}
    desk.complete(project, "take_over_birth", "counter Lin", "registered", data=child)

    assert {package for package, _ in seen_together(desk, project)} == {"P01", "P53", "P29"}
    (grant,) = [row for row in desk.rows(tables.cases) if row.package_id == "P53"]
    granted = desk.variables(Filed(grant.id, grant.number, ""))
    assert granted["birth_case_number"] == birth.number
    assert desk.open_tasks(project) == ["close_project"]

    desk.complete(project, "close_project", "counter Lin")
    assert desk.status(project) == "closed"
