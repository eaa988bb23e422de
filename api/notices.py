"""What the office told applicants: the day a notice was served, with its proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from api.blueprints import blueprint as noun
from api.doors import Call, write
from api.shapes import Day, Shape, Words
from engine import notices
from engine.permissions import HANDLERS

blueprint = noun("notices", "Notices to applicants")


@dataclass(frozen=True, slots=True)
class Service:
    served_on: date
    proof: str


class ServiceShape(Shape):
    makes = Service
    served_on = Day(required=True)
    proof = Words(500, required=True)


@blueprint.post("/notices/<uuid:notice_id>/serve")
@write(*HANDLERS)
@blueprint.arguments(ServiceShape)
@blueprint.response(204)
def serve(call: Call, given: Service, notice_id: UUID) -> None:
    """Enter the day a notice was served, with its proof. Once: service is a fact of law."""
    serving = notices.Serving(given.served_on, given.proof)
    notices.serve(call.tx, notice_id, serving, call.actor, call.now)
