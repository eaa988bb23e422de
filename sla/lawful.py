"""What may still be done about a late case, act by act: yes, or why not, with its article. Pure.

The desk shows every act, also the closed ones with their reason, so that nobody looks for a button
that the law has taken away.
"""

from __future__ import annotations

from dataclasses import dataclass

from sla.parties import Next, Party, next_of, party_of
from sla.rules import Kind

EXTENSION = "APA 51(3); APA 51(4)"
PROCESSING = "APA 51"
EX_OFFICIO = "HA 48-2"
DUNNING_DUTY = "HA 48(3)"


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
    term has ended without an application, `is_being_dunned` that the term still runs. `name` is
    the clock's.
    """

    kind: Kind
    name: str
    is_overdue: bool
    has_open_task: bool
    has_open_chase: bool
    is_chase: bool
    may_extend: str | None
    dunned: bool
    is_being_dunned: bool


def acts(standing: Standing) -> tuple[Act, ...]:
    """Every act of the overdue desk, in the order in which a supervisor tries them.

    Of an applicant's limit first what the law lets the office do next: the owner of the case is
    not late, so there is nothing to chase, to extend or to excuse.
    """
    assign = Act("assign", None if standing.has_open_task else "overdue.no_open_task")
    chase = Act("chase", _chase(standing))
    ex_officio = Act("ex_officio", None if standing.dunned else "overdue.not_dunned", EX_OFFICIO)
    if party_of(standing.kind) is Party.APPLICANT:
        dun = Act("dun", _dun(standing), DUNNING_DUTY)
        return dun, Act("refuse", _refuse(standing)), ex_officio, assign, chase
    return (
        assign,
        chase,
        Act("extend", standing.may_extend, EXTENSION),
        Act("tell", _tell(standing), PROCESSING),
        ex_officio,
    )


def _dun(standing: Standing) -> str | None:
    if next_of(standing.kind, standing.name) is not Next.DUN:
        return "overdue.no_window"
    if standing.dunned or standing.is_being_dunned:
        return "overdue.dunned"
    return None if standing.is_overdue else "overdue.still_runs"


def _refuse(standing: Standing) -> str | None:
    if next_of(standing.kind, standing.name) is not Next.REFUSE:
        return "overdue.no_correction"
    return None if standing.is_overdue else "overdue.still_runs"


def _chase(standing: Standing) -> str | None:
    if standing.is_chase:
        return "chase.of_chase"
    if party_of(standing.kind) is Party.APPLICANT:
        return "chase.applicant"
    if not standing.is_overdue:
        return "chase.not_overdue"
    return "chase.open" if standing.has_open_chase else None


def _tell(standing: Standing) -> str | None:
    if standing.is_chase or standing.kind is not Kind.PROCESSING:
        return "delay.no_applicant"
    return None
