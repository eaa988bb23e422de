"""The compiled process: an immutable table of elements that the interpreter runs.

`compile_definition` makes it from BPMN XML once, at deployment. It is content-addressed: two
definitions with one `hash` behave alike. Everything that needs parsing (FEEL, ISO 8601, QNames) is
parsed here; a step only follows references. What is not representable here is not executable, and
lint has refused it.

Terms are those of BPMN 2.0.2; the section of the standard is named where a choice was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.bpmn.durations import Duration
from feel import Expression


class Kind(StrEnum):
    """What an element is. Event kinds are told apart further by their `EventSpec`."""

    START_EVENT = "start_event"
    INTERMEDIATE_CATCH_EVENT = "intermediate_catch_event"
    INTERMEDIATE_THROW_EVENT = "intermediate_throw_event"
    BOUNDARY_EVENT = "boundary_event"
    END_EVENT = "end_event"
    TASK = "task"  # abstract task and manual task of no person: passes at once
    USER_TASK = "user_task"
    MANUAL_TASK = "manual_task"  # done by a person, outside the system, ticked off in the worklist
    SCRIPT_TASK = "script_task"
    SERVICE_TASK = "service_task"
    BUSINESS_RULE_TASK = "business_rule_task"
    SEND_TASK = "send_task"
    RECEIVE_TASK = "receive_task"
    EXCLUSIVE_GATEWAY = "exclusive_gateway"
    INCLUSIVE_GATEWAY = "inclusive_gateway"
    PARALLEL_GATEWAY = "parallel_gateway"
    COMPLEX_GATEWAY = "complex_gateway"
    EVENT_BASED_GATEWAY = "event_based_gateway"
    SUB_PROCESS = "sub_process"
    TRANSACTION = "transaction"
    AD_HOC_SUB_PROCESS = "ad_hoc_sub_process"
    EVENT_SUB_PROCESS = "event_sub_process"
    CALL_ACTIVITY = "call_activity"


PATIENT = frozenset({Kind.INCLUSIVE_GATEWAY, Kind.COMPLEX_GATEWAY})
"""Gateways that wait for what may still come, rather than for one token on each flow."""
JOINS = PATIENT | {Kind.PARALLEL_GATEWAY}


class EventKind(StrEnum):
    NONE = "none"
    MESSAGE = "message"
    TIMER = "timer"
    SIGNAL = "signal"
    ERROR = "error"
    ESCALATION = "escalation"
    TERMINATE = "terminate"
    CONDITIONAL = "conditional"
    LINK = "link"
    COMPENSATION = "compensation"
    CANCEL = "cancel"
    MULTIPLE = "multiple"  # one of its parts is enough; a throwing event throws all of them
    PARALLEL_MULTIPLE = "parallel_multiple"  # all of its parts, in any order


class TimerKind(StrEnum):
    DATE = "date"
    DURATION = "duration"
    CYCLE = "cycle"


class MissedTimer(StrEnum):
    """What a cycle does with the turns that fell into a downtime."""

    ONCE = "once"  # fire once for all that were missed, then go on with the plan
    ALL = "all"  # fire each of them, in order
    SKIP = "skip"  # forget them, go on with the next planned turn


@dataclass(frozen=True, slots=True)
class Timer:
    """When a timer is due.

    Either `expression` gives a FEEL date and time (with zone), a duration, or for a cycle the text
    of an ISO 8601 repeating interval (`R3/PT1H`, `R/P1D`); or `clock` names a clock of the case
    (`processing`, `statutory`, …) whose moment `point` (`due`, or a share such as `0.8`) the timer
    waits for. A timer with a clock holds no time of its own: the one who keeps the clock arms it.
    """

    kind: TimerKind
    expression: Expression | None
    clock: str | None = None
    point: str = "due"
    missed: MissedTimer = MissedTimer.ONCE
    span: Duration | None = None  # of a duration that the diagram writes as it is: `P7D`


@dataclass(frozen=True, slots=True)
class Message:
    """A message by name. `correlation_key` is evaluated when the wait opens or the message leaves;
    None correlates by name alone."""

    name: str
    correlation_key: Expression | None = None


@dataclass(frozen=True, slots=True)
class EventSpec:
    """What an event waits for or throws.

    `code` is the signal name, error or escalation code; None on a catching error or escalation
    event catches every code (10.5.1). Of a compensation, `activity` is the one to compensate (None:
    everything completed in the scope) and `waits` says whether the thrower waits for it. `parts`
    are the several event definitions of a multiple event.
    """

    kind: EventKind
    timer: Timer | None = None
    message: Message | None = None
    code: str | None = None
    interrupting: bool = True  # boundary events (cancelActivity), starts of event sub-processes
    condition: Expression | None = None
    activity: str | None = None
    waits: bool = True
    parts: tuple[EventSpec, ...] = ()

    def of_kind(self, kind: EventKind) -> tuple[EventSpec, ...]:
        """This, if it is of that kind, or those of its parts that are."""
        return tuple(each for each in self.parts or (self,) if each.kind is kind)


@dataclass(frozen=True, slots=True)
class VariableMapping:
    """One explicit copy into or out of an isolated scope: `target` := `source`."""

    source: Expression
    target: str


class Behaviour(StrEnum):
    """Which completions of items throw the event of a multi-instance (10.3.8, table 10.30)."""

    ALL = "All"  # none of them
    NONE = "None"  # each
    ONE = "One"  # the first
    COMPLEX = "Complex"  # those for which the condition of a rule is true


@dataclass(frozen=True, slots=True)
class BehaviourRule:
    """An event thrown when an item is done; `condition` None: whenever the behaviour says."""

    event: EventSpec
    condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """Exactly one of `cardinality` and `collection` is set. Results are assembled by index."""

    sequential: bool
    cardinality: Expression | None = None
    collection: Expression | None = None
    element_variable: str | None = None
    output_collection: str | None = None
    output_element: Expression | None = None
    completion_condition: Expression | None = None
    behaviour: Behaviour = Behaviour.ALL
    rules: tuple[BehaviourRule, ...] = ()


@dataclass(frozen=True, slots=True)
class StandardLoop:
    """Run again as long as `condition` is true, at most `maximum` times (10.3.8)."""

    condition: Expression | None
    test_before: bool = False
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class AdHoc:
    """How the activities of an ad-hoc sub-process are worked off (10.3.5, 13.3.5).

    All of them are offered; `sequential` allows one at a time. It ends when `completion` is true
    after one of them is done, and ends the others then if `cancel_remaining`; without a condition,
    when nothing is left to do.
    """

    completion: Expression | None
    sequential: bool = False
    cancel_remaining: bool = True


@dataclass(frozen=True, slots=True)
class UserWork:
    """What a person is asked to do (user and manual tasks)."""

    candidate_groups: tuple[str, ...]
    form_key: str | None = None
    duty: str | None = None  # `record`, `review` or `approve`: one person, one duty per case
    outcomes: tuple[str, ...] = ()  # the buttons, e.g. approve, correct, return; empty: complete
    assignee: Expression | None = None  # person id, where the diagram names one
    priority: Expression | None = None  # integer, higher is more urgent; default 50
    limit: str | None = None  # id of the task's own limit in the package's limits.yaml
    wait: bool = False  # waits for someone outside (papers of the applicant), not overdue work


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """Work for something outside the interpreter: `operation` is a name the application wires."""

    operation: str


@dataclass(frozen=True, slots=True)
class DecisionCall:
    decision: str
    result_variable: str
    legal_date: Expression | None = None  # law tables: the date that picks the valid rows


@dataclass(frozen=True, slots=True)
class Script:
    expression: Expression
    result_variable: str


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    source: str
    target: str
    condition: Expression | None = None
    default: bool = False
    name: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Element:
    """One node. Only the parts that belong to its `kind` are set."""

    id: str
    kind: Kind
    name: str
    scope: str | None  # id of the enclosing (event) sub-process; None: the process itself
    outgoing: tuple[Flow, ...] = ()
    incoming: tuple[str, ...] = ()  # flow ids; a parallel gateway waits for one token on each
    event: EventSpec | None = None
    attached_to: str | None = None  # boundary events
    boundary: tuple[str, ...] = ()  # ids of boundary events on this activity
    multi_instance: MultiInstance | None = None
    loop: StandardLoop | None = None
    user: UserWork | None = None
    service: ServiceCall | None = None
    decision: DecisionCall | None = None
    script: Script | None = None
    message: Message | None = None  # send and receive tasks
    called: str | None = None  # call activities: process id
    ad_hoc: AdHoc | None = None
    activation: Expression | None = None  # complex gateways
    handler: str | None = None  # compensation boundary events: the activity that compensates
    for_compensation: bool = False  # runs only when something is compensated
    instantiates: bool = False  # event-based gateways and receive tasks that begin an instance
    all_events: bool = False  # such a gateway of type Parallel: goes on when all have come
    start_quantity: int = 1  # tokens it waits for before it begins
    completion_quantity: int = 1  # tokens it sends along each outgoing flow
    failure: str | None = None  # error code thrown when its expression or decision fails
    inputs: tuple[VariableMapping, ...] = ()
    outputs: tuple[VariableMapping, ...] = ()
    documentation: str = ""
    name_en: str = ""  # `hz:nameEn`; empty where the diagram has no English name
    # What every step asks, worked out once:
    gathers: bool = field(init=False, compare=False, repr=False)  # a token may have to wait here
    forks_plainly: bool = field(init=False, compare=False, repr=False)  # no flow asks anything
    repeats: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        joins = self.kind in JOINS and len(self.incoming) > 1
        plain = all(flow.condition is None and not flow.default for flow in self.outgoing)
        repeats = self.multi_instance is not None or self.loop is not None
        object.__setattr__(self, "gathers", joins or self.start_quantity > 1)
        object.__setattr__(self, "forks_plainly", plain)
        object.__setattr__(self, "repeats", repeats)


@dataclass(frozen=True, slots=True)
class Scope:
    """The process itself (`id` None) or a sub-process: what starts in it, what listens in it."""

    id: str | None
    start_events: tuple[str, ...]
    event_sub_processes: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    declares: tuple[str, ...] = ()  # variable names that live and die with this scope


@dataclass(frozen=True, slots=True)
class Definition:
    """One immutable version of one process."""

    process_id: str
    name: str
    hash: str  # sha256 over XML and compiler format, hex
    elements: Mapping[str, Element]
    scopes: Mapping[str | None, Scope]
    calls: frozenset[str] = frozenset()  # process ids of call activities
    decisions: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()
    messages: frozenset[str] = frozenset()
    version_tag: str = ""
    documentation: str = ""
    name_en: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was worked out from the rest when it was first needed; says nothing of its own."""
