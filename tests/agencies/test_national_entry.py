"""An entry is handed to the national system, which the sandbox plays over real HTTP (C17)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from agencies.transports import Parcel
from engine import cases
from engine.actors import system
from engine.cases import FileCase, Filed
from store import tables
from tests.support.factories import OFFICE
from tests.support.office import Office
from tests.support.sandboxed import Sandboxed, office_with, sandboxed

CLERK = "counter Lin"
NATIONAL = "national_system"
MATTER = {
    "registration_type": "birth",
    "by_system": True,
    "sources": {
        "child_name": ["data", "child", "name"],
        "child_id_number": ["data", "child", "id_number"],
        "name": ["data", "applicant", "name"],  # not of a birth: it stays here
    },
    "plain": {"household_number": "D0001234", "record_note": "申登", "income": 1},
}
CHILD = {"child": {"name": "林小示", "id_number": "A123456798"}, "applicant": {"name": "林測試"}}


@pytest.fixture(scope="module")
def office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("national")
    with office_with(sqlite_template, folder, "C17") as made:
        yield made


@pytest.fixture(scope="module")
def sandbox(office: Office) -> Iterator[Sandboxed]:
    with sandboxed(office) as made:
        yield made


@pytest.fixture
def agencies(sandbox: Sandboxed) -> Sandboxed:
    sandbox.forget()
    sandbox.faults(NATIONAL)
    return sandbox


def enter(office: Office, **changed: Any) -> Filed:
    """The shared part, handed what the entry task of a birth hands it."""
    command = FileCase("C17", "rung", {**MATTER, **changed}, CHILD)
    with office.db.transaction() as tx:
        return cases.file(tx, command, system(OFFICE), office.clock.now())


def outcome_of(office: Office, case: Filed) -> Mapping[str, Any]:
    assert office.status(case) == "closed"
    found = office.variables(case)
    return {name: found[name] for name in ("result", "entry_number", "refusal")}


def test_the_system_gets_the_fields_of_that_registration_and_gives_a_number(
    office: Office, agencies: Sandboxed
) -> None:
    case = enter(office)

    answer = agencies.answer(office)

    assert answer["reference"].startswith("NR-")
    entered = {"result": "entered", "entry_number": answer["reference"], "refusal": None}
    assert outcome_of(office, case) == entered
    (call,) = agencies.received(NATIONAL)
    assert call["fields"] == [
        *("case_number", "child_id_number", "child_name", "household_number", "record_note"),
    ]
    (promise,) = office.promises(case)
    assert (promise.operation, promise.kind, promise.basis) == (
        *("agency.notify", "birth_entry"),
        "duty",
    )


def test_an_entry_is_counted_once_however_often_it_comes(
    office: Office, agencies: Sandboxed
) -> None:
    """Our own repeat has the same key; asked anew for the same case, it is the same entry."""
    agencies.faults(NATIONAL, fail=1)
    case = enter(office)
    office.do_due()
    office.clock.move_to(office.promises(case)[0].next_attempt_at)
    number = agencies.answer(office)["reference"]
    keys = {call["key"] for call in agencies.received(NATIONAL)}
    assert [call["status"] for call in agencies.received(NATIONAL)] == [500, 202]
    assert len(keys) == 1

    (promise,) = office.promises(case)
    fields = {"case_number": case.number, "child_name": "林小示"}
    again = {**fields, "child_id_number": "A123456798"}
    same = {**again, "household_number": "D0001234", "record_note": "申登"}
    parcel = Parcel("another-key", NATIONAL, "agency.notify", promise.kind, same)
    agencies(parcel, office.clock.now())

    assert agencies.next_answer()["reference"] == number


def test_what_is_corrected_names_its_number_and_what_does_not_is_refused(
    office: Office, agencies: Sandboxed
) -> None:
    fields = {"case_number": "T-1", "child_name": "林小示"}

    def told(key: str, **changed: str) -> dict[str, Any]:
        parcel = Parcel(key, NATIONAL, "agency.notify", "birth_entry", {**fields, **changed})
        agencies(parcel, office.clock.now())
        return agencies.next_answer()

    number = told("key-0001")["reference"]
    refused = told("key-0002", child_name="林小是")
    corrected = told("key-0003", child_name="林小是", corrects=number)

    assert (refused["status"], refused["reference"]) == ("rejected", number)
    assert number in refused["reason"]
    assert (corrected["status"], corrected["reference"]) == ("confirmed", number)


def test_a_refusal_goes_back_to_the_entry_with_its_reason(
    office: Office, agencies: Sandboxed
) -> None:
    agencies.faults(NATIONAL, reject="戶號與檔存不符")
    case = enter(office)
    agencies.answer(office)
    assert office.open_tasks(case) == ["settle_entry"]

    office.complete(case, "settle_entry", CLERK, "correct")

    back = {"result": "correct", "entry_number": None, "refusal": "戶號與檔存不符"}
    assert outcome_of(office, case) == back


def test_where_the_system_is_down_the_clerk_enters_by_hand(
    office: Office, agencies: Sandboxed
) -> None:
    agencies.faults(NATIONAL, refuse=True)
    case = enter(office)
    office.do_due()
    assert office.open_tasks(case) == ["settle_entry"]

    office.complete(case, "settle_entry", CLERK, "entered", {"entry_number": "NR-HAND-1"})

    by_hand = {"result": "entered_by_hand", "entry_number": "NR-HAND-1", "refusal": None}
    assert outcome_of(office, case) == by_hand
    assert office.rows(tables.incidents, case) == []


def test_an_entry_that_was_made_by_hand_is_not_sent(office: Office, agencies: Sandboxed) -> None:
    case = enter(office, by_system=False)

    assert outcome_of(office, case)["result"] == "by_hand"
    assert office.promises(case) == []
