"""Where a case stands, token by token, and deeds on its tokens: move, add, cancel, skip, repeat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.case_shapes import StandingShape
from api.doors import Call, read, version_tag, write
from api.shapes import RefusalShape, Shape, Words, always, many, perhaps, texts
from engine import case_rows, notes, tokens
from engine.bpmn.token_moves import Add, Cancel, Deed, Move, Repeat, Skip
from engine.case_rows import Case
from engine.permissions import MENDERS

blueprint = noun("tokens", "Tokens of cases")
_KEY = validate.Length(1, 500)
_PLACE = validate.Length(1, 120)


@dataclass(frozen=True, slots=True)
class Moved:
    token: str
    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class Touched:
    token: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    token: str
    values: Mapping[str, Any]
    reason: str


class MovedTokenShape(Shape):
    """`to` is an element of the same scope, or a flow, on which the token then arrives."""

    makes = Moved
    token = fields.String(required=True, validate=_KEY)
    to = fields.String(required=True, validate=_PLACE)
    reason = Words(notes.MAX_NOTE, required=True)


class TouchedTokenShape(Shape):
    makes = Touched
    token = fields.String(required=True, validate=_KEY)
    reason = Words(notes.MAX_NOTE, required=True)


class SkippedTokenShape(Shape):
    """`values` are the variables with which the activity is left."""

    makes = Skipped
    token = fields.String(required=True, validate=_KEY)
    values = fields.Dict(keys=fields.String(), load_default=dict)
    reason = Words(notes.MAX_NOTE, required=True)


class TokenShape(Shape):
    """`key` names the token in deeds; `inside` counts the scopes around it; `acts` are the deeds
    that may be tried."""

    key = always(fields.String)
    process_id = always(fields.String)
    element_id = always(fields.String)
    name = always(fields.String)
    kind = always(fields.String)
    inside = always(fields.Integer)
    acts = texts()


class TokensShape(Shape):
    """`refusal` says why you may not touch them."""

    items = many(TokenShape, attribute="tokens")
    refusal = perhaps(fields.Nested, RefusalShape)
    next = perhaps(fields.String)


@blueprint.get("/cases/<uuid:case_id>/tokens")
@read(tagged=True)
@blueprint.response(200, TokensShape)
def index(call: Call, case_id: UUID) -> Any:
    """Everything that is active in the case, and tokens that wait at joins."""
    found = tokens.look(call.tx, case_id, call.actor, call.now)
    told = {"tokens": found.tokens, "refusal": found.refusal, "next": None}
    return told, 200, version_tag(found.case.version)


@blueprint.post("/cases/<uuid:case_id>/tokens/move")
@write(*MENDERS, versioned=True)
@blueprint.arguments(MovedTokenShape)
@blueprint.response(200, StandingShape)
def move(call: Call, given: Moved, case_id: UUID) -> Any:
    """Cancel at one element and begin at another of the same scope."""
    return _do(call, case_id, Move(given.token, given.to), given.reason)


@blueprint.post("/cases/<uuid:case_id>/tokens/add")
@write(*MENDERS, versioned=True)
@blueprint.arguments(MovedTokenShape)
@blueprint.response(200, StandingShape)
def add(call: Call, given: Moved, case_id: UUID) -> Any:
    """Let one more branch begin beside a token, in its scope."""
    return _do(call, case_id, Add(given.token, given.to), given.reason)


@blueprint.post("/cases/<uuid:case_id>/tokens/cancel")
@write(*MENDERS, versioned=True)
@blueprint.arguments(TouchedTokenShape)
@blueprint.response(200, StandingShape)
def cancel(call: Call, given: Touched, case_id: UUID) -> Any:
    """Take a branch out of the case; not the last one of its scope."""
    return _do(call, case_id, Cancel(given.token), given.reason)


@blueprint.post("/cases/<uuid:case_id>/tokens/skip")
@write(*MENDERS, versioned=True)
@blueprint.arguments(SkippedTokenShape)
@blueprint.response(200, StandingShape)
def skip(call: Call, given: Skipped, case_id: UUID) -> Any:
    """Leave an activity as if it were completed, with the values that are needed behind it."""
    return _do(call, case_id, Skip(given.token, given.values), given.reason)


@blueprint.post("/cases/<uuid:case_id>/tokens/repeat")
@write(*MENDERS, versioned=True)
@blueprint.arguments(TouchedTokenShape)
@blueprint.response(200, StandingShape)
def repeat(call: Call, given: Touched, case_id: UUID) -> Any:
    """End an activity and begin it anew."""
    return _do(call, case_id, Repeat(given.token), given.reason)


def _do(call: Call, case_id: UUID, deed: Deed, reason: str) -> Case:
    call.demand_version(case_rows.load(call.tx, case_id, call.actor).version)
    tokens.do(call.tx, case_id, deed, reason, call.actor, call.now)
    return case_rows.load(call.tx, case_id, call.actor, lock=False)
