"""Refusals as calm pages: what happened, what to do next. One table says which status each has."""

from __future__ import annotations

import traceback
from http import HTTPStatus
from pathlib import Path
from typing import Any

import structlog
from flask import Blueprint, Flask, Response, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from engine.errors import Conflict, EngineError, Forbidden, NotFound, Rejected, Unavailable
from sla.errors import Refusal as LegalRefusal
from store.database import CommitUnknown, StoreError
from web.pages import bare_page, page
from web.security import harden
from web.texts import has_text
from web.visits import lang, reading, say, visit

HTTP_STATUS: dict[type[EngineError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Rejected: 422,
    Unavailable: 503,
}
_TOLD = frozenset({400, 403, 404, 405, 409, 413, 422, 429, 500, 503})
_JSON_DOORS = ("/api/", "/health/", "/metrics")

log = structlog.get_logger()


def sentence(error: EngineError) -> str:
    """The refusal in the reader's language; the engine's own sentence where it has no text yet."""
    key = f"error.{error.code}"
    if "zh" in error.facts:  # a refusal of the law's arithmetic brings its own sentences
        return str(error.facts["zh" if lang().startswith("zh") else "en"])
    return say(key, **error.facts) if has_text(lang(), key) else error.message


def status_of(error: EngineError) -> int:
    """The HTTP status of a refusal, by its kind."""
    return next((HTTP_STATUS[kind] for kind in type(error).__mro__ if kind in HTTP_STATUS), 422)


def register(blueprint: Blueprint, app: Flask) -> None:
    """Answer every refusal of the pages with a page."""
    blueprint.register_error_handler(EngineError, _refused)
    blueprint.register_error_handler(LegalRefusal, _unlawful)
    blueprint.register_error_handler(StoreError, _store_failed)
    blueprint.register_error_handler(CSRFError, _form_expired)
    for code in sorted(_TOLD):
        blueprint.register_error_handler(code, _http)
    blueprint.register_error_handler(SQLAlchemyError, _broken)
    blueprint.register_error_handler(Exception, _broken)
    app.after_request(_unknown_address)


def error_page(status: int, told: str | None = None, code: str | None = None) -> Response:
    """A page for a status; `told` replaces its standard sentence."""
    known = status if status in _TOLD else (500 if status >= 500 else 400)
    values: dict[str, Any] = {"error_status": known, "told": told, "code": code}
    if visit().signed_in is not None and known < 500:
        with reading() as tx:
            return page(tx, "error.html", status=status, **values)
    return bare_page("error.html", status=status, **values)


def _refused(error: EngineError) -> Response:
    return error_page(status_of(error), sentence(error), error.code)


def _unlawful(error: LegalRefusal) -> Response:
    return error_page(422, error.zh if lang().startswith("zh") else error.en, error.code)


def _store_failed(error: StoreError) -> Response:
    log.warning(
        "a page met a database failure", action="web.store_failed", kind=type(error).__name__
    )
    key = "page_error.unknown_outcome" if isinstance(error, CommitUnknown) else None
    return error_page(HTTPStatus.SERVICE_UNAVAILABLE, say(key) if key else None)


def _form_expired(_: CSRFError) -> Response:
    return error_page(400, say("page_error.form_expired"), "form.expired")


def _http(error: HTTPException) -> Response:
    answer = error_page(error.code or 500)
    if error.code == 405 and (allowed := dict(error.get_headers()).get("Allow")):
        answer.headers["Allow"] = allowed
    return answer


def _broken(error: Exception) -> Response:
    # Where it broke, not what it held: messages and locals may be personal data.
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    log.error("a page failed", action="web.failed", kind=type(error).__name__, where=where)
    return error_page(500)


def _unknown_address(response: Response) -> Response:
    """An address that no route knows never reaches a view; it gets our page all the same."""
    is_ours = request.endpoint is None and not request.path.startswith(_JSON_DOORS)
    if not is_ours or response.status_code not in (404, 405):
        return response
    answer = harden(error_page(response.status_code))
    if "Allow" in response.headers:
        answer.headers["Allow"] = response.headers["Allow"]
    return answer
