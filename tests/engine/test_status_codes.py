"""The code of a receipt: found however it is typed, printed again, replaced, never in clear."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import delete, update

from engine import keys, status_codes
from engine.cases import Filed
from engine.errors import Forbidden, NotFound
from store.tables import cases, data_keys
from tests.support.driver import CaseDriver
from tests.support.factories import an_office, an_officer


@pytest.fixture
def case(driver: CaseDriver) -> Filed:
    driver.deploy("REVIEW")
    return driver.file("REVIEW")


def find(driver: CaseDriver, typed: str) -> UUID | None:
    with driver.db.transaction(read_only=True) as tx:
        return status_codes.find(tx, typed)


def printed(driver: CaseDriver, case: Filed, by: str = "counter Lin") -> str | None:
    with driver.db.transaction(read_only=True) as tx:
        return status_codes.of_case(tx, case.id, driver.person(by))


def test_a_code_has_80_random_bits_and_no_letter_that_looks_like_a_digit() -> None:
    codes = {status_codes.new_code() for _ in range(200)}

    assert len(codes) == 200
    assert {len(code) for code in codes} == {16}
    assert len(status_codes.ALPHABET) == 32
    assert not set("".join(codes)) & set("ILOU")


def test_a_case_is_found_by_its_code_however_it_is_typed(driver: CaseDriver, case: Filed) -> None:
    code = case.status_code
    wide = "".join(chr(ord(character) + 0xFEE0) for character in code)

    typed = [code, code.lower(), status_codes.grouped(code), f" {code[:8]} {code[8:]}", wide]
    mistaken = code.replace("1", "l").replace("0", "o")

    assert {find(driver, each) for each in (*typed, mistaken)} == {case.id}


@pytest.mark.parametrize("typed", ["", "0" * 16, "A" * 5000, "' OR 1=1", "\x00"])
def test_anything_else_finds_nothing(driver: CaseDriver, case: Filed, typed: str) -> None:
    assert find(driver, typed) is None


def test_codes_of_the_first_release_are_still_found(driver: CaseDriver, case: Filed) -> None:
    old = "ILOU2345ABCDWXYZ"
    with driver.db.transaction() as tx:
        hashed = keys.keyed_hash("status_code", old)
        row = update(cases).where(cases.c.id == case.id)
        tx.execute(row.values(status_code_hash=hashed, status_code_sealed=None))

    assert find(driver, old.lower()) == case.id
    assert printed(driver, case) is None


def test_the_code_is_printed_again_but_never_stored_in_clear(
    driver: CaseDriver, case: Filed
) -> None:
    row = driver.row(case)

    assert printed(driver, case) == case.status_code
    assert case.status_code not in str(row.state) + str(row.status_code_sealed)
    assert row.status_code_hash != case.status_code


def test_a_new_code_makes_the_former_worthless(driver: CaseDriver, case: Filed) -> None:
    with driver.db.transaction() as tx:
        new = status_codes.issue(tx, case.id, driver.person("counter Lin"), driver.clock.now())

    assert (find(driver, case.status_code), find(driver, new)) == (None, case.id)
    assert printed(driver, case) == new
    assert driver.actions(case)[-1] == "status_code.issued"


def test_only_who_works_on_cases_of_the_office_may_print_it(
    driver: CaseDriver, case: Filed
) -> None:
    with pytest.raises(Forbidden):
        printed(driver, case, by="analyst Luo")
    with driver.db.transaction() as tx:
        an_office(tx, "elsewhere")
        stranger = an_officer(tx, "counter Ho", office_id="elsewhere")
    with driver.db.transaction(read_only=True) as tx, pytest.raises(NotFound):
        status_codes.of_case(tx, case.id, stranger)


def test_a_shredded_case_has_no_code(driver: CaseDriver, case: Filed) -> None:
    with driver.db.transaction() as tx:
        tx.execute(delete(data_keys).where(data_keys.c.case_id == case.id))

    with pytest.raises(NotFound, match="shredded"):
        printed(driver, case)
