"""Rows of a golden file (`id, rule, start_date, unit, length, facts, …`) put to the general code.

`huzheng sla explain --csv FILE` prints what `evaluate` returns. A row says everything in its
columns; nothing here knows a rule or a row by its id.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sla.acts import Acts, Extension, Pause, PauseGround
from sla.counting import taipei_date
from sla.errors import PeriodError, Refusal
from sla.explanation import answer, national_calendar, parse_start, split_extension
from sla.filing import Channel, Filing, judged
from sla.fines import late_fine
from sla.rules import Rule, rule
from sla.settings import Settings
from sla.spans import Unit
from sla.steps import Explained, Moment
from sla.working_time import Calendar

COLUMNS = ("id", "rule", "start_date", "unit", "length")
"""What a file must have; `facts` is read where it is there."""

_KNOWN_FACTS = frozenset(
    {
        *("settings", "closures", "pauses", "extension", "term_set_to", "finished"),
        *("applied", "dunned", "filed", "received", "postmark", "channel"),
    }
)
# Golden files were written by people: several words for one choice.
_SETTING_WORDS = {
    "monday_morning": "monday_noon",
    "monday_whole_day": "monday",
    "next_office_day": "next_working_day",
    "next_opening": "next_working_day",
    "next_business_day": "next_working_day",
    "deemed_next_working_day": "next_working_day",
}
_CHANNEL_WORDS = {
    "post": Channel.REGISTERED_MAIL,
    "mail": Channel.REGISTERED_MAIL,
    "registered_post": Channel.REGISTERED_MAIL,
    "web": Channel.ONLINE,
}
_GROUND_WORDS = {
    "ministry": PauseGround.ASKING_SUPERIOR,
    "ask_ministry": PauseGround.ASKING_SUPERIOR,
    "asking_ministry": PauseGround.ASKING_SUPERIOR,
    "ministry_inquiry": PauseGround.ASKING_SUPERIOR,
    "typhoon": PauseGround.DISASTER,
    "system_outage": PauseGround.SYSTEM_DOWN,
    "system_failure": PauseGround.SYSTEM_DOWN,
    "force_majeure": PauseGround.DISASTER,
}
_OURS = (None, "this", "own", "same")


@dataclass(frozen=True, slots=True)
class _Case:
    """One row, read."""

    version: Rule
    start: Moment
    calendar: Calendar
    settings: Settings
    acts: Acts
    filing: Filing | None
    days_late: int
    dunned: bool


def evaluate(row: Mapping[str, str]) -> str:
    """The answer to one row: an ISO date, a time, `TWD 500`, `in time`, `late`, or a number."""
    return explained(row).text() or ""


def explained(row: Mapping[str, str]) -> Explained:
    """The answer to one row with its steps. Raises a Refusal for a row that cannot be read."""
    try:
        case = _read(row)
    except Refusal:
        raise
    except (KeyError, TypeError, ValueError) as error:
        # A missing column, a unit, a ground or a date that is none: the row is at fault.
        raise PeriodError(
            "golden.row",
            zh=f"{row.get('id', '')} 這一列無法讀取：{error}。",
            en=f"Row {row.get('id', '')} cannot be read: {error}.",
        ) from error
    if case.version.unit is Unit.DAYS_LATE:
        last_day = taipei_date(case.start)
        return late_fine(case.version, last_day, days_late=case.days_late, dunned=case.dunned)
    found = answer(case.version, case.start, case.calendar, case.settings, case.acts)
    return judged(found, case.filing, case.version) if case.filing else found


def _read(row: Mapping[str, str]) -> _Case:
    facts = _facts(row)
    start = parse_start(row["start_date"])
    day = taipei_date(start)
    length = f"to {facts['finished']}" if "finished" in facts else row["length"].strip()
    version = rule(row["rule"], day).with_length(length or None, Unit(row["unit"]))
    version, extension = split_extension(version)
    acts = Acts(
        pauses=tuple(_pause(pause) for pause in facts.get("pauses", ())),
        extension=_extension(facts.get("extension")) or extension,
        term_set_to=_day(facts.get("term_set_to")),
    )
    calendar = _closed(national_calendar(day.year), facts.get("closures", ()))
    return _Case(
        version=version,
        start=start,
        calendar=calendar,
        settings=_settings(facts.get("settings", {})),
        acts=acts,
        filing=_filing(facts),
        days_late=_days_late(version, day, facts),
        dunned=bool(facts.get("dunned", False)),
    )


def _days_late(version: Rule, last_day: date, facts: Mapping[str, Any]) -> int:
    """Days from the last day to the application; the length column where none is told."""
    if version.unit is not Unit.DAYS_LATE:
        return 0
    applied = _day(facts.get("applied"))
    return int(version.length or 0) if applied is None else (applied - last_day).days


def _facts(row: Mapping[str, str]) -> dict[str, Any]:
    text = row.get("facts") or "{}"
    try:
        facts = json.loads(text)
    except json.JSONDecodeError as error:
        raise _unreadable(row, text) from error
    if not isinstance(facts, dict):
        raise _unreadable(row, text)
    unknown = sorted(set(facts) - _KNOWN_FACTS)
    if unknown:
        raise PeriodError(
            "golden.fact",
            zh=f"{row.get('id', '')} 的 facts 有不認得的項目：{'、'.join(unknown)}。",
            en=f"Row {row.get('id', '')} has facts nobody knows: {', '.join(unknown)}.",
        )
    return facts


def _unreadable(row: Mapping[str, str], text: str) -> PeriodError:
    return PeriodError(
        "golden.facts",
        zh=f"{row.get('id', '')} 的 facts 不是 JSON 物件：{text}",
        en=f"Expected the facts of row {row.get('id', '')} to be a JSON object, but got {text!r}.",
    )


def _settings(values: Mapping[str, object]) -> Settings:
    return Settings.from_mapping(
        {name: _SETTING_WORDS.get(str(value), value) for name, value in values.items()}
    )


def _closed(calendar: Calendar, closures: list[dict[str, str]] | tuple[()]) -> Calendar:
    """The calendar with the closures of this office; those of another office are not ours."""
    for closure in closures:
        if closure.get("office") in (*_OURS, calendar.office):
            calendar = calendar.with_closure(
                date.fromisoformat(closure["date"]),
                closure.get("part", "all"),
                closure.get("reason", "天然災害停止上班"),
            )
    return calendar


def _pause(pause: Mapping[str, str | None]) -> Pause:
    first = _day(pause.get("from"))
    if first is None:
        raise PeriodError(
            "golden.pause",
            zh="停止期間缺少 from（不計入的第一日）。",
            en="A pause needs `from`, the first day that does not count.",
        )
    word = pause.get("ground") or PauseGround.CORRECTION
    ground = _GROUND_WORDS.get(word)
    return Pause(first, _day(pause.get("to")), ground or PauseGround(word))


def _extension(extension: Mapping[str, Any] | None) -> Extension | None:
    if not extension:
        return None
    told = _day(extension.get("told"))
    return Extension(int(extension["length"]), Unit(extension["unit"]), told)


def _filing(facts: Mapping[str, Any]) -> Filing | None:
    """How it was filed: what arrived is `received`, or `filed` where nothing else is said."""
    if not {"filed", "received", "postmark"} & set(facts):
        return None
    word = facts.get("channel", Channel.COUNTER if "postmark" not in facts else "post")
    channel = _CHANNEL_WORDS.get(word) or Channel(word)
    arrived = facts.get("received") or facts.get("filed")
    postmark = facts.get("postmark")
    if postmark is None and channel is Channel.REGISTERED_MAIL and "received" in facts:
        postmark = facts.get("filed")
    return Filing(
        arrived=parse_start(arrived) if arrived else None,
        channel=channel,
        postmark=_day(postmark),
    )


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    moment = parse_start(text)
    return taipei_date(moment) if isinstance(moment, datetime) else moment
