"""Seeding: some weeks of the demo office, played from its opening to this morning.

One plan of (time, player) is worked through in order; before each deed, everything that time has
made due by then is done by the beats' own functions. So the past looks as it would have looked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

import structlog
from sqlalchemy import Connection, func, select, update

from agencies.transports import Endpoint
from engine import deployments
from engine.actors import system
from engine.clock import SystemClock
from engine.packages import Library, load_library
from sla import escalation
from store.database import Database
from store.tables import cases, installation, offices
from web.demo_office.mix import Mix
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
        plan.fill(list(Mix(library, played).each_in_turn()), wanted, morning)
        plan.keep_duties(told, morning - duties.SINCE, morning)

    def heard(_at: datetime, filed: int) -> None:
        if filed and filed % 25 == 0:
            say(f"Demo office: {filed} of {wanted} cases filed")

    plan.work(morning, heard)
    add_touches(plan.stage, random, morning)
    plan.seal(morning)
    with db.transaction() as tx:
        set_clock(tx, morning)
        made = tx.scalar(select(func.count()).select_from(cases))
    say(f"Demo office: {made} cases, and it is {morning:%Y-%m-%d} in the morning")


def prepare_all(library: Library) -> None:
    """Read and lint every package: longer than a transaction may last, so before `deploy_all`."""
    for package_id in sorted(library.packages):
        deployments.prepare(library, package_id)


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


def set_clock(tx: Connection, morning: datetime) -> None:
    """Put the hand of the demo clock."""
    values: Mapping[str, Any] = {"demo_now": morning, "demo_set_at": SystemClock().now()}
    tx.execute(update(installation).where(installation.c.id == 1).values(**values))
