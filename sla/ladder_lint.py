"""What is wrong with a drawn ladder, and with a limit that names one; lint asks it.

Every way through a ladder is judged, whatever its conditions say; then it is played for each class
of document and each party, so that a condition that cannot be answered is found before a clock
asks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from engine.bpmn.definition import Definition, Element, EventKind, Kind
from engine.decisions import read_decisions
from engine.errors import Rejected
from engine.manifests import PackageError
from engine.package_files import LIMITS, Package
from engine.packages import Library
from sla.errors import Refusal
from sla.ladder_bindings import drawn
from sla.ladder_diagrams import ACTS, CLASSES, CLOCK, KIND, Asked, Drawn, LadderFault, rungs_of
from sla.limits import ClockPlan, Limits, RungPlan, parse, point, rung_of, wrong_acts
from sla.parties import Party
from sla.rules import Rule, versions

Told: TypeAlias = tuple[str, str, str, str]
"""The file ("" is the diagram), the element or "", the sentence in Chinese and in English."""

_DRAWN = frozenset(
    {
        *(Kind.START_EVENT, Kind.END_EVENT, Kind.INTERMEDIATE_CATCH_EVENT, Kind.SERVICE_TASK),
        *(Kind.EXCLUSIVE_GATEWAY, Kind.SCRIPT_TASK, Kind.BUSINESS_RULE_TASK),
    }
)
_MOST_WAYS = 500


def check(library: Library, package: Package) -> Iterator[Told]:
    """Every fault of what the package draws or names."""
    try:
        definition = library.definition(package)
    except PackageError:
        return  # the diagram has findings of its own
    limits = _limits(package)
    if package.manifest.kind == KIND:
        yield from _of_ladder(library, package, definition, limits)
    else:
        yield from _strange_acts(definition)
    if limits is not None:
        for plan in (*limits.clocks.values(), *limits.tasks.values()):
            if plan.drawn is not None:
                yield from _of_binding(library, plan)


def _limits(package: Package) -> Limits | None:
    if package.limits is None:
        return None
    try:
        return parse(package.limits.content, LIMITS)
    except Rejected:
        return None  # a finding of its own


def drawing_of(library: Library, ladder_id: str) -> Drawn:
    """The ladder of a package as its files have it now. Raises PackageError, NotFound."""
    package = library.package(ladder_id)
    closure = library.closure(ladder_id)
    tables = {part.name: part.content for part in closure.parts if part.kind == "dmn"}
    definition = library.definition(package)
    return drawn(closure.hash, definition, read_decisions(tables), ladder_id)


# --- a ladder -----------------------------------------------------------------------------------


def _of_ladder(
    library: Library, package: Package, definition: Definition, limits: Limits | None
) -> Iterator[Told]:
    if package.manifest.process != package.id:
        yield (
            "package.yaml",
            "",
            f"階梯的流程代碼須與套件代碼相同：{package.id}。",
            f"The process of a ladder has the package's id: write process: {package.id}.",
        )
    if limits is not None and set(limits.clocks) != {CLOCK}:
        yield (
            LIMITS,
            "",
            f"階梯的 limits.yaml 須恰有一個期限 {CLOCK}：階梯綁定的期限，供情境演練之用。",
            f"The limits.yaml of a ladder has exactly one clock, {CLOCK}: it stands for the one "
            f"the ladder is bound to when scenarios are run.",
        )
    faults = [*_odd_elements(definition), *_Ways(definition).faults()]
    yield from faults
    if not faults:
        yield from _unplayable(drawing_of(library, package.id))


def _odd_elements(definition: Definition) -> Iterator[Told]:
    for element in definition.elements.values():
        if element.kind not in _DRAWN or element.multi_instance or element.loop:
            yield (
                "",
                element.id,
                f"階梯只能有起訖、計時器、服務任務、互斥閘道、指令碼與決策，{element.id} 不是；"
                "人員的工作請放進查催（C13），以 ladder.chase 啟動。",
                f"A ladder has a start, ends, timers, service tasks, exclusive gateways, scripts "
                f"and decisions only, and {element.id} is none of them. Put work of people into "
                f"the chase (C13) and start that by ladder.chase.",
            )
        elif element.kind is Kind.INTERMEDIATE_CATCH_EVENT and not _waits_for_limit(element):
            yield (
                "",
                element.id,
                f"{element.id} 須等候期限 {CLOCK} 的時點（例如 0.8、due、due+1wd），"
                "不得有自己的時間：階梯隨期限停止、延長、重算。",
                f"{element.id} must wait for a point of the clock {CLOCK} (0.8, due, due+1wd …) "
                f"and have no time of its own: a ladder stands still, is extended and moves with "
                f"its limit.",
            )
        elif element.kind is Kind.SERVICE_TASK:
            yield from _odd_act(element)


def _waits_for_limit(element: Element) -> bool:
    event = element.event
    return (
        event is not None
        and event.kind is EventKind.TIMER
        and event.timer is not None
        and event.timer.clock == CLOCK
    )


def _odd_act(element: Element) -> Iterator[Told]:
    operation = element.service.operation if element.service else ""
    if operation not in ACTS:
        yield (
            "",
            element.id,
            f"{element.id} 的作業 {operation} 不是階梯的作業；請改用 {'、'.join(ACTS)}。",
            f"{element.id} asks for {operation}, which is no act of a ladder; use one of "
            f"{', '.join(ACTS)}.",
        )
        return
    told = next((each.source for each in element.inputs if each.target == "to"), None)
    if told is not None and told.names_used:
        return  # it is judged when the ladder is played
    try:
        rung_of("due", ACTS[operation], None if told is None else told({}), element.id)
    except Rejected as wrong:
        yield (
            "",
            element.id,
            f"{element.id} 的對象有誤（輸入 to）：{wrong.message}",
            wrong.message,
        )


@dataclass(slots=True)
class _Ways:
    """All ways from the start of a ladder to its ends."""

    definition: Definition
    walked: int = 0

    def faults(self) -> list[Told]:
        starts = [
            each
            for each in self.definition.elements.values()
            if each.kind is Kind.START_EVENT and each.scope is None
        ]
        found = [fault for start in starts for fault in self._from(start, None, ())]
        return list(dict.fromkeys(found))

    def _from(
        self, element: Element, at: tuple[Decimal, int] | None, before: tuple[str, ...]
    ) -> Iterator[Told]:
        if element.id in before:
            yield _loop(element)
            return
        self.walked += not element.outgoing
        if self.walked > _MOST_WAYS:
            return
        reached = _reached(element)
        if reached is not None:
            if at is not None and reached < at:
                yield _backwards(element)
            at = reached
        if element.kind is Kind.SERVICE_TASK and at is None:
            yield _unplaced(element)
        for flow in element.outgoing:
            following = self.definition.elements[flow.target]
            yield from self._from(following, at, (*before, element.id))


def _reached(element: Element) -> tuple[Decimal, int] | None:
    timer = element.event.timer if element.event else None
    if timer is None or timer.clock is None:
        return None
    try:
        reached = point(timer.point, element.id)
    except Rejected:
        return None  # the diagram's own lint says so
    return (Decimal(1) if reached.share is None else reached.share, reached.working_days_after)


def _loop(element: Element) -> Told:
    return (
        "",
        element.id,
        f"階梯在 {element.id} 繞回；每一階只觸發一次，請勿使用迴圈。",
        f"The ladder comes back to {element.id}; each rung fires once, so draw no loop.",
    )


def _backwards(element: Element) -> Told:
    return (
        "",
        element.id,
        f"{element.id} 等候的時點早於前一個計時器；請依時間先後排列。",
        f"{element.id} waits for an earlier point than the timer before it; put the rungs in the "
        f"order of time.",
    )


def _unplaced(element: Element) -> Told:
    return (
        "",
        element.id,
        f"{element.id} 之前沒有計時器；請先以計時器指出期限的時點。",
        f"No timer comes before {element.id}; put one there that says at which point of the limit "
        f"it is done.",
    )


def _unplayable(ladder: Drawn) -> Iterator[Told]:
    told = set()
    for asked in samples().values():
        try:
            rungs_of(ladder, asked)
        except LadderFault as fault:
            told.add(("", fault.element, fault.zh, fault.en))
    yield from sorted(told)


def samples() -> Mapping[str, Asked]:
    """A limit of the office, of a step and of an applicant, and one of each class of document."""
    base = Asked(
        name="processing",
        process="P01",
        rule="PROC_WORKDAY",
        party=Party.OFFICE,
        document_class=None,
        length="3",
        unit="working_day",
        of_task=False,
    )
    applicants = replace(base, name="dunning", rule="DUNNING_MIN_7D", party=Party.APPLICANT)
    return {
        "office": base,
        **{name: replace(base, rule=rule, document_class=name) for rule, name in CLASSES.items()},
        "step": replace(base, name="review", of_task=True),
        "applicant": applicants,
    }


def shown(ladder: Drawn) -> list[tuple[tuple[str, ...], tuple[RungPlan, ...]]]:
    """The rungs for each kind of limit (a key of `samples`), kinds with the same rungs together.
    Raises LadderFault."""
    kinds: dict[tuple[RungPlan, ...], list[str]] = {}
    for name, asked in samples().items():
        kinds.setdefault(rungs_of(ladder, asked), []).append(name)
    return [(tuple(names), rungs) for rungs, names in kinds.items()]


# --- who names one ------------------------------------------------------------------------------


def _strange_acts(definition: Definition) -> Iterator[Told]:
    for element in definition.elements.values():
        if element.service is not None and element.service.operation in ACTS:
            yield (
                "",
                element.id,
                f"{element.id} 的作業 {element.service.operation} 只能用於階梯（kind: ladder）。",
                f"{element.id} asks for {element.service.operation}, which only a ladder (kind: "
                f"ladder) does.",
            )


def _of_binding(library: Library, plan: ClockPlan) -> Iterator[Told]:
    where = f"{'tasks' if plan.start == 'created' else 'clocks'}.{plan.name}.ladder"
    known = sorted(each.id for each in library.packages.values() if each.manifest.kind == KIND)
    if plan.drawn not in known:
        yield (
            LIMITS,
            "",
            f"{where}：沒有階梯「{plan.drawn}」；此檔的 ladders 沒有列出，"
            f"階梯套件有 {'、'.join(known) or '無'}。",
            f"{where}: there is no ladder {plan.drawn!r}; this file lists none of that name, and "
            f"the ladder packages are {', '.join(known) or 'none'}.",
        )
        return
    try:
        rules = [each.with_length(plan.length, plan.unit) for each in versions(plan.rule)]
        ladder = drawing_of(library, plan.drawn)
        yield from _wrong_rungs(plan, rules, ladder, where)
    except (Refusal, PackageError):
        return  # the limit or the ladder has findings of its own


def _wrong_rungs(
    plan: ClockPlan, rules: Sequence[Rule], ladder: Drawn, where: str
) -> Iterator[Told]:
    for rule in rules:
        rungs = rungs_of(ladder, Asked.of(plan, rule, "P01"))
        faults = list(wrong_acts(replace(plan, ladder=rungs), [rule], where))
        if faults:
            yield from ((LIMITS, "", fault.zh, fault.en) for fault in faults)
            return
