"""What a process package promises: `limits.yaml`, read and checked.

`check` judges a file at lint and deployment, `parse` reads it when a case is filed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import yaml

import feel
from engine.errors import Rejected
from engine.permissions import HANDLERS, MENDERS
from engine.yaml_reading import load_yaml
from sla.errors import Refusal
from sla.parties import Party, party_of
from sla.rules import Kind, Rule, versions
from sla.settings import Target
from sla.spans import Unit

_POINT = re.compile(r"(?P<share>0\.\d{1,3})|(?P<due>due)(\+(?P<days>\d{1,3})wd)?")
ACTS = ("warn", "prompt", "escalate", "delay", "chase")
BLAMING = frozenset({"escalate", "delay", "chase"})
"""Acts that tell that the office is late: no limit of an applicant has them."""
STARTS = ("filed", "operation", "created")
STOPS = ("closed", "operation", "filed", "ended")
AUDIENCES = HANDLERS | MENDERS | {"owner"}
"""Whom a rung may tell: the one who has the task, or a group."""
PARTS = frozenset({"rule", "length", "unit", "start", "stop", "pausable", "ladder", "target"})
PROCESSING, DOUBTFUL = "processing", "doubtful"
"""The clocks that are known by name: the office's standard time, and that of a walk-in matter in
doubt (`sla.doubtful`)."""
LONGEST_NAME = 40
LONGEST_TERM = 3_650


@dataclass(frozen=True, slots=True)
class Point:
    """A moment of a clock: a share of it, its due time, or working days after that."""

    share: Decimal | None = None
    working_days_after: int = 0


@dataclass(frozen=True, slots=True)
class RungPlan:
    """One step of a ladder: at which point, which act, to whom (`owner`, `owner+chief` …).

    `element` is what it is in the diagram of a drawn ladder."""

    at: str
    point: Point
    act: str
    to: str
    element: str = ""


@dataclass(frozen=True, slots=True)
class LadderVersion:
    """Which version of a drawn ladder the rungs come from."""

    id: str
    version: int | None  # None: as the process of the case brought it along


@dataclass(frozen=True, slots=True)
class ClockPlan:
    """One promise: its rule, what starts and stops it, its ladder.

    `start` is `filed`, `operation` (a `clock.start` in the diagram), `created` (of a task), or a
    FEEL expression that gives the day of the event; then `event` is set. `target` is the share of
    it the office aims to need (None: by its setting). `drawn` is the ladder
    package that draws its rungs: `ladder` is empty then, until the plan is bound to a version
    (`sla.ladder_bindings`).
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
    drawn: str | None = None
    target: str | None = None
    drawn_version: LadderVersion | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The clocks of a case and of its tasks, by name."""

    clocks: Mapping[str, ClockPlan]
    tasks: Mapping[str, ClockPlan]


NO_LIMITS = Limits({}, {})


def with_term(plan: ClockPlan, term: Any, law: Rule) -> ClockPlan:
    """The plan with a length that the office sets for one matter, in the unit of its rule `law`.

    `term` None leaves it. Raises `Rejected` if it is no whole number from 1, if the law fixes the
    length, or if it is shorter than the least term of the law.
    """
    if term is None:
        return plan
    if isinstance(term, bool) or not isinstance(term, int | Decimal) or term != int(term):
        raise _wrong_term(plan, f"expected a whole number, got {str(term)[:40]!r}")
    if law.kind is not Kind.TERM and law.length is not None:
        raise _wrong_term(plan, f"the length of {law.id} is fixed ({law.article}); leave it out")
    least = int(law.length) if law.length is not None and law.length.isdecimal() else 1
    if not least <= int(term) <= LONGEST_TERM:
        raise _wrong_term(plan, f"expected {least} to {LONGEST_TERM}, got {term}")
    return replace(plan, length=str(int(term)))


def _wrong_term(plan: ClockPlan, why: str) -> Rejected:
    return Rejected("clock.length", f"The length of the clock {plan.name!r}: {why}")


class Fault(NamedTuple):
    """What is wrong with a file, naming it and the key, in both languages."""

    zh: str
    en: str


def check(content: bytes, where: str) -> list[Fault]:
    """Everything that is wrong with a `limits.yaml`; nothing if it may be deployed.

    Besides what `parse` refuses: every rule exists and has a length it can be counted by, the
    rungs of a ladder come in the order of their time, and what may be paused is a processing limit.
    """
    try:
        limits = parse(content, where)
    except Rejected as wrong:
        return [Fault(f"{wrong.message}（期限設定檔有誤）", wrong.message)]
    return [
        fault
        for section, plans in (("clocks", limits.clocks), ("tasks", limits.tasks))
        for plan in plans.values()
        for fault in _faults(plan, f"{where}: {section}.{plan.name}")
    ]


def parse(content: bytes, where: str) -> Limits:
    """Read `limits.yaml`. Raises `Rejected` naming the key; `where` is the file's name."""
    return _parse(content, where)


@lru_cache(maxsize=256)
def _parse(content: bytes, where: str) -> Limits:
    try:
        document = load_yaml(content) or {}
    except yaml.YAMLError as broken:
        raise _wrong(where, "", f"it is not YAML: {broken}") from broken
    if not isinstance(document, dict):
        raise _wrong(where, "", "expected a mapping with clocks, tasks and ladders")
    unknown = {str(key) for key in document} - {"clocks", "tasks", "ladders"}
    if unknown:
        raise _wrong(where, sorted(unknown)[0], "expected only clocks, tasks and ladders")
    ladders = {
        name: _rungs(rungs, f"{where}: ladders.{name}")
        for name, rungs in _section(document, "ladders", where).items()
    }
    clocks = {
        name: _plan(name, plan, ladders, f"{where}: clocks.{name}", task=False)
        for name, plan in _section(document, "clocks", where).items()
    }
    tasks = {
        name: _plan(name, plan, ladders, f"{where}: tasks.{name}", task=True)
        for name, plan in _section(document, "tasks", where).items()
    }
    return Limits(clocks, tasks)


def _section(document: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    section = document.get(name) or {}
    if not isinstance(section, dict):
        raise _wrong(where, name, "expected a mapping of names")
    for key in section:
        if not isinstance(key, str) or not 0 < len(key) <= LONGEST_NAME:
            raise _wrong(
                where, f"{name}.{key}", f"expected a name of at most {LONGEST_NAME} letters"
            )
    return section


def point(text: str, where: str) -> Point:
    """Read `0.5`, `due` or `due+3wd`."""
    match = _POINT.fullmatch(text.strip())
    if match is None:
        raise _wrong(where, "at", f"expected a share such as 0.8, due, or due+1wd, got {text!r}")
    if match["share"]:
        return Point(share=Decimal(match["share"]))
    return Point(working_days_after=int(match["days"] or 0))


def _rungs(rungs: Any, where: str) -> tuple[RungPlan, ...]:
    if not isinstance(rungs, list):
        raise _wrong(where, "", "expected a list of rungs, each with at, do and to")
    return tuple(_rung(rung, f"{where}[{i}]") for i, rung in enumerate(rungs))


def _rung(rung: Any, where: str) -> RungPlan:
    if not isinstance(rung, dict) or set(rung) != {"at", "do", "to"}:
        raise _wrong(where, "", "expected at, do and to")
    act = str(rung["do"])
    if act not in ACTS:
        raise _wrong(where, "do", f"expected one of {', '.join(ACTS)}, got {act!r}")
    return replace(rung_of(str(rung["at"]), act, str(rung["to"]), where), element="")


def rung_of(at: str, act: str, to: Any, where: str) -> RungPlan:
    """One rung, checked; `where` is the file and key, or the element of a drawn ladder. Raises
    Rejected for a point that there is not, or somebody whom nobody knows."""
    if not isinstance(to, str) or not to.strip():
        raise _wrong(where, "to", "say whom it tells, such as owner or owner+chief")
    strangers = [each for each in to.split("+") if each.strip() not in AUDIENCES]
    if strangers:
        known = ", ".join(sorted(AUDIENCES))
        raise _wrong(where, "to", f"there is nobody called {strangers[0]!r}; there are {known}")
    return RungPlan(at, point(at, where), act, to, where)


def in_order(rungs: Sequence[RungPlan]) -> bool:
    """Whether the rungs come in the order of their time."""
    times = [_time(rung.point) for rung in rungs]
    return times == sorted(times)


def _plan(
    name: str, plan: Any, ladders: Mapping[str, tuple[RungPlan, ...]], where: str, *, task: bool
) -> ClockPlan:
    if not isinstance(plan, dict) or "rule" not in plan:
        raise _wrong(where, "rule", "expected a mapping that names a rule of legal-limits.dmn")
    unknown = set(plan) - PARTS
    if unknown:
        raise _wrong(where, sorted(unknown)[0], "it is not a part of a clock")
    start = str(plan.get("start", "created" if task else "filed"))
    stop = str(plan.get("stop", "ended" if task else "closed"))
    if (start == "created") != task:
        raise _wrong(where, "start", "a task's limit starts when it is created, a case's otherwise")
    if stop not in STOPS or (stop == "ended") != task:
        raise _wrong(where, "stop", f"expected {'ended' if task else 'closed, operation or filed'}")
    pausable = plan.get("pausable", False)
    if not isinstance(pausable, bool):
        raise _wrong(where, "pausable", "expected true or false")
    ladder, drawn = _ladder(plan.get("ladder"), ladders, where)
    return ClockPlan(
        name=name,
        rule=str(plan["rule"]),
        length=str(plan["length"]) if "length" in plan else None,
        unit=_unit(plan.get("unit"), where),
        start=start,
        event=None if start in STARTS else _expression(start, where),
        stop=stop,
        pausable=pausable,
        ladder=ladder,
        drawn=drawn,
        target=_target(plan.get("target"), where),
    )


def _target(given: Any, where: str) -> str | None:
    """The share of the limit the office aims to need; None: the office's setting."""
    if given is None:
        return None
    text = str(given)
    if text != Target.NONE and not re.fullmatch(r"0\.\d{1,3}", text):
        raise _wrong(where, "target", f"expected a share such as 0.7, or none, got {text[:20]!r}")
    return text


def _faults(plan: ClockPlan, where: str) -> Iterator[Fault]:
    try:
        known = [each.with_length(plan.length, plan.unit) for each in versions(plan.rule)]
        for version in known:
            version.spans()
    except Refusal as refused:
        yield Fault(f"{where}.rule：{refused.zh}", f"{where}.rule: {refused.en}")
        return
    if plan.pausable and any(version.kind is not Kind.PROCESSING for version in known):
        yield Fault(
            f"{where}.pausable：規則 {plan.rule} 不是處理期間，依法不得停止。",
            f"{where}.pausable: rule {plan.rule} is no processing limit, and only those may pause "
            f"(APA 51(5)).",
        )
    if plan.target and any(party_of(version.kind) is Party.APPLICANT for version in known):
        yield Fault(
            f"{where}.target：規則 {plan.rule} 是申請人的期間，機關沒有內部目標。",
            f"{where}.target: rule {plan.rule} is an applicant's, and the office cannot aim for "
            f"other people; leave the target out.",
        )
    yield from wrong_acts(plan, known, where)
    if not in_order(plan.ladder):
        yield Fault(
            f"{where}.ladder：階梯須依時間先後排列。",
            f"{where}.ladder: its rungs fire in the order they are listed, so list them by time.",
        )


def wrong_acts(plan: ClockPlan, known: Sequence[Rule], where: str) -> Iterator[Fault]:
    """A rung blames the office for its own lateness only, and asks for what follows an applicant's
    only where one is late."""
    is_applicants = any(party_of(version.kind) is Party.APPLICANT for version in known)
    for act in dict.fromkeys(rung.act for rung in plan.ladder):
        if is_applicants and act in BLAMING:
            yield Fault(
                f"{where}.ladder：規則 {plan.rule} 是申請人的期間，逾期的不是機關；"
                f"{act} 請改為 prompt（提示依法可為的處置）。",
                f"{where}.ladder: rule {plan.rule} is an applicant's, and nobody of the office is "
                f"late with it; instead of {act} write prompt, which asks for the next lawful act.",
            )
        if not is_applicants and act == "prompt":
            yield Fault(
                f"{where}.ladder：規則 {plan.rule} 是機關的期限；prompt 只用於申請人的期間，"
                f"請改為 escalate 或 chase。",
                f"{where}.ladder: rule {plan.rule} is the office's own; prompt is for applicants' "
                f"limits, write escalate or chase.",
            )


def _time(at: Point) -> tuple[Decimal, int]:
    return (Decimal(1) if at.share is None else at.share, at.working_days_after)


def _ladder(
    name: Any, ladders: Mapping[str, tuple[RungPlan, ...]], where: str
) -> tuple[tuple[RungPlan, ...], str | None]:
    """The rungs of a ladder that this file lists, or else the id of the package that draws it."""
    if name is None:
        return (), None
    if not isinstance(name, str) or not name.strip():
        raise _wrong(where, "ladder", "expected the name of a ladder")
    return (ladders[name], None) if name in ladders else ((), name.strip())


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
