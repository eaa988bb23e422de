"""What may still be done about a late case, act by act: yes, or why not, with its article. Pure.

The desk shows every act, also the closed ones with their reason, so that nobody looks for a button
that the law has taken away.
"""

from __future__ import annotations

from dataclasses import dataclass

from sla.rules import Kind

EXTENSION = "APA 51(3); APA 51(4)"
PROCESSING = "APA 51"
EX_OFFICIO = "HA 48-2"


@dataclass(frozen=True, slots=True)
class Act:
    """`why_not` is the code of why it cannot be done now, None if it can.

    `article` is a reference that `sla.articles` can write out.
    """

    name: str
    why_not: str | None
    article: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the judgement needs of one limit and its case.

    `may_extend` is None, or the code of why not; `dunned` says that a demand was served and its
    term has ended without an application.
    """

    kind: Kind
    is_overdue: bool
    has_open_task: bool
    has_open_chase: bool
    is_chase: bool
    may_extend: str | None
    dunned: bool


def acts(standing: Standing) -> tuple[Act, ...]:
    """Every act of the overdue desk, in the order in which a supervisor tries them."""
    return (
        Act("assign", None if standing.has_open_task else "overdue.no_open_task"),
        Act("chase", _chase(standing)),
        Act("extend", standing.may_extend, EXTENSION),
        Act("tell", _tell(standing), PROCESSING),
        Act("ex_officio", None if standing.dunned else "overdue.not_dunned", EX_OFFICIO),
    )


def _chase(standing: Standing) -> str | None:
    if standing.is_chase:
        return "chase.of_chase"
    if not standing.is_overdue:
        return "chase.not_overdue"
    return "chase.open" if standing.has_open_chase else None


def _tell(standing: Standing) -> str | None:
    if standing.is_chase or standing.kind is not Kind.PROCESSING:
        return "delay.no_applicant"
    return None
