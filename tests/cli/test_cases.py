"""`huzheng cases migrate`: a plan in a file, tried, then carried out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from engine import cases, deployments
from engine.actors import Actor, system
from engine.cases import FileCase, Filed
from engine.packages import load_library
from store import tables
from store.database import Database, open_database
from tests.cli.conftest import Huzheng
from tests.support.clock import GivenClock
from tests.support.factories import OFFICE, an_office, an_officer
from tests.support.packages import REVIEW, user_task, write_package

NOW = GivenClock().now()


@pytest.fixture
def db(huzheng: Huzheng, place: Path) -> Any:
    assert huzheng("db", "init").exit_code == 0
    opened = open_database(f"sqlite:///{place / 'var' / 'huzheng.db'}")
    yield opened
    opened.close()


@pytest.fixture
def clerk(db: Database, huzheng: Huzheng) -> Actor:
    huzheng("audit", "verify")  # opens the parts, and with them the keys
    with db.transaction() as tx:
        an_office(tx)
        return an_officer(tx, "counter Lin", ("counter",))


def deploy(db: Database, place: Path, xml: bytes) -> None:
    write_package(place / "packages", "REVIEW", xml)
    with db.transaction() as tx:
        deployments.deploy(tx, load_library(place / "packages"), "REVIEW", system(OFFICE), NOW)


def file(db: Database, clerk: Actor) -> Filed:
    with db.transaction() as tx:
        return cases.file(tx, FileCase("REVIEW", "counter", {}, {}), clerk, NOW)


def plan(place: Path, **more: Any) -> str:
    written = {"office": OFFICE, "package": "REVIEW", "from": 1, "to": 2, "reason": "law", **more}
    path = place / "plan.yaml"
    path.write_text(yaml.safe_dump(written), "utf-8")
    return str(path)


def version_of(db: Database, case: Filed) -> int:
    with db.transaction(read_only=True) as tx:
        found: int = tx.scalar(
            select(tables.definitions.c.version)
            .join(tables.cases, tables.cases.c.definition_id == tables.definitions.c.id)
            .where(tables.cases.c.id == case.id)
        )
    return found


def test_cases_are_tried_and_then_moved(
    db: Database, clerk: Actor, huzheng: Huzheng, place: Path
) -> None:
    deploy(db, place, REVIEW)
    case = file(db, clerk)
    deploy(db, place, REVIEW.replace(b"Task review", b"Review anew"))

    tried = huzheng("cases", "migrate", "--plan", plan(place), "--dry-run")
    assert (tried.exit_code, "1 can" in tried.stdout) == (0, True)
    assert version_of(db, case) == 1

    moved = huzheng("cases", "migrate", "--plan", plan(place), "--apply", "--json")
    document = json.loads(moved.stdout)
    assert (moved.exit_code, document["counts"], document["dry_run"]) == (0, {"moved": 1}, False)
    assert document["cases"][0]["number"] == case.number
    assert version_of(db, case) == 2

    again = huzheng("cases", "migrate", "--plan", plan(place), "--apply")
    assert "none runs on that version" in again.stdout


def test_what_cannot_be_moved_is_told_and_named_elements_help(
    db: Database, clerk: Actor, huzheng: Huzheng, place: Path
) -> None:
    deploy(db, place, REVIEW)
    case = file(db, clerk)
    old = user_task("record", "counter", duty="record").encode()
    new = user_task("enter", "counter", duty="record").encode()
    flows = REVIEW.replace(old, new).replace(b'Ref="record"', b'Ref="enter"')
    deploy(db, place, flows)

    tried = huzheng("cases", "migrate", "--plan", plan(place), "--dry-run", "--json")
    (line,) = json.loads(tried.stdout)["cases"]
    assert (tried.exit_code, line["result"]) == (1, "cannot")
    assert (line["remarks"][0]["code"], line["remarks"][0]["element"]) == ("element.gone", "record")

    named = {"REVIEW": {"elements": {"record": "enter"}}}
    moved = huzheng("cases", "migrate", "--plan", plan(place, processes=named), "--apply")
    assert moved.exit_code == 0
    assert version_of(db, case) == 2


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"colour": "red"}, "no key colour"),
        ({"to": 7}, "Expected version 7"),
        ({"reason": " "}, "Expected a reason"),
        ({"processes": {"REVIEW": {"elements": {"no": "record"}}}}, "The plan names no"),
    ],
)
def test_a_wrong_plan_is_refused_with_a_sentence(
    db: Database,
    clerk: Actor,
    huzheng: Huzheng,
    place: Path,
    changes: dict[str, Any],
    told: str,
) -> None:
    deploy(db, place, REVIEW)
    deploy(db, place, REVIEW.replace(b"Task review", b"Review anew"))

    refused = huzheng("cases", "migrate", "--plan", plan(place, **changes), "--dry-run")

    assert refused.exit_code == 1
    assert told in refused.stderr
