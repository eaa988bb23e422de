"""Cases as they stand: lists, the page, the story, the diagram, clocks and notices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from api import step_names
from api.blueprints import blueprint as noun
from api.case_shapes import (
    CaseClockShape,
    CaseRowShape,
    CaseShape,
    DiagramShape,
    HistoryEventShape,
    NoticeShape,
)
from api.doors import Call, read, version_tag
from api.shapes import Instant, PageQuery, Shape, many, page_of, perhaps
from engine import case_rows, kept_words, queries
from engine.bpmn.interpreter import load_state, variables
from engine.case_list import DueBy
from engine.figures import CASE_STATUSES
from engine.permissions import HANDLERS
from engine.queries import CaseFilter, CaseView

blueprint = noun("cases", "One citizen's matter each")


@dataclass(frozen=True, slots=True)
class Wanted:
    limit: int
    cursor: str | None
    filter: CaseFilter


class CasesQuery(PageQuery):
    """`number` is a whole case number; it also finds cases your office received or keeps the
    household of. `due_by` lists running cases, the earliest due first; `office` is one below yours,
    for those who may search there."""

    status = fields.String(load_default=None, validate=validate.OneOf(CASE_STATUSES))
    package = fields.String(load_default=None, validate=validate.Length(1, 20))
    number = fields.String(load_default=None, validate=validate.Length(1, 24))
    overdue = fields.Boolean(load_default=None)
    due_by = fields.Enum(DueBy, by_value=True, load_default=None)
    office = fields.String(load_default=None, validate=validate.Length(1, 40))
    filed_from = Instant(load_default=None)
    filed_before = Instant(load_default=None)

    @staticmethod
    def makes(limit: int, cursor: str | None, **wanted: Any) -> Wanted:
        return Wanted(
            limit,
            cursor,
            CaseFilter(
                status=wanted["status"],
                package_id=wanted["package"],
                number=wanted["number"],
                overdue=wanted["overdue"],
                due_by=wanted["due_by"],
                office_id=wanted["office"],
                filed_from=wanted["filed_from"],
                filed_before=wanted["filed_before"],
            ),
        )


class HistoryShape(Shape):
    items = many(HistoryEventShape)
    next = perhaps(fields.String)


class CaseClocksShape(Shape):
    items = many(CaseClockShape)
    next = perhaps(fields.String)


class CaseNoticesShape(Shape):
    items = many(NoticeShape)
    next = perhaps(fields.String)


@blueprint.get("/cases")
@read()
@blueprint.arguments(CasesQuery, location="query")
@blueprint.response(200, page_of(CaseRowShape, "Cases"))
def index(call: Call, wanted: Wanted) -> Any:
    """The cases of your office, the newest first."""
    found = queries.cases(call.tx, call.actor, wanted.filter, wanted.cursor, wanted.limit, call.now)
    return step_names.cases(call.tx, call.actor.office_id, found)


@blueprint.get("/cases/<uuid:case_id>")
@read(tagged=True)
@blueprint.response(200, CaseShape)
def show(call: Call, case_id: UUID) -> Any:
    """One case with all that belongs to it; personal data is masked."""
    view = _view(call, case_id)
    case = case_rows.load(call.tx, case_id, call.actor, lock=False)
    known = variables(load_state(case.state))
    if call.actor.groups & HANDLERS:  # others see that something was said, as on the case's page
        (known,) = kept_words.told(call.tx, [known])
    return _whole(call, view, known), version_tag(view.version)


@blueprint.get("/cases/<uuid:case_id>/history")
@read()
@blueprint.response(200, HistoryShape)
def story(call: Call, case_id: UUID) -> Any:
    """What was done, by whom, when and why; at most the last 2,000 lines, oldest first."""
    return {"items": _view(call, case_id).timeline, "next": None}


@blueprint.get("/cases/<uuid:case_id>/diagram")
@read()
@blueprint.response(200, DiagramShape)
def diagram(call: Call, case_id: UUID) -> Any:
    """Which elements of its diagrams are active, done or stuck."""
    state = queries.diagram_state(call.tx, case_id, call.actor)
    return {
        "process_id": state.process_id,
        "definition_id": state.definition_id,
        "processes": {
            process: {
                "active": sorted(marks.active),
                "done": sorted(marks.done),
                "incidents": sorted(marks.incidents),
            }
            for process, marks in state.processes.items()
        },
    }


@blueprint.get("/cases/<uuid:case_id>/clocks")
@read()
@blueprint.response(200, CaseClocksShape)
def clocks(call: Call, case_id: UUID) -> Any:
    """Its clocks, each with how its due date came about."""
    return {"items": _view(call, case_id).clocks, "next": None}


@blueprint.get("/cases/<uuid:case_id>/notices")
@read()
@blueprint.response(200, CaseNoticesShape)
def notices(call: Call, case_id: UUID) -> Any:
    """What the applicant was told, and when it was served."""
    return {"items": _view(call, case_id).notices, "next": None}


def _view(call: Call, case_id: UUID) -> CaseView:
    return queries.case_view(call.tx, case_id, call.actor, call.now)


def _whole(call: Call, view: CaseView, known: Any) -> dict[str, Any]:
    office_id = call.actor.office_id
    row, own = step_names.case(call.tx, office_id, view.row), step_names.plain(view)
    tasks = step_names.tasks(call.tx, office_id, view.tasks)
    return {**row, **own, "tasks": tasks, "variables": known}
