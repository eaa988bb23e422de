"""A backup holds what was acknowledged, proves itself, and is refused where it would do harm."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from engine import backups, sessions
from engine.clock import SystemClock
from engine.errors import Conflict, Rejected
from engine.keyring import BadKey, Keyring
from engine.sealing import seal_next
from engine.workers import Pulse
from store import tables
from store.backup import kind_of
from store.database import Database, open_database
from store.dumping import BackupFailed, find
from tests.support.agencies import RecordingTransport
from tests.support.office import Office

NAME = "陳測試"


def a_backup(office: Office, url: str, keyring: Keyring, file: Path) -> backups.Manifest:
    return backups.make(url, file, keyring, office.clock.now(), "1.2.3")


def test_a_backup_verifies_and_restores_elsewhere(
    office: Office, db_url: str, keyring: Keyring, elsewhere: str, tmp_path: Path
) -> None:
    case = office.file("REMIND", data={"applicant": {"name": NAME}})
    seal_next(office.db, office.clock.now())
    file = tmp_path / "one.backup"

    manifest = a_backup(office, db_url, keyring, file)
    proof = backups.verify(db_url, file, keyring)
    restored, kept = backups.restore(elsewhere, file, lambda _: keyring, office.clock.now())

    assert (manifest.kind, manifest.mode) == (kind_of(db_url), "production")
    assert proof.is_sound
    assert proof.keys_tried == 1
    assert proof.chain.rows > 0
    assert restored.is_sound
    assert kept is None
    assert _number(elsewhere) == case.number
    assert file.stat().st_mode & 0o077 == 0


def test_the_file_holds_no_key_and_no_name(
    office: Office, db_url: str, keyring: Keyring, tmp_path: Path
) -> None:
    office.file("REMIND", data={"applicant": {"name": NAME}})
    file = tmp_path / "one.backup"
    a_backup(office, db_url, keyring, file)

    with zipfile.ZipFile(file) as archive:
        inside = b"".join(archive.read(name) for name in archive.namelist())
        told = json.loads(archive.read("manifest.json"))

    secrets = [key.read_bytes().strip() for key in (tmp_path / "keys").glob("*.key")]
    assert len(secrets) == 2
    assert not any(secret in inside for secret in secrets)
    assert NAME.encode() not in inside
    assert set(told["keys"]) == {"k1", "search"}
    assert "not in this file" in told["note"]


def test_other_keys_than_those_of_the_backup_are_refused(
    office: Office, db_url: str, keyring: Keyring, elsewhere: str, tmp_path: Path
) -> None:
    office.file("REMIND")
    file = tmp_path / "one.backup"
    a_backup(office, db_url, keyring, file)
    stranger = Keyring.create(tmp_path / "other-keys")

    with pytest.raises(BadKey, match="never in a backup"):
        backups.verify(db_url, file, stranger)
    with pytest.raises(BadKey, match="k1, search"):
        backups.restore(elsewhere, file, lambda _: stranger, office.clock.now())


def test_a_database_is_not_overwritten_unasked(
    office: Office, db_url: str, keyring: Keyring, tmp_path: Path
) -> None:
    office.file("REMIND")
    file = tmp_path / "one.backup"
    a_backup(office, db_url, keyring, file)
    later = office.file("REMIND")

    with pytest.raises(Conflict, match="--over-existing"):
        backups.restore(db_url, file, lambda _: keyring, office.clock.now())

    assert later.number in _numbers(db_url)


def test_put_over_another_the_former_one_is_kept(
    office: Office, db_url: str, keyring: Keyring, tmp_path: Path
) -> None:
    first = office.file("REMIND")
    file = tmp_path / "one.backup"
    a_backup(office, db_url, keyring, file)
    later = office.file("REMIND")
    now = office.clock.now()
    office.db.engine.dispose()

    proof, kept = backups.restore(db_url, file, lambda _: keyring, now, over_existing=True)

    assert proof.is_sound
    assert _numbers(db_url) == {first.number}
    assert kept is not None
    assert later.number in _kept_numbers(office.db, kept)
    # What is set aside is no part of the next backup.
    again = backups.make(db_url, tmp_path / "two.backup", keyring, now, "1.2.3")
    assert again.rows["cases"] == 1
    assert backups.verify(db_url, tmp_path / "two.backup", keyring).is_sound


def test_nothing_is_restored_while_processes_work_on_it(
    office: Office, db_url: str, keyring: Keyring, tmp_path: Path
) -> None:
    file = tmp_path / "one.backup"
    a_backup(office, db_url, keyring, file)
    Pulse("host:1:serve", "serve", lambda at: None).tell(office.db, SystemClock().now())

    with pytest.raises(Conflict, match="host:1:serve"):
        backups.restore(db_url, file, lambda _: keyring, office.clock.now(), over_existing=True)


def test_sessions_and_processes_do_not_come_back_with_a_backup(
    office: Office, db_url: str, keyring: Keyring, elsewhere: str, tmp_path: Path
) -> None:
    now = office.clock.now()
    office.person("counter Lin")
    with office.db.transaction() as tx:
        account = tx.scalar(select(tables.accounts.c.id))
        token = sessions.start(tx, _account(tx, account, now), now)
    Pulse("host:1:serve", "serve", lambda at: None).tell(office.db, SystemClock().now())
    a_backup(office, db_url, keyring, tmp_path / "one.backup")

    backups.restore(elsewhere, tmp_path / "one.backup", lambda _: keyring, now)

    db = open_database(elsewhere)
    with db.transaction(read_only=True) as tx:
        assert sessions.find(tx, token, now) is None
        assert tx.scalar(select(func.count()).select_from(tables.workers)) == 0
        assert tx.scalar(select(tables.installation.c.restored_at)) == now
    db.close()


def test_a_history_that_was_touched_before_the_backup_does_not_verify(
    office: Office, db_url: str, keyring: Keyring, elsewhere: str, tmp_path: Path
) -> None:
    office.file("REMIND")
    seal_next(office.db, office.clock.now())
    with office.db.transaction() as tx:
        tx.execute(
            update(tables.history)
            .where(tables.history.c.action == "case.filed")
            .values(action="case.withdrawn")
        )
    file = tmp_path / "one.backup"
    a_backup(office, db_url, keyring, file)

    assert not backups.verify(db_url, file, keyring).is_sound
    with pytest.raises(Rejected, match="not sound"):
        backups.restore(elsewhere, file, lambda _: keyring, office.clock.now())


@pytest.mark.parametrize("damage", ["manifest", "copy", "cut", "nothing of ours"])
def test_a_file_that_was_changed_is_refused(
    office: Office, db_url: str, keyring: Keyring, tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "one.backup"
    a_backup(office, db_url, keyring, file)
    _damage(file, damage)

    with pytest.raises(Rejected):
        backups.verify(db_url, file, keyring)


def test_a_file_is_never_written_over(
    office: Office, db_url: str, keyring: Keyring, tmp_path: Path
) -> None:
    file = tmp_path / "one.backup"
    file.write_text("something dear")

    with pytest.raises(Conflict, match="already"):
        a_backup(office, db_url, keyring, file)

    assert file.read_text() == "something dear"
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".huzheng")] == []


def test_a_timer_that_fires_again_after_a_restore_reaches_the_agency_once(
    office: Office, db_url: str, keyring: Keyring, elsewhere: str, tmp_path: Path
) -> None:
    case = office.file("REMIND")
    office.complete(case, "check", by="counter Lin")
    file = tmp_path / "one.backup"
    a_backup(office, db_url, keyring, file)
    took = office.transport
    assert isinstance(took, RecordingTransport)
    office.go_to("2026-03-02", "12:00")
    assert len(took.parcels) == 1

    backups.restore(elsewhere, file, lambda _: keyring, office.clock.now())
    former, office.db = office.db, open_database(elsewhere)
    office.do_due()

    assert len(took.parcels) == 2, "the restored database does not know that it was sent"
    assert len(took.effects) == 1, "the agency sees one idempotency key"
    office.db.close()
    office.db = former


def test_without_the_programs_of_postgresql_it_says_which_are_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(BackupFailed, match=r"pg_dump of PostgreSQL 99 .* postgresql-client-99"):
        find("pg_dump", 99)


# --- below --------------------------------------------------------------------------------------


def _account(tx: Any, account: Any, now: Any) -> Any:
    if account is not None:
        return account
    person = tx.execute(select(tables.persons)).first()
    row = {"id": person.id, "office_id": person.office_id, "person_id": person.id, "login": "lin"}
    tx.execute(
        tables.accounts.insert().values(
            **row, status="active", failed_sign_ins=0, must_change_password=False, created_at=now
        )
    )
    return person.id


def _number(url: str) -> str:
    (number,) = _numbers(url)
    return number


def _numbers(url: str) -> set[str]:
    db = open_database(url)
    try:
        with db.transaction(read_only=True) as tx:
            return set(tx.scalars(select(tables.cases.c.number)))
    finally:
        db.close()


def _kept_numbers(db: Database, kept: str) -> set[str]:
    if not db.is_postgresql:
        with sqlite3.connect(kept) as connection:
            return {row[0] for row in connection.execute("SELECT number FROM cases")}
    schema = kept.removeprefix("the schema ")
    with db.transaction(read_only=True) as tx:
        return set(tx.exec_driver_sql(f"SELECT number FROM {schema}.cases").scalars())


def _damage(file: Path, how: str) -> None:
    if how == "nothing of ours":
        file.write_bytes(b"no archive")
        return
    if how == "cut":
        file.write_bytes(file.read_bytes()[:-200])
        return
    with zipfile.ZipFile(file) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    if how == "manifest":
        told = json.loads(inside["manifest.json"])
        told["rows"]["cases"] = 7
        inside["manifest.json"] = json.dumps(told).encode()
    else:
        inside["database.copy"] = inside["database.copy"][:-1] + b"?"
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in inside.items():
            archive.writestr(name, content)
