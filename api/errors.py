"""Refusals as HTTP: one table, RFC 9457 problem documents, a stable `code` on each."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
import structlog
from flask import Flask, Response, request
from flask_smorest import Api as SmorestApi
from werkzeug.exceptions import HTTPException

from engine.errors import Conflict, EngineError, Forbidden, NotFound, Rejected, Unavailable
from store.database import CommitUnknown, Contended, StoreError

log = structlog.get_logger()

HTTP_STATUS: dict[type[EngineError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Rejected: 422,
    Unavailable: 503,
}
MEDIA_TYPE = "application/problem+json"
TRY_AGAIN = "2"  # seconds


class NotSignedIn(EngineError):
    """There is no living session behind the request."""


class PreconditionRequired(EngineError):
    """The edit must say which version it saw."""


class PreconditionFailed(EngineError):
    """The version it saw is no longer the newest."""


class MissingKey(EngineError):
    """An unsafe call came without an Idempotency-Key."""


HTTP_STATUS |= {
    NotSignedIn: 401,
    PreconditionRequired: 428,
    PreconditionFailed: 412,
    MissingKey: 400,
}


class Api(SmorestApi):  # type: ignore[misc]
    """flask-smorest's Api, answering problem documents and keeping werkzeug's headers."""

    def handle_http_exception(self, error: HTTPException) -> Response:
        errors = getattr(error, "data", {}).get("messages", {})
        status = error.code or 500
        answer = problem(
            status,
            f"http.{status}" if not errors else "request.invalid",
            _sentence(error, errors),
            errors=list(_field_errors(errors)),
        )
        for name, value in error.get_headers():
            if name.lower() in ("allow", "retry-after", "www-authenticate"):
                answer.headers[name] = value
        return answer


def register(app: Flask) -> None:
    """Translate what the engine and the database refuse, for requests under `/api`."""

    @app.errorhandler(EngineError)
    def refused(error: EngineError) -> Response:
        status = HTTP_STATUS.get(type(error), 422)
        answer = problem(status, error.code, error.message, facts=_plain(error.facts))
        if status == 503:
            answer.headers["Retry-After"] = TRY_AGAIN
        if status == 401:
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer

    @app.errorhandler(StoreError)
    def unavailable(error: StoreError) -> Response:
        code = {CommitUnknown: "store.outcome_unknown", Contended: "store.contended"}.get(
            type(error), "store.unavailable"
        )
        log.warning("store refused", action="store.refused", code=code, path=request.path)
        answer = problem(503, code, "Cannot be done now; try again with the same Idempotency-Key")
        answer.headers["Retry-After"] = TRY_AGAIN
        return answer


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    facts: dict[str, Any] | None = None,
    errors: list[dict[str, Any]] | None = None,
) -> Response:
    """An RFC 9457 problem document."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if facts:
        document["facts"] = facts
    if errors:
        document["errors"] = errors
    return Response(orjson.dumps(document), status, content_type=MEDIA_TYPE)


def _sentence(error: HTTPException, errors: Any) -> str:
    if errors:
        return "The request does not have the shape the API describes; see `errors`"
    return str(error.description or HTTPStatus(error.code or 500).phrase)


def _field_errors(messages: Any, path: str = "") -> Any:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _field_errors(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(messages, list):
        for message in messages:
            yield {"path": path, "code": "invalid", "detail": str(message)}
    else:
        yield {"path": path, "code": "invalid", "detail": str(messages)}


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, (str, int, bool, list, dict, type(None))) else str(value)
        for name, value in facts.items()
    }
