"""Set-up before the servers start, by the engine's verbs: an office, its people, the packages.

Runs as a process of its own, so that nothing of the engine is loaded or wired in the process that
tests. Prints the accounts as JSON.
"""

from __future__ import annotations

import json
import secrets
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import click

import app
from engine import cases, deployments, people
from engine.actors import Actor, system
from engine.clock import SystemClock, legal_day
from engine.installation import Settings
from engine.packages import load_library
from engine.people import NewAccount, NewOffice, NewPerson
from sla import calendars, clocks
from sla.clock_rows import named

LIBRARY = Path(__file__).with_name("library")
CLIMBING = Path(__file__).with_name("climbing")
SHIPPED = Path(__file__).resolve().parents[2] / "bpmn"
OFFICE = "chaos"
THREE_WEEKS = timedelta(weeks=3)  # then every rung of a limit of three working days is due
STREAM_DATA = {"applicant": {"name": "陳測試"}, "event_on": "2026-03-02"}
ALARM = cases.FileCase("ALARM", "counter", {"reference": "r"})
STREAM = cases.FileCase("STREAM", "counter", {"reference": "r"}, STREAM_DATA)
CLIMB = cases.FileCase("CLIMB", "counter", {"reference": "r"})


@click.command()
@click.option("--clerks", default=6)
@click.option("--reviewers", default=3)
@click.option("--alarms", default=0, help="File so many cases that wait for a timer of a second.")
@click.option("--streams", default=0, help="File so many cases of the stream.")
@click.option(
    "--climbers", default=0, help="File so many cases three weeks ago, under L01 and C13."
)
@click.option("--resting", default=0, help="And so many whose limit has stood still since then.")
def main(
    *, clerks: int, reviewers: int, alarms: int, streams: int, climbers: int, resting: int
) -> None:
    """Make the office in the database of the environment."""
    settings = Settings.read()
    parts = app.open_parts(settings)
    now = SystemClock().now()
    with parts.db.transaction() as tx:
        founder = system(OFFICE)
        people.create_office(tx, NewOffice(OFFICE, "CHAOS", "測試所", "Chaos", "—"), founder, now)
        calendars.seed_national_days(tx, OFFICE, now.year - 1, now.year + 1, now)
    for root in (LIBRARY, *([_with_ladders(settings)] if climbers else [])):
        _deploy(parts, root, now)
    staff = [_person(parts, "counter", number, now) for number in range(clerks)]
    staff += [_person(parts, "reviewer", number, now) for number in range(reviewers)]
    staff += [_person(parts, group, 0, now) for group in ("chief", "secretary", "director")]
    clerk = Actor(UUID(staff[0]["person"]), None, OFFICE, frozenset({"counter"}), "")
    for command in (*[ALARM] * alarms, *[STREAM] * streams):
        with parts.db.transaction() as tx:
            cases.file(tx, command, clerk, SystemClock().now())
    for number in range(climbers + resting):
        _file_long_ago(parts, clerk, now - THREE_WEEKS, rests=number >= climbers)
    parts.db.close()
    click.echo(json.dumps(staff))


def _deploy(parts: app.Parts, root: Path, now: datetime) -> None:
    """Deploy every package of a library; what is long is done before the transaction of each."""
    library = load_library(root)
    for package_id in library.packages:
        deployments.prepare(library, package_id)
        with parts.db.transaction() as tx:
            deployments.deploy(tx, library, package_id, system(OFFICE), now)


def _with_ladders(settings: Settings) -> Path:
    """A library of the climbing process with the ladder and the chase that the product ships."""
    root = settings.secrets_folder.parent / "climbing"
    shutil.copytree(CLIMBING, root)
    for name in ("ladders/office-limit", "shared/overdue-chase"):
        shutil.copytree(SHIPPED / name, root / name)
    return root


def _file_long_ago(parts: app.Parts, clerk: Actor, then: datetime, *, rests: bool) -> None:
    with parts.db.transaction() as tx:
        filed = cases.file(tx, CLIMB, clerk, then)
    if rests:
        with parts.db.transaction() as tx:
            clock = named(tx, filed.id, "processing")
            clocks.pause(tx, clock, "correction", legal_day(then), system(OFFICE), then)


def _person(parts: app.Parts, group: str, number: int, now: datetime) -> dict[str, str]:
    by = system(OFFICE)
    new = NewPerson(OFFICE, f"{group.capitalize()} {number}", fictional=True)
    login, password = f"{group}.{number}", f"Aa1-{secrets.token_urlsafe(18)}"
    with parts.db.transaction() as tx:
        person_id = people.create_person(tx, new, by, now)
        people.join(tx, person_id, group, by, now)
        account = NewAccount(person_id, login, password, must_change_password=False)
        people.create_account(tx, account, by, now)
    return {"login": login, "password": password, "group": group, "person": str(person_id)}
