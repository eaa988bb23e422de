"""Counting many limits of one office: those that began alike are counted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sla.benches import Bench, lawful
from sla.ledger import Entry, replay
from sla.rules import Rule
from sla.settings import Receipt
from sla.spans import AT_ONCE
from sla.steps import Explained


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted on an office's bench so far: limits that began on one day by one rule, and
    to which nothing has happened since, end alike."""

    bench: Bench
    known: dict[tuple[Rule, date], Explained] = field(default_factory=dict)

    def of(self, law: Rule, entries: Sequence[Entry], own: Bench) -> Explained:
        """Where a ledger leads on its `own` bench, which is another's where the case came from
        there. Raises Rejected for what the law or the calendar refuses."""
        begun = _begun(law, entries, own) if own is self.bench else None
        found = None if begun is None else self.known.get((law, begun))
        if found is None:
            found = lawful(lambda: replay(law, entries, own.calendar, own.settings))
            if begun is not None:
                self.known[law, begun] = found
        return found


def _begun(law: Rule, entries: Sequence[Entry], bench: Bench) -> date | None:
    """The day that alone decides; None where the hour, or what has happened since, has a say."""
    by_hour = law.unit in AT_ONCE
    received = bench.settings.receipt is Receipt.ACTUAL_DATE
    plain = all(entry.kind in ("start", "recalculate") for entry in entries)
    return entries[0].on_day if plain and received and not by_hour else None
