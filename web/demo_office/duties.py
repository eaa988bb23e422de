"""The calendar duties of the demo office: begun every morning as the worker would, and done.

The office works by the table for some weeks only: who looks at it should find a control table
with something in every state, and not a past that took longer to play than to read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, TypeAlias

from sqlalchemy import select

from engine.bpmn.scenario_document import ClockReaches, Complete, Filing, Scenario, ScenarioStep
from engine.clock import legal_day
from engine.packages import Library
from sla import duties, duty_table
from sla.duty_table import PACKAGE, Duty
from sla.scenarios import scenarios_of
from sla.working_time import instant
from store.tables import duty_periods
from web.demo_office.citizens import Cast
from web.demo_office.player import Player, Stage

__all__ = ["PACKAGE", "SINCE", "Morning", "Told", "begin_day", "mornings", "told"]

SINCE = timedelta(weeks=4)
LOOKED_AT = time(8)
LATE_SHARE = 0.1
EMPTY_SHARE = 0.85  # of the days on which nothing arrives
DOES = {
    "registration": ("do_registration", "counter.gao"),
    "data": ("do_data", "records.huang"),
    "administration": ("do_administration", "secretary.tsai"),
}


Told: TypeAlias = Mapping[str, Sequence[Scenario]]
"""The scenarios of the packages whose duties have steps of their own."""


@dataclass(frozen=True, slots=True)
class Morning:
    """The moment of a day when the worker looks what the calendar asks for."""


def mornings(since: datetime, until: datetime) -> Iterator[datetime]:
    """Every morning from `since` to `until`, rest days too."""
    day, last = legal_day(since), legal_day(until)
    while day <= last:
        at = instant(day, LOOKED_AT)
        if at <= until:
            yield at
        day += timedelta(days=1)


def told(library: Library) -> Told:
    """What people do of each duty that has a package of its own, in time."""
    packages = {each.package for each in duty_table.released().values()} - {PACKAGE}
    packages &= set(library.packages)
    found = {each: [said for _, said in scenarios_of(library, each)] for each in packages}
    return {each: [said for said in all_ if _in_time(said)] for each, all_ in found.items()}


def begin_day(
    stage: Stage, told: Told, at: datetime, random: Random
) -> Iterator[tuple[datetime, Player]]:
    """Begin what is owed; who then does each turn, and from when."""
    duties.begin_owed(stage.db, at)
    with stage.db.transaction(read_only=True) as tx:
        begun = tx.execute(
            select(duty_periods)
            .where(duty_periods.c.started_at == at)
            .order_by(duty_periods.c.duty, duty_periods.c.period)
        ).all()
        offices = {row.office_id for row in begun}
        rows = {(each, duty.id): duty for each in offices for duty in duty_table.table(tx, each)}
    for row in begun:
        duty = rows[row.office_id, row.duty]
        is_late = duty.package not in told and random.random() < LATE_SHARE
        scenario = Scenario({}, at, Filing(), tuple(_steps(duty, row, random, is_late=is_late)))
        if duty.package in told:
            scenario = _played(told[duty.package], duty, random)
        cast = Cast(random, (legal_day(at) - legal_day(scenario.at)).days)
        player = Player(stage, duty.package, scenario, cast, case_id=row.case_id)
        yield _works(at, row.due_on, random, is_late=is_late), player


def _works(at: datetime, due_on: date, random: Random, *, is_late: bool) -> datetime:
    """When somebody takes the duty up: in its days, or on the morning after the last of them."""
    minutes = timedelta(minutes=random.randint(30, 400))
    if is_late:
        return instant(due_on + timedelta(days=1), LOOKED_AT) + minutes
    return at + timedelta(days=random.randint(0, max((due_on - legal_day(at)).days, 0))) + minutes


def _played(choices: Sequence[Scenario], duty: Duty, random: Random) -> Scenario:
    """Any of them; of a daily duty mostly the shortest, a day on which nothing arrived."""
    if duty.rhythm.every == "working_day" and random.random() < EMPTY_SHARE:
        return min(choices, key=lambda each: len(each.steps))
    return random.choice(choices)


def _in_time(scenario: Scenario) -> bool:
    return not any(isinstance(step, ClockReaches) for step in scenario.steps)


def _steps(duty: Duty, turn: Any, random: Random, *, is_late: bool) -> Iterator[ScenarioStep]:
    element, login = DOES[duty.section]
    if is_late:
        reason = {
            "off_plan_reason": "承辦同仁支援櫃檯",
            "off_plan_action": "調整人力，次週補辦",
            "new_date": (turn.due_on + timedelta(days=5)).isoformat(),
        }
        yield Complete("explain", reason, by="records.huang")
    if duty.rhythm.every == "working_day" and random.random() < EMPTY_SHARE:
        yield Complete(element, {"outcome": "nothing"}, by=login)
        return
    done = {"outcome": "done", "count": random.randint(1, 20), "proof": "已辦理，資料存卷"}
    yield Complete(element, done, by=login)
    if duty.approval in ("chief", "both"):
        yield Complete("approve_chief", {"outcome": "approve"}, by="chief.wang")
    if duty.approval in ("director", "both"):
        yield Complete("approve_director", {"outcome": "approve"}, by="director.wu")
    on = {"sent_on": turn.due_on.isoformat(), "sent_reference": "電子公文交換"}
    if duty.report_to:
        yield Complete("send_report", on, by="reviewer.xu")
    if duty.publish:
        yield Complete("publish_it", {"published_on": turn.due_on.isoformat()}, by="reviewer.xu")
