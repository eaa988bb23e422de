"""What a process does that only works through edits of a calendar.

It ends by itself when nothing waits, or dies where the environment's FAILPOINT says.
"""

from __future__ import annotations

import app
from engine.clock import SystemClock
from engine.installation import Settings
from sla import closures

FEW = 25
"""Cases to a batch, fewer than in service: so there are batches enough to die in."""


def main(_words: list[str]) -> None:
    closures.BATCH = FEW
    parts = app.open_parts(Settings.read())
    while closures.advance_next(parts.db, SystemClock().now()):
        pass
    parts.db.close()
