"""The process library of this repository, loaded once for the tests that judge it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.packages import Library, Package, load_library

ROOT = Path(__file__).resolve().parents[2]
LIBRARY: Library = load_library(ROOT / "bpmn")
PACKAGES: tuple[Package, ...] = tuple(LIBRARY.packages[key] for key in sorted(LIBRARY.packages))


def scenario_files() -> Iterator[tuple[str, str]]:
    """Package id and file of every scenario."""
    for package in PACKAGES:
        for name in package.scenarios:
            yield package.id, name
