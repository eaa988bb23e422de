"""Random processes, run on SpiffWorkflow and on our interpreter: both must agree. 300 of them;
1,000 with `HUZHENG_ALL_SCENARIOS`."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest

from tests.differential.models import Dice, walk
from tests.differential.running import Ours, Spiff, run

BLOCKS = 20 if os.environ.get("HUZHENG_ALL_SCENARIOS") else 6
BLOCK_SIZE = 50


@pytest.mark.slow
@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_processes_run_as_on_spiffworkflow(
    block: int, capsys: pytest.CaptureFixture[str]
) -> None:
    left_out: Counter[str] = Counter()
    drawn: Counter[str] = Counter()
    completions = 0

    for seed in range(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE):
        model = Dice(seed).model()
        left_out += model.left_out
        for body in (model.main, *model.called.values()):
            drawn.update(part.kind for part in walk(body))

        theirs = run(model, Spiff(model), seed)
        ours = run(model, Ours(model), seed)

        assert ours.opened == theirs.opened, f"seed {seed}: other user tasks are open"
        assert ours.ended, f"seed {seed}: it does not end"
        assert theirs.ended, f"seed {seed}: it does not end"
        assert ours.passed == theirs.passed, f"seed {seed}: other tasks were passed"
        assert_same_data(seed, ours.data, theirs.data, model.written - model.spoiled)
        completions += len(ours.completed)

    # The comparison is worth something only while every kind of block takes part in it.
    kinds = ("xor", "and", "loop", "sub", "call", "user", "script", "mi_user", "mi_script")
    assert all(drawn[kind] > 10 for kind in kinds), drawn
    assert completions > 5 * BLOCK_SIZE
    with capsys.disabled():
        told = ", ".join(f"{fault} {count}" for fault, count in sorted(left_out.items()))
        print(
            f"\n  seeds {block * BLOCK_SIZE}–{(block + 1) * BLOCK_SIZE - 1}: "
            f"{completions} user tasks agree; kept from SpiffWorkflow's faults: {told}"
        )


def assert_same_data(
    seed: int, ours: dict[str, Any], theirs: dict[str, Any], surely: frozenset[str]
) -> None:
    # The oracle also keeps what a called process did not map out.
    assert surely <= ours.keys(), f"seed {seed}: we lost {surely - ours.keys()}"
    different = {
        name: (value, theirs.get(name, "nothing"))
        for name, value in ours.items()
        if name not in theirs or theirs[name] != value
    }
    assert not different, f"seed {seed}: ours, theirs: {different}"
