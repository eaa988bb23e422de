"""A small sample of `bench.fuzz`: damaged texts and diagrams have an answer or a refusal each."""

from __future__ import annotations

import random

import pytest

from bench import fuzz
from bench.fuzz_expressions import PLACES, REFUSALS, Writer


@pytest.mark.parametrize("seed", [1, 2])
def test_damaged_expressions_have_an_answer_or_a_refusal(seed: int) -> None:
    tally = fuzz.expressions(600, seed)

    assert tally.failures == []
    assert tally.tries == 600
    assert min(tally.answers, tally.refusals) > 60
    assert len(tally.places) == len(PLACES)


@pytest.mark.parametrize("seed", [1, 2])
def test_damaged_diagrams_run_or_are_refused(seed: int) -> None:
    tally = fuzz.diagrams(25, seed)

    assert tally.failures == []
    assert min(tally.answers, tally.refusals) > 0


@pytest.mark.parametrize("name", PLACES)
def test_every_place_takes_some_texts_so_that_trying_it_means_something(name: str) -> None:
    chance = random.Random(name)
    writer, taken = Writer(chance), 0
    for _ in range(12):
        try:
            PLACES[name](writer.expression(1), {"a": 1, "b": "x", "xs": [1]})
        except REFUSALS:
            continue
        taken += 1

    assert taken > 0


def test_what_must_not_happen_is_noticed() -> None:
    tally = fuzz.Tally()
    for wrong in (KeyError("x"), RecursionError(), MemoryError()):
        with fuzz.watched(tally, "a text", alarm=False):
            raise wrong

    assert [each.split()[0] for each in tally.failures] == [
        "KeyError",
        "RecursionError",
        "MemoryError",
    ]
