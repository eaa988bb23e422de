"""Scenarios of every package hold on the real engine: on SQLite those that together come to every
element, on PostgreSQL the two that come to most of them; all on both with `HUZHENG_ALL_SCENARIOS`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.actors import Actor
from engine.bpmn.scenario_document import parse_scenario
from engine.yaml_reading import load_yaml
from store.database import open_database
from tests.processes.judging import sealed_history_holds
from tests.processes.library import LIBRARY, outcome_of, scenario_files
from tests.processes.theatre import ENDPOINT, Performance, open_office
from tests.support import databases
from tests.support.wiring import wired
from web.demo_office.player import Stage

ALL = bool(os.environ.get("HUZHENG_ALL_SCENARIOS"))
MOST_ON_POSTGRESQL = None if ALL else 2
# A ladder never runs as a case: it is played into rungs (tests/sla/test_drawn_ladders.py).
PACKAGES = sorted(
    package.id for package in LIBRARY.packages.values() if package.manifest.kind != "ladder"
)


@dataclass(frozen=True)
class Office:
    """A database that is furnished and closed, to be copied; and who works there."""

    url: str
    people: Mapping[str, Actor]


@pytest.fixture(scope="module")
def sqlite_office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Office:
    url = databases.sqlite_copy(sqlite_template, tmp_path_factory.mktemp("office"))
    with wired():
        return Office(url, open_office(url))


@pytest.fixture(scope="module")
def postgresql_office(postgresql_server: databases.PostgreSQL) -> Iterator[Office]:
    url = postgresql_server.create()
    with wired():
        people = open_office(url)
    yield Office(url, people)
    postgresql_server.drop(url)


def stage(url: str, office: Office) -> Iterator[Stage]:
    db = open_database(url)
    with wired():
        yield Stage(db, office.people, ENDPOINT, mails=1)  # no mail is refused here
    db.close()


def play(on: Stage, package_id: str, file: str) -> Performance:
    document = load_yaml((LIBRARY.root / file).read_text(encoding="utf-8"))
    performance = Performance(on, package_id, parse_scenario(document))
    performance.play()
    return performance


@pytest.mark.parametrize("package_id", PACKAGES)
def test_scenarios_that_come_to_every_element_hold_on_sqlite(
    sqlite_office: Office, tmp_path: Path, package_id: str
) -> None:
    furnished = Path(sqlite_office.url.removeprefix("sqlite:///"))
    for file in enough_to_visit_all(package_id):
        folder = tmp_path / file.replace("/", "-")
        folder.mkdir()
        for on in stage(databases.sqlite_copy(furnished, folder), sqlite_office):
            holds(on, package_id, file)


@pytest.mark.slow
@pytest.mark.parametrize("package_id", PACKAGES)
def test_the_scenarios_that_come_to_most_elements_hold_on_postgresql(
    postgresql_office: Office, postgresql_server: databases.PostgreSQL, package_id: str
) -> None:
    for file in enough_to_visit_all(package_id)[:MOST_ON_POSTGRESQL]:
        url = postgresql_server.create(template=postgresql_office.url)
        for on in stage(url, postgresql_office):
            holds(on, package_id, file)
        postgresql_server.drop(url)


def holds(on: Stage, package_id: str, file: str) -> None:
    performance = play(on, package_id, file)
    assert performance.failures == [], file
    assert sealed_history_holds(on.db, performance.now), file


def enough_to_visit_all(package_id: str) -> list[str]:
    """Scenarios of a package that together come to all its own elements that any of them comes to;
    all of them where `HUZHENG_ALL_SCENARIOS` is set."""
    files = [file for of, file in scenario_files() if of == package_id]
    if ALL:
        return files
    process = LIBRARY.package(package_id).manifest.process
    comes_to = {
        file: {place for place in outcome_of(package_id, file).visited if place[0] == process}
        for file in files
    }
    chosen: list[str] = []
    missing = set().union(*comes_to.values())
    while missing:
        most = max(files, key=lambda file: len(comes_to[file] & missing))
        chosen.append(most)
        missing -= comes_to[most]
    return chosen
