"""Acts on a clock by name, for histories made up by hypothesis. What the law refuses is skipped."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from engine.cases import Filed
from engine.clock import legal_day
from engine.errors import EngineError
from sla import clocks, extensions
from sla.calendars import Closure
from sla.closures import enter_closure
from sla.extensions import Longer
from sla.spans import Unit
from tests.support.office import Office


def act(office: Office, case: Filed, kind: str, days: int) -> None:
    """Let `days` pass, then do it if it is lawful."""
    now = office.clock.move(timedelta(days=days, hours=1))
    today, chief, clock = legal_day(now), office.person("chief Wu"), office.clock_of(case)
    with suppress(EngineError), office.db.transaction() as tx:
        match kind:
            case "pause":
                clocks.pause(tx, clock, "correction", today, chief, now)
            case "resume":
                clocks.resume(tx, clock, today, chief, now)
            case "close":
                day = today + timedelta(days=1)
                closure = Closure("kh-fengshan", day, "all", "颱風", "市府公告")
                enter_closure(tx, closure, chief, now)
            case _:
                longer = Longer(days + 1, Unit.WORKING_DAY, "案情繁雜", today)
                extensions.extend(tx, clock.id, longer, chief, now)
