"""Files of a case: kept in pieces under its key, looked at for a purpose, scanned, destroyed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from agencies import attachment_scans
from agencies.virus_scanner import Scanner, scanner_at
from engine import attachments
from engine.actors import Actor
from engine.attachments import PART, Attachment, Place, Rules
from engine.cases import Filed
from engine.errors import Conflict, EngineError, Forbidden, NotFound, Rejected
from engine.keyring import SealBroken
from store import tables
from tests.support.driver import CaseDriver
from tests.support.factories import an_office
from tests.support.files import a_pdf, a_png
from tests.support.races import at_once
from tests.support.scanners import FOUND, VIRUS, FakeClamd, running_scanner

USUAL, SCANNED, NOWHERE = Rules(), Rules(is_scanned=True), Place()
BIG = a_pdf(b"(" + b"0123456789abcdef" * (PART // 8) + b")")  # a little more than two parts


class Folder:
    """One case with files, and who works on it."""

    def __init__(self, office: CaseDriver) -> None:
        self.office = office
        self.case: Filed = office.file("REVIEW")

    def add(
        self,
        content: bytes = BIG,
        name: str = "王小明出生證明.pdf",
        rules: Rules = USUAL,
        by: str = "counter Lin",
        place: Place = NOWHERE,
    ) -> UUID:
        prepared = attachments.prepare(name, io.BytesIO(content), rules)
        actor = self.office.person(by)
        with self.office.db.transaction() as tx:
            return attachments.add(
                tx, self.case.id, prepared, place, actor, self.office.clock.now()
            )

    def look(self, file: UUID, by: str = "counter Lin", purpose: str = "compare") -> Attachment:
        actor = self.office.person(by)
        with self.office.db.transaction() as tx:
            return attachments.look_at(tx, file, purpose, actor, self.office.clock.now())

    def fetch(self, file: UUID, by: str = "counter Lin") -> bytes:
        actor = self.office.person(by)
        with self.office.db.transaction(read_only=True) as tx:
            found = attachments.content(tx, file, actor, self.office.clock.now())
            return b"".join(attachments.whole(tx, found))

    def withdraw(self, file: UUID, by: str = "counter Lin", reason: str = "wrong case") -> None:
        actor = self.office.person(by)
        with self.office.db.transaction() as tx:
            attachments.withdraw(tx, file, reason, actor, self.office.clock.now())

    def listed(self, actor: Actor | None = None) -> tuple[Attachment, ...]:
        reader = actor or self.office.person("counter Lin")
        with self.office.db.transaction(read_only=True) as tx:
            return attachments.of_case(tx, self.case.id, reader)

    def parts(self) -> int:
        with self.office.db.transaction(read_only=True) as tx:
            return tx.scalar(select(func.count()).select_from(tables.attachment_parts)) or 0

    def scan(self, scanner: FakeClamd | str) -> bool:
        address = scanner if isinstance(scanner, str) else scanner.address
        return attachment_scans.scan_next(
            self.office.db, Scanner(address, patience=5), self.office.clock.now()
        )

    @contextmanager
    def refused(self, kind: type[EngineError], code: str) -> Iterator[None]:
        with pytest.raises(kind) as refused:
            yield
        assert refused.value.code == f"attachment.{code}"


@pytest.fixture
def folder(driver: CaseDriver) -> Folder:
    driver.deploy("REVIEW")
    return Folder(driver)


def test_a_file_comes_back_byte_for_byte_for_whoever_says_why(folder: Folder) -> None:
    file = folder.add()
    assert folder.parts() == 3

    with folder.refused(Conflict, "purpose"):
        folder.fetch(file)
    folder.look(file)

    assert folder.fetch(file) == BIG
    assert folder.office.actions(folder.case)[-2:] == ["attachment.added", "attachment.looked_at"]
    folder.office.clock.move(timedelta(minutes=11))
    with folder.refused(Conflict, "purpose"):
        folder.fetch(file)


def test_what_one_person_said_opens_nothing_for_another(folder: Folder) -> None:
    file = folder.add()
    folder.look(file, by="reviewer Wu")

    assert folder.fetch(file, by="reviewer Wu") == BIG
    with folder.refused(Conflict, "purpose"):
        folder.fetch(file, by="counter Lin")
    with pytest.raises(Rejected, match="purpose"):
        folder.look(file, purpose=" ")
    with pytest.raises(Rejected, match="ID numbers"):
        folder.look(file, purpose="to compare A123456789")
    with pytest.raises(Forbidden):
        folder.look(file, by="auditor Ma")


def test_neither_name_nor_content_lies_in_the_database_in_clear(folder: Folder) -> None:
    folder.add(BIG)
    with folder.office.db.transaction(read_only=True) as tx:
        rows = [
            *tx.execute(select(tables.attachments)),
            *tx.execute(select(tables.attachment_parts)),
            *tx.execute(select(tables.history)),
        ]
        stored = "".join(str(tuple(row)) for row in rows)

    assert "王小明" not in stored
    assert "王小明".encode().hex() not in stored
    assert "0123456789abcdef" not in stored


def test_a_part_that_was_moved_is_not_opened(folder: Folder) -> None:
    file = folder.add()
    folder.look(file)
    part = tables.attachment_parts
    with folder.office.db.transaction() as tx:
        second = tx.scalar(select(part.c.ciphertext).where(part.c.number == 1))
        tx.execute(update(part).where(part.c.number == 0).values(ciphertext=second))

    with pytest.raises(SealBroken):
        folder.fetch(file)


def test_names_are_for_those_who_work_on_cases(folder: Folder) -> None:
    folder.add(place=Place(paper="birth_certificate"))

    (shown,) = folder.listed()
    (to_auditor,) = folder.listed(folder.office.person("auditor Ma"))

    assert (shown.name, shown.paper, shown.size) == (
        "王小明出生證明.pdf",
        "birth_certificate",
        len(BIG),
    )
    assert to_auditor.name is None
    assert to_auditor.may_look is not None


def test_another_office_hears_of_no_file(folder: Folder) -> None:
    file = folder.add()
    with folder.office.db.transaction() as tx:
        an_office(tx, "kh-lingya")
    stranger = folder.office.person("counter Chao", "kh-lingya")

    with pytest.raises(NotFound):
        folder.listed(stranger)
    with folder.refused(NotFound, "not_found"), folder.office.db.transaction() as tx:
        attachments.look_at(tx, file, "compare", stranger, folder.office.clock.now())


def test_the_same_file_is_kept_once_and_a_case_holds_only_so_much(folder: Folder) -> None:
    small = Rules(most_bytes=1 << 20, most_bytes_of_case=len(BIG) + 100)
    folder.add(rules=small)

    with folder.refused(Conflict, "twice"):
        folder.add(name="again.pdf")
    with folder.refused(Rejected, "case_full"):
        folder.add(a_png(40, 40) + b"\0" * 60, "a.png", small)
    with folder.refused(Rejected, "too_large"):
        folder.add(rules=Rules(most_bytes=1000))


def test_two_who_add_at_once_do_not_pass_the_limit_together(folder: Folder) -> None:
    rules = Rules(most_bytes_of_case=int(len(BIG) * 1.5))
    folder.office.person("counter Lin")

    added, refused = at_once(
        partial(folder.add, BIG, "a.pdf", rules),
        partial(folder.add, BIG + b"\n", "b.pdf", rules),
    )

    assert len(added) == 1
    assert [getattr(each, "code", "") for each in refused] == ["attachment.case_full"]


def test_what_is_taken_out_is_destroyed_and_leaves_a_trace(folder: Folder) -> None:
    file = folder.add()
    folder.look(file)

    with folder.refused(Forbidden, "not_yours"):
        folder.withdraw(file, by="counter Gao")
    with folder.refused(Rejected, "reason"):
        folder.withdraw(file, reason=" ")
    folder.withdraw(file, by="chief Wang", reason="belongs to another family")

    assert folder.parts() == 0
    (left,) = folder.listed()
    assert (left.status, left.reason) == ("withdrawn", "belongs to another family")
    assert "another family" not in str(_rows(folder, tables.history))
    with folder.refused(Conflict, "ended"):
        folder.fetch(file)
    with folder.refused(Conflict, "ended"):
        folder.withdraw(file)
    folder.add()  # the same file may be added anew


def test_a_file_waits_for_the_scanner_and_is_then_seen(folder: Folder) -> None:
    file = folder.add(rules=SCANNED)
    with folder.refused(Conflict, "quarantined"):
        folder.look(file)

    with running_scanner() as scanner:
        assert folder.scan(scanner)
        assert not folder.scan(scanner)

    assert scanner.scanned == [BIG]
    folder.look(file)
    assert folder.fetch(file) == BIG
    assert folder.listed()[0].status == "clean"


def test_a_virus_is_destroyed_and_told(folder: Folder) -> None:
    folder.add(a_pdf(VIRUS), rules=SCANNED)

    with running_scanner() as scanner:
        folder.scan(scanner)

    (left,) = folder.listed()
    assert (left.status, left.found) == ("infected", FOUND)
    assert folder.parts() == 0
    with folder.office.db.transaction(read_only=True) as tx:
        told = tx.execute(select(tables.person_notices)).one()
    assert told.kind == "attachment.infected"
    assert told.person_id == folder.office.person("counter Lin").person_id


def test_without_a_verdict_a_file_stays_in_quarantine_and_an_incident_says_so_once(
    folder: Folder,
) -> None:
    folder.add(rules=SCANNED)
    with running_scanner(answer=b"stream: Can't allocate memory ERROR") as scanner:
        for _ in range(7):
            assert folder.scan(scanner)
            assert not folder.scan(scanner)  # put off
            folder.office.clock.move(timedelta(hours=1))

    assert folder.listed()[0].status == "quarantined"
    incidents = _rows(folder, tables.incidents)
    assert [row.code for row in incidents] == ["attachment.not_scanned"]
    with running_scanner() as scanner:
        folder.scan(scanner)
    assert folder.listed()[0].status == "clean"


def test_a_scanner_that_hangs_up_or_is_not_there_gives_no_verdict(folder: Folder) -> None:
    folder.add(rules=SCANNED)
    with running_scanner(most=1000) as scanner:
        assert scanner_at(scanner.address) == Scanner(scanner.address)
        assert Scanner(scanner.address).is_there()
        folder.scan(scanner)
        address = scanner.address
    folder.office.clock.move(timedelta(hours=1))
    folder.scan(address)

    assert folder.listed()[0].status == "quarantined"
    assert not Scanner(address, patience=1).is_there()


def test_a_late_verdict_does_not_open_a_file_that_was_taken_out(folder: Folder) -> None:
    file = folder.add(rules=SCANNED)
    db, now = folder.office.db, folder.office.clock.now()

    class Slow(Scanner):
        def scan(self, pieces: Any) -> str | None:
            folder.withdraw(file)
            return None

    assert attachment_scans.scan_next(db, Slow("tcp:127.0.0.1:1"), now)

    assert folder.listed()[0].status == "withdrawn"


def test_an_address_that_cannot_be_a_scanner_stops_the_start() -> None:
    assert scanner_at("") is None
    assert scanner_at("unix:/run/clamd.ctl") == Scanner("unix:/run/clamd.ctl")
    for wrong in ("localhost:3310", "tcp:3310", "unix:clamd", "http://x"):
        with pytest.raises(ValueError, match="HUZHENG_VIRUS_SCANNER"):
            scanner_at(wrong)


def _rows(folder: Folder, table: Any) -> list[Any]:
    with folder.office.db.transaction(read_only=True) as tx:
        return list(tx.execute(select(table)))
