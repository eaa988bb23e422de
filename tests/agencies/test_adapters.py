"""The systems beside ours, played by the sandbox over real HTTP: faces, seals, images of papers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agencies.transports import Parcel
from engine.cases import Filed
from store import tables
from tests.support.office import Office
from tests.support.sandboxed import Sandboxed, office_with, sandboxed

CLERK = "counter Lin"
PERSON = {"name": "許示範", "id_number": "A123456789", "birth_date": "1970-05-04"}
CERTIFICATE = {
    "act": "certificate",
    "presence": "in_person",
    "seal_place": "this_office",
    "contact": "counter",
    "certificate_copies": 1,
    "certificate_purpose": "property",
}


@pytest.fixture(scope="module")
def office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("adapters")
    with office_with(sqlite_template, folder, "P22", "P25") as made:
        yield made


@pytest.fixture(scope="module")
def sandbox(office: Office) -> Iterator[Sandboxed]:
    with sandboxed(office) as made:
        yield made


@pytest.fixture
def agencies(sandbox: Sandboxed) -> Sandboxed:
    sandbox.forget()
    return sandbox


def at_the_counter(
    office: Office, values: Mapping[str, Any] = CERTIFICATE, photo: str | None = "CAM-0001"
) -> Filed:
    """A certificate of a seal is asked for; the papers are there and the ID card matches."""
    seal = {"seal": {"image_reference": "SEAL-0001"}} if "seal_system" in values else {}
    case = office.file("P25", values=values, data={"applicant": PERSON, **seal})
    office.complete(case, "check_papers", CLERK, "complete", {"missing": []})
    data = {"identity": {"photo_reference": photo}} if photo else {}
    office.complete(case, "check_identity", CLERK, "confirmed", {"id_paper": "id_card"}, data)
    return case


def test_a_face_is_compared_by_the_system_and_the_purpose_is_on_record(
    office: Office, agencies: Sandboxed
) -> None:
    agencies.faults("face_recognition")
    case = at_the_counter(office)

    agencies.answer(office)

    assert office.open_tasks(case) == ["compare_seal"]  # 95 of 100: nobody typed a score
    (call,) = agencies.received("face_recognition")
    assert call["fields"] == ["case_number", "id_number", "photo_reference"]
    (promise,) = office.promises(case)
    assert (promise.operation, promise.kind) == ("agency.look_up", "face_match")
    (asked,) = [each for each in office.told(case) if each.action == "notification.queued"]
    assert asked.detail["purpose"] == "face_match"
    assert asked.detail["asked_by"] == str(office.person(CLERK).person_id)
    (paper,) = [row for row in office.rows(tables.notices, case) if row.kind == "look_up_record"]
    assert b"IMG-" not in paper.ciphertext  # the reference of the picture stays with the promise


def test_a_face_the_system_doubts_goes_to_the_second_level(
    office: Office, agencies: Sandboxed
) -> None:
    agencies.faults("face_recognition", score=61)
    case = at_the_counter(office)

    agencies.answer(office)

    assert office.open_tasks(case) == ["decide_identity"]


@pytest.mark.parametrize("faults", [{"refuse": True}, {"none": True}], ids=["refuses", "no photo"])
def test_where_the_system_does_not_say_the_clerk_compares(
    office: Office, agencies: Sandboxed, faults: dict[str, Any]
) -> None:
    agencies.faults("face_recognition", **faults)
    case = at_the_counter(office)

    if "none" in faults:
        agencies.answer(office)
    office.do_due()

    assert office.open_tasks(case) == ["compare_face"]


def test_nobody_waits_longer_than_three_minutes_at_the_counter(
    office: Office, agencies: Sandboxed
) -> None:
    agencies.faults("face_recognition", silent=True)
    case = at_the_counter(office)
    office.do_due()
    assert office.open_tasks(case) == []

    office.pass_time(timedelta(minutes=4))

    assert office.open_tasks(case) == ["compare_face"]


def test_without_a_picture_the_system_is_not_asked(office: Office, agencies: Sandboxed) -> None:
    case = at_the_counter(office, photo=None)

    assert office.open_tasks(case) == ["compare_face"]
    assert office.promises(case) == []


@pytest.mark.parametrize("system", ["city_household", "regional_household"])
def test_a_seal_is_compared_with_the_image_on_file_and_the_clerk_confirms(
    office: Office, agencies: Sandboxed, system: str
) -> None:
    agencies.faults("face_recognition")
    agencies.faults(system, score=88)
    case = at_the_counter(office, {**CERTIFICATE, "seal_system": system})
    agencies.answer(office)

    agencies.answer(office)

    assert office.open_tasks(case) == ["compare_seal"]
    assert office.variables(case)["seal_score"] == 88
    (call,) = agencies.received(system)
    assert call["fields"] == ["case_number", "id_number", "image_reference"]


def test_where_the_seal_system_is_down_the_clerk_compares(
    office: Office, agencies: Sandboxed
) -> None:
    agencies.faults("face_recognition")
    agencies.faults("city_household", refuse=True)
    case = at_the_counter(office, {**CERTIFICATE, "seal_system": "city_household"})

    agencies.answer(office)

    assert office.open_tasks(case) == ["compare_seal"]
    assert office.variables(case)["seal_score"] is None


def test_an_archived_image_is_asked_for_and_stays_sealed(
    office: Office, agencies: Sandboxed
) -> None:
    agencies.faults("regional_household")
    values = {"applicant_relation": "self", "document": "file_copy", "purpose": "court"}
    more = {"where_held": "image_archive", "sheets": 2, "contact": "counter"}
    person = {name: PERSON[name] for name in ("name", "id_number")}
    data = {"applicant": person, "subject": person}
    case = office.file("P22", values={**values, **more}, data=data)
    office.complete(case, "check_papers", CLERK, "complete", {"missing": []})
    office.complete(case, "check_identity", CLERK, "confirmed", {"id_paper": "id_card"})

    answer = agencies.answer(office)

    assert office.open_tasks(case) == ["receive_copies"]
    (promise,) = office.promises(case)
    assert (promise.kind, promise.status) == ("archived_image", "confirmed")
    assert answer["answer"]["image_reference"].encode() not in promise.answer_ciphertext


def test_a_picture_is_not_for_the_seal_system(agencies: Sandboxed, office: Office) -> None:
    """The other side minds the data minimum as well."""
    fields = {"case_number": "T-1", "id_number": "A123456789", "photo_reference": "CAM-1"}
    parcel = Parcel("k-1", "city_household", "agency.look_up", "seal_comparison", fields)

    assert agencies(parcel, office.clock.now()).status_code == 422
