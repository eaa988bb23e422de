"""How the installation is: processes, work that waits, the database, the chain, the clocks."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine.vitals import AT_MOST, vitals
from store.migrations.run import newest
from web.pages import page
from web.policies import OPERATION, policy
from web.timers import span
from web.visits import context, now, reading

blueprint = Blueprint("system", __name__)


@blueprint.get("/operations/system")
@policy(OPERATION)
def show() -> ResponseReturnValue:
    with reading() as tx:
        found = vitals(context().db, tx, now(), context().wall_clock.now())
        return page(
            tx,
            "system.html",
            vitals=found,
            newest=newest(),
            most=AT_MOST,
            drift=found.drift.total_seconds(),
            megabytes=round(found.size / 1_048_576, 1),
            backup_age=span(context().wall_clock.now() - found.last_backup_at)
            if found.last_backup_at
            else None,
        )
