"""Target dates: the day by which the office itself means to be done, before the end by law.

The end is fatal: after it the office is late, whatever it meant. The target only warns. It is a
share of the limit, of the process (`target` in limits.yaml) or else of the office's settings; an
applicant's term has none, for the office cannot aim for other people.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sla.benches import Bench, lawful
from sla.parties import Party
from sla.progress import fraction_due_at
from sla.settings import Target
from sla.steps import Explained


def target_at(clock: Any, explained: Explained, bench: Bench) -> datetime | None:
    """The instant (aware UTC) the office aims at for a clock, by its row; None where it has no aim,
    or while the clock stands still."""
    share = clock.ladder.get("target") or bench.settings.target.value
    if explained.due_at is None or clock.party != Party.OFFICE or share == Target.NONE:
        return None
    wanted = Decimal(share)
    return lawful(lambda: fraction_due_at(clock.started_at, explained, wanted, bench.calendar))
