"""One question to legal time as a row: `id, rule, start_date, unit, length, facts`.

`huzheng sla explain --csv FILE` prints what `evaluate` returns, `--facts` asks one such row. A row
says everything in its columns; nothing here knows a rule or a row by its id.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sla.acts import Acts
from sla.errors import PeriodError, Refusal
from sla.explanation import (
    answer,
    days_late,
    national_calendar,
    parse_start,
    split_extension,
    unit_named,
)
from sla.facts import Facts, edited, read_facts
from sla.filing import judged
from sla.fines import late_fine
from sla.periods import DEFAULTS, Settings, taipei_date
from sla.rules import Places, Rule, rule
from sla.serving import after_service, effect, taken
from sla.spans import Unit
from sla.steps import Explained, Moment, Step
from sla.working_time import Calendar

COLUMNS = ("id", "rule", "start_date", "unit", "length")
"""What a file must have; `facts` is read where it is there."""


@dataclass(frozen=True, slots=True)
class Office:
    """Whose calendar, settings and local rules answer; the nation's where no office is named."""

    calendar: Calendar | None = None
    settings: Settings = DEFAULTS
    places: Places = ()
    rules: tuple[Rule, ...] = ()
    """Versions of rules that the office entered."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One row, read."""

    version: Rule
    start: Moment
    calendar: Calendar
    facts: Facts
    acts: Acts
    served: tuple[Step, ...]
    days_late: int


NATION = Office()


def evaluate(row: Mapping[str, str]) -> str:
    """The answer to one row: an ISO date, a time, `TWD 500`, `in time`, `late`, or a number."""
    return explained(row).text() or ""


def ask(
    rule_id: str,
    start: str,
    length: str = "",
    unit: str = "",
    facts: str = "",
    office: Office = NATION,
) -> Explained:
    """Answer one question as `huzheng sla explain` takes it, with its steps.

    `start` is `2026-03-12`, a Minguo date, or a time (`2026-03-12T10:30`, Taipei unless it names a
    zone). `length` and `unit` replace those of the rule: `30`, `3m+30`, for a processing limit
    `7+7` (with its extension), for days used `to 2026-03-20`, for a fine the days late. `facts` is
    JSON (see `sla.facts`). Raises a Refusal whose sentence can be shown as it is.
    """
    row = {"id": rule_id, "rule": rule_id, "start_date": start, "length": length, "unit": unit}
    return explained({**row, "facts": facts}, office)


def explained(row: Mapping[str, str], office: Office = NATION) -> Explained:
    """The answer to one row with its steps. Raises a Refusal for a row that cannot be read."""
    try:
        case = _read(row, office)
    except Refusal:
        raise
    except (KeyError, TypeError, ValueError) as error:
        # A missing column, a unit, a ground or a date that is none: the row is at fault.
        raise PeriodError(
            "golden.row",
            zh=f"{row.get('id', '')} 這一列無法讀取：{error}。",
            en=f"Row {row.get('id', '')} cannot be read: {error}.",
        ) from error
    facts = case.facts
    if case.version.unit is Unit.DAYS_LATE:
        return late_fine(
            case.version,
            taipei_date(case.start),
            days_late=case.days_late,
            dunned=facts.truth("dunned"),
            good_reason=facts.truth("good_reason"),
        )
    found = answer(case.version, case.start, case.calendar, facts.settings, case.acts)
    if case.served:
        found = after_service(found, case.served)
    return judged(found, facts.filing, case.version) if facts.filing else found


def _read(row: Mapping[str, str], office: Office) -> _Case:
    start: Moment = parse_start(row["start_date"])
    facts = read_facts(_given(row), office.settings, taipei_date(start))
    calendar = edited(office.calendar or national_calendar(taipei_date(start).year), facts)
    served = effect(facts.service, calendar, facts.settings, office.rules) if facts.service else ()
    if served:
        start = taken(served)
    version, acts = _version(row, taipei_date(start), facts, office)
    return _Case(
        version=version,
        start=start,
        calendar=calendar,
        facts=facts,
        acts=acts,
        served=served,
        days_late=_days_late(version, taipei_date(start), facts),
    )


def _version(row: Mapping[str, str], day: date, facts: Facts, office: Office) -> tuple[Rule, Acts]:
    """The rule with the row's length and unit; a length `7+7` brings its extension along."""
    finished = facts.day("finished")
    length = f"to {finished}" if finished else row["length"].strip()
    unit = row["unit"].strip()
    version = rule(row["rule"], day, facts.places or office.places, office.rules)
    version = version.with_length(length or None, unit_named(unit) if unit else None)
    version, extension = split_extension(version)
    return version, replace(facts.acts, extension=facts.acts.extension or extension)


def _days_late(version: Rule, last_day: date, facts: Facts) -> int:
    """Days from the last day to the application; the length column where none is told."""
    if version.unit is not Unit.DAYS_LATE:
        return 0
    applied = facts.day("applied") or facts.day("filed")
    if applied is not None:
        return (applied - last_day).days
    given = facts.given.get("days_late")
    return days_late(version if given is None else version.with_length(str(given)))


def _given(row: Mapping[str, str]) -> dict[str, Any]:
    text = row.get("facts") or "{}"
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise _unreadable(row, text) from error
    if not isinstance(given, dict):
        raise _unreadable(row, text)
    return given


def _unreadable(row: Mapping[str, str], text: str) -> PeriodError:
    return PeriodError(
        "golden.facts",
        zh=f"{row.get('id', '')} 的 facts 不是 JSON 物件：{text}",
        en=f"Expected the facts of row {row.get('id', '')} to be a JSON object, but got {text!r}.",
    )
