"""Plays a package's scenario on the real engine: one step at a time, at times the stage gives.

Used by the demo office, and by the tests that run every scenario on a real database.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection

from agencies import confirmations
from agencies.retry import Outcome
from agencies.signatures import sign
from agencies.transports import Endpoint, Parcel, Receipt
from engine import attachments, cases, incidents, messages, user_tasks
from engine.actors import Actor, system
from engine.bpmn.durations import Duration
from engine.bpmn.scenario_document import (
    AgencyAnswer,
    Arrive,
    Attach,
    ClockReaches,
    Complete,
    Expect,
    Pass,
    Retry,
    Scenario,
    ScenarioStep,
    Withdraw,
)
from engine.clock import SystemClock
from store.database import Database
from web.demo_office import standing
from web.demo_office.citizens import Cast, wish_of


class Stuck(Exception):
    """The scenario wants something that the case does not offer now."""


@dataclass(slots=True)
class Stage:
    """Where scenarios are played: the database, who acts by login, the agencies' secret."""

    db: Database
    people: Mapping[str, Actor]
    endpoint: Endpoint
    players: dict[UUID, Player] = field(default_factory=dict)
    mails: int = 0

    def actor(self, login: str | None) -> Actor:
        return self.people.get(login or "", next(iter(self.people.values())))

    def transport(self, parcel: Parcel, at: datetime) -> Receipt:
        """The agencies' side of a sending: taken, unless the scenario says it fails.

        The first mail of all is refused, so that operations has a dead letter to look at.
        """
        if parcel.operation == "mail.send" and not self.mails:
            self.mails += 1
            return Receipt(Outcome.PERMANENT, None, "the mail server refused the address")
        with self.db.transaction(read_only=True) as tx:
            case_id = standing.case_of(tx, UUID(parcel.id))
        player = self.players.get(case_id) if case_id else None
        if player is not None and player.will_fail(parcel.peer):
            return Receipt(Outcome.PERMANENT, 503, "the agency is out of service")
        return Receipt(Outcome.DELIVERED, 202, "HTTP 202")


@dataclass(slots=True)
class Player:
    """One case on its way through one scenario.

    `called`: the package is only called by others; the system files it, as the ladder does.
    """

    stage: Stage
    package_id: str
    scenario: Scenario
    cast: Cast
    called: bool = False
    case_id: UUID | None = None
    _steps: list[ScenarioStep] = field(default_factory=list)
    played: int = 0

    def __post_init__(self) -> None:
        self._steps = [step for step in self.scenario.steps if not isinstance(step, Expect)]

    @property
    def is_done(self) -> bool:
        return self.case_id is not None and not self._steps

    @property
    def next_step(self) -> ScenarioStep | None:
        return self._steps[0] if self._steps else None

    def take_over(self, case_id: UUID) -> None:
        """Play on a case that something else has filed, such as one of a list's."""
        self.case_id = case_id
        self.stage.players[case_id] = self

    def go_on_with(self, steps: Sequence[ScenarioStep]) -> None:
        """Play these steps next, and then no more."""
        self._steps = [step for step in steps if not isinstance(step, Expect)]

    def will_fail(self, agency: str) -> bool:
        """Whether the next step about this agency says that it fails."""
        told = (step for step in self._steps if isinstance(step, AgencyAnswer))
        coming = next((step for step in told if step.agency == agency), None)
        return coming is not None and coming.failure is not None

    def play(self, now: datetime) -> None:
        """File the case, or play its next step. Raises `Stuck` and what the verbs refuse."""
        with self.stage.db.transaction() as tx:
            if self.case_id is None:
                self._file(tx, now)
                return
            step = self._steps[0]
            self._play(tx, step, now)
            self._steps.pop(0)
            self.played += 1

    def clock_due(self, step: ClockReaches) -> datetime | None:
        """When the case's clock comes to the point (aware UTC); None if it is not running."""
        with self.stage.db.transaction(read_only=True) as tx:
            return standing.clock_due(tx, self._case(), step.name, step.point)

    def _file(self, tx: Connection, now: datetime) -> None:
        filing, actor = self.scenario.file, self.stage.actor(self.scenario.file.by)
        values, data = self.cast.dress(filing.values), self.cast.dress(filing.data)
        if self.called:
            # No form stands before it, so its values are what a caller hands over.
            command = cases.FileCase(self.package_id, "rung", values, data)
            actor = system(actor.office_id)
        else:
            plain, wish = (_plain(values), _plain(data)), wish_of(self.package_id)
            command = cases.FileCase(self.package_id, filing.channel, *plain, wish=wish)
        self.case_id = cases.file(tx, command, actor, now).id
        self.stage.players[self.case_id] = self

    def _play(self, tx: Connection, step: ScenarioStep, now: datetime) -> None:
        case_id = self._case()
        match step:
            case Complete():
                self._complete(tx, step, now)
            case AgencyAnswer():
                self._answer(tx, step, now)
            case Arrive():
                values = _plain(self.cast.dress(step.values))
                actor = self.stage.actor(None)
                messages.send_to_case(tx, case_id, step.name, values, actor, now)
            case Attach():
                self._attach(tx, step, now)
            case Withdraw():
                cases.withdraw(tx, case_id, step.reason, self.stage.actor(None), now)
            case Retry():
                incident = self._incident(tx, step.element)
                values = _plain(self.cast.dress(step.values))
                incidents.retry(tx, incident, values, self.stage.actor(None), now)
            case Pass() | ClockReaches() | Expect():
                pass  # time is the stage's business
            case _:
                raise Stuck(f"a step of kind {type(step).__name__} cannot be played")

    def _complete(self, tx: Connection, step: Complete, now: datetime) -> None:
        actor = self.stage.actor(step.by)
        task = self._task(tx, step)
        if task.status == "unclaimed":
            user_tasks.claim(tx, task.id, actor, now)
        values = _plain(self.cast.dress(step.values))
        outcome = values.pop("outcome", None)
        completion = user_tasks.Completion(values, _plain(self.cast.dress(step.data)), outcome)
        user_tasks.complete(tx, task.id, completion, actor, now)

    def _task(self, tx: Connection, step: Complete) -> Any:
        found = standing.open_tasks(tx, self._case(), step.element)
        if len(found) < step.item:
            raise Stuck(f"{self.package_id}: there is no open task {step.element}")
        return found[step.item - 1]

    def _answer(self, tx: Connection, step: AgencyAnswer, now: datetime) -> None:
        if step.failure is not None or step.operation.startswith("list."):
            return  # the transport let it fail; lists are read and counted, not told
        waiting = [
            row for row in standing.unanswered(tx, self._case()) if step.agency in (None, row.peer)
        ]
        if not waiting:
            raise Stuck(f"{self.package_id}: nothing waits for {step.agency or 'any agency'}")
        chosen = waiting if step.all_status is not None else waiting[:1]
        for row in chosen:
            answer = {"status": step.all_status, **_plain(step.answer)}
            answer["status"] = step.answer.get("status") or step.all_status or "confirmed"
            self._confirm(tx, row, answer, now)

    def _attach(self, tx: Connection, step: Attach, now: datetime) -> None:
        rows = [self.cast.dress({"row": row})["row"] for row in step.rows]
        table = io.StringIO()
        csv.writer(table).writerows(rows)
        content = io.BytesIO(table.getvalue().encode())
        prepared = attachments.prepare(step.name, content, attachments.Rules())
        actor = self.stage.actor(step.by)
        attachments.add(tx, self._case(), prepared, attachments.Place(), actor, now)

    def _confirm(self, tx: Connection, row: Any, answer: dict[str, Any], now: datetime) -> None:
        body = orjson.dumps({"id": str(row.id), "reference": f"R-{str(row.id)[:6]}", **answer})
        real = SystemClock().now()  # a signature lives by the real clock
        call = confirmations.Call(row.peer, sign(self.stage.endpoint.secret, body, real), body)
        confirmations.accept(tx, self.stage.endpoint, call, now, real)

    def _incident(self, tx: Connection, element: str | None) -> UUID:
        found = standing.open_incident(tx, self._case(), element)
        if found is None:
            raise Stuck(f"{self.package_id}: there is no open incident")
        return found

    def _case(self) -> UUID:
        if self.case_id is None:
            raise Stuck("the case is not filed yet")
        return self.case_id

    def status(self, tx: Connection) -> str | None:
        """The status of the case."""
        return standing.status(tx, self._case())


def span_end(step: Pass, now: datetime, moved: timedelta = timedelta()) -> datetime:
    """When the time that a step lets pass is over, in a scenario that was `moved` by some days."""
    if step.until is not None:
        return max(step.until + moved, now)
    return now if step.span is None else _after(step.span, now)


def _after(span: Duration, now: datetime) -> datetime:
    # A month of a rehearsal is thirty days: nothing of law hangs on how long we wait here.
    return now + span.time + timedelta(days=30 * span.months)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as a form would bring them: dates as ISO text."""
    return {name: _plain_value(value) for name, value in values.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _plain(value)
    if isinstance(value, (list, tuple)):
        return [_plain_value(item) for item in value]
    if isinstance(value, datetime) or hasattr(value, "isoformat"):
        return value.isoformat()
    return value
