"""What we add to FEEL can be called from FEEL, and counts as the law does."""

from __future__ import annotations

from datetime import date

import pytest

from feel import compile_expression
from sla.functions import FUNCTIONS


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_name_can_be_written_in_an_expression(name: str) -> None:
    compile_expression(f"string({name}(null))")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('last day under("PARENTAL_RIGHTS_30D", date("2026-02-20"))', date(2026, 3, 23)),
        ('add working days(date("2026-02-18"), -3)', date(2026, 2, 11)),
        ('is working day(date("2026-02-28"))', False),
        ('count working days(date("2026-03-02"), date("2026-03-09"))', 5),
    ],
)
def test_days_are_counted_by_the_national_calendar(expression: str, expected: object) -> None:
    assert compile_expression(expression).evaluate({}, FUNCTIONS).value == expected
