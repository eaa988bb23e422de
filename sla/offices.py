"""Offices as a tree, and what each has chosen: its own, inherited, or the default; by whom.

`choose` changes one; `sla.setting_changes` shows before what that moves, and counts the open limits
anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from engine.actors import OFFICE_KEEPERS, Actor
from engine.errors import Forbidden, NotFound, Rejected
from engine.history import Entry, append
from engine.office_choices import NUMBERS
from sla import approvers
from sla.benches import lawful
from sla.settings import BASIS, Settings
from sla.working_time import Hours
from store.tables import office_settings, offices, persons

HOURS = "office.hours"
PARTS = ("opens", "midday", "closes")


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """One office of the tree; `depth` 0 is the country."""

    id: str
    code: str
    name_zh: str
    name_en: str
    city: str
    depth: int
    staff: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What holds for an office. `from_office` is whose choice it is (None: the default); `basis`
    says what the default follows, in Chinese and in English, for settings of legal time."""

    name: str
    kind: str  # number, truth, words, hours
    value: Any
    options: tuple[str, ...]
    default: Any
    from_office: str | None
    source: str
    changed_by: str
    changed_at: datetime | None
    basis: tuple[str, str]


def tree(tx: Connection) -> list[OfficeRow]:
    """All offices, each below the one it belongs to."""
    rows = tx.execute(select(offices).order_by(offices.c.code)).all()
    children: dict[str | None, list[Any]] = {}
    known = {row.id for row in rows}
    for row in rows:
        children.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)
    counted = tx.execute(
        select(persons.c.office_id, func.count().label("staff"))
        .where(persons.c.left_on.is_(None))
        .group_by(persons.c.office_id)
    )
    staff = {row.office_id: row.staff for row in counted}
    found: list[OfficeRow] = []

    def add(parent: str | None, depth: int) -> None:
        for row in children.get(parent, ()):
            found.append(
                OfficeRow(
                    *(row.id, row.code, row.name_zh, row.name_en, row.city),
                    depth,
                    staff.get(row.id, 0),
                )
            )
            if depth < 8:
                add(row.id, depth + 1)

    add(None, 0)
    return found


def choices(tx: Connection, office_id: str) -> list[Choice]:
    """Everything an office may choose, as it holds for it now. Raises NotFound."""
    chain = _chain(tx, office_id)
    rows = tx.execute(
        select(office_settings, persons.c.display_name)
        .outerjoin(persons, persons.c.id == office_settings.c.changed_by)
        .where(office_settings.c.office_id.in_(chain))
    ).all()
    nearest: dict[str, Any] = {}
    for row in sorted(rows, key=lambda row: -chain.index(row.office_id)):
        nearest[row.name] = row
    return [
        _choice(name, kind, options, default, nearest.get(name))
        for name, kind, options, default in _known()
    ]


def choose(
    tx: Connection, name: str, given: Mapping[str, str], actor: Actor, now: datetime
) -> None:
    """Make a choice for the actor's office: `given` has `value` (for hours `opens`, `midday`,
    `closes`) and `source`, what it rests on.

    Raises Forbidden unless an operator or the director, Rejected for what is no value of it.
    """
    value = judged(name, given, actor)
    source = given["source"].strip()
    before = next((each.value for each in choices(tx, actor.office_id) if each.name == name), None)
    changed = tx.execute(
        update(office_settings)
        .where(office_settings.c.office_id == actor.office_id, office_settings.c.name == name)
        .values(value=value, source=source, changed_by=actor.person_id, changed_at=now)
    )
    if changed.rowcount == 0:
        tx.execute(
            insert(office_settings).values(
                office_id=actor.office_id,
                name=name,
                value=value,
                source=source,
                changed_by=actor.person_id,
                changed_at=now,
            )
        )
    detail = {"setting": name, "before": str(before), "after": str(value), "source": source}
    append(tx, Entry("office.setting_changed", actor, now, object_id=name, detail=detail))


def judged(name: str, given: Mapping[str, str], actor: Actor) -> Any:
    """The value of a choice somebody may make and has given a source for; refusals as `choose`."""
    if not actor.is_system and not actor.groups & OFFICE_KEEPERS:
        raise Forbidden("setting.not_yours", "Only an operator or the director changes settings")
    if not given.get("source", "").strip():
        raise Rejected("setting.source", "Say what the choice rests on")
    return _value(name, given)


def _known() -> Sequence[tuple[str, str, tuple[str, ...], Any]]:
    """Name, kind, options and default of everything that can be chosen."""
    found: list[tuple[str, str, tuple[str, ...], Any]] = [
        (HOURS, "hours", (), _hours_of(Hours())),
        *((name, "number", (), default) for name, (default, _, _) in NUMBERS.items()),
    ]
    for field in fields(Settings):
        if isinstance(field.default, StrEnum):
            options = tuple(str(each) for each in type(field.default))
            found.append((f"sla.{field.name}", "words", options, str(field.default)))
        else:
            found.append((f"sla.{field.name}", "truth", ("true", "false"), field.default))
    return found


def _choice(name: str, kind: str, options: tuple[str, ...], default: Any, row: Any) -> Choice:
    return Choice(
        name=name,
        kind=kind,
        value=default if row is None else row.value,
        options=options,
        default=default,
        from_office=None if row is None else row.office_id,
        source="" if row is None else row.source,
        changed_by="" if row is None else row.display_name or "",
        changed_at=None if row is None else row.changed_at,
        basis=BASIS.get(name.removeprefix("sla.")) or approvers.BASIS.get(name, ("", "")),
    )


def _value(name: str, given: Mapping[str, str]) -> Any:
    kind = next((known[1] for known in _known() if known[0] == name), None)
    text = given.get("value", "").strip()
    match kind:
        case "hours":
            return _hours(given)
        case "number":
            return _number(name, text)
        case "truth" | "words":
            value = text == "true" if kind == "truth" and text in ("true", "false") else text
            lawful(lambda: Settings.from_mapping({name.removeprefix("sla."): value}))
            return value
        case _:
            raise NotFound("setting.unknown", f"There is no setting {name}")


def _number(name: str, text: str) -> int:
    _, least, most = NUMBERS[name]
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise Rejected(
            "setting.number",
            f"Expected a whole number from {least} to {most} for {name}, got {text[:20]!r}",
            least=least,
            most=most,
        )
    return int(text)


def _hours(given: Mapping[str, str]) -> dict[str, str]:
    try:
        opens, midday, closes = (time.fromisoformat(given.get(part, "")) for part in PARTS)
    except ValueError as error:
        raise Rejected("setting.hours", "Expected times such as 08:00") from error
    if not opens < midday < closes:
        raise Rejected("setting.hours_order", "Expected opening before midday before closing")
    return _hours_of(Hours(opens, midday, closes))


def _hours_of(hours: Hours) -> dict[str, str]:
    return {part: getattr(hours, part).strftime("%H:%M") for part in PARTS}


def _chain(tx: Connection, office_id: str) -> list[str]:
    found: list[str] = []
    here: str | None = office_id
    while here is not None and len(found) < 8:
        row = tx.execute(
            select(offices.c.id, offices.c.parent_id).where(offices.c.id == here)
        ).first()
        if row is None:
            break
        found.append(row.id)
        here = row.parent_id
    if not found:
        raise NotFound("office.unknown", "There is no such office")
    return found
