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


DUNNING = "dunning"
"""The clock of a served demand (催告), in every package that has one."""
_OF_APPLICANT = frozenset(
    {
        *(Kind.FILING, Kind.RESTORATION, Kind.APPEAL, Kind.TERM),
        *(Kind.LAPSE, Kind.AGE, Kind.OPENS, Kind.BEFORE),
    }
)


class Next(StrEnum):
    """What the office may do by law once a limit of an applicant has ended."""

    DUN = "dun"  # nobody applied in time: demand it in writing
    EX_OFFICIO = "ex_officio"  # the demand was served and its term has ended: register
    REFUSE = "refuse"  # the papers were not completed: refuse, with reasons
    GO_ON = "go_on"  # a mere period is over: the case goes on


def party_of(kind: Kind) -> Party:
    """Who has to act within a limit of this kind."""
    return Party.APPLICANT if kind in _OF_APPLICANT else Party.OFFICE


def next_of(kind: Kind, name: str) -> Next:
    """What follows the end of an applicant's clock of this kind and name."""
    if kind is Kind.FILING:
        return Next.DUN
    if kind is Kind.TERM:
        return Next.EX_OFFICIO if name == DUNNING else Next.REFUSE
    return Next.GO_ON
