"""The code of a case's receipt: to print it again, and to replace one that others may know."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import fields

from api.blueprints import blueprint as noun
from api.doors import Call, read, write
from api.shapes import Shape, perhaps
from engine import status_codes
from engine.permissions import HANDLERS

blueprint = noun("receipts", "Receipts")


class StatusCodeShape(Shape):
    """Null where only the hash was kept (cases of the first release): make a new one."""

    status_code = perhaps(fields.String)


@blueprint.get("/cases/<uuid:case_id>/status-code")
@read(*HANDLERS)
@blueprint.response(200, StatusCodeShape)
def show(call: Call, case_id: UUID) -> Any:
    """The code an applicant asks with, 16 characters in Crockford's base32."""
    return {"status_code": status_codes.of_case(call.tx, case_id, call.actor)}


@blueprint.post("/cases/<uuid:case_id>/status-code")
@write(*HANDLERS)
@blueprint.response(200, StatusCodeShape)
def renew(call: Call, case_id: UUID) -> Any:
    """Give the case a new code, for a receipt that was lost; the former opens nothing any more."""
    return {"status_code": status_codes.issue(call.tx, case_id, call.actor, call.now)}
