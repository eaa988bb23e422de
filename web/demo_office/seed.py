"""Seeding: some weeks of the demo office, played from its opening to this morning.

One plan of (time, player) is worked through in order; before each deed, everything that time has
made due by then is done by the beats' own functions. So the past looks as it would have looked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

import structlog
from sqlalchemy import Connection, func, select, update

from agencies.transports import Endpoint
from engine import deployments
from engine.actors import system
from engine.bpmn.scenario_document import Scenario
from engine.clock import SystemClock
from engine.packages import Library, load_library
from sla import escalation, scenarios
from store.database import Database
from store.tables import cases, installation, offices
from web.demo_office.office import OFFICE, found_office, keep_desks
from web.demo_office.plan import Plan, Say, Stage, duties, next_morning
from web.demo_office.touches import add_touches

log = structlog.get_logger()

OUTAGE = "A2"
"""Not played into the past: it would stop the limits of every other case. A visitor may begin one.
"""


@dataclass(frozen=True, slots=True)
class Seeding:
    """What to make: the processes of a folder, about so many cases, up to a morning.

    Without a morning it is half past nine of the next working day. With no case wanted there is
    none, not even of the calendar's duties: the office then works without their table.
    """

    folder: Path
    wanted: int
    morning: datetime | None = None


def seed_demo(
    db: Database, seeding: Seeding, endpoint: Endpoint, ways: escalation.Ways, say: Say
) -> None:
    """Make the demo office and its cases; does nothing if it is there already.

    Says how far it is. Ends with the demo clock on the morning of the seeding.
    """
    with db.transaction(read_only=True) as tx:
        if tx.scalar(select(offices.c.id).where(offices.c.id == OFFICE)) is not None:
            return
    wanted = seeding.wanted
    morning = seeding.morning or next_morning(SystemClock().now())
    library = load_library(seeding.folder)
    opened = morning - timedelta(weeks=26)
    say("Demo office: people, calendar, processes …")
    prepare_all(library)
    with db.transaction() as tx:
        people = found_office(tx, opened)
        later = {duties.PACKAGE: morning - duties.SINCE if wanted else None}
        deployed = deploy_all(tx, library, OFFICE, opened, later)
        keep_desks(tx, people, deployed, opened)
    random = Random(115)  # noqa: S311 — the same office every time
    plan = Plan(Stage(db, people, endpoint), ways, random)
    told = duties.told(library)
    by_themselves = {OUTAGE, duties.PACKAGE, *told}
    played = [each for each in deployed if each not in by_themselves]
    if wanted:
        plan.fill(in_turns(library, played), wanted, morning)
        plan.keep_duties(told, morning)
    plan.work(morning, wanted, say)
    add_touches(plan.stage, random, morning)
    plan.seal(morning)
    with db.transaction() as tx:
        _set_clock(tx, morning)
        made = tx.scalar(select(func.count()).select_from(cases))
    say(f"Demo office: {made} cases, and it is {morning:%Y-%m-%d} in the morning")


def prepare_all(library: Library) -> None:
    """Read and lint every package: longer than a transaction may last, so before `deploy_all`."""
    for package_id in sorted(library.packages):
        deployments.prepare(library, package_id)


def in_turns(library: Library, package_ids: Sequence[str]) -> list[tuple[str, Scenario]]:
    """The first scenario of each package, then the second of each …: so that no package goes
    without cases, however many scenarios those before it have."""
    told = [
        [(each, said) for _, said in scenarios.scenarios_of(library, each)] for each in package_ids
    ]
    return [choice for turn in zip_longest(*told) for choice in turn if choice is not None]


def deploy_all(
    tx: Connection,
    library: Library,
    office_id: str,
    now: datetime,
    later: Mapping[str, datetime | None] = MappingProxyType({}),
) -> list[str]:
    """Deploy every package for an office at `now`, or `later` (None: not at all); returns those
    that may be filed."""
    for package_id in sorted(library.packages):
        at = later.get(package_id, now)
        if at is not None:
            deployments.deploy(tx, library, package_id, system(office_id), at, "demo")
    return [
        package_id
        for package_id, package in sorted(library.packages.items())
        if package.manifest.starts
    ]


def _set_clock(tx: Connection, morning: datetime) -> None:
    values: Mapping[str, Any] = {"demo_now": morning, "demo_set_at": SystemClock().now()}
    tx.execute(update(installation).where(installation.c.id == 1).values(**values))
