"""What the system has told the signed-in person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import fields

from api.blueprints import blueprint as noun
from api.doors import Call, read, write
from api.shapes import Instant, PageQuery, Shape, always, page_of, perhaps
from engine import person_notices

blueprint = noun("notifications", "What the system has told you")


@dataclass(frozen=True, slots=True)
class Wanted:
    limit: int
    cursor: str | None
    unread: bool


class NotificationsQuery(PageQuery):
    makes = Wanted
    unread = fields.Boolean(load_default=False)


class NotificationShape(Shape):
    id = always(fields.UUID)
    kind = always(fields.String)
    case_id = perhaps(fields.UUID)
    case_number = perhaps(fields.String)
    package_id = perhaps(fields.String)
    detail = always(fields.Dict, keys=fields.String())
    created_at = always(Instant)
    read_at = perhaps(Instant)


@blueprint.get("/notifications")
@read()
@blueprint.arguments(NotificationsQuery, location="query")
@blueprint.response(200, page_of(NotificationShape, "Notifications"))
def index(call: Call, wanted: Wanted) -> Any:
    """Your notices, the newest first."""
    return person_notices.of_person(
        call.tx, call.actor, wanted.cursor, wanted.limit, unread=wanted.unread
    )


@blueprint.post("/notifications/<uuid:notice_id>/read")
@write()
@blueprint.response(204)
def mark_read(call: Call, notice_id: UUID) -> None:
    """Note that you have read it."""
    person_notices.mark_read(call.tx, notice_id, call.actor, call.now)
