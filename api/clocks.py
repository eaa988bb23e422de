"""Legal time: what is overdue and why, and the one extension the law allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.doors import Call, read, write
from api.shapes import (
    Day,
    Instant,
    PageQuery,
    Shape,
    Whole,
    Words,
    always,
    many,
    page_of,
    perhaps,
    texts,
)
from engine.cursors import Order, Page
from sla import case_clocks, clock_facts, clocks, extensions, overdue
from sla.extensions import MAY_EXTEND, Longer
from sla.overdue import OverdueRow
from sla.spans import Unit

blueprint = noun("clocks", "Legal time: promises running, paused, met or overdue")
_ORDER = Order("overdue", ("instant", "uuid"))
_PAUSED = Order("overdue.paused", ("uuid",))
_SHOWN = (
    *("id", "case_id", "task_id", "name", "rule_id", "status"),
    *("started_on", "due_on", "due_at", "target_at", "met_at"),
)
UNITS = (Unit.DAY, Unit.CALENDAR_DAY, Unit.WORKING_DAY, Unit.WEEK, Unit.MONTH)


@dataclass(frozen=True, slots=True)
class Wanted:
    limit: int
    cursor: str | None
    which: str


@dataclass(frozen=True, slots=True)
class Extension:
    length: int
    unit: str
    reason: str
    told_on: date


class OverdueQuery(PageQuery):
    makes = Wanted
    which = fields.String(
        load_default="overdue", validate=validate.OneOf(("overdue", "upcoming", "paused"))
    )


class ExtensionShape(Shape):
    """`told_on` is the day the applicant was told, with the reason, before the limit ended."""

    makes = Extension
    length = Whole(1, 1_000, required=True)
    unit = fields.String(required=True, validate=validate.OneOf([unit.value for unit in UNITS]))
    reason = Words(500, required=True)
    told_on = Day(required=True)


class OpenTaskShape(Shape):
    id = always(fields.UUID)
    name = always(fields.String)
    assignee = perhaps(fields.String)
    groups = texts()
    since = always(Instant)
    wait = always(fields.Boolean)


class FiredRungShape(Shape):
    at_point = always(fields.String)
    act = always(fields.String)
    to = always(fields.String)
    fired_at = always(Instant)


class OverdueShape(Shape):
    """`late_days` counts whole working days; `may_extend` is null, or the code of why not."""

    clock_id = always(fields.UUID)
    case_id = always(fields.UUID)
    case_number = always(fields.String)
    package_id = always(fields.String)
    subject_label = always(fields.String)
    clock = always(fields.String)
    rule_id = always(fields.String)
    status = always(fields.String)
    due_on = perhaps(Day)
    due_at = perhaps(Instant)
    overdue = always(fields.Boolean)
    party = always(fields.String)
    late_days = always(fields.Integer)
    tasks = many(OpenTaskShape)
    rungs = many(FiredRungShape)
    may_extend = perhaps(fields.String)


class CountsShape(Shape):
    """Cases. `office` are those the office is late with, `applicant` the other overdue ones."""

    overdue = always(fields.Integer)
    office = always(fields.Integer)
    applicant = always(fields.Integer)
    due_today = always(fields.Integer)
    soon = always(fields.Integer)
    paused = always(fields.Integer)


class FactShape(Shape):
    """One act on a clock; `entered_by` is empty where the system entered it."""

    kind = always(fields.String)
    on_day = always(Day)
    at = always(Instant)
    entered_by = always(fields.String)
    reason = always(fields.String)
    due_before = perhaps(Instant)
    due_after = perhaps(Instant)


class LeftOutShape(Shape):
    """Days that are not counted as used: `why` is `pause` or `away` (at another agency)."""

    why = always(fields.String)
    first = always(Day)
    last = always(Day)
    days = always(fields.String)
    ground = texts()
    agency = always(fields.String)
    goes_on = always(fields.Boolean)


class UsedDaysShape(Shape):
    """The second count of a clock: working days used, in halves, as text such as `4.5`."""

    days = always(fields.String)
    since = always(Day)
    until = always(Day)
    rest_days = always(fields.Integer)
    half_days: fields.List[Any] = fields.List(Day(), required=True)
    left_out = many(LeftOutShape)
    same_day = always(fields.Boolean)


class ServedLetterShape(Shape):
    """The letter of an extension. `is_late`: served after the first period, or not yet although
    that is over."""

    id = always(fields.UUID)
    number = always(fields.String)
    issued_at = always(Instant)
    served_on = perhaps(Day)
    proof = always(fields.String)
    is_late = always(fields.Boolean)


class MadeExtensionShape(Shape):
    """The one extension; `length` in words, in Chinese and in English."""

    length = texts()
    told_on = always(Day)
    reason = always(fields.String)
    letter = perhaps(fields.Nested, ServedLetterShape)


class ClockShape(Shape):
    """`due_at` is the end by law, `target_at` the office's own aim before it. `used` counts the
    working days the office used, null for an applicant's term. `explanation` says in both
    languages, step by step, how the due date was counted; `facts` are what it rests on, oldest
    first."""

    id = always(fields.UUID)
    case_id = always(fields.UUID)
    task_id = perhaps(fields.UUID)
    name = always(fields.String)
    rule_id = always(fields.String)
    status = always(fields.String)
    overdue = always(fields.Boolean)
    started_on = always(Day)
    due_on = perhaps(Day)
    due_at = perhaps(Instant)
    target_at = perhaps(Instant)
    met_at = perhaps(Instant)
    used = perhaps(fields.Nested, UsedDaysShape)
    extension = perhaps(fields.Nested, MadeExtensionShape)
    explanation = always(fields.Raw)
    facts = many(FactShape)


@blueprint.get("/overdue")
@read()
@blueprint.arguments(OverdueQuery, location="query")
@blueprint.response(200, page_of(OverdueShape, "OverduePage"))
def index(call: Call, wanted: Wanted) -> Any:
    """The clocks of your office by due time; derived now, so no stopped worker hides one."""
    rows = overdue.queue(
        call.tx,
        call.actor,
        call.now,
        which=wanted.which,
        after=_place(wanted),
        limit=wanted.limit + 1,
    )
    return _page(rows, wanted)


@blueprint.get("/overdue/counts")
@read()
@blueprint.response(200, CountsShape)
def count(call: Call) -> Any:
    """How many cases of your office are overdue (and who is late), due today, paused, and
    how many will be overdue (`soon`): the office's own aim is behind, the end is not."""
    return overdue.counts(call.tx, call.actor, call.now)


@blueprint.get("/clocks/<uuid:clock_id>")
@read()
@blueprint.response(200, ClockShape)
def show(call: Call, clock_id: UUID) -> Any:
    """One clock, and how its due date came about."""
    return _clock(call, clock_id)


@blueprint.post("/clocks/<uuid:clock_id>/extend")
@write(*MAY_EXTEND)
@blueprint.arguments(ExtensionShape)
@blueprint.response(200, ClockShape)
def extend(call: Call, given: Extension, clock_id: UUID) -> Any:
    """Extend a processing limit: once, at most by its own length, told before it ended."""
    longer = Longer(given.length, Unit(given.unit), given.reason, given.told_on)
    extensions.extend(call.tx, clock_id, longer, call.actor, call.now)
    return _clock(call, clock_id)


def _clock(call: Call, clock_id: UUID) -> dict[str, Any]:
    row, explanation = clocks.explained(call.tx, clock_id, call.actor)
    detail = case_clocks.detail_of(call.tx, row, call.now)
    return {
        **{name: getattr(row, name) for name in _SHOWN},
        "overdue": row.status == "running" and row.due_at is not None and row.due_at <= call.now,
        "used": detail.used,
        "extension": detail.extension,
        "explanation": explanation,
        "facts": clock_facts.facts_of(call.tx, clock_id),
    }


def _place(wanted: Wanted) -> tuple[datetime | None, UUID] | None:
    if wanted.cursor is None:
        return None
    if wanted.which == "paused":
        (clock_id,) = _PAUSED.decode(wanted.cursor)
        return None, clock_id
    due_at, clock_id = _ORDER.decode(wanted.cursor)
    return due_at, clock_id


def _page(rows: list[OverdueRow], wanted: Wanted) -> Page[OverdueRow]:
    shown = rows[: wanted.limit]
    if len(rows) <= wanted.limit:
        return Page(tuple(shown))
    last = shown[-1]
    if wanted.which == "paused":
        return Page(tuple(shown), _PAUSED.encode([str(last.clock_id)]))
    return Page(tuple(shown), _ORDER.encode([last.due_at, str(last.clock_id)]))
