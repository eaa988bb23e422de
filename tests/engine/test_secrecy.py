"""Personal data: sealed at rest, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from engine import cases, keys, user_tasks
from engine.errors import Forbidden, Rejected
from engine.keyring import SealBroken
from store import tables
from store.database import open_database
from tests.support.clock import GivenClock
from tests.support.driver import CaseDriver

NAME, NUMBER = "歐陽金絲雀", "A123456789"
PERSON = {"applicant": {"name": NAME, "id_number": NUMBER, "birth_date": "1987-06-05"}}


def worked_on(driver: CaseDriver) -> cases.Filed:
    driver.deploy("REVIEW")
    case = driver.file("REVIEW", data=PERSON)
    driver.complete(case, "record", by="counter Lin", data=PERSON)
    clerk = driver.person("counter Lin")
    with driver.db.transaction() as tx:
        cases.annotate(tx, case.id, f"called {NAME}", clerk, driver.clock.now())
        cases.reveal(tx, case.id, ["data.applicant.name"], "call", clerk, driver.clock.now())
    task_id, reviewer = driver.claim(case, "review", by="reviewer Wu"), driver.person("reviewer Wu")
    why = f"{NAME} was born on another day"
    with driver.db.transaction() as tx:
        user_tasks.return_to_recorder(tx, task_id, why, "entry", reviewer, driver.clock.now())
    return case


def test_no_file_of_the_database_holds_personal_data(
    sqlite_url: str, clock: GivenClock, packages: Path
) -> None:
    db = open_database(sqlite_url)
    case = worked_on(CaseDriver(db, clock, packages))

    files = Path(sqlite_url.removeprefix("sqlite:///"))
    held = b"".join(file.read_bytes() for file in files.parent.glob(f"{files.name}*"))
    db.close()

    for canary in (NAME, NUMBER, "1987-06-05", case.status_code):
        assert canary.encode() not in held
        assert canary.encode("utf-16-le") not in held
    assert case.number.encode() in held


def test_no_column_but_the_sealed_ones_holds_personal_data(driver: CaseDriver) -> None:
    case = worked_on(driver)

    with driver.db.transaction(read_only=True) as tx:
        for table in tables.metadata.tables.values():
            for row in tx.execute(select(table)):
                assert NAME not in repr(row), table.name
                assert NUMBER not in repr(row), table.name
                assert case.status_code not in repr(row), table.name


def test_lists_show_the_masked_name_and_search_finds_by_keyed_hash(driver: CaseDriver) -> None:
    row = driver.row(worked_on(driver))

    assert row.subject_label == "歐○○○雀"
    assert row.subject_hash == keys.keyed_hash("id_number", NUMBER)
    assert row.name_hash == keys.keyed_hash("name", NAME)
    assert len({row.subject_hash, keys.keyed_hash("name", NUMBER)}) == 2


def test_the_receipt_code_is_random_and_kept_only_as_a_hash(driver: CaseDriver) -> None:
    driver.deploy("REVIEW")
    codes = {driver.file("REVIEW").status_code for _ in range(5)}

    assert all(len(code) == 16 for code in codes)
    assert len(codes) == 5


def test_who_looks_at_personal_data_says_why_and_is_recorded(driver: CaseDriver) -> None:
    case = worked_on(driver)
    clerk, auditor = driver.person("counter Lin"), driver.person("analyst Ho")
    now = driver.clock.now()

    with pytest.raises(Rejected, match="purpose"), driver.db.transaction() as tx:
        cases.reveal(tx, case.id, ["data.applicant.name"], " ", clerk, now)
    with pytest.raises(Forbidden), driver.db.transaction() as tx:
        cases.reveal(tx, case.id, ["data.applicant.name"], "curious", auditor, now)

    told = [row for row in driver.rows(tables.history, case) if row.action == "case.revealed"]
    assert [(row.purpose, row.person_id, row.detail["paths"]) for row in told] == [
        ("call", clerk.person_id, ["data.applicant.name"])
    ]


def test_sealed_data_cannot_be_moved_to_another_case(driver: CaseDriver) -> None:
    mine, other = worked_on(driver), driver.file("REVIEW")
    with driver.db.transaction() as tx:
        stolen = tx.scalar(
            select(tables.case_data.c.ciphertext).where(tables.case_data.c.case_id == mine.id)
        )
        tx.execute(
            tables.case_data.update()
            .where(tables.case_data.c.case_id == other.id)
            .values(ciphertext=stolen)
        )

    with pytest.raises(SealBroken):
        driver.complete(other, "record", by="counter Lin")


def test_a_case_whose_key_is_gone_is_shredded(driver: CaseDriver) -> None:
    case = worked_on(driver)
    clerk, now = driver.person("counter Lin"), driver.clock.now()
    with driver.db.transaction() as tx:
        tx.execute(tables.data_keys.delete())

    with pytest.raises(Exception, match="shredded"), driver.db.transaction() as tx:
        cases.reveal(tx, case.id, ["data.applicant.name"], "call", clerk, now)
