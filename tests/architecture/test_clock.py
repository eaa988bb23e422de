"""Time is an argument: only engine/clock.py reads the clock, and ruff would tell on anyone else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.checkout import ROOT, settings, tracked_modules

RUFF = Path(sys.executable).parent / "ruff"
READINGS = {
    "datetime.datetime.now": "from datetime import UTC, datetime\nread = datetime.now(UTC)\n",
    "datetime.date.today": "from datetime import date\nread = date.today()\n",
    "time.time": "import time\nread = time.time()\n",
    "time.sleep": "import time\ntime.sleep(1)\n",
}


def complaints(source: str, filename: str) -> str:
    command = [str(RUFF), "check", "--no-cache", "--select", "TID251"]
    command += ["--stdin-filename", filename, "-"]
    return subprocess.run(command, cwd=ROOT, input=source, capture_output=True, text=True).stdout


@pytest.mark.parametrize("reading", READINGS)
def test_a_reading_of_the_clock_is_found(reading: str) -> None:
    assert f"`{reading}` is banned" in complaints(READINGS[reading], "sla/clocks.py")


@pytest.mark.parametrize("reading", READINGS)
def test_the_clock_itself_may_read_the_clock(reading: str) -> None:
    assert "TID251" not in complaints(READINGS[reading], "engine/clock.py")


def test_nobody_else_is_exempt() -> None:
    exemptions = settings()["tool"]["ruff"]["lint"]["per-file-ignores"]

    exempt = {place for place, rules in exemptions.items() if "TID251" in rules}

    assert exempt == {"engine/clock.py", "bench/**", ".ci/*.py"}


def test_no_line_exempts_itself() -> None:
    exempt = [
        path.as_posix()
        for path in tracked_modules()
        if "TID251" in (ROOT / path).read_text(encoding="utf-8")
    ]

    assert exempt == []
