"""Names: whose they are, and that each says something."""

from __future__ import annotations

import importlib.metadata
import sys

import pytest

from tests.architecture.checkout import PACKAGES, TOP_LEVEL_NAMES, settings, tracked_modules

VAGUE = {"utils", "util", "helpers", "helper", "services", "service", "managers", "manager"}
VAGUE |= {"common", "misc", "base", "core", "handlers", "tools"}


@pytest.mark.parametrize("name", TOP_LEVEL_NAMES)
def test_no_dependency_claims_our_names(name: str) -> None:
    claimed_by = set(importlib.metadata.packages_distributions().get(name, []))

    assert claimed_by <= {"huzheng-bpm"}


def test_packages_are_listed_and_not_discovered() -> None:
    wheel = settings()["tool"]["hatch"]["build"]["targets"]["wheel"]

    assert sorted(wheel["only-include"]) == sorted([*PACKAGES, "app.py", "bpmn"])
    assert "packages" not in wheel


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    named_alike = [
        path.as_posix()
        for path in tracked_modules()
        if path.stem in sys.stdlib_module_names and not path.stem.startswith("__")
    ]

    assert named_alike == []


def test_no_module_or_folder_has_a_name_that_means_anything() -> None:
    vague = [
        path.as_posix()
        for path in tracked_modules()
        if VAGUE.intersection(part.removesuffix(".py") for part in path.parts)
    ]

    assert vague == []
