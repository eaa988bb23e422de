"""The checkout that is being tested: its settings, its tracked files, its scripts."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

PACKAGES = ("feel", "store", "engine", "sla", "agencies", "api", "web")
TOP_LEVEL_NAMES = (*PACKAGES, "app", "bpmn")


@cache
def settings() -> dict[str, Any]:
    """Read pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def tracked_files() -> tuple[Path, ...]:
    """List what git tracks and is there; skip the test where there is no git checkout."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so there are no tracked files to look at")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def tracked_modules() -> list[Path]:
    """List our tracked Python modules, relative to the checkout; tests and benches apart."""
    found = [path.relative_to(ROOT) for path in tracked_files() if path.suffix == ".py"]
    return [path for path in found if path.parts[0].removesuffix(".py") in TOP_LEVEL_NAMES]


def locked(lock: str) -> dict[str, str]:
    """Read a Python lock file: package -> version."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^]]+\])?==([^ ;\\]+)", text, flags=re.M))


def script(path: str) -> ModuleType:
    """Load a script of the checkout as a module, without running its main()."""
    name = f"checkout_{Path(path).stem}"
    spec = importlib.util.spec_from_file_location(name, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up by its name
    spec.loader.exec_module(module)
    return module
