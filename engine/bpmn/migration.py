"""Moving a running instance to another version of its process, exactly or not at all. Pure.

    plan = plan_move(Versions(old, new), instructions, state, now, env)
    plan.verdict        # can, task_changed, cannot
    state, facts = plan.moved()

Everything keeps its key, so open tasks, timers and waits stay the rows they are. What the new
diagram lets listen in addition begins, what it dropped ends, joins that have all they need go on.
Whatever has no exact place in the new version refuses the whole move, with the element and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.bpmn import facts
from engine.bpmn.environment import Environment
from engine.bpmn.facts import Fact
from engine.bpmn.interpreter import finish
from engine.bpmn.interpreter_run import Blocked, Run
from engine.bpmn.migration_comparison import (
    Compared,
    Definitions,
    Facet,
    Instructions,
    What,
    compare,
)
from engine.bpmn.migration_places import Places
from engine.bpmn.migration_sentences import Remark, Weight
from engine.bpmn.migration_waits import Waits, declare_new, told_of
from engine.bpmn.state import Role, State, is_ended

__all__ = [
    "CannotMove",
    "Compared",
    "Facet",
    "Instructions",
    "Plan",
    "Remark",
    "Verdict",
    "Versions",
    "Weight",
    "What",
    "compare",
    "faults",
    "migrate",
    "plan_move",
]


class Verdict(StrEnum):
    """The judgement of one instance."""

    CAN = "can"
    TASK_CHANGED = "task_changed"
    CANNOT = "cannot"


class CannotMove(Exception):
    """The instance stays where it is; `remarks` say why."""

    def __init__(self, remarks: tuple[Remark, ...]) -> None:
        refused = [each for each in remarks if each.weight is Weight.REFUSED]
        super().__init__("; ".join(each.en for each in refused))
        self.remarks = remarks


@dataclass(frozen=True, slots=True)
class Versions:
    """Where instances are and where they go: every definition by process id, called ones included.

    `forms` are ids of forms whose content differs between the two.
    """

    old: Definitions
    new: Definitions
    forms: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """What moving one instance means. `result` is there unless the verdict is CANNOT."""

    verdict: Verdict
    remarks: tuple[Remark, ...]
    result: tuple[State, tuple[Fact, ...]] | None

    def moved(self) -> tuple[State, tuple[Fact, ...]]:
        """Return the new state and what became true. Raises CannotMove."""
        if self.result is None:
            raise CannotMove(self.remarks)
        return self.result


def faults(versions: Versions, named: Instructions) -> tuple[Remark, ...]:
    """Return what is wrong with what the analyst named, whatever the instance."""
    found: list[Remark] = []
    for process_id, pairs in named.elements.items():
        old, new = _elements(versions.old, process_id), _elements(versions.new, process_id)
        found += _unknown(process_id, pairs, old, new)
        found += _doubled(process_id, pairs, old)
    for process_id, pairs in named.flows.items():
        old, new = _flows(versions.old, process_id), _flows(versions.new, process_id)
        found += _unknown(process_id, pairs, old, new)
        found += _doubled(process_id, pairs, old)
    for process_id, events in named.rearm.items():
        definition = versions.new.get(process_id)
        for each in sorted(events):
            element = definition.elements.get(each) if definition else None
            if element is None or (element.event is None and element.message is None):
                found.append(Remark("named.no-event", process_id, each))
    return tuple(found)


def plan_move(
    versions: Versions,
    named: Instructions,
    state: State,
    now: datetime,
    env: Environment,
) -> Plan:
    """Judge one instance, and work out where it would stand. Changes nothing.

    `env` is that of the new version. `now` is when events begin to wait that the old one lacked.
    """
    wrong = faults(versions, named)
    if wrong:
        return Plan(Verdict.CANNOT, wrong, None)
    if is_ended(state):
        return Plan(Verdict.CANNOT, (Remark("instance.ended"),), None)
    if _is_the_same(versions, named, state):
        return Plan(Verdict.CAN, (), (state, ()))
    return _plan(versions, named, state, now, env)


def migrate(
    versions: Versions,
    named: Instructions,
    state: State,
    now: datetime,
    env: Environment,
) -> tuple[State, tuple[Fact, ...]]:
    """Move one instance. Raises CannotMove, and then nothing has changed."""
    return plan_move(versions, named, state, now, env).moved()


def _plan(
    versions: Versions, named: Instructions, state: State, now: datetime, env: Environment
) -> Plan:
    places = Places(versions.old, versions.new, named, state)
    places.find_all()
    if places.is_refused:
        return _cannot(places)
    waits = Waits(places, versions.forms)
    waits.find_all()
    places.judge_markings()
    places.note_changes()
    if places.is_refused:
        return _cannot(places)
    run = Run(versions.new[state.process_id], places.state_with(waits.kept), now, env)
    _tell_renamed(run, state)
    try:
        for scope, names in declare_new(run):
            places.say("scope.declares", scope, scope.element, names=", ".join(names))
        waits.carry_out(run)
    except Blocked as blocked:
        places.remarks.append(told_of(blocked))
    if places.is_refused:
        return _cannot(places)
    result = finish(run)
    is_changed = any(each.weight is Weight.TASK for each in places.remarks)
    verdict = Verdict.TASK_CHANGED if is_changed else Verdict.CAN
    return Plan(verdict, _sorted(places.remarks), result)


def _cannot(places: Places) -> Plan:
    return Plan(Verdict.CANNOT, _sorted(places.remarks), None)


def _sorted(remarks: list[Remark]) -> tuple[Remark, ...]:
    """Refusals first, each said once, else in the order in which they were found."""
    order = list(Weight)
    once = {
        (each.code, each.process_id, each.element_id, each.key, each.en): each for each in remarks
    }
    return tuple(sorted(once.values(), key=lambda each: order.index(each.weight)))


def _tell_renamed(run: Run, before: State) -> None:
    """Tell which elements and waits stand under another id now."""
    for key, activation in run.activations.items():
        former = before.activations[key].element
        is_told = activation.entered and activation.role not in (Role.ROOT, Role.ITEM)
        if is_told and former != activation.element:
            process_id = activation.process
            run.emit(facts.ElementRenamed(key, process_id, activation.element, former))
    for key, wait in run.waits.items():
        former = before.waits[key].element
        if former != wait.element and key not in run.activations:
            process_id = run.activations[wait.owner].inner
            run.emit(facts.ElementRenamed(key, process_id, wait.element, former))


def _is_the_same(versions: Versions, named: Instructions, state: State) -> bool:
    """Say whether every process the instance runs is the very same in both versions."""
    if versions.forms or any(named.rearm.values()):
        return False
    running = {each.inner for each in state.activations.values()}
    return all(
        process_id in versions.new
        and versions.new[process_id].hash == versions.old[process_id].hash
        for process_id in running
    )


def _elements(version: Definitions, process_id: str) -> frozenset[str]:
    definition = version.get(process_id)
    return frozenset(definition.elements) if definition else frozenset()


def _flows(version: Definitions, process_id: str) -> frozenset[str]:
    definition = version.get(process_id)
    if definition is None:
        return frozenset()
    return frozenset(
        flow.id for element in definition.elements.values() for flow in element.outgoing
    )


def _unknown(
    process_id: str, pairs: Mapping[str, str], old: frozenset[str], new: frozenset[str]
) -> list[Remark]:
    sides = (
        (pairs.keys() - old, {"version": "舊版本", "version_en": "old"}),
        (set(pairs.values()) - new, {"version": "新版本", "version_en": "new"}),
    )
    return [
        Remark("named.unknown", process_id, each, "", told)
        for wrong, told in sides
        for each in sorted(wrong)
    ]


def _doubled(process_id: str, pairs: Mapping[str, str], old: frozenset[str]) -> list[Remark]:
    """Two that would become one: both named, or one that keeps an id another one takes."""
    values = list(pairs.values())
    twice = {each for each in values if values.count(each) > 1}
    twice |= {each for each in values if each in old and each not in pairs}
    return [Remark("named.twice", process_id, each) for each in sorted(twice)]
