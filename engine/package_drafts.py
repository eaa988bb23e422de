"""Drafts of process packages: what analysts change before anybody deploys it.

A draft is a chain of versions; each names every file of the package by the hash of its content, so
what was saved comes back byte for byte, and nothing that was saved is ever lost. Who saves names
the version they saw: a second person's save is refused with who and when, and may become a branch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, insert, select, update

from engine import artifacts
from engine.actors import Actor
from engine.errors import Conflict, NotFound, Rejected
from engine.history import Entry, append
from engine.manifests import PackageError
from engine.package_files import MAX_FILE, MAX_FILES, kind_of
from engine.permissions import demand, may_deploy
from store.tables import package_draft_versions as versions
from store.tables import package_drafts as drafts
from store.tables import persons

MAX_NAME, MAX_COMMENT = 80, 500


@dataclass(frozen=True, slots=True)
class Draft:
    """One version of a draft: by default the newest. `files` are paths and content hashes."""

    id: UUID
    office_id: str
    package_id: str
    name: str  # "" on the trunk, else the branch's
    state: str  # open | set_aside
    number: int
    newest: int
    files: Mapping[str, str]
    comment: str
    saved_at: datetime
    saved_by: UUID
    saved_by_name: str
    base_definition_id: UUID | None
    parent_id: UUID | None
    parent_number: int | None


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody changed. `seen` is the version they saw; None as content removes the file."""

    draft_id: UUID
    seen: int
    changes: Mapping[str, bytes | None]
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a new draft begins with, and where from."""

    package_id: str
    files: Mapping[str, bytes]
    comment: str = ""
    name: str = ""
    base_definition_id: UUID | None = None
    parent: tuple[UUID, int] | None = field(default=None)


# --- verbs --------------------------------------------------------------------------------------


def open_draft(tx: Connection, beginning: Beginning, actor: Actor, now: datetime) -> UUID:
    """Begin a draft: of a new package, an imported one, or one that is deployed."""
    demand(may_deploy(actor))
    _check(beginning.files)
    draft_id, parent = uuid4(), beginning.parent or (None, None)
    tx.execute(
        insert(drafts).values(
            id=draft_id,
            office_id=actor.office_id,
            package_id=beginning.package_id,
            name=beginning.name.strip()[:MAX_NAME],
            state="open",
            number=1,
            parent_id=parent[0],
            parent_number=parent[1],
            base_definition_id=beginning.base_definition_id,
            created_at=now,
            created_by=actor.person_id,
            saved_at=now,
            saved_by=actor.person_id,
        )
    )
    hashes = _keep(tx, beginning.files, now)
    _add_version(tx, (draft_id, 1), hashes, beginning.comment, actor, now)
    _tell(tx, "package.draft_begun", (draft_id, beginning.package_id, 1), actor, now)
    return draft_id


def save(tx: Connection, edit: Edit, actor: Actor, now: datetime) -> int:
    """Save the changes as the next version and return its number; equal content saves nothing.

    Raises Conflict (`package_draft.stale`, with `by`, `at` and `number`) if somebody else has
    saved since `edit.seen`.
    """
    demand(may_deploy(actor))
    seen = draft(tx, edit.draft_id, actor, edit.seen)
    if seen.state != "open":
        raise Conflict("package_draft.set_aside", "The draft was set aside; take it up again first")
    if seen.newest != edit.seen:
        raise _stale(tx, edit.draft_id, actor)
    hashes = _changed(tx, seen, edit.changes, now)
    if hashes == seen.files:
        return edit.seen
    number = edit.seen + 1
    moved = tx.execute(
        update(drafts)
        .where(drafts.c.id == edit.draft_id, drafts.c.number == edit.seen)
        .values(number=number, saved_at=now, saved_by=actor.person_id)
    )
    if moved.rowcount != 1:
        raise _stale(tx, edit.draft_id, actor)
    _add_version(tx, (edit.draft_id, number), hashes, edit.comment, actor, now)
    _tell(tx, "package.draft_saved", (edit.draft_id, seen.package_id, number), actor, now)
    return number


def branch(tx: Connection, edit: Edit, name: str, actor: Actor, now: datetime) -> UUID:
    """Save the changes as a draft of its own, from the version that was seen."""
    demand(may_deploy(actor))
    seen = draft(tx, edit.draft_id, actor, edit.seen)
    files = {**contents(tx, seen), **edit.changes}
    kept = {path: content for path, content in files.items() if content is not None}
    beginning = Beginning(
        package_id=seen.package_id,
        files=kept,
        comment=edit.comment,
        name=name or actor.name,
        base_definition_id=seen.base_definition_id,
        parent=(seen.id, seen.number),
    )
    return open_draft(tx, beginning, actor, now)


def set_aside(tx: Connection, draft_id: UUID, actor: Actor, now: datetime) -> None:
    """Take a draft off the desk. Nothing of it is lost; `take_up` brings it back."""
    _move(tx, draft_id, ("open", "set_aside"), actor, now)


def take_up(tx: Connection, draft_id: UUID, actor: Actor, now: datetime) -> None:
    """Bring back a draft that was set aside."""
    _move(tx, draft_id, ("set_aside", "open"), actor, now)


# --- finding ------------------------------------------------------------------------------------


def draft(tx: Connection, draft_id: UUID, actor: Actor, number: int | None = None) -> Draft:
    """A draft of the actor's office, at its newest version or at `number`. Raises NotFound."""
    wanted = drafts.c.number if number is None else number
    row = tx.execute(
        select(
            drafts,
            versions.c.number.label("at_number"),
            versions.c.files,
            versions.c.comment,
            versions.c.saved_at.label("at"),
            versions.c.saved_by.label("by"),
            persons.c.display_name,
        )
        .join(versions, (versions.c.draft_id == drafts.c.id) & (versions.c.number == wanted))
        .join(persons, persons.c.id == versions.c.saved_by)
        .where(drafts.c.id == draft_id, drafts.c.office_id == actor.office_id)
    ).first()
    if row is None:
        raise NotFound("package_draft.not_found", "There is no such draft in your office")
    return Draft(
        id=row.id,
        office_id=row.office_id,
        package_id=row.package_id,
        name=row.name,
        state=row.state,
        number=row.at_number,
        newest=row.number,
        files=row.files,
        comment=row.comment,
        saved_at=row.at,
        saved_by=row.by,
        saved_by_name=row.display_name,
        base_definition_id=row.base_definition_id,
        parent_id=row.parent_id,
        parent_number=row.parent_number,
    )


def contents(tx: Connection, found: Draft) -> dict[str, bytes]:
    """The files of a version, byte for byte as they were saved, by path."""
    stored = artifacts.load(tx, set(found.files.values()))
    return {path: stored[digest] for path, digest in sorted(found.files.items())}


def listed(tx: Connection, office_id: str, package_id: str | None = None) -> Sequence[Any]:
    """The drafts of an office, the last saved first: rows of `package_drafts` with the author."""
    query = (
        select(drafts, persons.c.display_name.label("saved_by_name"))
        .join(persons, persons.c.id == drafts.c.saved_by)
        .where(drafts.c.office_id == office_id)
        .order_by(drafts.c.state, drafts.c.saved_at.desc())
        .limit(200)
    )
    return tx.execute(
        query if package_id is None else query.where(drafts.c.package_id == package_id)
    ).all()


def history(tx: Connection, draft_id: UUID) -> Sequence[Any]:
    """Every version of a draft, the newest first: number, saved_at, saved_by, name, comment."""
    return tx.execute(
        select(versions, persons.c.display_name)
        .join(persons, persons.c.id == versions.c.saved_by)
        .where(versions.c.draft_id == draft_id)
        .order_by(versions.c.number.desc())
        .limit(500)
    ).all()


def authors(tx: Connection, draft_id: UUID, number: int) -> frozenset[UUID]:
    """Who wrote any version up to `number`, of the draft or of what it branched from."""
    found: set[UUID] = set()
    at: tuple[UUID, int] | None = (draft_id, number)
    while at is not None:
        rows = select(versions.c.saved_by).where(
            versions.c.draft_id == at[0], versions.c.number <= at[1]
        )
        found.update(tx.scalars(rows))
        parent = tx.execute(
            select(drafts.c.parent_id, drafts.c.parent_number).where(drafts.c.id == at[0])
        ).one()
        at = None if parent.parent_id is None else (parent.parent_id, parent.parent_number)
    return frozenset(found)


# --- below --------------------------------------------------------------------------------------


def _changed(
    tx: Connection, seen: Draft, changes: Mapping[str, bytes | None], now: datetime
) -> dict[str, str]:
    written = {path: content for path, content in changes.items() if content is not None}
    _check(written)
    hashes = {**seen.files, **_keep(tx, written, now)}
    for path, content in changes.items():
        if content is None:
            hashes.pop(path, None)
    if len(hashes) > MAX_FILES:
        raise PackageError(seen.package_id, f"has more than {MAX_FILES} files")
    return hashes


def _check(files: Mapping[str, bytes]) -> None:
    if len(files) > MAX_FILES:
        raise Rejected("package.too_many_files", f"A package has at most {MAX_FILES} files")
    for path, content in files.items():
        kind_of(path)
        if len(content) > MAX_FILE:
            raise PackageError(path, f"is larger than {MAX_FILE} bytes")


def _keep(tx: Connection, files: Mapping[str, bytes], now: datetime) -> dict[str, str]:
    artifacts.keep(tx, [(kind_of(path), content) for path, content in files.items()], now)
    return {path: artifacts.hash_of(content) for path, content in files.items()}


def _add_version(
    tx: Connection,
    version: tuple[UUID, int],
    files: Mapping[str, str],
    comment: str,
    actor: Actor,
    now: datetime,
) -> None:
    draft_id, number = version
    tx.execute(
        insert(versions).values(
            draft_id=draft_id,
            number=number,
            office_id=actor.office_id,
            files=dict(files),
            comment=comment.strip()[:MAX_COMMENT],
            saved_at=now,
            saved_by=actor.person_id,
        )
    )


def _stale(tx: Connection, draft_id: UUID, actor: Actor) -> Conflict:
    newest = draft(tx, draft_id, actor)
    return Conflict(
        "package_draft.stale",
        f"Expected to save on the newest version, but {newest.saved_by_name} has saved "
        f"version {newest.number} meanwhile",
        by=newest.saved_by_name,
        at=newest.saved_at.isoformat(),
        number=newest.number,
    )


def _move(
    tx: Connection, draft_id: UUID, states: tuple[str, str], actor: Actor, now: datetime
) -> None:
    demand(may_deploy(actor))
    found = draft(tx, draft_id, actor)
    seen, to = states
    moved = tx.execute(
        update(drafts).where(drafts.c.id == draft_id, drafts.c.state == seen).values(state=to)
    )
    if moved.rowcount != 1:
        raise Conflict("package_draft.state", f"Expected a draft that is {seen}, but it is not")
    action = "package.draft_set_aside" if to == "set_aside" else "package.draft_taken_up"
    _tell(tx, action, (draft_id, found.package_id, found.newest), actor, now)


def _tell(
    tx: Connection, action: str, told: tuple[UUID, str, int], actor: Actor, now: datetime
) -> None:
    draft_id, package_id, number = told
    detail = {"package": package_id, "number": number}
    append(tx, Entry(action, actor, now, object_id=str(draft_id), detail=detail))
