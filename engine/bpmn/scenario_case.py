"""The one case of a scenario run: it is filed, moved by steps, and time passes only when told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from engine.bpmn import facts
from engine.bpmn.definition import Definition
from engine.bpmn.environment import Environment
from engine.bpmn.facts import Fact
from engine.bpmn.interpreter import (
    State,
    advance,
    dump_state,
    incidents,
    load_state,
    start,
    variables,
)
from engine.bpmn.interpreter_timers import later
from engine.bpmn.scenario_document import (
    OFFICE_ZONE,
    AgencyAnswer,
    Arrive,
    Attach,
    ClockReaches,
    Complete,
    Expect,
    Filing,
    Pass,
    Retry,
    ScenarioError,
    ScenarioStep,
    Values,
    Withdraw,
)
from engine.bpmn.scenario_judge import judge
from engine.bpmn.state import Ended, Wait, WaitKind
from engine.bpmn.triggers import (
    CompleteServiceTask,
    CompleteUserTask,
    FailServiceTask,
    FireTimer,
    ReceiveMessage,
    ReceiveSignal,
    RetryIncident,
    Terminate,
    Trigger,
)

StandIns = Mapping[str, Callable[[Values, datetime], Values]]
"""Operation name → what it answers, from its inputs and the moment."""

_MOST_TURNS: Final = 10_000  # timers and answers within one step, before it counts as endless


class Clocks(Protocol):
    """The clocks of the one case of a scenario; they live for one run."""

    def filed(self, now: datetime, data: Values, values: Values) -> None:
        """The case was filed: clocks that start with it run."""

    def operate(self, operation: str, inputs: Values, now: datetime) -> Values:
        """Do `clock.start`, `clock.pause`, `clock.resume` or `clock.stop`; return its answer."""

    def reaches(self, clock: str, point: str) -> datetime | None:
        """Return when `clock` will reach `point` (`due`, `0.8`), None while nobody can say."""

    def statuses(self, now: datetime) -> Mapping[str, str]:
        """Return clock → running, paused, met or overdue."""

    def closed(self, now: datetime) -> None:
        """The case has ended."""


class NoClocks:
    """For processes that have none; asking for one is an error of the scenario."""

    def filed(self, now: datetime, data: Values, values: Values) -> None:
        pass

    def operate(self, operation: str, inputs: Values, now: datetime) -> Values:
        raise ScenarioError(f"Expected no clocks, but the process asks for {operation}")

    def reaches(self, clock: str, point: str) -> datetime | None:
        return None

    def statuses(self, now: datetime) -> Mapping[str, str]:
        return {}

    def closed(self, now: datetime) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the application gives a case, for the scenarios of one package.

    `clocks` makes the clocks of one run. `results` names what each operation answers, `forms` the
    variables each form writes, `start_variables` those of the start form: whatever a scenario
    leaves out of these is null, as it is when an agency or a person leaves it out. `at` gives the
    environment of a moment: what `now()` and `today()` say in it.
    """

    stand_ins: StandIns = field(default_factory=dict)
    clocks: Callable[[], Clocks] = NoClocks
    results: Mapping[str, Collection[str]] = field(default_factory=dict)
    forms: Mapping[str, Collection[str]] = field(default_factory=dict)
    start_variables: Collection[str] = ()
    at: Callable[[Environment, datetime], Environment] = lambda env, now: env


@dataclass(frozen=True, slots=True)
class Performed:
    """One operation that was asked for."""

    operation: str
    inputs: Values
    at: datetime


class StepFailed(Exception):
    """A step cannot be done, so the ones after it make no sense."""


class ScenarioCase:
    """The one case of a run, and everything around it."""

    def __init__(
        self,
        definition: Definition,
        env: Environment,
        around: Surroundings,
        *,
        save: bool,
    ) -> None:
        self.definition = definition
        self.taken: set[tuple[str, str]] = set()
        self.env = replace(env, taken=self.taken)
        self.around = around
        self.clocks = around.clocks()
        self.save = save
        self.now = datetime.min.replace(tzinfo=UTC)
        self.state = State(definition.process_id, {}, {})
        self.facts: list[Fact] = []
        self.performed: list[Performed] = []
        self.requests: dict[str, facts.ServiceTaskRequested] = {}
        self.forms: dict[str, str | None] = {}
        self.clock_timers: dict[str, facts.TimerScheduled] = {}
        self.expected_incidents: set[str] = set()

    # Moving the case

    def file(self, filing: Filing, at: datetime) -> None:
        self.now = at.astimezone(UTC)
        self.env = replace(self.env, data=_merged(self.env.data, filing.data))
        self.clocks.filed(self.now, self.env.data, filing.values)
        values = dict.fromkeys(self.around.start_variables) | dict(filing.values)
        given = {} if filing.start_event else values
        self.state, told = start(
            self.definition,
            {**given, "case": self._case_facts(filing)},
            self.now,
            self.env,
            start_event=filing.start_event,
            payload=values if filing.start_event else None,
        )
        self._follow(told)

    def _case_facts(self, filing: Filing) -> Values:
        return {
            "number": "S-0001",
            "filed_at": self.now.astimezone(OFFICE_ZONE),
            "channel": filing.channel,
            "process": self.definition.process_id,
            "office": filing.office,
            "household_office": filing.household_office,
        }

    def send(self, trigger: Trigger) -> None:
        self._follow(self._advance(trigger))

    def _advance(self, trigger: Trigger) -> tuple[Fact, ...]:
        if self.save:
            self.state = load_state(dump_state(self.state))
        env = self.around.at(self.env, self.now)
        self.state, told = advance(self.definition, self.state, trigger, self.now, env)
        return told

    def _follow(self, told: tuple[Fact, ...]) -> None:
        """Note what happened, and answer what answers at once until nothing more does."""
        asked = self._note(told)
        turns = 0
        while asked:
            turns += 1
            if turns > _MOST_TURNS:
                raise StepFailed("the process asks for operations without end")
            request = asked.pop(0)
            if request.key not in self.state.waits:
                continue  # something interrupted it meanwhile
            answer = self._stand_in(request)
            asked += self._note(self._advance(CompleteServiceTask(request.key, answer)))

    def _note(self, told: tuple[Fact, ...]) -> list[facts.ServiceTaskRequested]:
        self.facts += told
        asked = []
        for fact in told:
            if isinstance(fact, facts.ServiceTaskRequested):
                self.performed.append(Performed(fact.operation, fact.inputs, self.now))
                self.requests[fact.key] = fact
                if self._answers_at_once(fact.operation):
                    asked.append(fact)
            elif isinstance(fact, facts.UserTaskCreated):
                self.forms[fact.key] = fact.form_key
            elif isinstance(fact, facts.TimerScheduled) and fact.clock is not None:
                self.clock_timers[fact.key] = fact
            elif isinstance(fact, facts.InstanceCompleted | facts.InstanceTerminated):
                self.clocks.closed(self.now)
        return asked

    def _answers_at_once(self, operation: str) -> bool:
        return operation.startswith("clock.") or operation in self.around.stand_ins

    def _stand_in(self, request: facts.ServiceTaskRequested) -> Values:
        stand_in = self.around.stand_ins.get(request.operation)
        if stand_in is not None:
            return self._whole(request.operation, stand_in(request.inputs, self.now))
        answer = self.clocks.operate(request.operation, request.inputs, self.now)
        return self._whole(request.operation, answer)

    def _whole(self, operation: str, answer: Values) -> Values:
        """Return the answer with null for every part of the operation's result left out."""
        return {**dict.fromkeys(self.around.results.get(operation, ())), **answer}

    # Steps

    def do(self, step: ScenarioStep) -> list[str]:  # noqa: C901  (a dispatch over a closed list)
        """Do one step; return expectations that do not hold. Raises StepFailed."""
        match step:
            case Complete():
                self._complete(step)
            case Pass():
                self._pass_time(step)
            case ClockReaches():
                self._reach(step)
            case AgencyAnswer():
                self._answer(step)
            case Arrive():
                self._arrive(step)
            case Attach():
                self._expect_open("add a file")
            case Withdraw(reason):
                self._expect_open("withdraw")
                self.send(Terminate(reason))
            case Retry():
                self._retry(step)
            case Expect():
                self.expected_incidents |= set(step.incidents or ())
                return judge(step, self.state, self.facts, self.clocks.statuses(self.now))
        return []

    def _expect_open(self, deed: str) -> None:
        if self.state.ended is not Ended.NO:
            raise StepFailed(f"expected to {deed}, but the case has ended")

    def waits(self, kind: WaitKind) -> dict[str, Wait]:
        return {key: wait for key, wait in self.state.waits.items() if wait.kind is kind}

    def _complete(self, step: Complete) -> None:
        tasks = self.waits(WaitKind.USER)
        keys = [key for key, wait in tasks.items() if wait.element == step.element]
        if len(keys) < step.item:
            open_now = ", ".join(wait.element for wait in tasks.values()) or "none"
            raise StepFailed(
                f"expected user task {step.element} to be open; open are: {open_now}"
                f"{self._open_incident()}"
            )
        self.env = replace(self.env, data=_merged(self.env.data, step.data))
        key = keys[step.item - 1]
        self.send(CompleteUserTask(key, {**self._left_blank(key), **step.values}))

    def _open_incident(self) -> str:
        return "".join(f"; incident: {each.message}" for each in incidents(self.state)[:1])

    def _left_blank(self, key: str) -> Values:
        fields = self.around.forms.get(self.forms[key] or "", ())
        seen = variables(self.state, key)
        return {name: None for name in fields if name not in seen}

    def _pass_time(self, step: Pass) -> None:
        until = step.until.astimezone(UTC) if step.until else self.now
        if step.span is not None:
            until = later(self.now, step.span)
        if until < self.now:
            raise StepFailed(f"expected a moment after {self.now.astimezone(OFFICE_ZONE):%F %R}")
        for _turn in range(_MOST_TURNS):
            due = self._next_due(until)
            if due is None:
                self.now = until
                return
            self.now = max(due[0], self.now)
            self.send(FireTimer(due[1]))
        raise StepFailed("timers fire without end")

    def _next_due(self, until: datetime) -> tuple[datetime, str] | None:
        moments = [(self._due(key, wait), key) for key, wait in self.waits(WaitKind.TIMER).items()]
        due = [(at, key) for at, key in moments if at is not None and at <= until]
        return min(due, key=lambda each: each[0], default=None)

    def _due(self, key: str, wait: Wait) -> datetime | None:
        clock_timer = self.clock_timers.get(key)
        if clock_timer is None or clock_timer.clock is None:
            return wait.due
        return self.clocks.reaches(clock_timer.clock, clock_timer.point)

    def _reach(self, step: ClockReaches) -> None:
        timers = [key for key in self._on_clock(step) if key in self.state.waits]
        if not timers:
            raise StepFailed(
                f"expected a timer on clock {step.name} at {step.point}, but none waits"
            )
        moment = self.clocks.reaches(step.name, step.point)
        if moment is not None and moment > self.now:
            self._pass_time(Pass(until=moment))
        for key in timers:
            if key in self.state.waits:
                self.send(FireTimer(key))

    def _on_clock(self, step: ClockReaches) -> list[str]:
        return [
            key
            for key, timer in self.clock_timers.items()
            if (timer.clock, timer.point) == (step.name, step.point)
        ]

    def _answer(self, step: AgencyAnswer) -> None:
        if step.all_status is not None:
            self._answer_all(step, step.all_status)
            return
        key = next(iter(self._requests(step)), None)
        if key is None:
            raise StepFailed(
                f"expected {step.operation} to wait for {step.agency or 'an answer'}; waiting are: "
                f"{self._waiting_operations()}"
            )
        if step.failure is None:
            self.send(CompleteServiceTask(key, self._whole(step.operation, step.answer)))
        else:
            self.send(FailServiceTask(key, step.failure, step.error))

    def _requests(self, step: AgencyAnswer) -> list[str]:
        return [
            key
            for key in self.waits(WaitKind.SERVICE)
            if self.requests[key].operation == step.operation
            and step.agency in (None, self.requests[key].inputs.get("agency"))
        ]

    def _answer_all(self, step: AgencyAnswer, status: str) -> None:
        for _turn in range(_MOST_TURNS):
            keys = self._requests(step)
            if not keys:
                return
            answer = {"status": status, "reference": "S-1"}
            self.send(CompleteServiceTask(keys[0], self._whole(step.operation, answer)))
        raise StepFailed(f"the process asks for {step.operation} without end")

    def _waiting_operations(self) -> str:
        waiting = (self.requests[key] for key in self.waits(WaitKind.SERVICE))
        told = [f"{each.operation} ({each.inputs.get('agency', '–')})" for each in waiting]
        return ", ".join(told) or "none"

    def _arrive(self, step: Arrive) -> None:
        self._expect_open(f"receive {step.name}")
        if step.is_signal:
            self.send(ReceiveSignal(step.name, step.values))
            return
        waits = self.waits(WaitKind.MESSAGE)
        keys = [
            key
            for key, wait in waits.items()
            if wait.name == step.name and step.key in (None, wait.correlation)
        ]
        if len(keys) != 1:
            awaited = ", ".join(f"{each.name} ({each.correlation})" for each in waits.values())
            raise StepFailed(
                f"expected exactly one wait for message {step.name}, but there are {len(keys)}; "
                f"awaited are: {awaited or 'none'}"
            )
        self.send(ReceiveMessage(keys[0], step.values))

    def _retry(self, step: Retry) -> None:
        found = [each for each in incidents(self.state) if step.element in (None, each.element_id)]
        if not found:
            raise StepFailed("expected an incident to retry, but there is none")
        self.expected_incidents.add(found[0].code)
        self.send(RetryIncident(found[0].key, step.values))


def _merged(old: Values, new: Values) -> dict[str, Any]:
    """Lay `new` over `old`, entry by entry, as forms write personal data."""
    merged = dict(old)
    for name, value in new.items():
        before = merged.get(name)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[name] = _merged(before, value)
        else:
            merged[name] = value
    return merged
