"""News from outside for the one case that waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.doors import Call, write
from api.shapes import Instant, Shape, always
from engine import messages
from engine.messages import Incoming, Outcome

blueprint = noun("messages", "News from outside for one waiting case")


@dataclass(frozen=True, slots=True)
class Message:
    message_id: str
    name: str
    correlation_key: str | None
    payload: Mapping[str, Any]
    expires_at: datetime | None


class MessageShape(Shape):
    makes = Message
    message_id = fields.String(required=True, validate=validate.Length(1, 120))
    name = fields.String(required=True, validate=validate.Length(1, 120))
    correlation_key = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(1, 200)
    )
    payload = fields.Dict(keys=fields.String(), load_default=dict)
    expires_at = Instant(load_default=None, allow_none=True)


class DeliveryShape(Shape):
    """`early`: nobody waits for it yet; it is kept. `quarantined`: several do; a person decides."""

    outcome = always(fields.String, validate=validate.OneOf([each.value for each in Outcome]))


@blueprint.post("/messages")
@write("operator")
@blueprint.arguments(MessageShape)
@blueprint.response(200, DeliveryShape)
def correlate(call: Call, given: Message) -> Any:
    """Give a message to the case of your office that waits for its name and correlation key.

    The peer is your account: with the same `message_id` from the same account it counts once.
    """
    incoming = Incoming(
        peer=f"account:{call.actor.account_id}",
        message_id=given.message_id,
        name=given.name,
        correlation_key=given.correlation_key,
        payload=given.payload,
        expires_at=given.expires_at,
    )
    outcome = messages.correlate(call.tx, incoming, call.actor.office_id, call.now)
    return {"outcome": outcome.value}
