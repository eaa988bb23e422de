# sizes: exempt — deploying touches every kind of file a package has
"""Versions of processes: deploying a package, and finding what a case was filed with.

A version pins its closure by hash: every file it can reach is stored once, under its content's
hash. Versions are immutable; the definition of a closure is compiled once per process and kept.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine import artifacts as files_kept
from engine.actors import Actor
from engine.bpmn import Definition, DefinitionRefused, Severity
from engine.decisions import Decision, read_decisions
from engine.errors import Conflict, NotFound, Rejected
from engine.forms import Form
from engine.forms import parse as parse_form
from engine.history import Entry, append
from engine.manifests import Manifest, parse_manifest
from engine.merged_limits import merged_limits
from engine.office_tree import UPWARDS
from engine.packages import Closure, Library, compiled
from engine.permissions import demand, may_approve, may_deploy
from engine.recent import Recent
from store.prepared import Prepared
from store.tables import artifacts, definition_parts, definitions

_KEPT = 256


@dataclass(frozen=True, slots=True)
class Deployed:
    definition_id: UUID
    version: int
    unchanged: bool


@dataclass(frozen=True, slots=True)
class Loaded:
    """A version, ready to run. `definitions` and `decisions` are those of its closure."""

    id: UUID
    office_id: str
    version: int
    closure_hash: str
    package: Manifest
    definition: Definition
    definitions: Mapping[str, Definition]  # by process id, called ones included
    decisions: Mapping[str, Decision]
    forms: Mapping[str, Form]  # by form id
    limits: bytes | None  # one limits.yaml: the package's, and those of called packages below it
    diagrams: Mapping[str, bytes]  # BPMN by process id


# --- deploying ----------------------------------------------------------------------------------


def prepare(library: Library, package_id: str) -> Closure:
    """Lint and read everything a version would hold: a second's work, so before a transaction.

    What is ready is remembered with the library, and deploying or proposing it then only writes.
    Raises DefinitionRefused, PackageError.
    """
    ready = _prepared.setdefault(library, {})
    if package_id not in ready:
        ready[package_id] = _checked(library, package_id)
    return ready[package_id]


def deploy(
    tx: Connection,
    library: Library,
    package_id: str,
    actor: Actor,
    now: datetime,
    comment: str = "",
) -> Deployed:
    """Make the package as it is on disk the active version for the actor's office.

    For the command line, the demo, and where four eyes are kept outside; people use `propose` and
    `approve`. An unchanged closure deploys nothing. Call `prepare` before the transaction, or it is
    held while lint runs. Raises DefinitionRefused, PackageError.
    """
    demand(may_deploy(actor))
    closure = prepare(library, package_id)
    running = _active_version(tx, actor.office_id, package_id)
    if running is not None and running.closure_hash == closure.hash:
        return Deployed(running.id, running.version, unchanged=True)
    definition_id, version = _store(tx, library, closure, actor, now, comment)
    _activate(tx, definition_id, package_id, actor, now)
    return Deployed(definition_id, version, unchanged=False)


def propose(
    tx: Connection,
    library: Library,
    package_id: str,
    actor: Actor,
    now: datetime,
    comment: str = "",
) -> Deployed:
    """Store the package as a version for somebody else to approve; nothing runs it yet."""
    demand(may_deploy(actor))
    closure = prepare(library, package_id)
    running = _active_version(tx, actor.office_id, package_id)
    if running is not None and running.closure_hash == closure.hash:
        return Deployed(running.id, running.version, unchanged=True)
    definition_id, version = _store(tx, library, closure, actor, now, comment)
    _tell(tx, "definition.proposed", _row(tx, definition_id, actor), actor, now)
    return Deployed(definition_id, version, unchanged=False)


def refuse(tx: Connection, definition_id: UUID, why: str, actor: Actor, now: datetime) -> None:
    """Send a proposed version back with a reason; it is never used. Its author cannot."""
    row = _row(tx, definition_id, actor)
    demand(may_approve(row.created_by, actor))
    if not why.strip():
        raise Rejected("definition.why", "Say why the version is refused")
    _move(tx, definition_id, "draft", "retired", "refuse")
    _tell(tx, "definition.refused", row, actor, now)


def approve(tx: Connection, definition_id: UUID, actor: Actor, now: datetime) -> None:
    """Make a proposed version active. Its author cannot."""
    row = _row(tx, definition_id, actor)
    demand(may_approve(row.created_by, actor))
    _activate(tx, definition_id, row.package_id, actor, now)


def retire(tx: Connection, definition_id: UUID, actor: Actor, now: datetime) -> None:
    """Take an active version out of use: nothing is filed with it any more, running cases go on."""
    demand(may_deploy(actor))
    row = _row(tx, definition_id, actor)
    _move(tx, definition_id, "active", "retired", "retire")
    _tell(tx, "definition.retired", row, actor, now)


def _checked(library: Library, package_id: str) -> Closure:
    errors = [
        each.finding for each in library.lint(package_id) if each.finding.severity is Severity.ERROR
    ]
    if errors:
        raise DefinitionRefused(errors)
    closure = library.closure(package_id)
    for part in closure.parts:
        if part.kind == "form":
            parse_form(orjson.loads(part.content))
    read_decisions({part.name: part.content for part in closure.parts if part.kind == "dmn"})
    return closure


def _store(
    tx: Connection, library: Library, closure: Closure, actor: Actor, now: datetime, comment: str
) -> tuple[UUID, int]:
    files_kept.keep(tx, [(part.kind, part.content) for part in closure.parts], now)
    manifest = library.package(closure.package_id).manifest
    last = tx.scalar(
        select(func.max(definitions.c.version)).where(
            definitions.c.office_id == actor.office_id,
            definitions.c.package_id == closure.package_id,
        )
    )
    definition_id, version = uuid4(), int(last or 0) + 1
    try:
        tx.execute(
            insert(definitions).values(
                id=definition_id,
                office_id=actor.office_id,
                package_id=manifest.id,
                process_id=manifest.process,
                version=version,
                closure_hash=closure.hash,
                state="draft",
                title_zh=manifest.title.zh,
                title_en=manifest.title.en,
                comment=comment,
                created_at=now,
                created_by=actor.person_id,
            )
        )
    except IntegrityError as error:
        raise Conflict(
            "definition.race", f"Somebody else stores a version of {manifest.id} now; try again"
        ) from error
    tx.execute(
        insert(definition_parts),
        [
            {
                "definition_id": definition_id,
                "kind": part.kind,
                "name": part.name,
                "artifact_hash": part.hash,
                "office_id": actor.office_id,
            }
            for part in closure.parts
        ],
    )
    return definition_id, version


def _activate(
    tx: Connection, definition_id: UUID, package_id: str, actor: Actor, now: datetime
) -> None:
    # First the former one, so that there is never more than one active version.
    tx.execute(
        update(definitions)
        .where(
            definitions.c.office_id == actor.office_id,
            definitions.c.package_id == package_id,
            definitions.c.state == "active",
        )
        .values(state="superseded")
    )
    _move(tx, definition_id, "draft", "active", "deploy")
    tx.execute(
        update(definitions)
        .where(definitions.c.id == definition_id)
        .values(deployed_at=now, deployed_by=actor.person_id)
    )
    _tell(tx, "definition.deployed", _row(tx, definition_id, actor), actor, now)


def _move(tx: Connection, definition_id: UUID, seen: str, to: str, what: str) -> None:
    moved = tx.execute(
        update(definitions)
        .where(definitions.c.id == definition_id, definitions.c.state == seen)
        .values(state=to)
    )
    if moved.rowcount != 1:
        raise Conflict(
            "definition.state", f"Expected to {what} a version that is {seen}, but it is not"
        )


def _tell(tx: Connection, action: str, row: Any, actor: Actor, now: datetime) -> None:
    detail = {"package": row.package_id, "version": row.version}
    append(tx, Entry(action, actor, now, object_id=str(row.id), detail=detail))


# --- finding ------------------------------------------------------------------------------------


def active(tx: Connection, office_id: str, package_id: str) -> Loaded:
    """The version new cases of the office are filed with: its own, else its city's, else the
    country's. Raises NotFound."""
    nearest = _NEAREST_ACTIVE.first(tx, {"office": office_id, "package": package_id})
    if nearest is not None:
        return definition(tx, nearest.id)
    raise NotFound(
        "definition.none_active",
        f"No version of {package_id} is active for office {office_id}; deploy the package",
    )


def all_active(tx: Connection, office_id: str) -> list[Loaded]:
    """What `active` answers, for every package the office has, by id; one query."""
    nearest: dict[str, UUID] = {}
    for row in _ALL_ACTIVE.all(tx, {"office": office_id}):
        nearest.setdefault(row.package_id, row.id)
    return [definition(tx, nearest[package_id]) for package_id in sorted(nearest)]


def active_anywhere(tx: Connection) -> list[UUID]:
    """The versions that new cases of any office may run on."""
    return list(tx.scalars(_ACTIVE_ANYWHERE))


def definition(tx: Connection, definition_id: UUID) -> Loaded:
    """A version by id, compiled. Raises NotFound."""
    loaded = _cache.get(definition_id)
    if loaded is None:
        loaded = _load(tx, definition_id)
        _cache.put(definition_id, loaded)
    return loaded


def _active_version(tx: Connection, office_id: str, package_id: str) -> Any:
    return tx.execute(_ACTIVE, {"office": office_id, "package": package_id}).first()


def _row(tx: Connection, definition_id: UUID, actor: Actor) -> Any:
    row = tx.execute(select(definitions).where(definitions.c.id == definition_id)).first()
    if row is None or row.office_id != actor.office_id:
        raise NotFound("definition.not_found", f"There is no version {definition_id} here")
    return row


def _load(tx: Connection, definition_id: UUID) -> Loaded:
    row = tx.execute(select(definitions).where(definitions.c.id == definition_id)).first()
    if row is None:
        raise NotFound("definition.not_found", f"There is no version {definition_id}")
    parts = tx.execute(_PARTS, {"definition": definition_id}).all()
    files: dict[str, dict[str, bytes]] = {}
    for part in parts:
        files.setdefault(part.kind, {})[part.name] = part.content
    diagrams = files["bpmn"]
    compiled_ones = {process: compiled(xml) for process, xml in diagrams.items()}
    return Loaded(
        id=row.id,
        office_id=row.office_id,
        version=row.version,
        closure_hash=row.closure_hash,
        package=parse_manifest(files["package"][row.package_id], f"{row.package_id}/package.yaml"),
        definition=compiled_ones[row.process_id],
        definitions=compiled_ones,
        decisions=read_decisions(files.get("dmn", {})),
        forms={name: _form(content) for name, content in files.get("form", {}).items()},
        limits=_limits(row.package_id, files),
        diagrams=diagrams,
    )


@lru_cache(maxsize=1_024)
def _form(content: bytes) -> Form:
    """A form is immutable, and those of the shared parts are the same bytes in every package."""
    return parse_form(orjson.loads(content))


def _limits(package_id: str, files: Mapping[str, Mapping[str, bytes]]) -> bytes | None:
    limits = dict(files.get("limits", {}))
    own = limits.pop(package_id, None)
    return merged_limits(own, [limits[name] for name in sorted(limits)])


_cache = Recent[UUID, Loaded](_KEPT)  # versions are immutable
_prepared: weakref.WeakKeyDictionary[Library, dict[str, Closure]] = weakref.WeakKeyDictionary()
_NEAREST_ACTIVE = Prepared(
    select(definitions.c.id)
    .join(UPWARDS, UPWARDS.c.id == definitions.c.office_id)
    .where(definitions.c.package_id == bindparam("package"), definitions.c.state == "active")
    .order_by(UPWARDS.c.height)
    .limit(1)
)
_ALL_ACTIVE = Prepared(
    select(definitions.c.package_id, definitions.c.id)
    .join(UPWARDS, UPWARDS.c.id == definitions.c.office_id)
    .where(definitions.c.state == "active")
    .order_by(UPWARDS.c.height)
)
_ACTIVE = select(definitions.c.id, definitions.c.version, definitions.c.closure_hash).where(
    definitions.c.office_id == bindparam("office"),
    definitions.c.package_id == bindparam("package"),
    definitions.c.state == "active",
)
_ACTIVE_ANYWHERE = (
    select(definitions.c.id)
    .where(definitions.c.state == "active")
    .order_by(definitions.c.deployed_at.desc())
    .limit(_KEPT)
)
_PARTS = (
    select(definition_parts.c.kind, definition_parts.c.name, artifacts.c.content)
    .join(artifacts, artifacts.c.hash == definition_parts.c.artifact_hash)
    .where(definition_parts.c.definition_id == bindparam("definition"))
)
