"""Backups: one file with the whole database and a manifest that says what must be in it.

The file is an archive of `manifest.json`, `manifest.seal` and the copy. The manifest is sealed with
the installation's search key, so that a changed one is found. **The master keys are not in it**:
personal data in the copy stays sealed, and a restore without the key folder is refused.

What was acknowledged before the backup began is in it; of what was acknowledged later, nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, inspect, select, table, update

from engine import sealing, workers
from engine.actors import system
from engine.errors import Conflict, Rejected
from engine.history import Entry, append
from engine.keyring import BadKey, Keyring
from engine.sealing import Anchor
from engine.verification import Verification, verify_database
from store import backup, tables
from store.database import Database, open_database
from store.migrations.run import is_known

FORMAT = 1
_MANIFEST, _SEAL, _COPY = "manifest.json", "manifest.seal", "database.copy"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `rows` counts every table, `keys` names the keys that it needs."""

    kind: str  # sqlite or postgresql
    mode: str  # demo or production
    schema: str
    version: str
    made_at: datetime
    rows: Mapping[str, int]
    anchors: tuple[Anchor, ...]
    keys: Mapping[str, str]
    size: int
    sha256: str

    def to_json(self) -> bytes:
        document = {
            "format": FORMAT,
            "kind": self.kind,
            "mode": self.mode,
            "schema": self.schema,
            "version": self.version,
            "made_at": self.made_at.isoformat(),
            "rows": dict(self.rows),
            "anchors": [[each.office_id, each.number, each.hash] for each in self.anchors],
            "keys": dict(self.keys),
            "size": self.size,
            "sha256": self.sha256,
            "note": "The master keys are not in this file. Keep the key folder apart from it.",
        }
        return json.dumps(document, ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        told = json.loads(text)
        if told.get("format") != FORMAT:
            raise Rejected(
                "backup.format",
                f"Expected a backup of format {FORMAT}, but this one is of {told.get('format')}; "
                "restore it with the version that made it",
            )
        return cls(
            **{name: told[name] for name in ("kind", "mode", "schema", "version", "size")},
            **{name: told[name] for name in ("rows", "keys", "sha256")},
            made_at=datetime.fromisoformat(told["made_at"]),
            anchors=tuple(Anchor(*each) for each in told["anchors"]),
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """What a trial restore has shown. `differences` are tables whose rows are not as counted."""

    manifest: Manifest
    chain: Verification
    differences: tuple[str, ...]
    keys_tried: int

    @property
    def is_sound(self) -> bool:
        return self.chain.is_sound and not self.differences


# --- making -------------------------------------------------------------------------------------


def make(url: str, file: Path, keyring: Keyring, now: datetime, version: str) -> Manifest:
    """Write a backup of the database at `url` to `file`, while others go on working.

    Raises Conflict if the file is there already, BackupFailed if the copy cannot be made.
    """
    if file.exists():
        raise Conflict("backup.file_exists", f"{file} is there already; give another name")
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".huzheng-backup-", dir=file.parent) as place:
        copy = Path(place) / _COPY
        found = backup.save(url, copy, _look)
        manifest = Manifest(
            kind=backup.kind_of(url),
            version=version,
            made_at=now,
            keys=_needed(found.pop("key_ids"), keyring),
            size=copy.stat().st_size,
            sha256=_digest(copy),
            **found,
        )
        packed = Path(place) / "packed"
        _pack(packed, manifest, copy, keyring)
        packed.replace(file)
    return manifest


def note(db: Database, now: datetime) -> None:
    """Remember that a backup was made, for the operations page and the history."""
    with db.transaction() as tx:
        tx.execute(update(tables.installation).values(last_backup_at=now))
        _tell(tx, "installation.backed_up", {}, now)


def _look(tx: Connection) -> dict[str, Any]:
    mode = tx.scalar(select(tables.installation.c.mode))
    revision = tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if mode is None or revision is None:
        raise Conflict("backup.no_installation", "This database is no installation of ours")
    return {
        "mode": mode,
        "schema": revision,
        "rows": _counts(tx, tables.metadata.tables),
        "anchors": tuple(sealing.anchors(tx)),
        "key_ids": set(tx.scalars(select(tables.data_keys.c.master_key_id).distinct())),
    }


def _counts(tx: Connection, names: Iterable[str]) -> dict[str, int]:
    """The rows of the tables; -1 for one that is not there."""
    there = set(inspect(tx).get_table_names())
    return {
        name: tx.execute(select(func.count()).select_from(table(name))).scalar_one()
        if name in there
        else -1
        for name in sorted(names)
    }


def _needed(key_ids: set[str], keyring: Keyring) -> dict[str, str]:
    """The fingerprints of the keys in use. Raises BadKey if one of them is not here."""
    known = keyring.fingerprints()
    lost = sorted(key_ids - known.keys())
    if lost:
        raise BadKey(
            f"Data is sealed with master key {', '.join(lost)}, which is not in the key folder; a "
            "backup that nobody can read is none. Put the file back first"
        )
    return {name: known[name] for name in sorted(key_ids | {keyring.current_id, "search"})}


def _pack(packed: Path, manifest: Manifest, copy: Path, keyring: Keyring) -> None:
    text = manifest.to_json()
    descriptor = os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(_MANIFEST, text)
            archive.writestr(_SEAL, _seal(text, keyring))
            archive.write(copy, _COPY)
        out.flush()
        os.fsync(out.fileno())


def _seal(text: bytes, keyring: Keyring) -> str:
    return keyring.keyed_hash("backup", hashlib.sha256(text).hexdigest())


def _digest(file: Path) -> str:
    found = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


# --- reading ------------------------------------------------------------------------------------


def read_manifest(file: Path) -> tuple[Manifest, bytes, str]:
    """The manifest, its bytes and its seal. Raises Rejected for what is no backup of ours."""
    try:
        with zipfile.ZipFile(file) as archive:
            text, seal = archive.read(_MANIFEST), archive.read(_SEAL).decode()
        return Manifest.from_json(text), text, seal
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise Rejected("backup.unreadable", f"{file} is no backup of ours: {error}") from error


@contextmanager
def unpacked(file: Path, keyring: Keyring, folder: Path) -> Iterator[tuple[Manifest, Path]]:
    """The manifest and the copy, once keys, seal and checksum are found right.

    Raises BadKey where the key folder is not the one the backup needs, Rejected for a file that
    was changed or cut.
    """
    manifest, text, seal = read_manifest(file)
    known = keyring.fingerprints()
    wrong = sorted(name for name, mark in manifest.keys.items() if known.get(name) != mark)
    if wrong:
        raise BadKey(
            f"The backup needs the keys {', '.join(wrong)} as they were; the key folder has others "
            "or none. The keys are never in a backup: put the folder that was kept apart back, or "
            "nobody can read the personal data"
        )
    if seal != _seal(text, keyring):
        raise Rejected("backup.changed", f"The manifest of {file} was changed after it was made")
    with tempfile.TemporaryDirectory(prefix=".huzheng-restore-", dir=folder) as place:
        copy = Path(place) / _COPY
        _extract(file, copy)
        if copy.stat().st_size != manifest.size or _digest(copy) != manifest.sha256:
            raise Rejected("backup.damaged", f"The copy in {file} is not what was put into it")
        yield manifest, copy


def _extract(file: Path, copy: Path) -> None:
    try:
        descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with (
            os.fdopen(descriptor, "wb") as out,
            zipfile.ZipFile(file) as archive,
            archive.open(_COPY) as packed,
        ):
            while chunk := packed.read(_CHUNK):
                out.write(chunk)
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        raise Rejected("backup.damaged", f"The copy in {file} cannot be read: {error}") from error


# --- proving ------------------------------------------------------------------------------------


def verify(url: str, file: Path, keyring: Keyring) -> Proof:
    """Restore into a trial database, and judge it: rows, the history's chains, the keys.

    A backup of PostgreSQL needs the server of `url` for the trial. Nothing of `url` is touched.
    """
    with (
        tempfile.TemporaryDirectory(prefix="huzheng-trial-") as place,
        unpacked(file, keyring, Path(place)) as (manifest, copy),
        backup.scratch(url, Path(place), manifest.kind) as trial,
    ):
        backup.load(trial, copy)
        return _judge(trial, manifest, keyring)


def _judge(url: str, manifest: Manifest, keyring: Keyring) -> Proof:
    db = open_database(url)
    try:
        with _long(db) as tx:
            counted = _counts(tx, manifest.rows)
        # An older copy is brought to today's schema before what today's code reads is read.
        db.upgrade()
        with _long(db) as tx:
            tried = _try_keys(tx, keyring)
        differences = tuple(
            f"{name}: {counted[name]} rows, expected {expected}"
            for name, expected in manifest.rows.items()
            if counted[name] != expected
        )
        return Proof(manifest, verify_database(db, manifest.anchors), differences, tried)
    finally:
        db.close()


@contextmanager
def _long(db: Database) -> Iterator[Connection]:
    """A connection without a deadline: counting a million cases takes its time."""
    with db.engine.connect() as tx:
        if db.is_postgresql:
            tx.exec_driver_sql("SET LOCAL statement_timeout = 0")
        yield tx


def _try_keys(tx: Connection, keyring: Keyring) -> int:
    """Open something sealed with every master key in use, and the newest data. Returns how many."""
    data_keys, case_data = tables.data_keys, tables.case_data
    tried = 0
    for key_id in tx.scalars(select(data_keys.c.master_key_id).distinct()).all():
        rows = tx.execute(
            select(data_keys.c.case_id, data_keys.c.wrapped, case_data.c.ciphertext)
            .outerjoin(case_data, case_data.c.case_id == data_keys.c.case_id)
            .where(data_keys.c.master_key_id == key_id)
            .limit(20)
        ).all()
        for row in rows:
            key = keyring.unwrap(str(row.case_id), row.wrapped)
            if row.ciphertext is not None:
                key.open("case_data", row.ciphertext)
            tried += 1
    return tried


# --- restoring ----------------------------------------------------------------------------------


def restore(
    url: str,
    file: Path,
    keyring_for: Callable[[str], Keyring],
    now: datetime,
    *,
    over_existing: bool = False,
) -> tuple[Proof, str | None]:
    """Put a backup in the place of the database at `url`; with `over_existing` in that of another,
    which is kept aside. Returns the proof, and where the former one is.

    `keyring_for` answers the keyring of a mode. Refused while processes work on the database. If
    what was restored is not sound, everything is put back as it was.
    """
    manifest, _, _ = read_manifest(file)
    if manifest.kind != backup.kind_of(url):
        raise Conflict(
            "backup.other_kind",
            f"The backup is one of {manifest.kind}, but DATABASE_URL names {backup.kind_of(url)}",
        )
    if not is_known(manifest.schema):
        raise Conflict(
            "backup.newer_schema",
            f"The backup has schema {manifest.schema}, which this version does not know; install "
            f"version {manifest.version} or newer first",
        )
    empty = backup.is_empty(url)
    if not empty:
        _refuse_living(url, over_existing=over_existing)
    keyring = keyring_for(manifest.mode)
    label = f"{backup.KEPT_ASIDE}{now:%Y%m%d_%H%M%S}"
    with (
        tempfile.TemporaryDirectory(prefix="huzheng-restore-") as place,
        unpacked(file, keyring, Path(place)) as (_, copy),
    ):
        kept = None if empty else backup.move_away(url, label)
        proof = _put_in_place(url, copy, manifest, keyring, None if empty else label)
    _take_over(url, manifest, now)
    return proof, kept


def _refuse_living(url: str, *, over_existing: bool) -> None:
    if not over_existing:
        raise Conflict(
            "backup.not_empty",
            "There is a database already at DATABASE_URL. Nothing was done. To put the backup in "
            "its place (the present one is kept aside): --over-existing",
        )
    db = open_database(url)
    try:
        if db.schema_revision() is None:
            return
        with db.transaction(read_only=True) as tx:
            alive = workers.alive(tx, db.now(tx))
    finally:
        db.close()
    if alive:
        names = ", ".join(worker.name for worker in alive)
        raise Conflict(
            "backup.in_use",
            f"Processes work on this database ({names}). End them first, then restore",
        )


def _put_in_place(
    url: str, copy: Path, manifest: Manifest, keyring: Keyring, label: str | None
) -> Proof:
    try:
        backup.load(url, copy)
        proof = _judge(url, manifest, keyring)
        if not proof.is_sound:
            told = [*proof.differences, *(each.sentence for each in proof.chain.findings)]
            raise Rejected("backup.not_sound", f"The backup is not sound: {'; '.join(told[:3])}")
    except Exception:
        if label is not None:
            backup.put_back(url, label)
        raise
    return proof


def _take_over(url: str, manifest: Manifest, now: datetime) -> None:
    """What must not live on from the moment of the backup: its sessions and its processes."""
    db = open_database(url)
    try:
        db.upgrade()
        with db.transaction() as tx:
            tx.execute(
                update(tables.sessions)
                .where(tables.sessions.c.ended_at.is_(None))
                .values(ended_at=now)
            )
            tx.execute(delete(tables.workers))
            tx.execute(
                update(tables.installation).values(restored_at=now, last_backup_at=manifest.made_at)
            )
            _tell(tx, "installation.restored", {"made_at": manifest.made_at.isoformat()}, now)
    finally:
        db.close()


def _tell(tx: Connection, action: str, detail: Mapping[str, Any], now: datetime) -> None:
    top = tx.scalar(
        select(tables.offices.c.id).where(tables.offices.c.parent_id.is_(None)).limit(1)
    )
    if top is not None:
        append(tx, Entry(action, system(top), now, detail=detail, office_id=top))
