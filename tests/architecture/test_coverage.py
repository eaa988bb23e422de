"""docs/coverage.md says of every row that offices ask for whether it works; it is held to that."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.architecture.checkout import ROOT

COVERAGE = ROOT / "docs" / "coverage.md"
STATUSES = ("works", "open", "out of scope")
PROCESS = re.compile(r"\b[PC]\d\d\b|\bA[1-4]\b")
PATH = re.compile(r"`((?:tests|bpmn)/[^`\s]+)`")
TABLE = re.compile(r"`([\w-]+\.dmn)`")
WAITS = re.compile(r"waits? for ((?:[PCA]\d+(?:, | and )?)+)")
SERIES = (("C", 1, 14), ("P", 1, 16), ("P", 20, 30), ("P", 40, 43), ("P", 50, 53), ("P", 60, 76))
PLANNED = {"A1", "A2", "A3", "A4"} | {
    f"{letter}{number:02}" for letter, first, last in SERIES for number in range(first, last + 1)
}


@dataclass(frozen=True)
class Row:
    id: str
    status: str
    feature: str
    reason: str


@cache
def rows() -> tuple[Row, ...]:
    lines = COVERAGE.read_text(encoding="utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| S")]
    return tuple(Row(*row) for row in cells)


def those(status: str) -> list[Row]:
    return [row for row in rows() if row.status == status]


@cache
def packages() -> dict[str, tuple[str, ...]]:
    """The channels on which each package of the library is filed, by its id."""
    found = {}
    for manifest in (ROOT / "bpmn").glob("*/*/package.yaml"):
        told = yaml.safe_load(manifest.read_text(encoding="utf-8"))
        found[told["id"]] = tuple(told.get("starts") or ())
    return found


@cache
def functions_of(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def is_there(named: str) -> bool:
    """A scenario or a test that the document names exists; a bare test file is not enough."""
    name, _, test = named.partition("::")
    path = ROOT / name
    if name.startswith("bpmn/"):
        return path.is_file() and path.parent.name == "scenarios" and path.suffix == ".yaml"
    return path.is_file() and test.startswith("test_") and test in functions_of(path)


def test_every_row_stands_there_once_and_in_order() -> None:
    assert [row.id for row in rows()] == [f"S{number:03}" for number in range(1, 341)]


def test_every_status_is_one_of_three_and_has_its_reason() -> None:
    assert {row.status for row in rows()} <= set(STATUSES)
    assert [row.id for row in rows() if not row.reason or not row.feature] == []


def test_what_works_names_its_test() -> None:
    assert [row.id for row in those("works") if not PATH.search(row.reason)] == []


def test_every_test_and_scenario_it_names_exists() -> None:
    named = [(row.id, name) for row in rows() for name in PATH.findall(row.feature + row.reason)]

    assert [each for each in named if not is_there(each[1])] == []


@pytest.mark.parametrize(
    "invented",
    [
        "tests/architecture/test_coverage.py",
        "tests/architecture/test_coverage.py::test_what_nobody_wrote",
        "tests/architecture/test_nothing.py::test_it",
        "bpmn/registration/birth/scenarios/nobody.yaml",
        "bpmn/registration/birth/package.yaml",
    ],
)
def test_what_does_not_exist_is_found(invented: str) -> None:
    assert not is_there(invented)


def test_every_process_it_names_is_in_the_library_or_planned() -> None:
    named = {(row.id, name) for row in rows() for name in PROCESS.findall(row.feature)}

    assert {each for each in named if each[1] not in PLANNED | packages().keys()} == set()
    working = {row.id for row in those("works")}
    assert {each for each in named if each[0] in working and each[1] not in packages()} == set()


def test_every_table_it_names_exists() -> None:
    known = {path.name for path in (ROOT / "bpmn").rglob("*.dmn")}
    named = {name for row in rows() for name in TABLE.findall(row.feature + row.reason)}

    assert named <= known


def test_nothing_waits_for_a_process_that_is_there() -> None:
    waiting = {
        (row.id, process)
        for row in those("open")
        for told in WAITS.findall(row.reason)
        for process in PROCESS.findall(told)
    }

    assert WAITS.findall("waits for P60 and C11") == ["P60 and C11"]  # such rows are found
    assert {each for each in waiting if each[1] in packages()} == set()


def test_the_numbers_at_the_top_are_those_of_the_rows() -> None:
    counted = Counter(row.status for row in rows())
    told = ", ".join(f"{counted[status]} {status}" for status in STATUSES)
    print(told)

    assert f"\n{told}." in COVERAGE.read_text(encoding="utf-8")


def test_what_is_filed_online_is_filed_at_the_counter_too() -> None:
    online = {package for package, channels in packages().items() if "online" in channels}

    assert online
    assert {package for package in online if "counter" not in packages()[package]} == set()
