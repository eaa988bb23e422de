"""The OpenAPI 3.1 document: what flask-smorest knows of shapes, completed by what the doors say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask_smorest.spec import FlaskPlugin

from api.doors import Policy, policy_of
from api.errors import MEDIA_TYPE

TITLE = "Huzheng BPM (戶政流程引擎)"
VERSION = "1"
ABOUT = """\
Cases, user tasks, legal time and agencies of a household registration office.

Sign in with `POST /api/v1/sessions` and send the token as `Authorization: Bearer …`. Every unsafe
call carries an `Idempotency-Key`: repeated with the same key it is answered again
(`Idempotent-Replay: true`) and done once. Refusals are problem documents (RFC 9457) with a stable
`code`. Lists are pages: send `next` as `cursor` for the page behind.
"""
SAID: dict[int, str] = {
    304: "You have the newest already",
    400: "The address, a header or the body cannot be read",
    401: "There is no living session",
    403: "You may not do that",
    404: "There is no such thing in your office",
    409: "The state is not what the call expected",
    412: "The version in If-Match is no longer the newest",
    413: "The body is larger than one megabyte",
    415: "The body is not application/json",
    422: "A field, a value or a moment is wrong; see `errors`",
    428: "If-Match is missing",
    429: "Too many calls",
    503: "Cannot be done now; try again with the same Idempotency-Key",
}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    429: {"Retry-After": {"schema": {"type": "string"}}},
    503: {"Retry-After": {"schema": {"type": "string"}}},
}


def complete(document: dict[str, Any], app: Flask) -> dict[str, Any]:
    """Add to every operation who may call it, its headers, and every status it may answer."""
    components = document.setdefault("components", {})
    components["responses"] = {f"Problem{status}": _problem(status) for status in SAID}
    components["securitySchemes"] = {"session": {"type": "http", "scheme": "bearer"}}
    for rule in app.url_map.iter_rules():
        operations = document["paths"].get(FlaskPlugin.flaskpath2openapi(rule.rule), {})
        policy = policy_of(app.view_functions[rule.endpoint])
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            operation = operations.get(method.lower())
            if operation is not None and policy is not None:
                _complete(operation, operations, policy, rule.endpoint)
    return document


def _complete(
    operation: dict[str, Any], path: dict[str, Any], policy: Policy, endpoint: str
) -> None:
    operation["operationId"] = endpoint
    operation["security"] = [] if policy.public else [{"session": []}]
    parameters = [*path.get("parameters", []), *operation.get("parameters", [])]
    operation.setdefault("parameters", []).extend(_headers(policy))
    for status in _statuses(operation, parameters, policy):
        known = operation["responses"].get(str(status), {})
        if "content" not in known:  # flask-smorest refers to responses of its own
            reference = {"$ref": f"#/components/responses/Problem{status}"}
            operation["responses"][str(status)] = reference
    if policy.groups:
        listed = ", ".join(sorted(policy.groups))
        about = operation.get("description", "")
        operation["description"] = f"{about}\n\nFor members of: {listed}.".strip()


def _statuses(operation: dict[str, Any], parameters: list[Any], policy: Policy) -> Iterator[int]:
    yield from (400, 429, 503)
    has_query = any(each.get("in") == "query" for each in parameters)
    if not policy.public:
        yield from (401, 403)
    if any(each.get("in") == "path" for each in parameters) or policy.unsafe:
        yield 404
    if "requestBody" in operation:
        yield from (413, 415, 422)
    elif has_query or policy.unsafe:
        yield 422
    if policy.unsafe:
        yield 409
    if policy.versioned:
        yield from (412, 428)
    if policy.tagged:
        yield 304


def _headers(policy: Policy) -> Iterator[dict[str, Any]]:
    if policy.unsafe:
        yield _header("Idempotency-Key", "A new one for each deed", {"minLength": 1}, required=True)
    if policy.versioned:
        about = 'The version you saw: "7", or the whole ETag'
        yield _header("If-Match", about, {"pattern": '^"[0-9]{1,9}(-[0-9a-f]+)?"$'}, required=True)
    if policy.tagged:
        yield _header("If-None-Match", "The ETag you have", {}, required=False)


def _header(name: str, about: str, more: dict[str, Any], *, required: bool) -> dict[str, Any]:
    schema = {"type": "string", "maxLength": 255, "pattern": "^[!-~]+$", **more}
    return {
        "in": "header",
        "name": name,
        "description": about,
        "required": required,
        "schema": schema,
    }


def _problem(status: int) -> dict[str, Any]:
    if status == 304:
        return {"description": SAID[status]}
    schema = {"$ref": "#/components/schemas/Problem"}
    found: dict[str, Any] = {
        "description": SAID[status],
        "content": {MEDIA_TYPE: {"schema": schema}},
    }
    if status in _HEADERS:
        found["headers"] = _HEADERS[status]
    return found
