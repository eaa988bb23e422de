"""Whether this process lives, and whether it can serve: what load balancers ask."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from marshmallow import fields
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from api.blueprints import Blueprint
from api.context import context
from api.doors import open_to_all
from api.shapes import Shape, always
from engine.workers import alive
from store.database import StoreError
from store.migrations.run import newest
from store.tables import installation

PATIENCE = 2.0  # seconds
FARTHEST = timedelta(seconds=2)
log = structlog.get_logger()

blueprint = Blueprint(
    "health", __name__, url_prefix="/health", description="Whether this process lives and serves"
)


class LiveShape(Shape):
    status = always(fields.String)


class ReadyShape(Shape):
    """Each check is `ok`, or says in a word what is wrong.

    `workers` is `none` where no worker lives: timers and notifications wait, but pages and calls
    are served all the same, so that it alone does not make us not ready.
    """

    status = always(fields.String)
    database = always(fields.String)
    schema = always(fields.String)
    clock = always(fields.String)
    workers = always(fields.String)


@blueprint.get("/live")
@open_to_all("it says nothing but that the process answers")
@blueprint.response(200, LiveShape)
def live() -> Any:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/ready")
@open_to_all("it says nothing but that the parts work")
@blueprint.response(200, ReadyShape)
@blueprint.alt_response(503, schema=ReadyShape)
def ready() -> Any:
    """The database can be written, its schema is ours, and our clock agrees with its clock."""
    checks = {"database": _try(_writes), "schema": _try(_schema), "clock": _try(_clock)}
    is_ready = all(found == "ok" for found in checks.values())
    answer = {"status": "ok" if is_ready else "not ready", **checks, "workers": _try(_workers)}
    return answer, 200 if is_ready else 503


def _try(check: Callable[[], str]) -> str:
    try:
        return check()
    except (StoreError, SQLAlchemyError) as error:
        log.warning("not ready", action="health.not_ready", check=check.__name__, why=str(error))
        return "unreachable"


def _writes() -> str:
    """A write that changes nothing, and fails where nothing can be written."""
    with context().db.transaction(deadline=time.monotonic() + PATIENCE) as tx:
        tx.execute(update(installation).where(installation.c.id == 0).values(mode="demo"))
    return "ok"


def _schema() -> str:
    return "ok" if context().db.schema_revision() == newest() else "other revision"


def _workers() -> str:
    with context().db.transaction(read_only=True, deadline=time.monotonic() + PATIENCE) as tx:
        return "ok" if alive(tx, context().db.now(tx)) else "none"


def _clock() -> str:
    with context().db.transaction(read_only=True, deadline=time.monotonic() + PATIENCE) as tx:
        told = context().db.now(tx)
    return "ok" if abs(context().real_clock.now() - told) < FARTHEST else "apart"
