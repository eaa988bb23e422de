"""Whether what a scenario expects holds, and if not, in which sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from engine.bpmn import facts
from engine.bpmn.facts import Fact
from engine.bpmn.interpreter import State, incidents, variables
from engine.bpmn.scenario_document import Expect, Values
from engine.bpmn.state import Ended, WaitKind
from feel.errors import Fault
from feel.values import same

STATUSES = {Ended.NO: "active", Ended.COMPLETED: "closed", Ended.TERMINATED: "withdrawn"}


def judge(
    expected: Expect, state: State, told: Sequence[Fact], clocks: Mapping[str, str]
) -> list[str]:
    """Return one sentence for each expectation that does not hold."""
    open_incidents = incidents(state)
    tasks = [wait.element for wait in state.waits.values() if wait.kind is WaitKind.USER]
    failures = [
        _differs("open user tasks", expected.tasks, tasks),
        _missing(expected.ended_at or (), _ended_at(told)),
        _differs("incidents", expected.incidents, [each.code for each in open_incidents]),
        _status(expected.status, _status_of(state)),
        *_clocks(expected.clocks or {}, clocks),
        *_variables(expected.variables or {}, variables(state)),
    ]
    failures = [failure for failure in failures if failure]
    if failures and open_incidents:
        failures.append(f"(an incident is open: {open_incidents[0].message})")
    return failures


def _status_of(state: State) -> str:
    """The status of the case; one that ended by itself with the result `withdrawn` is withdrawn."""
    if state.ended is Ended.COMPLETED and variables(state).get("result") == "withdrawn":
        return "withdrawn"
    return STATUSES[state.ended]


def _ended_at(told: Sequence[Fact]) -> list[str]:
    ended = [fact for fact in told if isinstance(fact, facts.InstanceCompleted)]
    return list(ended[0].end_events) if ended else []


def _missing(expected: tuple[str, ...], actual: list[str]) -> str:
    if set(expected) <= set(actual):
        return ""
    return (
        f"expected the case to have ended at {', '.join(expected)}, but it ended at "
        f"{', '.join(actual) or 'none'}"
    )


def _status(expected: str | None, actual: str) -> str:
    if expected in (None, actual):
        return ""
    return f"expected the case to be {expected}, but it is {actual}"


def _clocks(expected: Mapping[str, str], actual: Mapping[str, str]) -> list[str]:
    return [
        f"expected clock {clock} to be {status}, but it is {actual.get(clock, 'not there')}"
        for clock, status in expected.items()
        if actual.get(clock) != status
    ]


def _variables(expected: Values, actual: Values) -> list[str]:
    failures = []
    for name, value in expected.items():
        if name not in actual:
            failures.append(f"expected variable {name} to be {value!r}, but it is not there")
        elif not _is_same(actual[name], value):
            failures.append(f"expected variable {name} to be {value!r}, but it is {actual[name]!r}")
    return failures


def _differs(what: str, expected: tuple[str, ...] | None, actual: list[str]) -> str:
    if expected is None or Counter(expected) == Counter(actual):
        return ""
    return (
        f"expected {what} {', '.join(expected) or 'none'}, but they are "
        f"{', '.join(actual) or 'none'}"
    )


def _is_same(actual: Any, expected: Any) -> bool:
    try:
        return same(actual, expected) is True
    except Fault:
        return False
