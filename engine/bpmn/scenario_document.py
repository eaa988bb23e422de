"""Scenarios as analysts write them: a loaded YAML document, checked, or refused by a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.bpmn.durations import Duration, NotATime, parse_duration

Values = Mapping[str, Any]
OFFICE_ZONE: Final = ZoneInfo("Asia/Taipei")


class ScenarioError(ValueError):
    """The document is not a scenario; the message says where and how to mend it."""


@dataclass(frozen=True, slots=True)
class Filing:
    """How the case comes in. `start_event` only where the process does not start plainly."""

    values: Values = field(default_factory=dict)
    data: Values = field(default_factory=dict)
    channel: str = "counter"
    by: str | None = None
    office: str | None = None
    household_office: str | None = None
    start_event: str | None = None


@dataclass(frozen=True, slots=True)
class Complete:
    """`item` counts from 1 among the open tasks of one element; 1 is the oldest."""

    element: str
    values: Values = field(default_factory=dict)
    data: Values = field(default_factory=dict)
    by: str | None = None
    item: int = 1


@dataclass(frozen=True, slots=True)
class Pass:
    """Time goes by: for `span`, or until `until`."""

    span: Duration | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClockReaches:
    """A clock of the case comes to a point: time goes on until then, where that is known."""

    name: str
    point: str = "due"


@dataclass(frozen=True, slots=True)
class AgencyAnswer:
    """One answer, or with `all_status` that status for every request that waits.

    With `failure` (a sentence) the request fails instead, with `error` as that BPMN error.
    """

    operation: str
    agency: str | None = None
    answer: Values = field(default_factory=dict)
    failure: str | None = None
    error: str | None = None
    all_status: str | None = None


@dataclass(frozen=True, slots=True)
class Arrive:
    """A message (perhaps by its correlation key), or a signal, comes in."""

    name: str
    values: Values = field(default_factory=dict)
    key: str | None = None
    is_signal: bool = False


@dataclass(frozen=True, slots=True)
class Attach:
    """Somebody adds a table to the case's files, as CSV. A rehearsal keeps no files."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Withdraw:
    reason: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Retry the oldest incident, or the oldest one at `element`."""

    element: str | None = None
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expect:
    """What must hold now. Parts left out (None) are not looked at.

    `tasks` and `incidents` are all there are. Every one of `ended_at` was reached; side branches
    (a reminder that was sent) may have ended elsewhere too.
    """

    tasks: tuple[str, ...] | None = None
    status: str | None = None
    incidents: tuple[str, ...] | None = None
    ended_at: tuple[str, ...] | None = None
    clocks: Mapping[str, str] | None = None
    variables: Values | None = None


ScenarioStep = (
    Complete | Pass | ClockReaches | AgencyAnswer | Arrive | Attach | Withdraw | Retry | Expect
)


@dataclass(frozen=True, slots=True)
class Scenario:
    title: Mapping[str, str]
    at: datetime
    file: Filing
    steps: tuple[ScenarioStep, ...]


def parse_scenario(document: Any) -> Scenario:
    """Return the scenario a loaded YAML document describes. Raises ScenarioError."""
    top = _mapping("The scenario", document, {"title", "at", "file", "steps"})
    title = top.get("title")
    steps = top.get("steps", [])
    if not isinstance(steps, Sequence) or isinstance(steps, str):
        raise ScenarioError("Expected `steps` to be a list of steps")
    return Scenario(
        title if isinstance(title, Mapping) else {"zh-TW": str(title or ""), "en": ""},
        _moment("`at`", top.get("at")),
        _filing(top.get("file", {})),
        tuple(_step(number, step) for number, step in enumerate(steps, start=1)),
    )


def _filing(document: Any) -> Filing:
    known = {"values", "data", "channel", "by", "office", "household_office", "start_event"}
    return Filing(**_mapping("`file`", document, known))


def _step(number: int, document: Any) -> ScenarioStep:
    where = f"Step {number}"
    if not isinstance(document, Mapping):
        raise ScenarioError(f"{where}: expected a step such as `complete: review`")
    verbs = [verb for verb in _STEPS if verb in document]
    if len(verbs) != 1:
        raise ScenarioError(
            f"{where}: expected exactly one of {', '.join(_STEPS)}, but got "
            f"{', '.join(map(str, document)) or 'nothing'}"
        )
    return _STEPS[verbs[0]](where, document)


def _complete(where: str, step: Values) -> Complete:
    told = _mapping(where, step, {"complete", "by", "values", "data", "item"})
    return Complete(
        str(told["complete"]),
        _values(where, told.get("values")),
        _values(where, told.get("data")),
        told.get("by"),
        int(told.get("item", 1)),
    )


def _pass(where: str, step: Values) -> Pass:
    told = _mapping(where, step, {"pass"})
    try:
        return Pass(span=parse_duration(str(told["pass"])))
    except NotATime as problem:
        raise ScenarioError(f"{where}: {problem}") from None


def _until(where: str, step: Values) -> Pass:
    return Pass(until=_moment(where, _mapping(where, step, {"at"})["at"]))


def _clock(where: str, step: Values) -> ClockReaches:
    inner = _mapping(where, step, {"clock"})["clock"]
    told = _mapping(where, inner, {"name", "point"}, needs="name")
    return ClockReaches(str(told["name"]), str(told.get("point", "due")))


def _agency(where: str, step: Values) -> AgencyAnswer:
    inner = _mapping(where, step, {"agency"})["agency"]
    known = {"operation", "agency", "answer", "error", "failure", "message", "all"}
    told = _mapping(where, inner, known)
    if sum(part in told for part in ("all", "answer", "error", "failure")) != 1:
        raise ScenarioError(
            f"{where}: expected exactly one of answer, error, failure, all in `agency`"
        )
    failure = told.get("failure")
    if "error" in told:
        failure = told.get("message", told["error"])
    return AgencyAnswer(
        str(told.get("operation", "agency.notify")),
        told.get("agency"),
        _values(where, told.get("answer")),
        failure,
        told.get("error"),
        told.get("all"),
    )


def _message(where: str, step: Values) -> Arrive:
    inner = _mapping(where, step, {"message"})["message"]
    told = _mapping(where, inner, {"name", "values", "correlation_key"}, needs="name")
    key = told.get("correlation_key")
    return Arrive(
        told["name"], _values(where, told.get("values")), None if key is None else str(key)
    )


def _signal(where: str, step: Values) -> Arrive:
    inner = _mapping(where, step, {"signal"})["signal"]
    told = _mapping(where, inner, {"name", "values"}, needs="name")
    return Arrive(told["name"], _values(where, told.get("values")), is_signal=True)


def _attach(where: str, step: Values) -> Attach:
    inner = _mapping(where, step, {"attach"})["attach"]
    told = _mapping(where, inner, {"name", "rows", "by"}, needs="name")
    rows = told.get("rows")
    if not isinstance(rows, Sequence) or not all(isinstance(row, list | tuple) for row in rows):
        raise ScenarioError(f"{where}: expected `rows` to be a list of rows, each a list of cells")
    cells = tuple(tuple("" if cell is None else str(cell) for cell in row) for row in rows)
    return Attach(str(told["name"]), cells, told.get("by"))


def _withdraw(where: str, step: Values) -> Withdraw:
    told = _mapping(where, _mapping(where, step, {"withdraw"})["withdraw"], {"reason"})
    return Withdraw(str(told.get("reason", "")))


def _retry(where: str, step: Values) -> Retry:
    told = _mapping(where, _mapping(where, step, {"retry"})["retry"], {"element", "values"})
    return Retry(told.get("element"), _values(where, told.get("values")))


def _expect(where: str, step: Values) -> Expect:
    known = {"tasks", "status", "incidents", "ended_at", "clocks", "variables"}
    told = _mapping(where, _mapping(where, step, {"expect"})["expect"], known)
    return Expect(
        _names(where, told, "tasks"),
        told.get("status"),
        _names(where, told, "incidents"),
        _names(where, told, "ended_at"),
        _values(where, told["clocks"]) if "clocks" in told else None,
        _values(where, told["variables"]) if "variables" in told else None,
    )


_STEPS: Final[Mapping[str, Callable[[str, Values], ScenarioStep]]] = {
    "complete": _complete,
    "expect": _expect,
    "pass": _pass,
    "at": _until,
    "clock": _clock,
    "agency": _agency,
    "message": _message,
    "signal": _signal,
    "attach": _attach,
    "withdraw": _withdraw,
    "retry": _retry,
}


def _mapping(where: str, document: Any, known: set[str], needs: str | None = None) -> Any:
    if not isinstance(document, Mapping):
        raise ScenarioError(f"{where}: expected {', '.join(sorted(known))}, but got {document!r}")
    unknown = [str(key) for key in document if key not in known]
    if unknown:
        raise ScenarioError(
            f"{where}: expected only {', '.join(sorted(known))}, but got {', '.join(unknown)}"
        )
    if needs is not None and needs not in document:
        raise ScenarioError(f"{where}: expected `{needs}`, but it is missing")
    return document


def _values(where: str, document: Any) -> Values:
    if document is None:
        return {}
    if not isinstance(document, Mapping):
        raise ScenarioError(f"{where}: expected names with values, but got {document!r}")
    return document


def _names(where: str, told: Values, part: str) -> tuple[str, ...] | None:
    if part not in told:
        return None
    names = told[part]
    if not isinstance(names, Sequence) or isinstance(names, str):
        raise ScenarioError(f"{where}: expected `{part}` to be a list, but got {names!r}")
    return tuple(str(name) for name in names)


def _moment(where: str, given: Any) -> datetime:
    # YAML reads 2026-03-02T09:00:00+08:00 as a moment, but without seconds as text.
    value = given
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=OFFICE_ZONE)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ScenarioError(
            f"{where}: expected a moment with its zone, such as 2026-03-02T09:00+08:00, but got "
            f"{given!r}"
        )
    return value
