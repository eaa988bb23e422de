"""docs/comparison.md speaks of what is there: the twelve drawn, and names of the library."""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.checkout import ROOT
from tests.processes.library import LIBRARY

TEXT = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
SECTIONS = {
    found[1]: found[2]
    for found in re.finditer(r"^## ([ACP]\d+) (.*?)(?=^## |\Z)", TEXT, re.S | re.M)
}
POOL = [
    *(f"A{n}" for n in range(1, 5)),
    *(f"C{n:02}" for n in range(1, 17)),
    *(f"P{n:02}" for n in (*range(1, 17), *range(20, 31))),
]
"""The packages of processes on the day of the draw."""
NAME = re.compile(r"`([a-z][a-z0-9_]*(?:[-.][a-z0-9_]+)*)`")


def test_the_twelve_can_be_drawn_again_and_each_is_compared() -> None:
    drawn = random.Random("2026-11-22").sample(sorted(POOL), 12)

    assert set(POOL) <= set(LIBRARY.packages)
    assert set(drawn) <= set(SECTIONS)
    told = re.search(r"It gave ([^.]*)\.", TEXT)
    assert told is not None
    assert re.findall(r"[ACP]\d+", told[1]) == sorted(drawn)


@cache
def words_of_the_library() -> frozenset[str]:
    parts = [part for each in LIBRARY.packages.values() for part in each.files.items()]
    written = b"\n".join(content for _, content in parts).decode()
    names = " ".join(f" {Path(path).stem} " for path, _ in parts)
    shared = "".join(path.read_text("utf-8") for path in (ROOT / "bpmn/decisions").glob("*.dmn"))
    return frozenset(re.findall(r"[A-Za-z0-9_]+(?:[-.][a-z0-9_]+)*", written + names + shared))


@pytest.mark.parametrize("package_id", sorted(SECTIONS))
def test_what_it_names_is_in_the_library(package_id: str) -> None:
    known = words_of_the_library()

    for name in NAME.findall(SECTIONS[package_id]):
        stem = name.removesuffix(".yaml").removesuffix(".dmn")
        assert known.intersection({name, stem}), name
