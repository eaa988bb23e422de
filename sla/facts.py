"""The facts of one matter as JSON, read: what happened, what the office chose, where it is.

`huzheng sla explain --facts` and the column `facts` of golden files say the same things. People
wrote them, so several words are taken for one thing; a word nobody knows is refused by its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sla.acts import Acts, Extension, Missed, Pause, PauseGround
from sla.counting import taipei_date
from sla.errors import PeriodError
from sla.explanation import parse_start
from sla.facts_words import (
    CHANNEL_WORDS,
    GROUND_WORDS,
    METHOD_WORDS,
    NAMES,
    PART_WORDS,
    SETTING_NAMES,
    SETTING_WORDS,
)
from sla.filing import Channel, Filing
from sla.rules import Places
from sla.serving import Method, Service
from sla.settings import Settings
from sla.spans import Unit
from sla.working_time import Calendar

_OURS = (None, "", "this", "own", "same", "here")
_KEYS = {
    "closure": frozenset({"date", "part", "office", "reason", "source"}),
    "day": frozenset({"date", "reason", "source", "office"}),
    "pause": frozenset({"from", "to", "notice", "returned", "ground"}),
    "extension": frozenset({"length", "unit", "told"}),
    "service": frozenset({"method", "on", "abroad"}),
    "missed": frozenset({"last_day", "days"}),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a matter may bring along; each part empty where nothing was said."""

    given: Mapping[str, Any]
    settings: Settings
    acts: Acts
    filing: Filing | None
    service: Service | None
    places: Places

    def day(self, name: str) -> date | None:
        """A fact that is a date, as a Taipei date."""
        return _day(self.given.get(name))

    def truth(self, name: str) -> bool:
        """Whether something is so; a date says since when it is."""
        value = self.given.get(name, False)
        if isinstance(value, bool):
            return value
        return _day(value) is not None


def read_facts(given: Mapping[str, Any], settings: Settings, start: date | None = None) -> Facts:
    """The facts of `given`, on top of the office's `settings`.

    `start` is the day a service is taken to be of where it names none. Raises a Refusal for an
    unknown name or value.
    """
    known = _renamed(given, NAMES)
    unknown = sorted(set(known) - set(NAMES.values()))
    if unknown:
        raise PeriodError(
            "facts.unknown",
            zh=f"facts 有不認得的項目：{'、'.join(unknown)}。",
            en=f"There are facts nobody knows: {', '.join(unknown)}.",
        )
    chosen = _settings(known.get("settings", {}), settings)
    acts = Acts(
        pauses=tuple(_pauses(_listed(known.get("pauses")), chosen)),
        extension=_extension(known.get("extension")),
        term_set_to=_day(known.get("term_set_to")),
        missed=_missed(known.get("missed")),
    )
    return Facts(
        given=known,
        settings=chosen,
        acts=acts,
        filing=_filing(known),
        service=_service(known.get("service"), start),
        places=tuple(f"{name}:{known[name]}" for name in ("office", "city") if known.get(name)),
    )


def edited(calendar: Calendar, facts: Facts) -> Calendar:
    """The calendar with the closures and days that the facts name for this office."""
    given = facts.given
    for worked in (False, True):
        for entry in _listed(given.get("working_days" if worked else "rest_days")):
            entry = _one("day", entry)
            if _is_ours(entry, calendar):
                calendar = calendar.with_day(
                    _needed(entry, "date"),
                    is_working=worked,
                    reason=str(entry.get("reason", "補行上班日" if worked else "放假日")),
                    source=str(entry.get("source", "")),
                )
    for entry in _listed(given.get("closures")):
        entry = _one("closure", entry)
        if _is_ours(entry, calendar):
            part = str(entry.get("part", "all"))
            calendar = calendar.with_closure(
                _needed(entry, "date"),
                PART_WORDS.get(part, part),
                str(entry.get("reason", "天然災害停止上班")),
                str(entry.get("source", "")),
            )
    return calendar


# --- parts --------------------------------------------------------------------------------------


def _renamed(given: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in given.items()}


def _listed(value: Any) -> Iterable[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def _one(kind: str, entry: Any) -> dict[str, Any]:
    """One entry of a list: an object with known keys, or a date alone."""
    if isinstance(entry, str):
        entry = {"date": entry}
    if not isinstance(entry, dict):
        raise _shape(kind, entry)
    found = _renamed(entry, SHORT_NAMES[kind])
    unknown = sorted(set(found) - _KEYS[kind])
    if unknown:
        raise PeriodError(
            "facts.unknown",
            zh=f"facts 的 {kind} 有不認得的項目：{'、'.join(unknown)}。",
            en=f"There are keys of {kind} nobody knows: {', '.join(unknown)}.",
        )
    return found


def _shape(kind: str, entry: Any) -> PeriodError:
    return PeriodError(
        "facts.shape",
        zh=f"facts 的 {kind} 應為 JSON 物件，而不是 {entry!r}。",
        en=f"Expected {kind} to be a JSON object, but got {entry!r}.",
    )


_Word = TypeVar("_Word", bound=StrEnum)


def _word(name: str, given: Any, words: Mapping[str, _Word], known: type[_Word]) -> _Word:
    """The word of a closed list that a fact means. Raises PeriodError naming those there are."""
    text = str(given)
    try:
        return words.get(text) or known(text)
    except ValueError as error:
        there = [str(each) for each in known]
        raise PeriodError(
            "facts.word",
            zh=f"facts 的 {name} 不能是「{text}」，請用：{'、'.join(there)}。",
            en=f"Expected {name} to be one of {', '.join(there)}, but got {text!r}.",
        ) from error


def _whole(name: str, given: Any) -> int:
    """A fact that is a whole number from 0. Raises PeriodError for anything else."""
    text = str(given)
    if isinstance(given, bool) or not (text.isascii() and text.isdigit()):
        raise PeriodError(
            "facts.number",
            zh=f"facts 的 {name} 應為整數，而不是 {given!r}。",
            en=f"Expected {name} to be a whole number, but got {given!r}.",
        )
    return int(text)


SHORT_NAMES: dict[str, dict[str, str]] = {
    "closure": {"day": "date", "on": "date"},
    "day": {"day": "date", "on": "date"},
    "pause": {"since": "from", "until": "to", "first": "from", "last": "to", "reason": "ground"}
    | {"notice_date": "notice", "notified": "notice", "return": "returned"},
    "extension": dict.fromkeys(
        ("told_on", "notified", "notified_on", "notice", "notice_date"), "told"
    ),
    "service": {"by": "method", "date": "on", "posted": "on", "deposited": "on", "served": "on"},
    "missed": {"date": "last_day", "due": "last_day", "on": "last_day", "length": "days"},
}


def _is_ours(entry: Mapping[str, Any], calendar: Calendar) -> bool:
    return entry.get("office") in (*_OURS, calendar.office)


def _settings(values: Any, base: Settings) -> Settings:
    if not isinstance(values, Mapping):
        raise _shape("settings", values)
    chosen: Mapping[str, object] = values
    named: dict[str, object] = {}
    for name, value in chosen.items():
        known = SETTING_NAMES.get(name, name)
        word = str(value).lower() if isinstance(value, bool) else str(value)
        named[known] = SETTING_WORDS.get((name, word), SETTING_WORDS.get((known, word), value))
    return base.with_choices(named)


def _pauses(entries: Iterable[Any], settings: Settings) -> Iterable[Pause]:
    for given in entries:
        entry = _one("pause", given)
        ground = _ground(entry.get("ground"))
        notice = _day(entry.get("notice"))
        if notice is not None and "from" not in entry:
            returned = _day(entry.get("returned") or entry.get("to"))
            pause = Pause.between(notice, returned, ground, settings.pause_convention)
            if pause is not None:
                yield pause
            continue
        if "from" not in entry:
            raise PeriodError(
                "facts.pause",
                zh="停止期間缺少 from（不計入的第一日）或 notice（通知日）。",
                en="A pause needs `from`, the first day that does not count, or `notice`.",
            )
        yield Pause(_needed(entry, "from"), _day(entry.get("to")), ground)


def _ground(word: Any) -> PauseGround:
    return _word("ground", word or PauseGround.CORRECTION, GROUND_WORDS, PauseGround)


def _extension(given: Any) -> Extension | None:
    if not given:
        return None
    entry = _one("extension", given)
    length = _whole("length", entry.get("length"))
    return Extension(length, _word("unit", entry.get("unit"), {}, Unit), _day(entry.get("told")))


def _missed(given: Any) -> Missed | None:
    if given is None:
        return None
    entry = _one("missed", {"last_day": given} if isinstance(given, str) else given)
    days = entry.get("days")
    return Missed(_needed(entry, "last_day"), None if days is None else _whole("days", days))


def _service(given: Any, start: date | None) -> Service | None:
    if given is None:
        return None
    entry = _one("service", {"method": given} if isinstance(given, str) else given)
    on = _day(entry.get("on")) or start
    if on is None:
        raise PeriodError(
            "facts.service",
            zh="送達缺少日期：請給 on（交付、寄存或公告之日）。",
            en="A service needs `on`, the day of delivery, deposit or posting.",
        )
    method = _word("method", entry.get("method", ""), METHOD_WORDS, Method)
    return Service(method, on, bool(entry.get("abroad", False)))


def _filing(facts: Mapping[str, Any]) -> Filing | None:
    """How it was filed: what arrived is `received`, or `filed` where nothing else is said."""
    if not {"filed", "received", "postmark"} & set(facts):
        return None
    word = facts.get("channel", Channel.COUNTER if "postmark" not in facts else "post")
    channel = _word("channel", word, CHANNEL_WORDS, Channel)
    arrived = facts.get("received") or facts.get("filed")
    postmark = facts.get("postmark")
    if postmark is None and channel is Channel.REGISTERED_MAIL and "received" in facts:
        postmark = facts.get("filed")
    return Filing(
        arrived=parse_start(str(arrived)) if arrived else None,
        channel=channel,
        postmark=_day(postmark),
    )


def _needed(entry: Mapping[str, Any], name: str) -> date:
    found = _day(entry.get(name))
    if found is None:
        raise PeriodError(
            "facts.date",
            zh=f"facts 缺少日期 {name}。",
            en=f"The facts lack the date `{name}`.",
        )
    return found


def _day(value: Any) -> date | None:
    if value is None:
        return None
    moment = parse_start(str(value))
    return taipei_date(moment) if isinstance(moment, datetime) else moment
