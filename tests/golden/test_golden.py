"""Every row of the golden files, through the general code.

`golden-sample.csv` holds worked cases with their sources; `derived.csv` further ones, counted by
`day_by_day` (see `derive.py`), which shares nothing with the code under test; `by_hand.csv` the
edges: leap days, ends of months, make-up Saturdays, closures, receipts, postmarks, pauses.
"""

import ast
import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from sla.golden import evaluate
from sla.working_time import national_days
from tests.golden import derive, plain_calendar

HERE = Path(__file__).parent


def rows_of(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SAMPLE, DERIVED = rows_of("golden-sample.csv"), rows_of("derived.csv")
BY_HAND = rows_of("by_hand.csv")


@pytest.mark.parametrize("row", SAMPLE, ids=[row["id"] for row in SAMPLE])
def test_a_golden_row(row: dict[str, str]) -> None:
    assert evaluate(row) == row["expected_due"]


def test_every_row_counted_by_hand_at_the_edges_of_the_rules() -> None:
    wrong = {row["id"]: evaluate(row) for row in BY_HAND if evaluate(row) != row["expected_due"]}

    assert wrong == {}
    assert len(BY_HAND) > 200
    assert all(row["derivation"] for row in BY_HAND)


def test_every_mark_is_present_so_the_file_was_read() -> None:
    marks = {row["calendar_notes"].split("]")[0] for row in SAMPLE}

    assert marks == {"[law", "[published", "[setting", "[seed"}


@pytest.mark.parametrize("family", derive.FAMILIES, ids=lambda family: family.__name__)
def test_a_family_of_derived_rows(family: object) -> None:
    name = getattr(family, "__name__", "")
    rows = [row for row in DERIVED if row["id"].rpartition("-")[0] == name]

    wrong = {row["id"]: evaluate(row) for row in rows if evaluate(row) != row["expected_due"]}

    assert rows
    assert not wrong


def test_the_derived_file_is_what_counting_day_by_day_gives() -> None:
    assert list(derive.derived()) == DERIVED
    assert len(DERIVED) >= 500
    assert len({row["id"] for row in DERIVED}) == len(DERIVED)
    assert all(family.__doc__ for family in derive.FAMILIES)


@pytest.mark.parametrize("name", ["derive.py", "day_by_day.py", "plain_calendar.py"])
def test_the_second_count_shares_no_code_with_the_first(name: str) -> None:
    tree = ast.parse((HERE / name).read_text(encoding="utf-8"))
    imported = {
        module.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    }

    assert not imported & {"sla", "engine", "store", "feel", "holidays"}


def test_the_calendar_typed_by_hand_is_the_one_that_offices_are_seeded_with() -> None:
    seeded = national_days(2024, 2027)
    day, differing = plain_calendar.FIRST, []
    while day <= plain_calendar.LAST:
        if plain_calendar.works(day) is not seeded[day].is_working:
            differing.append(day)
        day += timedelta(days=1)

    assert differing == []
    assert day == date(2028, 1, 1)
