"""What service tasks can ask for: operations by name, and who does them.

`app.py` registers a handler for each name (`docs/process-packages.md` lists them). A handler runs
in the transaction of the step, before the step's own rows are written, and never reaches the
network. It answers at once with the task's result, or with None: then somebody completes the task
later. To refuse it raises an EngineError before it has written anything; the task is then an
incident and the rest of the step stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Connection

from engine.events import CaseRef
from engine.keyring import CaseKey

RESULTS: Mapping[str, frozenset[str]] = {
    "clock.start": frozenset({"due", "due_on"}),
    "clock.pause": frozenset(),
    "clock.resume": frozenset({"due"}),
    "clock.stop": frozenset({"due", "days_late"}),
    "notice.issue": frozenset({"notice_id"}),
    "agency.notify": frozenset({"status", "reference", "reason"}),
    "agency.look_up": frozenset({"status", "reference", "answer", "look_up_id"}),
    "look_up.file": frozenset({"notice_id"}),
    "agency.list": frozenset({"listed_on"}),
    "agency.repeat": frozenset({"repeated"}),
    "case.annotate": frozenset(),
    "case.file": frozenset({"number"}),
    "list.import": frozenset({"rows", "filed", "known", "bad"}),
    "list.tally": frozenset({"filed", "open", "outcomes"}),
    "office.hold_clocks": frozenset({"looked_at", "moved"}),
    "office.release_clocks": frozenset({"looked_at", "moved"}),
    "office.tell_delays": frozenset({"looked_at", "moved"}),
    "appointment.find": frozenset({"appointments"}),
    "booking.hold": frozenset({"held", "why", "place", "papers"}),
    "booking.settle": frozenset({"settled"}),
    "queue.open": frozenset({"opened"}),
    "leave.hand_over": frozenset({"handed", "left", "next_on"}),
    "duty.record": frozenset({"recorded"}),
    "audit.sample": frozenset({"sample", "population"}),
    "process.review": frozenset({"processes"}),
    "plan.read": frozenset({"items", "team", "faults", "fault_text"}),
    "plan.enter": frozenset({"entered"}),
    "plan.report": frozenset({"recorded"}),
    "ladder.warn": frozenset({"told"}),
    "ladder.prompt": frozenset({"told"}),
    "ladder.escalate": frozenset({"told"}),
    "ladder.delay": frozenset({"told"}),
    "ladder.chase": frozenset({"told"}),
}
"""The operations a diagram may name, each with the variables of its result (for lint).

Those of `ladder.*` are the acts of a package of kind `ladder` (`sla/ladder_diagrams.py`) and of no
other: they have no handler, since a ladder is played into rows and never runs as a case."""


LETTERS = ("mail.send", "sms.send")
"""Promises to persons, beside those to agencies: whoever carries them away has done all there is to
do, and they are sealed for the office that wrote them, not for a case."""


@dataclass(frozen=True, slots=True)
class Request:
    """One service task that asks. `inputs` are FEEL values; `data` is the case's personal data.

    `key` names the wait: give it back to complete the task. `case.version` is the version the step
    will write. `case_key` seals what a handler stores (see `CaseKey.seal`). `by` is the person
    whose deed made the step, None where nobody's did.
    """

    case: CaseRef
    key: str
    element_id: str
    name: str
    operation: str
    inputs: Mapping[str, Any]
    data: Mapping[str, Any] = field(default_factory=dict)
    process_id: str = ""
    case_key: CaseKey | None = None
    by: UUID | None = None


Handler: TypeAlias = Callable[[Connection, Request, datetime], Mapping[str, Any] | None]

_handlers: dict[str, Handler] = {}


def register(operation: str, handler: Handler) -> None:
    """Let `handler` do this operation. Registered again, the later one does it."""
    _handlers[operation] = handler


def handler_of(operation: str) -> Handler | None:
    return _handlers.get(operation)


def forget_handlers() -> None:
    """For tests that wire their own list."""
    _handlers.clear()
