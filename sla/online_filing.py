"""Whether a matter may be filed online as it was filled in: what the table of the version says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from engine import functions
from engine.clock import legal_day
from engine.deployments import Loaded
from engine.manifests import expression
from engine.procedures import ONLINE
from engine.public_words import OnlineFiling, Text
from sla import limits
from sla.calendars import rules_of
from sla.explanation import national_calendar
from sla.periods import due
from sla.rules import rule


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason`: why not, and how instead; empty where it may."""

    allowed: bool
    reason: Text


def judge(
    tx: Connection, loaded: Loaded, entered: Mapping[str, Any], office_id: str, now: datetime
) -> Verdict:
    """Ask the decision that the package names. `entered`: the start form's values, and `data`."""
    words = loaded.package.public
    filing = words.filing if words else None
    if filing is None or ONLINE not in loaded.package.starts:
        return Verdict(allowed=False, reason=Text("", ""))
    where = f"{loaded.package.id}: public.filing"
    given = {name: expression(text, where)(entered) for name, text in filing.inputs.items()}
    given["channel"] = ONLINE
    given["daysLate"] = _days_late(tx, loaded, filing, entered, office_id, now)
    answer = loaded.decisions[filing.decision].decide(given, functions.given(now)).value
    told = answer if isinstance(answer, Mapping) else {}
    reason = Text(str(told.get("reason") or ""), str(told.get("reason_en") or ""))
    return Verdict(told.get("allowed") is True, reason)


def _days_late(
    tx: Connection,
    loaded: Loaded,
    filing: OnlineFiling,
    entered: Mapping[str, Any],
    office_id: str,
    now: datetime,
) -> int:
    """Days by which the applicant's limit has passed today; 0 in time, or where no day is known."""
    if filing.clock is None or loaded.limits is None:
        return 0
    plan = limits.parse(loaded.limits, f"{loaded.package.id}/limits.yaml").clocks[filing.clock]
    today = legal_day(now)
    facts = {**entered, "case": {"filed_on": today, "filed_at": now}}
    begins = plan.event(facts) if plan.event else None
    if not isinstance(begins, date):
        return 0
    law = rule(plan.rule, begins, *rules_of(tx, office_id)).with_length(plan.length, plan.unit)
    last = due(law, begins, national_calendar(begins.year)).due
    return max((today - last).days, 0) if last else 0
