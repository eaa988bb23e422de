"""What the office has promised to send, and sending again what failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from agencies import outbox_list, replays
from api.blueprints import blueprint as noun
from api.doors import Call, read, write
from api.shapes import Instant, PageQuery, RefusalShape, Shape, always, page_of, perhaps, texts
from engine.figures import OUTBOX_STATUSES
from engine.permissions import MENDERS

blueprint = noun("outbox", "Notifications to agencies and mails")


@dataclass(frozen=True, slots=True)
class Wanted:
    limit: int
    cursor: str | None
    status: str | None


class OutboxQuery(PageQuery):
    makes = Wanted
    status = fields.String(load_default=None, validate=validate.OneOf(OUTBOX_STATUSES))


class OutboxShape(Shape):
    """Which fields go, never their values."""

    id = always(fields.UUID)
    case_id = perhaps(fields.UUID)
    case_number = perhaps(fields.String)
    operation = always(fields.String)
    peer = always(fields.String)
    kind = always(fields.String)
    basis = perhaps(fields.String)
    field_names = texts()
    status = always(fields.String)
    attempts = always(fields.Integer)
    created_at = always(Instant)
    next_attempt_at = perhaps(Instant)
    sent_at = perhaps(Instant)
    answered_at = perhaps(Instant)
    reference = perhaps(fields.String)
    last_error = perhaps(fields.String)
    may_replay = perhaps(fields.Nested, RefusalShape)


@blueprint.get("/outbox")
@read()
@blueprint.arguments(OutboxQuery, location="query")
@blueprint.response(200, page_of(OutboxShape, "OutboxPage"))
def index(call: Call, wanted: Wanted) -> Any:
    """What your office has promised to send, the newest first."""
    return outbox_list.of_office(call.tx, call.actor, wanted.status, wanted.cursor, wanted.limit)


@blueprint.post("/outbox/<uuid:outbox_id>/replay")
@write(*MENDERS)
@blueprint.response(204)
def replay(call: Call, outbox_id: UUID) -> None:
    """Send a failed promise again, with the same idempotency key."""
    replays.replay(call.tx, outbox_id, call.actor, call.now)
