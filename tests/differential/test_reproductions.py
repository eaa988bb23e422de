"""The scripts beside ADR 1 still show what the ADR says about the installed SpiffWorkflow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = sorted((Path(__file__).parents[2] / "docs" / "adr" / "0001").glob("s*.py"))


def test_there_is_a_script_for_each_fault() -> None:
    assert [script.name[:2] for script in SCRIPTS] == ["s1", "s2", "s3", "s4", "s5", "s6"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_shows_its_fault(script: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().splitlines()[-1].startswith("=> ")
