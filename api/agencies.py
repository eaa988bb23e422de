"""The agencies' door: what they answer to our calls, signed with the secret we share."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import fields
from sqlalchemy import Connection

from agencies import confirmations
from agencies.confirmations import Call
from agencies.signatures import HEADER, check
from api import strict_json
from api.blueprints import blueprint as noun
from api.context import context
from api.doors import open_to_all
from api.shapes import Shape, always
from engine.errors import NotFound

blueprint = noun("agencies", "What agencies answer to our calls")


class TakenShape(Shape):
    """`accepted`, or `duplicate`: answered before, and the first answer stands."""

    result = always(fields.String)


@blueprint.post("/agencies/<string(maxlength=60):agency>/answers")
@open_to_all("the agency signs what it says; an answer counts once")
@blueprint.response(200, TakenShape)
@blueprint.alt_response(400, "Problem400")
@blueprint.alt_response(403, "Problem403")
@blueprint.alt_response(409, "Problem409")
@blueprint.alt_response(413, "Problem413")
@blueprint.alt_response(422, "Problem422")
@blueprint.doc(
    parameters=[
        {
            "in": "header",
            "name": HEADER,
            "description": "t=<unix seconds>,v1=<HMAC-SHA256 of time, dot and body, in hex>",
            "required": True,
            "schema": {"type": "string"},
        }
    ],
    requestBody={
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["id", "status"],
                    "properties": {
                        "id": {"type": "string", "format": "uuid"},
                        "status": {"enum": list(confirmations.STATUSES)},
                        "reference": {"type": "string", "maxLength": 120},
                        "reason": {"type": "string", "maxLength": 500},
                        "answer": {},
                    },
                }
            }
        },
    },
)
def answer(agency: str) -> Any:
    """Confirm, reject, or answer a look-up."""
    endpoint = context().endpoints.get(agency)
    if endpoint is None:
        raise NotFound("agency.unknown", "There is no such agency")
    body = request.get_data()
    signature = request.headers.get(HEADER)

    def work(tx: Connection) -> str:
        database_now = context().db.now(tx)
        check(endpoint.secret, signature, body, database_now)
        strict_json.read(body)  # what cannot be stored is refused before anything is
        call = Call(agency, signature, body)
        return confirmations.accept(tx, endpoint, call, context().clock.now(), database_now)

    return {"result": context().db.run(work)}
