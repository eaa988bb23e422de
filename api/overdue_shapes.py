"""What a late case looks like over the API, and what the list may be narrowed to."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from marshmallow import ValidationError, fields, validate, validates

from api.chases import ChaseShape
from api.clocks import FiredRungShape
from api.shapes import Day, Instant, PageQuery, Shape, Words, always, many, perhaps, texts
from sla.overdue_filters import Filters, owner_of
from sla.overdue_views import View


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
