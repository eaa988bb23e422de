"""Two workers and one ladder: whoever fires a rung, its time never lies before the rung below."""

from __future__ import annotations

from datetime import timedelta

import app
from sla import escalation
from store import tables
from tests.support.office import Office, taipei


def test_a_worker_whose_clock_was_read_earlier_fires_the_next_rung_no_earlier(
    office: Office,
) -> None:
    case = office.file("CLOCKED")
    office.join("chief Wu", "director")
    # Both rungs are due; the worker that read its clock a moment later gets the lower one.
    later = taipei("2026-03-06", "09:00")
    earlier = later - timedelta(milliseconds=200)

    assert escalation.fire_next_rung(office.db, app.WAYS, later)
    assert escalation.fire_next_rung(office.db, app.WAYS, earlier)

    first, second, *_ = sorted(office.rows(tables.rungs, case), key=lambda rung: rung.level)
    assert (first.fired_at, second.fired_at) == (later, later)
    assert [entry.at for entry in office.told(case) if entry.action == "clock.warned"] == [
        later,
        later,
    ]
