"""What comes to an office in a year, and how often.

The five registrations follow the year 111 (2022) as the Ministry of the Interior told it on
10 January 2023: births 138,986, deaths 207,230, marriages 124,997 and divorces 50,609 couples,
people who moved in 1,086,712 (https://xifu.com.tw/news/display/3172). No count of the papers that
offices issue was found for the country, so their shares, and that of all the rest, are ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from random import Random
from typing import TypeAlias

from engine.bpmn.scenario_document import Scenario
from engine.packages import Library
from sla.scenarios import scenarios_of

Choice: TypeAlias = tuple[str, Scenario]
"""A package, and how a case of it goes."""

REGISTERED = {"P01": 138_986, "P02": 207_230, "P03": 124_997, "P04": 50_609, "P08": 1_086_712}
"""Births, deaths, marriages, divorces, moves: how often each in a year of the country."""
REGISTERED_SHARE = 0.5
PAPERS = {"P22": 0.20, "P20": 0.12, "P25": 0.06, "P26": 0.02}
"""Transcripts and certificates, ID cards, seals, door plates: shares of all cases, assumed."""
USUAL, USUAL_SHARE = "happy", 0.6
"""Most cases have no difficulty; the others take one of the other ways, as often each."""


class Mix:
    """The ways that cases of some packages can go, and how often each does."""

    def __init__(self, library: Library, package_ids: Sequence[str]) -> None:
        self._ways = {
            each: [(file.stem, (each, said)) for file, said in scenarios_of(library, each)]
            for each in package_ids
        }
        self._packages = [each for each in package_ids if self._ways[each]]
        self._weights = _weights(self._packages)

    def each_in_turn(self) -> Iterator[Choice]:
        """The first way of each package, then the second of each …: so that no package goes
        without cases, however many ways those before it have."""
        told = ([way for _, way in self._ways[each]] for each in self._packages)
        return (way for turn in zip_longest(*told) for way in turn if way is not None)

    def some(self, wanted: int, random: Random) -> Iterator[Choice]:
        """So many, by chance, in the proportions of a year."""
        for package_id in random.choices(self._packages, self._weights, k=wanted):
            ways = self._ways[package_id]
            usual = [way for name, way in ways if name == USUAL]
            is_usual = usual and random.random() < USUAL_SHARE
            yield usual[0] if is_usual else random.choice(ways)[1]


def _weights(package_ids: Sequence[str]) -> list[float]:
    registered = sum(REGISTERED.values())
    known = {each: n / registered * REGISTERED_SHARE for each, n in REGISTERED.items()} | PAPERS
    others = [each for each in package_ids if each not in known]
    rest = (1 - sum(known.values())) / max(1, len(others))
    return [known.get(each, rest) for each in package_ids]
