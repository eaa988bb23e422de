"""The process library of this repository, loaded once for the tests that judge it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from engine.bpmn.scenario import Result, parse_scenario
from engine.packages import Library, Package, load_library
from engine.yaml_reading import load_yaml
from sla.scenarios import Rehearsal

ROOT = Path(__file__).resolve().parents[2]
LIBRARY: Library = load_library(ROOT / "bpmn")
PACKAGES: tuple[Package, ...] = tuple(LIBRARY.packages[key] for key in sorted(LIBRARY.packages))


def scenario_files() -> Iterator[tuple[str, str]]:
    """Package id and file of every scenario."""
    for package in PACKAGES:
        for name in package.scenarios:
            yield package.id, name


@cache
def outcome_of(package_id: str, file: str) -> Result:
    document = load_yaml((LIBRARY.root / file).read_text(encoding="utf-8"))
    return Rehearsal.of(LIBRARY, package_id).check(parse_scenario(document))
