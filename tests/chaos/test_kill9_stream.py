"""kill -9 of server and worker in the middle of a stream of completions, on each database.

Twenty lives of each process by default; `HUZHENG_CHAOS_LIVES=200` for a long run, and
`HUZHENG_CHAOS_SEED=…` to see a run again (the moments; the scheduler of the machine stays free).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.chaos.storm import Storm
from tests.chaos.system import System

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
LIVES = int(os.environ.get("HUZHENG_CHAOS_LIVES", "20"))
SEED = int(os.environ.get("HUZHENG_CHAOS_SEED", "20260302"))


def test_what_is_acknowledged_is_done_once_whatever_is_killed(db_url: str, tmp_path: Path) -> None:
    system = System(tmp_path, db_url)
    try:
        report = Storm(system, SEED).rage(LIVES)
    finally:
        system.stop()

    print(f"\nseed {SEED}: {report}")
    assert report.findings == [], report
    assert sum(report.kills.values()) == 2 * LIVES
    assert report.unknown > 0, "nothing was in flight when the server was killed"
    assert report.completed > LIVES


@pytest.mark.parametrize(
    ("weakness", "database", "failpoint", "broken"),
    [
        # A repeated filing makes a second case, a repeated claim takes a second task, and a
        # repeated completion is refused: whichever the kill hits, one of them is seen.
        (
            "forgets_keys",
            "sqlite_url",
            "after_commit",
            ("INV-02 once", "INV-05 one claimant", "INV-11 answered once: complete of"),
        ),
        ("splits_steps", "postgresql_url", "between", ("INV-06 versions",)),
    ],
)
def test_the_harness_sees_a_system_without_its_protection(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    weakness: str,
    database: str,
    failpoint: str,
    broken: tuple[str, ...],
) -> None:
    system = System(tmp_path, request.getfixturevalue(database), ("short_leases", weakness))
    storm = Storm(system, SEED, (failpoint,), armed=1, passes=(2, 9), patience=5)
    try:
        report = storm.rage(4, calm_down=2)
    finally:
        system.stop()

    print(f"\nseed {SEED}, {weakness}: {report}")
    assert report.kills["web at a failpoint"] > 0, report
    assert any(finding.startswith(broken) for finding in report.findings), report
