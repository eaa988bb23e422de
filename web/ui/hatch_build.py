"""Hatchling's door to frontend.py: every wheel, editable ones too, carries the browser parts.

Hatchling asks `dependencies` before it makes the environment of the build, so Node comes from a
Python package only where the machine has none.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontEndHook(BuildHookInterface):
    """Build web/static/dist for the wheel; the source distribution carries the sources instead."""

    def dependencies(self) -> list[str]:
        return self._frontend().node_requirement() if self.target_name == "wheel" else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "wheel":
            self._frontend().build()

    def _frontend(self) -> ModuleType:
        # Hatchling runs this file by its path, so its neighbour cannot simply be imported.
        path = Path(self.root, "web", "ui", "frontend.py")
        spec = importlib.util.spec_from_file_location("huzheng_frontend", path)
        if spec is None or spec.loader is None:
            raise FileNotFoundError(path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
