"""Addresses of style sheets and scripts. Bundles carry a hash in their names and never change."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory

from web.policies import PUBLIC, policy

blueprint = Blueprint("assets", __name__)
A_YEAR = 365 * 24 * 3600
STATIC = Path(__file__).parent / "static"
DIST = STATIC / "dist"


@blueprint.get("/static/<path:filename>")
@policy(PUBLIC)
def static(filename: str) -> Response:
    """Style sheets, scripts and fonts. Their addresses change with them, so they may be kept."""
    response = send_from_directory(STATIC, filename, max_age=A_YEAR)
    # What has a hash in its address is another file when it changes: never ask for it again.
    response.cache_control.immutable = "v" in request.args or filename.startswith("dist/")
    return response


@cache
def bundle(name: str) -> str | None:
    """The file of a bundle below `static/`, None where the browser parts were left out."""
    manifest = DIST / "manifest.json"
    if not manifest.is_file():
        return None
    built: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))
    return f"dist/{built[name]}" if name in built else None


@cache
def version(filename: str) -> str:
    """Changes with a file that has no hash in its name, so that browsers may keep it."""
    return hashlib.sha256((STATIC / filename).read_bytes()).hexdigest()[:12]
