"""Every row of the golden file, through the general code."""

import csv
from pathlib import Path

import pytest

from sla.golden import evaluate

with Path(__file__).with_name("golden-sample.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_golden_row(row: dict[str, str]) -> None:
    assert evaluate(row) == row["expected_due"]


def test_every_mark_is_present_so_the_file_was_read() -> None:
    marks = {row["calendar_notes"].split("]")[0] for row in ROWS}

    assert marks == {"[law", "[published", "[setting", "[seed"}
