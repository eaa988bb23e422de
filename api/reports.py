"""Reports of some months over the API: on time or not, where the time went, what was extended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.chases import DESK
from api.doors import Call, read
from api.shapes import Day, Shape, Words, always, many, perhaps, texts
from api.step_names import plain
from engine.element_names import Telling
from sla import reports
from sla.ended import month_of

blueprint = noun("reports", "Months: on time or not, where the time went, what was extended")


@dataclass(frozen=True, slots=True)
class Span:
    first: date | None
    last: date | None
    office: str
    section: str


class SpanQuery(Shape):
    """Any day of the first and of the last month; the last twelve months where none is given.
    `office` is one below the caller's own, or `*` for the own and all below it."""

    makes = Span
    first = Day(load_default=None)
    last = Day(load_default=None)
    office = fields.String(load_default="", validate=validate.Length(max=40))
    section = Words(40, load_default="")


class SumsShape(Shape):
    """`done` tasks completed or cases closed; `ended` and `kept` limits. The rest are seconds, of
    a case each moment once: `work`, `pick_up` (until somebody took it), `applicant`, `agency`,
    `outside`, `system`. `paused` is how long a limit stood still beside these."""

    done = always(fields.Integer)
    ended = always(fields.Integer)
    kept = always(fields.Integer)
    work = always(fields.Integer)
    pick_up = always(fields.Integer)
    applicant = always(fields.Integer)
    agency = always(fields.Integer)
    outside = always(fields.Integer)
    system = always(fields.Integer)
    paused = always(fields.Integer)


class ReportLineShape(Shape):
    """`key` is the month's first day, the office's id, the section, the person's name, the id of
    the process, or the step's name in Chinese."""

    key = always(fields.String)
    package_id = always(fields.String)
    element_id = always(fields.String)
    person_id = perhaps(fields.UUID)
    section = always(fields.String)
    tasks = fields.Nested(SumsShape, required=True)
    cases = fields.Nested(SumsShape, required=True)


class StepLineShape(ReportLineShape):
    """`name_en` is the Chinese name where nobody has worded the step in English."""

    name_en = always(fields.String)


class ExtensionsShape(Shape):
    """How many limits of a process were extended for one reason, by how much in all."""

    package_id = always(fields.String)
    reason = always(fields.String)
    granted = always(fields.Integer)
    length = always(fields.Integer)
    unit = always(fields.String)


class ReportShape(Shape):
    """`offices` has lines for several offices only, `sections` and `people` for one only. `until`:
    the first day that is not counted yet, where too much ended since."""

    first = always(Day)
    last = always(Day)
    until = perhaps(Day)
    office_ids = texts()
    whole = fields.Nested(ReportLineShape, required=True)
    months = many(ReportLineShape)
    offices = many(ReportLineShape)
    sections = many(ReportLineShape)
    steps = many(StepLineShape)
    people = many(ReportLineShape)
    packages = many(ReportLineShape)
    extensions = many(ExtensionsShape)


@blueprint.get("/reports")
@read(*DESK)
@blueprint.arguments(SpanQuery, location="query")
@blueprint.response(200, ReportShape)
def show(call: Call, span: Span) -> Any:
    """The figures of some months, until now: exact, whether they are summed up already or not."""
    first, last = reports.last_months(call.now)
    wanted = reports.Wanted(
        month_of(span.first or first),
        month_of(span.last or last),
        span.office or None,
        span.section or None,
    )
    found = reports.report(call.tx, wanted, call.actor, call.now)
    told = Telling(call.tx, call.actor.office_id)
    steps = [{**plain(line), "name_en": told(line.key, line.element_id)} for line in found.steps]
    return {**plain(found), "first": wanted.first, "last": wanted.last, "steps": steps}
