"""Addresses of style sheets and scripts. Bundles carry a hash in their names and never change."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from mimetypes import guess_type
from pathlib import Path

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from web.policies import PUBLIC, policy

blueprint = Blueprint("assets", __name__)
A_YEAR = 365 * 24 * 3600
STATIC = Path(__file__).parent / "static"
DIST = STATIC / "dist"


@blueprint.get("/static/<path:filename>")
@policy(PUBLIC)
def static(filename: str) -> Response:
    """Style sheets, scripts and fonts. Their addresses change with them, so they may be kept."""
    path = safe_join(str(STATIC), filename)
    if path is None or not Path(path).is_file():
        raise NotFound
    # Whole and closed: a browser that goes away in the middle leaves no file open behind it.
    media_type = guess_type(filename)[0] or "application/octet-stream"
    response = Response(Path(path).read_bytes(), mimetype=media_type)
    response.cache_control.public, response.cache_control.max_age = True, A_YEAR
    response.add_etag()
    response.make_conditional(request)
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
