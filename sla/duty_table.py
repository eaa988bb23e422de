"""The table of calendar duties (定期業務項目表): the released rows, and what offices made of them.

The released rows lie in `bpmn/decisions/duties.dmn`, with the source of each. An office changes a
row, or adds one of its own, as it makes its other choices: the whole row is a setting (`duty.` and
its id) with what it rests on and who entered it, and holds for the offices below it until they
choose otherwise. A row that was changed counts from the day of the change: what was due before
stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, insert, select, update

from engine.actors import OFFICE_KEEPERS, Actor
from engine.clock import legal_day
from engine.errors import Forbidden, NotFound, Rejected
from engine.history import Entry, append
from engine.office_tree import UPWARDS
from sla.decisions import rows
from sla.duty_days import LONGEST_LEAD, Every, Rest, Rhythm
from store.tables import office_settings, persons

DUTY = "duty."
"""Before the id of a duty: the setting that keeps an office's row of it."""
SECTIONS = ("registration", "data", "administration")
APPROVALS = ("none", "chief", "director", "both")
PACKAGE = "D1"
"""The process of most duties: remind, do, prove, have it approved, send, publish."""
OWN = "own"
"""The process of a duty that is only an office's."""
LONGEST_TEXT = 120
_ID = re.compile(r"[a-z][a-z0-9_]{1,38}")


@dataclass(frozen=True, slots=True)
class Duty:
    """One row as it holds for an office. `process` is its id in the catalogue of processes, or
    `own`; `package` is what a case of it is filed as. `since` is the first day the row counts for,
    None for a released one. `from_office` says whose row it is, None for a released one."""

    id: str
    process: str
    package: str
    title_zh: str
    title_en: str
    rhythm: Rhythm
    section: str
    approval: str
    report_to: str
    publish: bool
    active: bool
    source: str
    since: date | None = None
    from_office: str | None = None
    changed_by: str = ""
    changed_at: datetime | None = None

    def title(self, lang: str) -> str:
        """What the duty is called in `lang`."""
        return self.title_zh if lang.startswith("zh") else self.title_en


@lru_cache(maxsize=1)
def released() -> Mapping[str, Duty]:
    """The rows of the release, by id."""
    return MappingProxyType({row["id"]: _duty(row) for row in rows("duties", "calendarDuty")})


def table(tx: Connection, office_id: str) -> list[Duty]:
    """Every duty as it holds for the office: the released rows in their order, then its own."""
    found = dict(released())
    for row in tx.execute(_CHOSEN, {"office": office_id}):
        duty_id = row.name.removeprefix(DUTY)
        found[duty_id] = _duty(
            row.value,
            source=row.source,
            since=date.fromisoformat(row.value["since"]),
            from_office=row.office_id,
            changed_by=row.display_name or "",
            changed_at=row.changed_at,
        )
    return list(found.values())


def find(tx: Connection, office_id: str, duty_id: str) -> Duty:
    """One row. Raises NotFound."""
    for each in table(tx, office_id):
        if each.id == duty_id:
            return each
    raise NotFound("duty.unknown", f"There is no calendar duty {duty_id[:40]!r} here")


def enter(tx: Connection, given: Mapping[str, str], actor: Actor, now: datetime) -> str:
    """Change a row of the actor's office, or add one, as fields of a page say it; its id.

    `given` has `id`, `title_zh`, `title_en`, `every`, `months` (numbers parted by commas), `on`,
    `rest`, `lead`, `section`, `approval`, `report_to`, `publish` and `active` (`true` or absent)
    and `source`. Raises Forbidden, and Rejected for what is no row.
    """
    if not actor.is_system and not actor.groups & OFFICE_KEEPERS:
        raise Forbidden("duty.not_yours", "Only an operator or the director changes a duty")
    source = given.get("source", "").strip()
    if not source:
        raise Rejected("duty.source", "Say what the duty rests on")
    value = _judged(given, now)
    name = f"{DUTY}{value['id']}"
    here = (office_settings.c.office_id == actor.office_id, office_settings.c.name == name)
    before = next((each for each in table(tx, actor.office_id) if each.id == value["id"]), None)
    row = {"value": value, "source": source, "changed_by": actor.person_id, "changed_at": now}
    if tx.execute(update(office_settings).where(*here).values(**row)).rowcount == 0:
        tx.execute(insert(office_settings).values(office_id=actor.office_id, name=name, **row))
    detail = {
        "title_zh": value["titleZh"],
        "title_en": value["titleEn"],
        "before": "" if before is None else _said(before),
        "after": _said(_duty(value, source=source)),
        "source": source,
    }
    append(tx, Entry("duty.changed", actor, now, object_id=value["id"], detail=detail))
    return str(value["id"])


# --- judging ------------------------------------------------------------------------------------


def _judged(given: Mapping[str, str], now: datetime) -> dict[str, Any]:
    duty_id = given.get("id", "").strip()
    if not _ID.fullmatch(duty_id):
        raise Rejected(
            "duty.id", "Expected an id of small letters, digits and _, such as fire_check"
        )
    every = _one_of(given, "every", tuple(Every))
    most = {"working_day": 0, "week": 7, "month": 31}[every]
    known = released().get(duty_id)
    return {
        "id": duty_id,
        "process": OWN if known is None else known.process,
        "package": PACKAGE if known is None else known.package,
        "titleZh": _text(given, "title_zh"),
        "titleEn": _text(given, "title_en"),
        "every": every,
        "months": _months(given.get("months", "")),
        "on": _number(given, "on", 1 if every == Every.WEEK else 0, most) if most else 0,
        "roll": _one_of(given, "rest", tuple(Rest)),
        "lead": _number(given, "lead", 0, LONGEST_LEAD) if most else 0,
        "section": _one_of(given, "section", SECTIONS),
        "approval": _one_of(given, "approval", APPROVALS),
        "reportTo": given.get("report_to", "").strip()[:LONGEST_TEXT],
        "publish": given.get("publish") == "true",
        "active": given.get("active") == "true",
        "since": legal_day(now).isoformat(),
    }


def _one_of(given: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    value = given.get(name, "")
    if value not in known:
        raise Rejected(
            "duty.choice", f"Expected {name} to be one of {', '.join(known)}", field=name
        )
    return str(value)


def _text(given: Mapping[str, str], name: str) -> str:
    value = given.get(name, "").strip()
    if not value or len(value) > LONGEST_TEXT:
        raise Rejected("duty.text", f"Expected {name} of 1 to {LONGEST_TEXT} letters", field=name)
    return value


def _number(given: Mapping[str, str], name: str, least: int, most: int) -> int:
    text = given.get(name, "").strip()
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise Rejected(
            "duty.number",
            f"Expected {name} to be a whole number from {least} to {most}",
            field=name,
            least=least,
            most=most,
        )
    return int(text)


def _months(text: str) -> list[int]:
    parts = [part for part in re.split(r"[,、，\s]+", text.strip()) if part]
    if any(not part.isascii() or not part.isdigit() or not 1 <= int(part) <= 12 for part in parts):
        raise Rejected(
            "duty.months", "Expected months from 1 to 12, parted by commas; none for all of them"
        )
    return sorted({int(part) for part in parts})


def _said(duty: Duty) -> str:
    rhythm = duty.rhythm
    months = ",".join(map(str, rhythm.months)) or "1-12"
    state = "on" if duty.active else "off"
    return (
        f"{state} {rhythm.every} {months}/{rhythm.on} {rhythm.rest} -{rhythm.lead} {duty.section}"
    )


def _duty(row: Mapping[str, Any], **more: Any) -> Duty:
    rhythm = Rhythm(
        Every(row["every"]),
        tuple(int(month) for month in row["months"]),
        int(row["on"]),
        Rest(row["roll"]),
        int(row["lead"]),
    )
    return Duty(
        id=row["id"],
        process=row["process"],
        package=row["package"],
        title_zh=row["titleZh"],
        title_en=row["titleEn"],
        rhythm=rhythm,
        section=row["section"],
        approval=row["approval"],
        report_to=row["reportTo"],
        publish=row["publish"],
        active=row["active"],
        **{"source": row.get("source", ""), **more},
    )


# Of several offices' rows the one nearest to the office counts: it comes last.
_CHOSEN = (
    select(office_settings, persons.c.display_name)
    .join(UPWARDS, UPWARDS.c.id == office_settings.c.office_id)
    .outerjoin(persons, persons.c.id == office_settings.c.changed_by)
    .where(office_settings.c.name.like(f"{DUTY}%"))
    .order_by(UPWARDS.c.height.desc(), office_settings.c.name)
)
