"""The overdue desk over the API: late cases one each, chases, notices of delay, figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, validate, validates

from api.blueprints import blueprint as noun
from api.clocks import FiredRungShape
from api.doors import Call, read, write
from api.shapes import Day, Instant, PageQuery, Shape, Words, always, many, page_of, perhaps, texts
from api.step_names import plain
from engine import queries
from engine.actors import SUPERVISORS
from engine.cursors import Order, Page
from engine.element_names import Telling
from engine.errors import Rejected
from sla import chase, delay_notices, on_time, overdue_desk
from sla.delay_notices import CHANNELS, Delay
from sla.overdue_desk import Page as DeskPage
from sla.overdue_filters import Filters, owner_of
from sla.overdue_lines import CaseLine
from sla.overdue_views import Place, View
from sla.parties import Party

blueprint = noun("overdue", "Late cases: why, whose, how late, what next")
DESK = (*SUPERVISORS, "control")
_ORDER = Order("overdue.cases", ("text", "instant", "uuid"))
_PAUSED = Order("overdue.cases.paused", ("uuid",))


@dataclass(frozen=True, slots=True)
class Wanted:
    limit: int
    cursor: str | None
    view: str
    section: str = ""
    owner: str = ""
    package: str = ""
    agency: str = ""
    order: str = ""

    @property
    def filters(self) -> Filters:
        return Filters.of(asdict(self))


@dataclass(frozen=True, slots=True)
class Question:
    question: str


class FiltersShape(Shape):
    """A tab of the desk, and what narrows it."""

    view = fields.String(
        load_default=View.OVERDUE.value, validate=validate.OneOf([each.value for each in View])
    )
    section = Words(120, load_default="")
    owner = Words(40, load_default="", metadata={"description": "A person's id, or `nobody`"})
    package = Words(120, load_default="")
    agency = Words(120, load_default="")
    order = fields.String(load_default="", validate=validate.OneOf(["", "latest"]))

    @validates("owner")
    def _owner(self, text: str, **_: object) -> None:
        if text and not owner_of(text):
            raise ValidationError("Expected a person's id or `nobody`.")


class DeskQuery(FiltersShape, PageQuery):
    makes = Wanted


class QuestionShape(Shape):
    """What the owner is to explain; never personal data."""

    makes = Question
    question = fields.String(load_default="", validate=validate.Length(max=300))


class DelayShape(Shape):
    """What the applicant is told: why, and the day by which it will be done."""

    makes = Delay
    reason = Words(500, required=True)
    new_date = Day(required=True)
    channel = fields.String(load_default="letter", validate=validate.OneOf(CHANNELS))


class ActShape(Shape):
    """`why_not` is null where the act is open; `article` is a reference such as `APA 51(3)`."""

    name = always(fields.String)
    why_not = perhaps(fields.String)
    article = always(fields.String)


class LimitShape(Shape):
    """`party` must act within it, `office` or `applicant`; `then` is what the law lets the office
    do once an applicant's has ended: `dun`, `refuse`, `ex_officio` or `go_on`."""

    clock_id = always(fields.UUID)
    name = always(fields.String)
    rule_id = always(fields.String)
    party = always(fields.String)
    then = perhaps(fields.String)
    status = always(fields.String)
    task_id = perhaps(fields.UUID)
    due_on = perhaps(Day)
    due_at = perhaps(Instant)
    overdue = always(fields.Boolean, attribute="is_overdue")
    late_days = always(fields.Integer)
    late_working_days = always(fields.Integer)
    acts = many(ActShape)


class WorkShape(Shape):
    """`away`: the assignee is on leave today; `deputy` stands in. `name_en` is the Chinese name
    where nobody has worded the step in English."""

    id = always(fields.UUID)
    name = always(fields.String)
    name_en = always(fields.String)
    element_id = always(fields.String)
    assignee_id = perhaps(fields.UUID)
    assignee = perhaps(fields.String)
    groups = texts()
    since = always(Instant)
    wait = always(fields.Boolean, attribute="waits")
    away = always(fields.Boolean)
    deputy_id = perhaps(fields.UUID)
    deputy = perhaps(fields.String)


class ChaseShape(Shape):
    """`new_date` and `reason_class` are null until the owner has answered."""

    case_id = always(fields.UUID)
    number = always(fields.String)
    overdue_case_id = always(fields.UUID)
    overdue_number = always(fields.String)
    asked_at = always(Instant)
    asked_by = perhaps(fields.String)
    by_rung = perhaps(fields.String)
    question = always(fields.String)
    open = always(fields.Boolean, attribute="is_open")
    owner = perhaps(fields.String)
    task_id = perhaps(fields.UUID)
    reason_class = perhaps(fields.String)
    reason_text = always(fields.String)
    new_date = perhaps(Day)


class LineShape(Shape):
    """One case. `limits` has on top the one it stands under; `late_party` is who is late, null
    where nobody is; `spent` are days by who had the case. `title` is what the process is called,
    null where no version of it is active any more."""

    case_id = always(fields.UUID)
    case_number = always(fields.String)
    package_id = always(fields.String)
    title = perhaps(fields.String)
    title_en = perhaps(fields.String)
    subject_label = always(fields.String)
    filed_at = always(Instant)
    late_party = perhaps(fields.String)
    limits = many(LimitShape)
    work = many(WorkShape)
    rungs = many(FiredRungShape, attribute="told")
    spent = always(fields.Dict, keys=fields.String(), values=fields.Float(), attribute="spent.days")
    chase = fields.Nested(ChaseShape, required=True, allow_none=True)
    delay_told_at = perhaps(Instant)


class ShareShape(Shape):
    kept = always(fields.Integer)
    ended = always(fields.Integer)


class FigureShape(Shape):
    """A section, or a person in it; the name is empty for work that nobody has taken."""

    section = always(fields.String)
    name = always(fields.String)
    overdue = always(fields.Integer)
    open = always(fields.Integer)
    this_month = fields.Nested(ShareShape, required=True)
    last_month = fields.Nested(ShareShape, required=True)


class FiguresShape(Shape):
    """`cases` and `tasks` are this month and the last, of the whole office."""

    this_month = always(Day)
    last_month = always(Day)
    cases = many(ShareShape)
    tasks = many(ShareShape)
    sections = many(FigureShape)
    owners = many(FigureShape)


class NoticeIdShape(Shape):
    notice_id = always(fields.UUID)


@blueprint.get("/overdue/cases")
@read(*DESK)
@blueprint.arguments(DeskQuery, location="query")
@blueprint.response(200, page_of(LineShape, "OverdueCases"))
def index(call: Call, wanted: Wanted) -> Any:
    """The cases of one tab of the overdue desk: those the office is late with before those whose
    applicant is, of each the longest overdue first."""
    view = View(wanted.view)
    place = _place(wanted, view)
    page = DeskPage(place, wanted.limit, wanted.filters)
    found = overdue_desk.desk(call.tx, call.actor, call.now, view, page)
    return Page(tuple(_named(call, found.lines)), _cursor(found.next_place))


def _named(call: Call, lines: Sequence[CaseLine]) -> Iterator[dict[str, Any]]:
    """Each line with the names of its process and its steps in both languages."""
    told = Telling(call.tx, call.actor.office_id)
    titles = queries.titles(call.tx, call.actor.office_id)
    for line in lines:
        title = titles.get(line.package_id)
        yield {
            **plain(line),
            "late_party": line.late_party,
            "title": title.zh if title else None,
            "title_en": title.text("en") if title else None,
            "work": [
                {**plain(each), "name_en": told(each.name, each.element_id, line.definition_id)}
                for each in line.work
            ],
        }


@blueprint.get("/overdue/figures")
@read(*DESK)
@blueprint.response(200, FiguresShape)
def figures(call: Call) -> Any:
    """On time or not by section and owner: this month beside the last."""
    return on_time.figures(call.tx, call.actor, call.now)


@blueprint.post("/cases/<uuid:case_id>/chases")
@write(*SUPERVISORS)
@blueprint.arguments(QuestionShape)
@blueprint.response(201, ChaseShape)
def ask(call: Call, given: Question, case_id: UUID) -> Any:
    """Ask the owner of an overdue case for the reason and a new date."""
    chase_id = chase.ask(call.tx, case_id, given.question, call.actor, call.now)
    return chase.slip(call.tx, chase_id, call.actor)


@blueprint.get("/chases/<uuid:chase_id>")
@read()
@blueprint.response(200, ChaseShape)
def show(call: Call, chase_id: UUID) -> Any:
    """One chase slip, with its answer."""
    return chase.slip(call.tx, chase_id, call.actor)


@blueprint.post("/cases/<uuid:case_id>/delay-notices")
@write(*SUPERVISORS)
@blueprint.arguments(DelayShape)
@blueprint.response(201, NoticeIdShape)
def tell(call: Call, given: Delay, case_id: UUID) -> Any:
    """Tell the applicant the reason of a delay by a numbered notice."""
    notice_id = delay_notices.tell_applicant(call.tx, case_id, given, call.actor, call.now)
    return {"notice_id": notice_id}


def _place(wanted: Wanted, view: View) -> Place | None:
    if wanted.cursor is None:
        return None
    if view is View.PAUSED:
        (clock_id,) = _PAUSED.decode(wanted.cursor)
        return None, None, clock_id
    party, due_at, clock_id = _ORDER.decode(wanted.cursor)
    if party not in set(Party):
        raise Rejected("cursor.invalid", "Expected a cursor of this list, as it was given")
    return Party(party), due_at, clock_id


def _cursor(place: Place | None) -> str | None:
    if place is None:
        return None
    party, due_at, clock_id = place
    if party is None:
        return _PAUSED.encode([str(clock_id)])
    return _ORDER.encode([party, due_at, str(clock_id)])
