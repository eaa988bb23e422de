"""Diagrams as files for the viewer; browsers keep them and ask whether they are still good."""

from __future__ import annotations

import hashlib

from flask import Response, request


def diagram(xml: bytes) -> Response:
    """A BPMN file, answered 304 where the browser has it already."""
    response = Response(xml, mimetype="application/xml")
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(hashlib.sha256(xml).hexdigest()[:32])
    response.make_conditional(request)
    return response
