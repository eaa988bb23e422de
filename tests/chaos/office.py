"""Set-up before the servers start, by the engine's verbs: an office, its people, the packages.

Runs as a process of its own, so that nothing of the engine is loaded or wired in the process that
tests. Prints the accounts as JSON.
"""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from pathlib import Path
from uuid import UUID

import click
from sqlalchemy import Connection

import app
from engine import cases, deployments, people
from engine.actors import Actor, system
from engine.clock import SystemClock
from engine.installation import Settings
from engine.packages import load_library
from engine.people import NewAccount, NewOffice, NewPerson
from sla import calendars

LIBRARY = Path(__file__).with_name("library")
OFFICE = "chaos"
STREAM_DATA = {"applicant": {"name": "陳測試"}, "event_on": "2026-03-02"}


@click.command()
@click.option("--clerks", default=6)
@click.option("--reviewers", default=3)
@click.option("--alarms", default=0, help="File so many cases that wait for a timer of a second.")
@click.option("--streams", default=0, help="File so many cases of the stream.")
def main(*, clerks: int, reviewers: int, alarms: int, streams: int) -> None:
    """Make the office in the database of the environment."""
    parts = app.open_parts(Settings.read())
    now = SystemClock().now()
    with parts.db.transaction() as tx:
        founder = system(OFFICE)
        people.create_office(tx, NewOffice(OFFICE, "CHAOS", "測試所", "Chaos", "—"), founder, now)
        calendars.seed_national_days(tx, OFFICE, now.year - 1, now.year + 1, now)
        library = load_library(LIBRARY)
        for package_id in library.packages:
            deployments.deploy(tx, library, package_id, founder, now)
        staff = [_person(tx, "counter", number, now) for number in range(clerks)]
        staff += [_person(tx, "reviewer", number, now) for number in range(reviewers)]
        for group in ("chief", "director"):
            staff.append(_person(tx, group, 0, now))
    clerk = Actor(UUID(staff[0]["person"]), None, OFFICE, frozenset({"counter"}), "")
    wanted = [cases.FileCase("ALARM", "counter", {"reference": "r"})] * alarms
    wanted += [cases.FileCase("STREAM", "counter", {"reference": "r"}, STREAM_DATA)] * streams
    for command in wanted:
        with parts.db.transaction() as tx:
            cases.file(tx, command, clerk, SystemClock().now())
    parts.db.close()
    click.echo(json.dumps(staff))


def _person(tx: Connection, group: str, number: int, now: datetime) -> dict[str, str]:
    by = system(OFFICE)
    new = NewPerson(OFFICE, f"{group.capitalize()} {number}", fictional=True)
    person_id = people.create_person(tx, new, by, now)
    people.join(tx, person_id, group, by, now)
    login, password = f"{group}.{number}", f"Aa1-{secrets.token_urlsafe(18)}"
    account = NewAccount(person_id, login, password, must_change_password=False)
    people.create_account(tx, account, by, now)
    return {"login": login, "password": password, "group": group, "person": str(person_id)}
