"""Who must act before a limit ends: the office, or somebody outside it. Pure.

An office is late with its own limits only. Where the term of an applicant has ended, or a mere
period has run out, nobody of the office is to blame: what is asked for is the next lawful act.
"""

from __future__ import annotations

from enum import StrEnum

from sla.rules import Kind


class Party(StrEnum):
    OFFICE = "office"
    APPLICANT = "applicant"  # or nobody: the period merely runs (`Kind.LAPSE`)


_OF_APPLICANT = frozenset(
    {Kind.FILING, Kind.APPEAL, Kind.TERM, Kind.LAPSE, Kind.AGE, Kind.OPENS, Kind.BEFORE}
)


def party_of(kind: Kind) -> Party:
    """Who has to act within a limit of this kind."""
    return Party.APPLICANT if kind in _OF_APPLICANT else Party.OFFICE
