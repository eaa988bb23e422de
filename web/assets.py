"""Addresses of style sheets and scripts. The bundles carry a hash in their names and never change."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
DIST = STATIC / "dist"


@cache
def bundle(name: str) -> str | None:
    """The file of a bundle below `static/`, None where the browser parts were left out."""
    manifest = DIST / "manifest.json"
    if not manifest.is_file():
        return None
    built: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))
    return f"dist/{built[name]}" if name in built else None


@cache
def look_version() -> str:
    """Changes with the style sheet, so that browsers may keep it."""
    return hashlib.sha256((STATIC / "look.css").read_bytes()).hexdigest()[:12]
