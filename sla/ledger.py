"""A clock's ledger, replayed. Pure: entries and a calendar in, the explained date out.

Every date the system shows can be computed again from here, so nothing about a clock is stored
that the entries do not say (`clocks` holds the result, for queries).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from engine.minguo import format_date
from sla import periods
from sla.acts import Acts, Extension, Pause, PauseGround
from sla.errors import PeriodError
from sla.rules import Rule
from sla.settings import Settings, Transfer
from sla.spans import AT_ONCE, Unit
from sla.steps import Action, Explained, Moment, Step
from sla.working_time import Calendar, instant


@dataclass(frozen=True, slots=True)
class Entry:
    """One act on a clock. `at` is aware UTC, `on_day` the day in Taipei that the law counts."""

    kind: str  # start, pause, resume, extend, transfer, recalculate, stop, away, back
    at: datetime
    on_day: date
    ground: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Start:
    """What starts a clock: `on` is the event's day or an aware instant, `task_id` for a task's."""

    on: Moment
    task_id: UUID | None = None

    def entry(self) -> Entry:
        """The first entry of the ledger. Raises PeriodError for a time without a zone."""
        day = periods.taipei_date(self.on)
        # A day begins at midnight in Taipei; the shares of a limit are counted from there.
        at = self.on if isinstance(self.on, datetime) else instant(day, time())
        return Entry("start", at, day, detail={"instant": isinstance(self.on, datetime)})


def pausing(ground: str, on: date, now: datetime) -> Entry:
    """The entry of a pause from the day `on`. Raises PeriodError for a ground the law lacks."""
    if ground not in {each.value for each in PauseGround}:
        grounds = "、".join(PauseGround), ", ".join(PauseGround)
        raise PeriodError(
            "pause.ground",
            zh=f"沒有停止事由「{ground}」；可用的有：{grounds[0]}。",
            en=f"There is no ground {ground!r} to pause; there are {grounds[1]}.",
        )
    return Entry("pause", now, on, ground=ground)


def extending(rule: Rule, on: date, now: datetime, detail: Mapping[str, Any]) -> Entry:
    """The entry of the extension by the `length` and `unit` of `detail`, told on the day `on`.
    Raises PeriodError for one longer than the period, or in another unit."""
    asked = Extension(int(detail["length"]), Unit(detail["unit"]), on)
    periods.refuse_long_extension(rule, asked)
    return Entry("extend", now, on, detail=dict(detail))


def replay(
    rule: Rule, entries: Sequence[Entry], calendar: Calendar, settings: Settings
) -> Explained:
    """The due date that the entries lead to, with its steps.

    What another agency is asked (`away`, `back`) stops no period and moves nothing here. Where the
    case changed offices, `calendar` is theirs one after the other (`sla.benches.bench_for`).
    """
    counted = counted_from(entries)
    acts = _acts(counted, settings)
    found = periods.due(rule, _start(rule, counted[0]), calendar, settings, acts)
    return _with_transfers(found, entries)


def counted_from(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries that the period is counted by: all, or those since it last began anew."""
    for place in range(len(entries) - 1, 0, -1):
        entry = entries[place]
        if entry.kind == "transfer" and entry.detail.get("policy") == Transfer.RESTARTS:
            begun = Entry("start", entry.at, entry.on_day, detail={"instant": True})
            return (begun, *_still_open(entries[:place]), *entries[place + 1 :])
    return entries


def _still_open(entries: Sequence[Entry]) -> list[Entry]:
    """The pause that goes on, and what agencies have not answered yet: a new count takes them
    over."""
    opened: dict[str, Entry] = {}
    for entry in entries:
        name = str(entry.detail.get("key", "")) if entry.kind in ("away", "back") else "pause"
        if entry.kind in ("pause", "away"):
            opened.setdefault(name, entry)
        elif entry.kind in ("resume", "back"):
            opened.pop(name, None)
    return list(opened.values())


def _with_transfers(found: Explained, entries: Sequence[Entry]) -> Explained:
    """The steps, and behind the first of them which offices had the matter from when."""
    first, *others = found.steps
    told = [
        Step(Action.TRANSFERRED, "", first.after, first.after, words=_handed_over(entry))
        for entry in entries
        if entry.kind == "transfer"
    ]
    return replace(found, steps=(first, *told, *others)) if told else found


def _handed_over(entry: Entry) -> tuple[str, str]:
    zh, en = entry.detail["to_zh"], entry.detail["to_en"]
    restarts = entry.detail.get("policy") == Transfer.RESTARTS
    return (
        f"{format_date(entry.on_day, 'zh-TW')}移轉至{zh}，期間{'重行起算' if restarts else '續算'}",
        f"handed to {en} on {format_date(entry.on_day, 'en')}; the period "
        f"{'begins anew' if restarts else 'goes on'}",
    )


def moment_of(start: Entry) -> Moment:
    """When the event was that a count begins with: its instant where it is known, else its day."""
    return start.at if start.detail.get("instant") else start.on_day


def is_paused(entries: Sequence[Entry]) -> bool:
    """Whether the last act that stops or moves the clock was a pause."""
    moving = [entry.kind for entry in entries if entry.kind in ("pause", "resume", "start")]
    return bool(moving) and moving[-1] == "pause"


def is_extended(entries: Sequence[Entry]) -> bool:
    return any(entry.kind == "extend" for entry in entries)


def _start(rule: Rule, start: Entry) -> Moment:
    # A rule in hours, or with a receipt policy, needs the instant; the event's day is enough else.
    return start.at if rule.unit in AT_ONCE else moment_of(start)


def _acts(entries: Sequence[Entry], settings: Settings) -> Acts:
    pauses: list[Pause] = []
    opened: Entry | None = None
    extension: Extension | None = None
    for entry in entries:
        if entry.kind == "pause" and opened is None:
            opened = entry
        elif entry.kind == "resume" and opened is not None:
            _close(pauses, opened, entry.on_day, settings)
            opened = None
        elif entry.kind == "extend":
            length, unit = int(entry.detail["length"]), Unit(entry.detail["unit"])
            extension = Extension(length, unit, entry.on_day, granted=True)
    if opened is not None:
        _close(pauses, opened, None, settings)
    return Acts(tuple(pauses), extension)


def _close(pauses: list[Pause], opened: Entry, returned: date | None, settings: Settings) -> None:
    ground = PauseGround(opened.ground or PauseGround.NO_FAULT)
    pause = Pause.between(opened.on_day, returned, ground, settings.pause_convention)
    if pause is not None:
        pauses.append(pause)
