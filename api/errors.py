"""Refusals as HTTP: one table, RFC 9457 problem documents, a stable `code` on each."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from flask import Flask, Response, request
from flask_smorest import Api as SmorestApi
from werkzeug.exceptions import HTTPException

from engine.errors import Conflict, EngineError, Forbidden, NotFound, Rejected, Unavailable
from engine.field_errors import FieldError
from sla.errors import Refusal as LegalRefusal
from store.database import CommitUnknown, Contended, StoreError

log = structlog.get_logger()

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


class Unreadable(EngineError):
    """The body is not what we take as JSON, or the address holds what no text may hold."""


class TooManyCalls(EngineError):
    """More calls than one account or source may make. `seconds` is how long to wait."""


HTTP_STATUS: dict[type[EngineError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Rejected: 422,
    Unavailable: 503,
    NotSignedIn: 401,
    PreconditionRequired: 428,
    PreconditionFailed: 412,
    MissingKey: 400,
    Unreadable: 400,
    TooManyCalls: 429,
}


class Api(SmorestApi):  # type: ignore[misc]
    """flask-smorest's Api, answering problem documents and keeping werkzeug's headers."""

    DEFAULT_ERROR_RESPONSE_NAME = None  # the document names every status (api/document.py)

    def handle_http_exception(self, error: HTTPException) -> Response:
        errors = _of_one_place(getattr(error, "data", {}).get("messages", {}))
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
    """Translate whatever an API call can raise."""
    app.register_error_handler(EngineError, _refused)
    app.register_error_handler(LegalRefusal, _unlawful)
    app.register_error_handler(StoreError, _store_failed)
    app.register_error_handler(Exception, _broken)


def status_of(error: EngineError) -> int:
    """The HTTP status of a refusal, by its kind."""
    return next((HTTP_STATUS[kind] for kind in type(error).__mro__ if kind in HTTP_STATUS), 422)


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
    answer = Response(orjson.dumps(document), status, content_type=MEDIA_TYPE)
    if status == 503:
        answer.headers["Retry-After"] = TRY_AGAIN
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _refused(error: EngineError) -> Response:
    answer = problem(
        status_of(error),
        error.code,
        error.message,
        facts=_plain(error.facts),
        errors=_listed(error.facts.get("errors", ())),
    )
    if isinstance(error, TooManyCalls):
        answer.headers["Retry-After"] = str(error.facts["seconds"])
    return answer


def _unlawful(error: LegalRefusal) -> Response:
    return problem(422, error.code, error.en, facts={"zh": error.zh})


def _store_failed(error: StoreError) -> Response:
    code = {CommitUnknown: "store.outcome_unknown", Contended: "store.contended"}.get(
        type(error), "store.unavailable"
    )
    log.warning("store refused", action="store.refused", code=code, route=request.endpoint)
    return problem(503, code, "Cannot be done now; try again with the same Idempotency-Key")


def _broken(error: Exception) -> Response:
    # Places only: messages and locals may hold personal data. The caller learns nothing at all.
    log.error(
        "an API call failed",
        action="api.failed",
        route=request.endpoint,
        error=type(error).__name__,
        places=[
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ],
    )
    return problem(500, "internal", "Something is wrong on our side; nothing of the call was done")


def _sentence(error: HTTPException, errors: Any) -> str:
    if errors:
        return "The request does not have the shape the API describes; see `errors`"
    return str(error.description or HTTPStatus(error.code or 500).phrase)


def _of_one_place(messages: Any) -> Any:
    """webargs sorts errors by where a field lies; a call has its fields in one place only."""
    if isinstance(messages, dict) and len(messages) == 1:
        return messages.get("json") or messages.get("query") or messages
    return messages


def _field_errors(messages: Any, path: str = "") -> Iterator[dict[str, str]]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _field_errors(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(messages, list):
        for message in messages:
            yield {"path": path, "code": "invalid", "detail": str(message)}
    else:
        yield {"path": path, "code": "invalid", "detail": str(messages)}


def _listed(errors: Any) -> list[dict[str, Any]]:
    lang = request.accept_languages.best_match(("en", "zh-TW"), "en")
    return [
        {"path": error.path, "code": error.code, "detail": error.text(lang)}
        for error in errors
        if isinstance(error, FieldError)
    ]


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, (str, int, bool, list, dict, type(None))) else str(value)
        for name, value in facts.items()
        if name != "errors"
    }
