"""Fines for late filing, by the table `fines.dmn`."""

from datetime import date, timedelta

from sla.decisions import evaluate
from sla.errors import RuleError
from sla.rules import Rule
from sla.steps import Action, Explained, Step


def late_fine(
    version: Rule,
    last_day: date,
    *,
    days_late: int,
    dunned: bool = False,
    good_reason: bool = False,
) -> Explained:
    """The fine (NT$) for applying `days_late` days after `last_day`, the last day as moved.

    `dunned` says that the office had dunned and the term had passed. `good_reason` (正當理由) says
    that people have found one: then there is no fine (HA 79). Whether a trivial case is spared,
    they decide too (Administrative Penalty Act 19).
    """
    applied = last_day + timedelta(days=days_late)
    found = evaluate("fines", "lateFine", {"daysLate": days_late, "dunned": dunned, "on": applied})
    if not isinstance(found, dict):
        raise RuleError(
            "fine.unknown",
            zh=f"{applied} 適用的罰鍰級距未列於 fines.dmn，請補列。",
            en=f"No tier of fines.dmn is known to have been in force on {applied}; add it.",
        )
    amount = 0 if good_reason else int(found["amount"])
    tier = "有正當理由" if good_reason else found["tier"]
    text = f"TWD {amount}"
    said = f"{text} (good reason)" if good_reason else text
    steps = (
        Step(Action.DAYS_LATE, "HA 79", last_day, applied, days_late, source=version.source),
        Step(
            Action.FINE,
            str(found["article"]),
            applied,
            applied,
            words=(f"新臺幣 {amount} 元（{tier}）", said),
            source=version.source,
        ),
    )
    return Explained(version.name, version.unit, last_day, None, steps, answer=text)
