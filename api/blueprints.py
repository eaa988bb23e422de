"""flask-smorest's blueprint with our reader of bodies, and with types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from flask import Request
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import Schema
from webargs import missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from api import strict_json

View = Callable[..., Any]
Decorator = Callable[[View], View]


class Parser(FlaskParser):
    """Reads bodies strictly, and refuses query parameters that a route does not know."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 — declared so by webargs
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": None,  # None: as the shape says, which is to refuse
        "json": None,
    }

    def load_json(self, req: Request, schema: Schema) -> Any:
        body = req.get_data()
        if not body:
            return missing
        if not req.is_json:
            raise UnsupportedMediaType("Expected a body of the type application/json")
        return strict_json.read(body)


class Blueprint(SmorestBlueprint):  # type: ignore[misc]
    """The routes of one noun."""

    ARGUMENTS_PARSER = Parser()

    def get(self, rule: str, **options: Any) -> Decorator:
        return cast(Decorator, super().get(rule, **options))

    def post(self, rule: str, **options: Any) -> Decorator:
        return cast(Decorator, super().post(rule, **options))

    def delete(self, rule: str, **options: Any) -> Decorator:
        return cast(Decorator, super().delete(rule, **options))

    def arguments(self, schema: type[Schema], **options: Any) -> Decorator:
        return cast(Decorator, super().arguments(schema, **options))

    def response(
        self,
        status_code: int,
        schema: type[Schema] | Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Decorator:
        return cast(Decorator, super().response(status_code, schema, **options))

    def alt_response(self, status_code: int, reference: str | None = None, **o: Any) -> Decorator:
        return cast(Decorator, super().alt_response(status_code, reference, **o))

    def doc(self, **about: Any) -> Decorator:
        return cast(Decorator, super().doc(**about))


def blueprint(name: str, about: str) -> Blueprint:
    """The blueprint of one noun, below the base of the API; `about` describes it to readers."""
    return Blueprint(name, f"api.{name}", url_prefix="/api/v1", description=about)
