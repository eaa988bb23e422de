"""A list of persons that was handed in, and a process that only works through it.

`begin` makes the case and its file. `work` reads and files; it ends by itself when nothing is left,
or dies where the environment's FAILPOINT says.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import click
from sqlalchemy import select

import app
from engine import attachments, cases, deployments, list_work, people
from engine.actors import Actor, system
from engine.attachments import Place, Rules
from engine.clock import SystemClock
from engine.installation import Settings
from engine.packages import load_library
from engine.people import NewPerson
from engine.user_tasks import Completion, claim, complete
from store import tables
from store.database import Database
from tests.chaos.office import OFFICE
from tests.support import listing

BAD = "王小明,A123456788,\n"


@click.group()
def main() -> None:
    """Begin, or work."""


@main.command()
@click.argument("rows", type=int)
def begin(rows: int) -> None:
    """Hand in a list of so many good rows and a bad one."""
    parts = app.open_parts(Settings.read())
    clerk, now = _clerk(parts.db), SystemClock().now()
    good = "".join(f"王小明,{number},\n" for number in listing.people(rows))
    table = (listing.HEADING + BAD + good).encode()
    prepared = attachments.prepare("list.csv", io.BytesIO(table), Rules())
    with tempfile.TemporaryDirectory() as folder, parts.db.transaction() as tx:
        listing.write_packages(Path(folder))
        for package_id in ("EACH", "LISTED"):
            library = load_library(Path(folder))
            deployments.deploy(tx, library, package_id, system(OFFICE), now)
        case = cases.file(tx, cases.FileCase("LISTED", "counter"), clerk, now)
        attachments.add(tx, case.id, prepared, Place(), clerk, now)
        tasks = tables.user_tasks
        task_id = tx.scalars(select(tasks.c.id).where(tasks.c.case_id == case.id)).one()
        claim(tx, task_id, clerk, now)
        complete(tx, task_id, Completion({}, {}, None), clerk, now)
    parts.db.close()


@main.command()
def work() -> None:
    """Read the list, and file one batch after the other."""
    parts = app.open_parts(Settings.read())
    while list_work.advance_next(parts.db, SystemClock().now()):
        pass
    parts.db.close()


def _clerk(db: Database) -> Actor:
    now, by, name = SystemClock().now(), system(OFFICE), "Clerk with a list"
    with db.transaction() as tx:
        person_id = people.create_person(tx, NewPerson(OFFICE, name, fictional=True), by, now)
        people.join(tx, person_id, "counter", by, now)
    return Actor(person_id, None, OFFICE, frozenset({"counter"}), name)
