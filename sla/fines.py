"""Fines for late filing, by the table `fines.dmn`."""

from datetime import date, timedelta

from sla.decisions import evaluate
from sla.errors import RuleError
from sla.rules import Rule
from sla.steps import Action, Explained, Step


def late_fine(version: Rule, last_day: date, *, days_late: int, dunned: bool = False) -> Explained:
    """The fine (NT$) for applying `days_late` days after `last_day`, the last day as moved.

    `dunned` says that the office had dunned and the term had passed. Whether there was a good
    reason, and whether a trivial case is spared, people decide (Administrative Penalty Act 19).
    """
    applied = last_day + timedelta(days=days_late)
    found = evaluate("fines", "lateFine", {"daysLate": days_late, "dunned": dunned, "on": applied})
    if not isinstance(found, dict):
        raise RuleError(
            "fine.unknown",
            zh=f"{applied} 適用的罰鍰級距未列於 fines.dmn，請補列。",
            en=f"No tier of fines.dmn is known to have been in force on {applied}; add it.",
        )
    text = f"TWD {int(found['amount'])}"
    steps = (
        Step(Action.DAYS_LATE, "HA 79", last_day, applied, days_late, source=version.source),
        Step(
            Action.FINE,
            str(found["article"]),
            applied,
            applied,
            words=(f"新臺幣 {int(found['amount'])} 元（{found['tier']}）", text),
            source=version.source,
        ),
    )
    return Explained(version.name, version.unit, last_day, None, steps, answer=text)
