"""Filing and ending cases."""

from __future__ import annotations

import pytest

from engine.errors import Rejected
from store import tables
from tests.support.driver import CaseDriver


def test_a_case_is_filed_recorded_reviewed_and_closed(driver: CaseDriver) -> None:
    driver.deploy("REVIEW")

    case = driver.file("REVIEW", by="counter Lin", values={"amount": 3})
    driver.complete(case, "record", by="counter Lin", values={"note": "ok"})
    driver.complete(case, "review", by="reviewer Wu", outcome="approve")

    assert driver.status(case) == "closed"
    assert driver.row(case).outcome == "end"
    assert driver.open_tasks(case) == []
    duties = {duty.duty for duty in driver.rows(tables.case_duties, case)}
    assert duties == {"record", "review"}
    told = [a for a in driver.actions(case) if not a.startswith("element.")]
    assert told == [
        "case.filed",
        "user_task.created",
        "user_task.claimed",
        "user_task.completed",
        "user_task.created",
        "user_task.claimed",
        "user_task.completed",
        "case.closed",
    ]


def test_case_numbers_count_within_office_and_year(driver: CaseDriver) -> None:
    driver.deploy("REVIEW")

    numbers = [driver.file("REVIEW").number for _ in range(3)]

    assert numbers == [f"KH-FENGSHAN-115-0000{n}" for n in (1, 2, 3)]


def test_a_form_not_filled_in_rightly_files_nothing(driver: CaseDriver) -> None:
    driver.deploy("REVIEW")

    with pytest.raises(Rejected) as refused:
        driver.file("REVIEW", data={"applicant": {"id_number": "A123456780"}})

    assert [error.path for error in refused.value.facts["errors"]] == ["data.applicant.id_number"]
    assert driver.rows(tables.cases) == []
    assert driver.rows(tables.case_numbers) == []
