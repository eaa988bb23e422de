"""Ladders that analysts draw: an escalation diagram, played into the rungs of one clock. Pure.

A ladder is a package of kind `ladder`. Its timers wait for points of `limit`, the clock it is bound
to; its service tasks are the acts of its rungs. `rungs_of` plays the diagram with the interpreter
that runs cases, from start to end, and writes down which act comes at which point. What a clock
then follows are rows with a due time (`sla.ladders`), so a drawn ladder fires as surely as a
listed one, and moves, stands still and ends with its clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from engine.bpmn import Definition, facts
from engine.bpmn.environment import Environment
from engine.bpmn.facts import Fact
from engine.bpmn.interpreter import State, advance, start
from engine.bpmn.triggers import CompleteServiceTask, FireTimer, Trigger
from engine.errors import Rejected
from sla.errors import Refusal
from sla.limits import ClockPlan, RungPlan, in_order, rung_of
from sla.parties import party_of
from sla.rules import Rule

KIND = "ladder"
"""The kind of package, in package.yaml."""
CLOCK = "limit"
"""By this name a ladder knows the clock it is bound to, in its diagram and for rehearsals."""
ACTS: Mapping[str, str] = MappingProxyType(
    {
        "ladder.warn": "warn",
        "ladder.prompt": "prompt",
        "ladder.escalate": "escalate",
        "ladder.delay": "delay",
        "ladder.chase": "chase",
    }
)
"""The operations of a ladder's service tasks, each with the act of its rung."""
MOST_RUNGS = 30
CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "DOC_MOST_URGENT_1WD": "most_urgent",
        "DOC_URGENT_3WD": "urgent",
        "DOC_ORDINARY_6WD": "ordinary",
        "DOC_FIXED_TERM_10D": "fixed_term",
        "DOC_PROJECT_30D": "project",
        "PETITION_MOST_URGENT_1WD": "most_urgent",
        "PETITION_URGENT_3WD": "urgent",
        "PETITION_ORDINARY_6WD": "ordinary",
    }
)
"""The class of document (公文時效) that a rule is of; other rules have none."""
# A ladder asks nothing of the day it is played on, so that it is the same whenever that is.
_ANY_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


class LadderFault(Refusal):
    """A diagram cannot be played into rungs. `element` is where, "" for the whole."""

    def __init__(self, element: str, zh: str, en: str) -> None:
        super().__init__("ladder.broken", zh=zh, en=en)
        self.element = element


@dataclass(frozen=True, slots=True)
class Drawn:
    """One version of a ladder. `key` tells two apart: the same key, the same drawing."""

    key: str
    definition: Definition = field(compare=False)
    environment: Environment = field(compare=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the conditions of a ladder can ask of its clock, as `clock.name` … `clock.unit`.

    `process` is the package of the case, `document_class` (in FEEL `clock.class`) one of
    `CLASSES`, None for other rules. `length` is as limits.yaml gives it, else as the rule does.
    """

    name: str
    process: str
    rule: str
    party: str
    document_class: str | None
    length: str | None
    unit: str | None
    of_task: bool

    @classmethod
    def of(cls, plan: ClockPlan, law: Rule, process: str) -> Asked:
        """What can be asked of a clock with this plan, under this version of its rule."""
        return cls(
            name=plan.name,
            process=process,
            rule=plan.rule,
            party=party_of(law.kind).value,
            document_class=CLASSES.get(plan.rule),
            length=law.length,
            unit=law.unit.value,
            of_task=plan.start == "created",
        )

    def values(self) -> dict[str, Any]:
        told = {
            "name": self.name,
            "process": self.process,
            "rule": self.rule,
            "party": self.party,
            "class": self.document_class,
            "length": self.length,
            "unit": self.unit,
            "of_task": self.of_task,
        }
        return {"clock": told}


@lru_cache(maxsize=1024)
def rungs_of(drawn: Drawn, asked: Asked) -> tuple[RungPlan, ...]:
    """The rungs of a clock, in their order, each with the element that is its act.

    Raises LadderFault where the diagram waits for anything but a point of the clock, acts before
    the first point, goes back in time, or does not end within `MOST_RUNGS`.
    """
    play = _Play(drawn)
    play.set_out(asked.values())
    while not play.has_ended:
        play.go_on()
    if not in_order(play.rungs):
        raise LadderFault(
            "",
            "階梯須依時間先後：後面的計時器不得早於前面的。",
            "The rungs must come in the order of time: no timer may wait for an earlier point than "
            "the one before it.",
        )
    return tuple(play.rungs)


class _Play:
    """One run of a ladder from start to end."""

    def __init__(self, drawn: Drawn) -> None:
        self._drawn = drawn
        self._state: State | None = None
        self._acts: list[facts.ServiceTaskRequested] = []
        self._timers: list[facts.TimerScheduled] = []
        self._at: str | None = None
        self.rungs: list[RungPlan] = []
        self.has_ended = False

    def set_out(self, values: Mapping[str, Any]) -> None:
        self._state, told = start(
            self._drawn.definition, values, _ANY_MOMENT, self._drawn.environment
        )
        self._hear(told)

    def go_on(self) -> None:
        """Do the next act, else let the clock come to the next point."""
        if self._acts:
            act = self._acts.pop(0)
            self._advance(CompleteServiceTask(act.key, {"told": self._climb(act)}))
        elif len(self._timers) == 1:
            timer = self._timers.pop()
            self._at = timer.point
            self._advance(FireTimer(timer.key))
        else:
            raise _unfit(self._waiting())

    def _waiting(self) -> str:
        return self._timers[1].element_id if self._timers else ""

    def _advance(self, trigger: Trigger) -> None:
        assert self._state is not None  # noqa: S101 — it has set out before it goes on
        self._state, told = advance(
            self._drawn.definition, self._state, trigger, _ANY_MOMENT, self._drawn.environment
        )
        self._hear(told)

    def _hear(self, told: tuple[Fact, ...]) -> None:
        for fact in told:
            match fact:
                case facts.ServiceTaskRequested():
                    self._acts.append(fact)
                case facts.TimerScheduled(clock=str()):
                    self._timers.append(fact)
                case facts.InstanceCompleted():
                    self.has_ended = True
                case facts.IncidentRaised():
                    raise LadderFault(
                        fact.element_id,
                        f"元件 {fact.element_id} 無法執行：{fact.message}",
                        f"{fact.element_id} cannot be done: {fact.message}",
                    )
                case (
                    facts.UserTaskCreated()
                    | facts.TimerScheduled()
                    | facts.MessageAwaited()
                    | facts.SignalAwaited()
                ):
                    raise _unfit(fact.element_id)

    def _climb(self, act: facts.ServiceTaskRequested) -> str:
        if self._at is None:
            raise LadderFault(
                act.element_id,
                f"{act.element_id} 之前沒有計時器；請先以計時器指出期限的時點。",
                f"No timer comes before {act.element_id}; put one there that says at which point "
                f"of the limit it is done.",
            )
        if len(self.rungs) == MOST_RUNGS:
            raise LadderFault(
                act.element_id,
                f"階梯超過 {MOST_RUNGS} 階；請檢查是否有迴圈。",
                f"There are more than {MOST_RUNGS} rungs; look for a loop.",
            )
        rung = self._rung(act, self._at)
        self.rungs.append(rung)
        return rung.to

    @staticmethod
    def _rung(act: facts.ServiceTaskRequested, at: str) -> RungPlan:
        if act.operation not in ACTS:
            raise LadderFault(
                act.element_id,
                f"{act.element_id} 的作業 {act.operation} 不是階梯的作業；"
                f"請改用 {'、'.join(ACTS)}。",
                f"{act.element_id} asks for {act.operation}, which is no act of a ladder; use one "
                f"of {', '.join(ACTS)}.",
            )
        try:
            return rung_of(at, ACTS[act.operation], act.inputs.get("to"), act.element_id)
        except Rejected as wrong:
            raise LadderFault(
                act.element_id,
                f"{act.element_id} 的對象或時點有誤：{wrong.message}",
                wrong.message,
            ) from wrong


def _unfit(element_id: str) -> LadderFault:
    return LadderFault(
        element_id,
        f"階梯一次只等一個期限時點，{element_id or '此圖'} 卻等候其他事項；"
        "人員的工作請放進查催（C13），以 ladder.chase 啟動。",
        f"A ladder waits for one point of its limit at a time, but {element_id or 'it'} waits for "
        f"something else; put work of people into the chase (C13) and start that by ladder.chase.",
    )
