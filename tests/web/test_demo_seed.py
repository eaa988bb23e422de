"""What the demo office begins with: something of every process, not only of the first ones."""

from __future__ import annotations

from engine.packages import load_library
from sla.scenarios import scenarios_of
from tests.web.house import LIBRARY
from web.demo_office.mix import Mix


def test_every_process_has_a_case_before_any_has_a_second() -> None:
    library = load_library(LIBRARY)
    filed = [key for key in sorted(library.packages) if library.packages[key].manifest.starts]

    choices = list(Mix(library, filed).each_in_turn())

    first_round = [package_id for package_id, _ in choices[: len(filed)]]
    assert first_round == filed
    assert len(choices) == sum(1 for each in filed for _ in scenarios_of(library, each))
