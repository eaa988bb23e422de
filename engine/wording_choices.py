"""In which words an office writes its notices: its own, those of the office above it, or ours.

A text is kept once, by the hash of its words, so a notice that was written with it can be shown
again whatever is chosen later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.actors import OFFICE_KEEPERS, Actor
from engine.errors import Conflict, Forbidden, Rejected
from engine.history import Entry, append
from engine.office_tree import UPWARDS
from engine.wordings import Text, Wording, check, of_kind, shipped, text_of
from store.prepared import Prepared
from store.tables import persons, wording_choices, wordings

MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class Version:
    """One choice of an office. `text` None: our wording again."""

    office_id: str
    kind: str
    version: int
    text: Text | None
    reason: str
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """What holds for an office: the text, and the choice it comes from (None: as shipped).
    `version` is that of the office itself, 0 while it has chosen nothing."""

    wording: Wording
    text: Text
    chosen: Version | None
    version: int


def chosen(tx: Connection, office_id: str, kind: str) -> Text:
    """The text a notice of the kind is written with now. Raises NotFound for no such kind."""
    wording = of_kind(kind)
    row = _NEWEST.first(tx, {"office": office_id, "kind": kind})
    return wording.text if row is None or row.words is None else text_of(row.words)


def choices(tx: Connection, actor: Actor) -> list[Choice]:
    """Every kind of notice with what holds for the actor's office."""
    return [choice(tx, kind, actor) for kind in shipped()]


def choice(tx: Connection, kind: str, actor: Actor) -> Choice:
    """What holds for the actor's office. Raises NotFound for no such kind."""
    wording = of_kind(kind)
    found = _versions(tx, kind, actor.office_id)
    own = max((each.version for each in found if each.office_id == actor.office_id), default=0)
    if not found:
        return Choice(wording, wording.text, None, own)
    return Choice(wording, found[0].text or wording.text, found[0], own)


def versions(tx: Connection, kind: str, actor: Actor) -> list[Version]:
    """What the actor's office chose for a kind, the newest first."""
    of_kind(kind)
    found = _versions(tx, kind, actor.office_id)
    return [each for each in found if each.office_id == actor.office_id]


@dataclass(frozen=True, slots=True)
class Change:
    """Another text for a kind of notice, None: ours again; `seen` is the version of the office
    that was looked at, 0 where it had chosen nothing."""

    kind: str
    text: Text | None
    seen: int
    reason: str


def choose(tx: Connection, change: Change, actor: Actor, now: datetime) -> int:
    """Write notices of the kind with this text from now on. Returns the version of the office.

    Raises NotFound, Forbidden unless an
    operator or the director, Conflict if somebody chose meanwhile, Rejected without a reason and
    for a text that cannot be written (`wordings.check`).
    """
    kind, text, reason = change.kind, change.text, change.reason
    wording = of_kind(kind)
    if not actor.is_system and not actor.groups & OFFICE_KEEPERS:
        raise Forbidden("wording.not_yours", "Only an operator or the director words notices")
    if not reason.strip() or len(reason) > MAX_REASON:
        raise Rejected("wording.reason", "Say why the wording changes, or what it rests on")
    if text is not None:
        check(wording, text)
    last = choice(tx, kind, actor).version
    if last != change.seen:
        raise Conflict(
            "wording.changed", f"Somebody saved version {last} meanwhile; look at it first"
        )
    row = {
        "id": uuid4(),
        "office_id": actor.office_id,
        "kind": kind,
        "version": last + 1,
        "wording_id": None if text is None else keep(tx, text),
        "reason": reason.strip(),
        "changed_by": actor.person_id,
        "changed_at": now,
    }
    tx.execute(insert(wording_choices).values(row))
    detail = {"kind": kind, "version": str(last + 1), "reason": reason.strip()}
    append(tx, Entry("wording.chosen", actor, now, object_id=kind, detail=detail))
    return last + 1


def keep(tx: Connection, text: Text) -> str:
    """Keep a text, once. Returns its id."""
    _KEEP[tx.dialect.name].run(tx, {"id": text.id, "words": text.plain()})
    return text.id


def kept(tx: Connection, wording_id: str) -> Text | None:
    """The text with this id."""
    found = tx.scalar(select(wordings.c.words).where(wordings.c.id == wording_id))
    return None if found is None else text_of(found)


def _versions(tx: Connection, kind: str, office_id: str) -> list[Version]:
    """Of the office and those above it: the nearest office first, of each the newest first."""
    rows: Sequence[Any] = tx.execute(
        select(wording_choices, wordings.c.words, persons.c.display_name)
        .join(UPWARDS, UPWARDS.c.id == wording_choices.c.office_id)
        .outerjoin(wordings, wordings.c.id == wording_choices.c.wording_id)
        .outerjoin(persons, persons.c.id == wording_choices.c.changed_by)
        .where(wording_choices.c.kind == kind)
        .order_by(UPWARDS.c.height, wording_choices.c.version.desc()),
        {"office": office_id},
    ).all()
    return [_version(row) for row in rows]


def _version(row: Any) -> Version:
    words: Mapping[str, Any] | None = row.words
    return Version(
        row.office_id,
        row.kind,
        row.version,
        None if words is None else text_of(words),
        row.reason,
        row.display_name or "",
        row.changed_at,
    )


def _keep(insert_into: Any) -> Prepared:
    return Prepared(insert_into(wordings).on_conflict_do_nothing(index_elements=["id"]))


_KEEP = {"postgresql": _keep(postgresql.insert), "sqlite": _keep(sqlite.insert)}
_NEWEST = Prepared(
    select(wording_choices.c.version, wordings.c.words)
    .join(UPWARDS, UPWARDS.c.id == wording_choices.c.office_id)
    .outerjoin(wordings, wordings.c.id == wording_choices.c.wording_id)
    .where(wording_choices.c.kind == bindparam("kind"))
    .order_by(UPWARDS.c.height, wording_choices.c.version.desc())
    .limit(1)
)
