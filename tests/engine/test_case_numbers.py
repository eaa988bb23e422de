"""Case numbers: five digits as people know them, and more where an office needs them."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from engine.case_list import cases_page
from engine.case_numbers import BY_NUMBER, HIGHEST
from engine.errors import Rejected
from engine.search_readings import readings
from store import tables
from tests.support.driver import CaseDriver
from tests.support.factories import OFFICE


def given_out(driver: CaseDriver, last: int) -> None:
    """Let the office have filed so many cases this year."""
    driver.person("counter Lin")
    row = {"office_id": OFFICE, "year": 115, "last": last}
    with driver.db.transaction() as tx:
        tx.execute(insert(tables.case_numbers), row)


@pytest.fixture
def driver(driver: CaseDriver) -> CaseDriver:
    driver.deploy("REVIEW")
    return driver


def test_a_number_grows_where_five_digits_are_not_enough(driver: CaseDriver) -> None:
    given_out(driver, 99_997)

    numbers = [driver.file("REVIEW").number for _ in range(3)]

    assert [each.removeprefix("KH-FENGSHAN-115-") for each in numbers] == [
        "99998",
        "99999",
        "100000",
    ]
    with driver.db.transaction(read_only=True) as tx:
        assert tx.scalars(select(tables.cases.c.number).order_by(*BY_NUMBER)).all() == numbers


@pytest.mark.parametrize("typed", ["100000", "115-100000", "1１5-0100000"])
def test_a_long_number_is_found_as_a_short_one_is(driver: CaseDriver, typed: str) -> None:
    given_out(driver, 99_999)
    case = driver.file("REVIEW")
    clerk, now = driver.person("counter Lin"), driver.clock.now()

    with driver.db.transaction(read_only=True) as tx:
        (reading,) = readings(tx, typed, OFFICE, {}, now)
        found = cases_page(tx, clerk, reading.filter, None, 10, now).rows

    assert [row.case_id for row in found] == [case.id]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("ea-115-100000", "EA-115-100000"),
        ("EA115-42", "EA-115-00042"),
        ("EA-99-9999999", "EA-99-9999999"),
        ("EA-115-10000000", None),
    ],
)
def test_a_whole_number_is_of_whichever_office_it_names(
    driver: CaseDriver, typed: str, number: str | None
) -> None:
    with driver.db.transaction(read_only=True) as tx:
        found = readings(tx, typed, OFFICE, {}, driver.clock.now())

    wanted = [] if number is None else [number]
    assert [each.filter.number for each in found if each.kind == "number"] == wanted


def test_the_last_number_of_a_year_is_said_to_be_the_last(driver: CaseDriver) -> None:
    given_out(driver, HIGHEST - 1)

    assert driver.file("REVIEW").number.endswith(f"-{HIGHEST}")
    with pytest.raises(Rejected) as refused:
        driver.file("REVIEW")
    assert refused.value.code == "case.numbers_spent"
