"""The procedures of an office for everybody: what to bring, time limits, fees, fines, steps."""

from __future__ import annotations

from functools import wraps
from typing import Any

from flask import Response, request
from marshmallow import fields, validate
from sqlalchemy import Connection

from api.blueprints import View
from api.blueprints import blueprint as noun
from api.context import context
from api.doors import limit, open_to_all
from api.shapes import LabelShape, Shape, always, many, perhaps, texts
from engine import procedures
from engine.errors import NotFound
from engine.public_words import Text
from sla.articles import render
from sla.procedures import Published, one_published, published

blueprint = noun("procedures", "What people can apply for, and what it takes")
KEPT_SECONDS = 60
REASON = "it tells what the office publishes, nothing of cases or persons, at a bounded rate"


class OfficeQuery(Shape):
    """`office`: its id; without it the first that takes applications."""

    office = fields.String(validate=validate.Length(1, 40))


class PublicPaperShape(Shape):
    """`when` is null for a paper everybody brings. `instead`: the agency the office can ask."""

    id = always(fields.String)
    title = always(fields.Nested, LabelShape)
    when = perhaps(fields.Nested, LabelShape)
    instead = perhaps(fields.String)


class PublicLimitShape(Shape):
    """`whose` time it is: `applicant`, `office`, or `afterwards`."""

    clock = always(fields.String)
    whose = always(fields.String)
    length = always(fields.Nested, LabelShape)
    begins = always(fields.Nested, LabelShape)
    article = always(fields.Nested, LabelShape)
    may_pause = always(fields.Boolean)


class WaiverShape(Shape):
    reason = always(fields.Nested, LabelShape)
    article = always(fields.Nested, LabelShape)


class FeeShape(Shape):
    """`amount` in NT$; null where the table names none for today."""

    title = always(fields.Nested, LabelShape)
    unit = always(fields.Nested, LabelShape)
    ground = always(fields.Nested, LabelShape)
    amount = perhaps(fields.Integer)
    waivers = many(WaiverShape)


class FineTierShape(Shape):
    """NT$ for being `first` to `last` days late; `last` null: or more; both null: after the
    office's written demand."""

    first = perhaps(fields.Integer)
    last = perhaps(fields.Integer)
    amount = always(fields.Integer)
    article = always(fields.Nested, LabelShape)


class ApplicantsShape(Shape):
    """`listed` may apply by themselves; `by_proxy`: somebody may come in their place."""

    words = perhaps(fields.Nested, LabelShape)
    listed = many(LabelShape)
    by_proxy = always(fields.Boolean)
    ground = perhaps(fields.Nested, LabelShape)


class CorrectionTermShape(Shape):
    """Calendar days to bring what was missing, by the channel one applied through."""

    channel = always(fields.String)
    days = always(fields.Integer)


class ProcedureShape(Shape):
    id = always(fields.String)
    version = always(fields.Integer)
    kind = always(fields.String)
    title = always(fields.Nested, LabelShape)
    what = always(fields.Nested, LabelShape)
    channels = texts()
    online_at = perhaps(fields.String)
    applicants = always(fields.Nested, ApplicantsShape)
    papers = many(PublicPaperShape)
    bring = many(LabelShape)
    limits = many(PublicLimitShape)
    fees = many(FeeShape)
    fine = many(FineTierShape)
    corrections = many(CorrectionTermShape)
    steps = many(LabelShape)
    afterwards = many(LabelShape)


class ProceduresShape(Shape):
    office = perhaps(fields.String)
    items = many(ProcedureShape)


def _for_all(route: View) -> View:
    """Answer anybody, at a bounded rate; caches may keep the answer and compare it by its tag."""

    @open_to_all(REASON, tagged=True)
    @wraps(route)
    def answered(*args: Any, **ids: Any) -> Response:
        now = context().real_clock.now()
        limit(context().limits.public.wait_for(request.remote_addr or "?", now))
        answer: Response = route(*args, **ids)
        answer.cache_control.public = True
        answer.cache_control.max_age = KEPT_SECONDS
        answer.cache_control.must_revalidate = True
        answer.add_etag()
        asked = {key: value for key, value in request.environ.items() if key != "HTTP_IF_MATCH"}
        answer.make_conditional(asked)  # who only reads is never refused for what they saw before
        return answer

    return answered


@blueprint.get("/procedures")
@_for_all
@blueprint.arguments(OfficeQuery, location="query")
@blueprint.response(200, ProceduresShape)
@blueprint.alt_response(404, "Problem404")
def index(asked: dict[str, str]) -> Any:
    """What people can apply for at an office."""
    with context().db.transaction(read_only=True) as tx:
        office = _office(tx, asked.get("office"))
        found = published(tx, office, context().clock.now()) if office else []
    return {"office": office, "items": [_told(each) for each in found]}


@blueprint.get("/procedures/<string(maxlength=20):package_id>")
@_for_all
@blueprint.arguments(OfficeQuery, location="query")
@blueprint.response(200, ProcedureShape)
def show(asked: dict[str, str], package_id: str) -> Any:
    """One matter: who may apply, papers, time limits, fees, fines and steps."""
    with context().db.transaction(read_only=True) as tx:
        office = _office(tx, asked.get("office"))
        if office is None:
            raise NotFound("procedure.not_found", f"Nobody applies for {package_id} here")
        return _told(one_published(tx, office, package_id, context().clock.now()))


def _office(tx: Connection, wanted: str | None) -> str | None:
    known = [office.id for office in procedures.open_offices(tx)]
    if wanted is None:
        return known[0] if known else None
    if wanted not in known:
        raise NotFound("office.not_found", f"There is no office {wanted} that takes applications")
    return wanted


def _told(found: Published) -> dict[str, Any]:
    """The shape's own names for the most part; articles are written out."""
    procedure = found.procedure
    told = {name: getattr(procedure, name) for name in ProcedureShape().fields if name != "limits"}
    return {
        **told,
        "limits": found.limits,
        "fees": [
            {
                "title": fee.title,
                "unit": fee.unit,
                "ground": fee.ground,
                "amount": fee.amount,
                "waivers": [
                    {"reason": each.reason, "article": _article(each.article)}
                    for each in fee.waivers
                ],
            }
            for fee in procedure.fees
        ],
        "fine": [
            {
                "first": tier.first,
                "last": tier.last,
                "amount": tier.amount,
                "article": _article(tier.article),
            }
            for tier in procedure.fine
        ],
    }


def _article(reference: str) -> Text:
    return Text(render(reference, "zh-TW"), render(reference, "en"))
