"""Who judges what a package says of legal time: `sla` does, and `app.py` wires it.

The engine reads a limits.yaml for its names only; what it promises, others know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from engine.package_files import Package

Judge: TypeAlias = Callable[[bytes, str], Sequence[tuple[str, str]]]
_judges: dict[str, Judge] = {}


def judge_limits_with(judge: Judge) -> None:
    """Let `judge(content, file)` check every limits.yaml at lint and deployment. Each sentence it
    answers (in Chinese and English, naming file and key) is an error and refuses the package."""
    _judges["limits"] = judge


LadderJudge: TypeAlias = Callable[[Any, Package], Iterable[tuple[str, str, str, str]]]
_ladder_judges: dict[str, LadderJudge] = {}


def judge_ladders_with(judge: LadderJudge) -> None:
    """Let `judge(library, package)` check what a package draws or names as ladders. It answers
    (file in the package, "" for the diagram; element id or ""; sentence in Chinese; in English),
    each an error that refuses the package."""
    _ladder_judges["ladders"] = judge


def forget_judges() -> None:
    """For tests that wire their own."""
    _judges.clear()
    _ladder_judges.clear()


def limits() -> Judge | None:
    """Who judges a limits.yaml; None where nobody is wired."""
    return _judges.get("limits")


def ladders() -> LadderJudge | None:
    """Who judges ladders; None where nobody is wired."""
    return _ladder_judges.get("ladders")
