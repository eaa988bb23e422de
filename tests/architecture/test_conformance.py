"""docs/conformance.md says what the code and its tests say now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_conformance_table_is_what_the_tests_prove() -> None:
    done = subprocess.run(
        [sys.executable, ".ci/conformance.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-3000:]
