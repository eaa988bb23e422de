"""The office of a year is founded, in a database of its own, and lives through the month before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import event, select, update

from agencies.transports import Endpoint
from engine import ids
from engine.actors import Actor
from sla import escalation
from store import tables
from store.database import Database, open_database
from web.demo_office.dealing import Year
from web.demo_office.duties import PACKAGE as DUTY
from web.demo_office.mix import Mix
from web.demo_office.office import OFFICE, found_office
from web.demo_office.plan import Plan, Stage
from web.demo_office.seed import OUTAGE, deploy_all, prepare_all


@dataclass(frozen=True, slots=True)
class World:
    """What the cases are lived with: who acts, where they are founded, the agencies' secret, and
    whom the ladder tells."""

    year: Year
    people: Mapping[str, Actor]
    endpoint: Endpoint
    ways: escalation.Ways


def found(file: Path, year: Year, endpoint: Endpoint, ways: escalation.Ways) -> World:
    """Make the office in a new database, and let it live through the month before the year."""
    db = open_copy(file)
    try:
        db.upgrade()
        prepare_all(year.library)
        with db.transaction() as tx, ids.drawn_from(Random(year.seed)):  # noqa: S311
            people = found_office(tx, year.opened)
            deploy_all(tx, year.library, OFFICE, year.opened, {DUTY: year.begins})
            # Nobody reads mail: whom a rung told stands in its row.
            tx.execute(update(tables.persons).values(email=None))
        world = World(year, people, endpoint, ways)
        _rehearse_outage(db, world)
    finally:
        db.close()
    return world


def _rehearse_outage(db: Database, world: World) -> None:
    """An outage stops the limits of every case of the office, so it comes while there is none."""
    year, random = world.year, Random(world.year.seed)  # noqa: S311
    if OUTAGE not in year.library.packages:
        return
    plan = Plan(Stage(db, world.people, world.endpoint, mails=1), world.ways, random)
    with ids.drawn_from(random):
        for number, (package_id, scenario) in enumerate(Mix(year.library, [OUTAGE]).each_in_turn()):
            plan.add(package_id, scenario, year.opened + timedelta(days=3 * number))
        plan.work(year.begins, lambda _at, _filed: None)
    with db.transaction(read_only=True) as tx:
        still = tx.scalars(select(tables.cases.c.number).where(tables.cases.c.status == "active"))
        if left := list(still):
            raise RuntimeError(f"Expected every outage to be over before the year: {left}")


def open_copy(file: Path) -> Database:
    """A database that is thrown away if the machine stops: nothing waits for the disk."""
    db = open_database(f"sqlite:///{file}")
    db.engine.dispose()
    event.listen(
        db.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF").fetchall()
    )
    return db
