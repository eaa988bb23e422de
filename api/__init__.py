"""The JSON API: an application of its own before the pages, under /api/v1, /health and /metrics.

Pages and API share the database and the verbs, and nothing of HTTP: no error handler, no cookie,
no limit of one can change the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from flask import Flask, Response, current_app, jsonify, request

from api import doors, errors, metrics, nouns
from api.context import EXTENSION, ApiContext
from api.document import ABOUT, TITLE, VERSION, complete
from api.errors import Unreadable
from api.limits import Limiter, Limits
from api.shapes import ProblemShape
from api.strict_json import Provider, storable

__all__ = ["ApiContext", "Limiter", "Limits", "create_api", "document"]

PREFIXES = ("/api/", "/health/", "/metrics")
LARGEST_BODY = 1 << 20
_OWN = "huzheng.api.application"
_DOCUMENT = "huzheng.api.document"


def create_api(app: Flask, context: ApiContext) -> None:
    """Put the API before the pages of `app`."""
    own = Flask("huzheng-api", static_folder=None)
    own.json = Provider(own)
    own.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    own.extensions[EXTENSION] = context
    errors.register(own)
    own.before_request(_refuse_unreadable_address)
    own.after_request(_for_nobody_else)
    own.extensions[_DOCUMENT] = _documented(own)
    doors.check_policies(own)
    counted = metrics.Metrics()
    counted.watch(own, app)
    own.extensions[metrics.EXTENSION] = counted
    app.extensions[_OWN] = own
    app.wsgi_app = _by_path(own, app.wsgi_app)  # type: ignore[method-assign]


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the API that `create_api` put before `app`."""
    own: Flask = app.extensions[_OWN]
    found: dict[str, Any] = own.extensions[_DOCUMENT]
    return found


def _documented(own: Flask) -> dict[str, Any]:
    """Register every noun, and tell what there is."""
    api = errors.Api(
        own,
        spec_kwargs={
            "title": TITLE,
            "version": VERSION,
            "openapi_version": "3.1.0",
            "info": {"description": ABOUT},
            "marshmallow_plugin": MarshmallowPlugin(schema_name_resolver=_name_of),
        },
    )
    api.spec.components.schema("Problem", schema=ProblemShape)
    for blueprint in nouns.BLUEPRINTS:
        api.register_blueprint(blueprint)
    own.add_url_rule("/api/v1/openapi.json", "openapi", _openapi)
    return complete(api.spec.to_dict(), own)


@doors.open_to_all("it says what the API is, and nothing of what is in it")
def _openapi() -> Response:
    return jsonify(current_app.extensions[_DOCUMENT])


def _name_of(shape: Any) -> str:
    found = resolve_schema_cls(shape)
    kind = found[0] if isinstance(found, list) else found
    return kind.__name__.removesuffix("Shape")


def _refuse_unreadable_address() -> None:
    given = (request.path, *(text for pair in request.args.items(multi=True) for text in pair))
    if not all(map(storable, given)):
        raise Unreadable("address.text", "Expected an address without NUL and half characters")


def _for_nobody_else(answer: Response) -> Response:
    """Answers hold personal data: no cache between us and the caller keeps them, but for those
    that say they are for everybody."""
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _by_path(own: Flask, pages: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        is_ours = environ.get("PATH_INFO", "").startswith(PREFIXES)
        return (own.wsgi_app if is_ours else pages)(environ, start_response)

    return serve
