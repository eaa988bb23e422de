"""No page reads a big table from end to end: judged by the plans kept with the measurement.

`python -m bench.search` writes them over a million cases, on both databases.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIG = "cases|user_tasks|clocks|history|case_terms"
SCAN = re.compile(rf"^\W*(?:SCAN (?:{BIG})\b|(?:Parallel )?Seq Scan on (?:{BIG})\b)")


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_no_kept_plan_reads_a_big_table_from_end_to_end(store: str) -> None:
    plans = _plans(store)

    assert len(plans) >= 60
    assert {name: lines for name, lines in plans.items() if lines} == {}


def test_a_scan_would_be_seen() -> None:
    assert SCAN.match("SCAN cases")
    assert SCAN.match("  ->  Parallel Seq Scan on history h")
    assert not SCAN.match("SEARCH cases USING INDEX ix_cases_office_id_filed_at (office_id=?)")
    assert not SCAN.match("SCAN page")


def _plans(store: str) -> dict[str, list[str]]:
    """What each kind of request scans."""
    text = (ROOT / "bench/plans" / f"{store}.txt").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for part in text.split("## ")[1:]:
        name, *lines = part.splitlines()
        found[name] = [line for line in lines if SCAN.match(line)]
    return found
