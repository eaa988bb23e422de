"""Seeded bugs: each must be caught by the differential test or by the interpreter's own tests.
Every second one is sown; all with `HUZHENG_ALL_SCENARIOS`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.differential.models import Dice
from tests.differential.mutants import MUTANTS
from tests.differential.running import Ours, Spiff, Trace, run

ALL = bool(os.environ.get("HUZHENG_ALL_SCENARIOS"))
SEEDS = range(2000, 2025)
ROOT = Path(__file__).parents[2]
SUITE = (
    "test_tokens",
    "test_events",
    "test_timers",
    "test_errors",
    "test_event_sub_processes",
    "test_multi_instance",
)
MORE = ("test_variables", "test_calls_and_sub_processes", "test_incidents", "test_scenarios")
WHOLE_STANDARD = ("test_patient_gateways", "test_compensation", "test_conditions_and_multiples")


@pytest.fixture(scope="module")
def oracle() -> dict[int, Trace]:
    models = {seed: Dice(seed).model() for seed in SEEDS}
    return {seed: run(model, Spiff(model), seed) for seed, model in models.items()}


def first_disagreement(oracle: dict[int, Trace]) -> str:
    for seed, theirs in oracle.items():
        model = Dice(seed).model()
        try:
            ours = run(model, Ours(model), seed)
        except Exception as crash:
            return f"seed {seed} ({type(crash).__name__})"
        if (ours.opened, ours.ended, ours.passed) != (theirs.opened, theirs.ended, theirs.passed):
            return f"seed {seed} (order)"
        if any(theirs.data.get(name) != value for name, value in ours.data.items()):
            return f"seed {seed} (data)"
    return ""


def first_failing_test(mutant: str) -> str:
    tests = [f"tests/bpmn/interpreter/{name}.py" for name in (*SUITE, *MORE, *WHOLE_STANDARD)]
    plugins = ("-p", "tests.differential.mutants", "-p", "no:cacheprovider", "-p", "no:randomly")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", *plugins, *tests],
        cwd=ROOT,
        env={**os.environ, "MUTANT": mutant},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode == 0:
        return ""
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert failed, done.stdout + done.stderr
    return failed[0].split("::")[1].split(" ")[0]


def test_without_a_seeded_bug_nothing_is_caught(oracle: dict[int, Trace]) -> None:
    assert first_disagreement(oracle) == ""
    assert first_failing_test("") == ""


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS if ALL else list(MUTANTS)[::2])
def test_a_seeded_bug_is_caught(
    name: str,
    oracle: dict[int, Trace],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def patch(target: object, attribute: object, value: object) -> None:
        if isinstance(target, dict):
            monkeypatch.setitem(target, attribute, value)
        else:
            monkeypatch.setattr(target, str(attribute), value)

    MUTANTS[name](patch)
    by_difference = first_disagreement(oracle)
    by_test = "" if by_difference else first_failing_test(name)

    with capsys.disabled():
        print(f"\n  {name:34} {by_difference or '–':26} {by_test or '–'}")
    assert by_difference or by_test
