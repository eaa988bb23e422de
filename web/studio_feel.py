"""FEEL of the studio, checked by the server: expressions, unary tests, lines of mappings."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, jsonify, request

from feel import FeelSyntaxError, compile_expression, compile_unary_tests
from web.policies import ANALYSIS, policy
from web.visits import say

blueprint = Blueprint("studio_feel", __name__)


@blueprint.post("/studio/feel")
@policy(ANALYSIS)
def check() -> Response:
    """Whether a text is FEEL: `expression`, `unary` tests, or lines of `mappings`."""
    given: dict[str, Any] = orjson.loads(request.get_data() or b"{}")
    text, kind = str(given.get("text", ""))[:20_000], str(given.get("kind", ""))
    return jsonify(told=feel_fault(text, kind))


def feel_fault(text: str, kind: str) -> str:
    """What is wrong with the text as FEEL, in a sentence; empty if nothing is."""
    if kind == "mappings":
        lines = [line for line in text.splitlines() if line.strip()]
        faults = (
            feel_fault(line.partition("=")[2], "expression")
            or ("" if line.partition("=")[0].strip() else say("studio.mapping"))
            for line in lines
        )
        return next((fault for fault in faults if fault), "")
    if not text.strip() or kind not in ("expression", "unary"):
        return say("studio.mapping") if kind == "expression" and text and not text.strip() else ""
    try:
        if kind == "unary":
            compile_unary_tests(text.strip())
        else:
            compile_expression(text.strip().removeprefix("="))
    except FeelSyntaxError as wrong:
        return say("studio.no_feel", text=text.strip()[:60], why=str(wrong))
    return ""
