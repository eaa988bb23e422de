"""Scenarios of every package hold on the real engine: on SQLite those that together come to every
element, on PostgreSQL, of every second package, the one that comes to most of them; all of all on
both with `HUZHENG_ALL_SCENARIOS`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.actors import Actor
from engine.bpmn.interpreter import load_state, variables
from engine.bpmn.scenario_document import Complete, Pass, Scenario, parse_scenario
from engine.yaml_reading import load_yaml
from store.database import open_database
from store.tables import cases
from tests.processes.judging import sealed_history_holds
from tests.processes.library import LIBRARY, outcome_of, scenario_files
from tests.processes.theatre import ENDPOINT, Performance, open_office
from tests.support import databases
from tests.support.wiring import wired
from web.demo_office.player import Stage

ALL = bool(os.environ.get("HUZHENG_ALL_SCENARIOS"))
MOST_ON_POSTGRESQL = None if ALL else 1
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
    performance = performed(on, package_id, file)
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


def test_a_list_becomes_checks_that_are_counted_and_reported(
    sqlite_office: Office, tmp_path: Path
) -> None:
    """P40 imports its list, one row's check (P40P) files a move (P08), the count knows of it."""
    furnished = Path(sqlite_office.url.removeprefix("sqlite:///"))
    for on in stage(databases.sqlite_copy(furnished, tmp_path), sqlite_office):
        check = performed(on, "P40", "field/population-check/scenarios/happy.yaml")
        first_count = next(
            n for n, step in enumerate(check.scenario.steps) if isinstance(step, Pass)
        )
        summary = first_place(check.scenario, "write_summary")
        rest = (check.scenario.steps[first_count], *check.scenario.steps[summary:])
        check.go(check.scenario.steps[:first_count])

        persons = cases_of(on, "P40P")
        open_ones = [each for each in persons if each.status == "active"]
        moved = performed(on, "P40P", "field/population-check-person/scenarios/moved.yaml")
        moved.take_over(open_ones[0].id, check.now)
        moved.go(moved.scenario.steps)
        check.go(rest)

        assert [each.subject_label for each in persons] == ["王○範", "李○範"]
        assert [each.parent_case_id for each in cases_of(on, "P08")] == [open_ones[0].id]
        told = variables(load_state(cases_of(on, "P40")[0].state))
        assert (int(told["filed"]), int(told["open"])) == (2, 0)
        assert {each["outcome"]: int(each["count"]) for each in told["outcomes"]} == {
            "moved": 1,
            "not_listed": 1,
        }
        assert [check.failures, moved.failures] == [[], []]


def cases_of(on: Stage, package_id: str) -> list[Any]:
    with on.db.transaction(read_only=True) as tx:
        of_package = cases.c.package_id == package_id
        return list(tx.execute(select(cases).where(of_package).order_by(cases.c.number)))


def performed(on: Stage, package_id: str, file: str) -> Performance:
    document = load_yaml((LIBRARY.root / file).read_text(encoding="utf-8"))
    return Performance(on, package_id, parse_scenario(document))


def first_place(scenario: Scenario, element: str) -> int:
    """Where the first step is that completes the element."""
    return next(
        n
        for n, step in enumerate(scenario.steps)
        if isinstance(step, Complete) and step.element == element
    )


@pytest.mark.slow
@pytest.mark.parametrize("package_id", PACKAGES if ALL else PACKAGES[::2])
def test_the_scenario_that_comes_to_most_elements_holds_on_postgresql(
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
