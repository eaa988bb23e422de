"""A plan to move the cases of the stream, and a process that only works through it.

`plan` deploys a version in which the first step has another id, judges and approves the plan.
`work` moves; it ends by itself when nothing is left, or dies where the environment's FAILPOINT
says.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from uuid import UUID

import click
from sqlalchemy import select

import app
from engine import deployments, migrations, migrations_work, people
from engine.actors import Actor, system
from engine.clock import SystemClock
from engine.installation import Settings
from engine.migrations import Asked
from engine.packages import load_library
from engine.people import NewPerson
from store import tables
from store.database import Database
from tests.chaos.office import LIBRARY, OFFICE

FORMER, BECOMES = "intake", "reception"
_NAMED = {"processes": {"STREAM": {"elements": {FORMER: BECOMES}}}}


@click.group()
def main() -> None:
    """Plan, or work."""


@main.command()
def plan() -> None:
    """Deploy the second version, and have the cases of the first judged and let move."""
    parts = app.open_parts(Settings.read())
    plan_id = _propose(parts.db)
    _work(parts.db)
    chief = _person(parts.db, "chief")
    with parts.db.transaction() as tx:
        migrations.approve(tx, plan_id, "", chief, SystemClock().now())
    parts.db.close()


@main.command()
def work() -> None:
    """Move one case after the other."""
    parts = app.open_parts(Settings.read())
    _work(parts.db)
    parts.db.close()


def _work(db: Database) -> None:
    while migrations_work.advance_next(db, SystemClock().now()):
        pass


def _propose(db: Database) -> UUID:
    now = SystemClock().now()
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "library"
        shutil.copytree(LIBRARY, library)
        file = library / "stream" / "stream.bpmn"
        file.write_text(file.read_text("utf-8").replace(f'"{FORMER}"', f'"{BECOMES}"'), "utf-8")
        with db.transaction() as tx:
            active = select(tables.definitions.c.id).where(
                tables.definitions.c.package_id == "STREAM", tables.definitions.c.state == "active"
            )
            former = tx.scalars(active).one()
            packages = load_library(library)
            deployed = deployments.deploy(tx, packages, "STREAM", system(OFFICE), now)
    analyst = _person(db, "analyst")
    with db.transaction() as tx:
        asked = Asked(former, deployed.definition_id, "另訂收件步驟", _NAMED)
        return migrations.propose(tx, asked, analyst, now)


def _person(db: Database, group: str) -> Actor:
    """Somebody new of this group."""
    now, by = SystemClock().now(), system(OFFICE)
    name = f"Mover of group {group}"
    with db.transaction() as tx:
        person_id = people.create_person(tx, NewPerson(OFFICE, name, fictional=True), by, now)
        people.join(tx, person_id, group, by, now)
    return Actor(person_id, None, OFFICE, frozenset({group}), name)
