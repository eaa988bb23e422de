"""What a process package promises: `limits.yaml`, read and checked.

`parse` is called at deployment (a wrong file refuses the deployment) and when a case is filed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import yaml

import feel
from engine.errors import Rejected
from sla.spans import Unit

_POINT = re.compile(r"(?P<share>0\.\d{1,3})|(?P<due>due)(\+(?P<days>\d{1,3})wd)?")
ACTS = ("warn", "escalate", "chase")
STARTS = ("filed", "operation", "created")
STOPS = ("closed", "operation", "filed", "ended")


@dataclass(frozen=True, slots=True)
class Point:
    """A moment of a clock: a share of it, its due time, or working days after that."""

    share: Decimal | None = None
    working_days_after: int = 0


@dataclass(frozen=True, slots=True)
class RungPlan:
    """One step of a ladder: at which point, which act, to whom (`owner`, `owner+chief` …)."""

    at: str
    point: Point
    act: str
    to: str


@dataclass(frozen=True, slots=True)
class ClockPlan:
    """One promise: its rule, what starts and stops it, its ladder.

    `start` is `filed`, `operation` (a `clock.start` in the diagram), `created` (of a task), or a
    FEEL expression that gives the day of the event; then `event` is set.
    """

    name: str
    rule: str
    length: str | None
    unit: Unit | None
    start: str
    event: feel.Expression | None
    stop: str
    pausable: bool
    ladder: tuple[RungPlan, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """The clocks of a case and of its tasks, by name."""

    clocks: Mapping[str, ClockPlan]
    tasks: Mapping[str, ClockPlan]


NO_LIMITS = Limits({}, {})


def parse(content: bytes, where: str) -> Limits:
    """Read `limits.yaml`. Raises `Rejected` naming the key; `where` is the file's name."""
    return _parse(content, where)


@lru_cache(maxsize=256)
def _parse(content: bytes, where: str) -> Limits:
    try:
        document = yaml.safe_load(content) or {}
    except yaml.YAMLError as broken:
        raise _wrong(where, "", f"it is not YAML: {broken}") from broken
    if not isinstance(document, dict):
        raise _wrong(where, "", "expected a mapping with clocks, tasks and ladders")
    unknown = set(document) - {"clocks", "tasks", "ladders"}
    if unknown:
        raise _wrong(where, sorted(unknown)[0], "expected only clocks, tasks and ladders")
    ladders = {
        name: tuple(_rung(rung, f"{where}: ladders.{name}[{i}]") for i, rung in enumerate(rungs))
        for name, rungs in (document.get("ladders") or {}).items()
    }
    clocks = {
        name: _plan(name, plan, ladders, f"{where}: clocks.{name}", task=False)
        for name, plan in (document.get("clocks") or {}).items()
    }
    tasks = {
        name: _plan(name, plan, ladders, f"{where}: tasks.{name}", task=True)
        for name, plan in (document.get("tasks") or {}).items()
    }
    return Limits(clocks, tasks)


def point(text: str, where: str) -> Point:
    """Read `0.5`, `due` or `due+3wd`."""
    match = _POINT.fullmatch(text.strip())
    if match is None:
        raise _wrong(where, "at", f"expected a share such as 0.8, due, or due+1wd, got {text!r}")
    if match["share"]:
        return Point(share=Decimal(match["share"]))
    return Point(working_days_after=int(match["days"] or 0))


def _rung(rung: Any, where: str) -> RungPlan:
    if not isinstance(rung, dict) or set(rung) != {"at", "do", "to"}:
        raise _wrong(where, "", "expected at, do and to")
    act = str(rung["do"])
    if act not in ACTS:
        raise _wrong(where, "do", f"expected one of {', '.join(ACTS)}, got {act!r}")
    return RungPlan(str(rung["at"]), point(str(rung["at"]), where), act, str(rung["to"]))


def _plan(
    name: str, plan: Any, ladders: Mapping[str, tuple[RungPlan, ...]], where: str, *, task: bool
) -> ClockPlan:
    if not isinstance(plan, dict) or "rule" not in plan:
        raise _wrong(where, "rule", "expected a mapping that names a rule of legal-limits.dmn")
    unknown = set(plan) - {"rule", "length", "unit", "start", "stop", "pausable", "ladder"}
    if unknown:
        raise _wrong(where, sorted(unknown)[0], "it is not a part of a clock")
    start = str(plan.get("start", "created" if task else "filed"))
    return ClockPlan(
        name=name,
        rule=str(plan["rule"]),
        length=str(plan["length"]) if "length" in plan else None,
        unit=_unit(plan.get("unit"), where),
        start=start,
        event=None if start in STARTS else _expression(start, where),
        stop=str(plan.get("stop", "ended" if task else "closed")),
        pausable=bool(plan.get("pausable", False)),
        ladder=_ladder(plan.get("ladder"), ladders, where),
    )


def _ladder(
    name: Any, ladders: Mapping[str, tuple[RungPlan, ...]], where: str
) -> tuple[RungPlan, ...]:
    if name is None:
        return ()
    if name not in ladders:
        raise _wrong(where, "ladder", f"there is no ladder {name!r} in this file")
    return ladders[str(name)]


def _unit(text: Any, where: str) -> Unit | None:
    try:
        return None if text is None else Unit(str(text))
    except ValueError as unknown:
        raise _wrong(where, "unit", f"expected one of {[u.value for u in Unit]}") from unknown


def _expression(text: str, where: str) -> feel.Expression:
    try:
        return feel.compile_expression(text.removeprefix("="), names=("data", "case"))
    except feel.FeelSyntaxError as wrong:
        raise _wrong(where, "start", str(wrong)) from wrong


def _wrong(where: str, key: str, why: str) -> Rejected:
    named = f"{where}.{key}" if key else where
    return Rejected("limits.invalid", f"Cannot use {named}: {why}", file=where, key=key)
