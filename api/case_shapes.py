# sizes: exempt — a table of data: the fields of a case and what belongs to it
"""The shapes of a case: what a list shows of it, and all that its page shows. Data is masked."""

from __future__ import annotations

from marshmallow import fields

from api.shapes import (
    Day,
    Instant,
    LabelShape,
    RefusalShape,
    Shape,
    always,
    many,
    perhaps,
    texts,
)


class CaseRowShape(Shape):
    """`due_at` is the earliest of the case's own running clocks, `due_party` who must act within it
    (`office` or `applicant`); `overdue` is derived now."""

    id = always(fields.UUID, attribute="case_id")
    number = always(fields.String)
    package_id = always(fields.String)
    title = always(fields.Nested, LabelShape)
    subject_label = always(fields.String)
    status = always(fields.String)
    outcome = perhaps(fields.String)
    channel = always(fields.String)
    priority = always(fields.Integer)
    office_id = always(fields.String)
    filed_at = always(Instant)
    closed_at = perhaps(Instant)
    due_at = perhaps(Instant)
    due_party = always(fields.String)
    overdue = always(fields.Boolean)
    open_tasks = texts()
    open_tasks_en = fields.List(fields.String())  # not of cases inside of another
    open_incidents = always(fields.Integer)
    paused = always(fields.Boolean)


class TaskRowShape(Shape):
    """One task in a list; `may_claim` is null for yes."""

    id = always(fields.UUID, attribute="task_id")
    case_id = always(fields.UUID)
    case_number = always(fields.String)
    case_status = always(fields.String)
    package_id = always(fields.String)
    title = always(fields.Nested, LabelShape)
    subject_label = always(fields.String)
    element_id = always(fields.String)
    name = always(fields.String)
    name_en = always(fields.String)
    status = always(fields.String)
    version = always(fields.Integer)
    groups = texts()
    assignee_id = perhaps(fields.UUID)
    assignee_name = perhaps(fields.String)
    duty = perhaps(fields.String)
    outcomes = texts()
    urgent_at = perhaps(Instant)
    target_at = perhaps(Instant)
    overdue = always(fields.Boolean)
    priority = always(fields.Integer)
    returned = always(fields.Boolean)
    wait = always(fields.Boolean)
    created_at = always(Instant)
    claimed_at = perhaps(Instant)
    may_claim = perhaps(fields.Nested, RefusalShape)


class DataItemShape(Shape):
    path = always(fields.String)
    label = always(fields.Nested, LabelShape)
    masked = fields.Raw(required=True, allow_none=True)


class DutyShape(Shape):
    person_id = always(fields.UUID)
    name = always(fields.String)
    duty = always(fields.String)
    since = always(Instant)


class CaseOutboxShape(Shape):
    """Which fields went to an agency, never their values."""

    id = always(fields.UUID)
    operation = always(fields.String)
    peer = always(fields.String)
    basis = perhaps(fields.String)
    kind = always(fields.String)
    field_names = texts()
    status = always(fields.String)
    attempts = always(fields.Integer)
    created_at = always(Instant)
    sent_at = perhaps(Instant)
    answered_at = perhaps(Instant)
    next_attempt_at = perhaps(Instant)
    reference = perhaps(fields.String)
    last_error = perhaps(fields.String)


class NoticeShape(Shape):
    """`state`: made, served, returned or void. `owes_service`: its service is to be proved;
    `replaces` is the notice it was made in place of, `replaced_by` the one made in place of it."""

    id = always(fields.UUID)
    case_id = always(fields.UUID)
    number = always(fields.String)
    kind = always(fields.String)
    channel = always(fields.String)
    issued_at = always(Instant)
    issued_by = always(fields.String)
    state = always(fields.String)
    owes_service = always(fields.Boolean)
    times_sent = always(fields.Integer)
    served_on = perhaps(Day)
    service_method = perhaps(fields.String)
    proof = perhaps(fields.String)
    returned_on = perhaps(Day)
    return_reason = perhaps(fields.String)
    voided_at = perhaps(Instant)
    void_reason = perhaps(fields.String)
    replaces = perhaps(fields.UUID)
    replaced_by = perhaps(fields.UUID)


class CaseClockShape(Shape):
    """`explanation` says in both languages, step by step, how the due date was counted."""

    id = always(fields.UUID)
    task_id = perhaps(fields.UUID)
    name = always(fields.String)
    rule_id = always(fields.String)
    status = always(fields.String)
    started_on = always(Day)
    due_on = perhaps(Day)
    due_at = perhaps(Instant)
    met_at = perhaps(Instant)
    overdue = always(fields.Boolean)
    party = always(fields.String)
    explanation = always(fields.Raw)


class CaseIncidentShape(Shape):
    id = always(fields.UUID)
    element_id = perhaps(fields.String)
    source = always(fields.String)
    code = always(fields.String)
    message = always(fields.String)
    message_zh = always(fields.String)
    status = always(fields.String)
    raised_at = always(Instant)
    resolved_at = perhaps(Instant)
    resolution = perhaps(fields.String)


class NoteShape(Shape):
    """A comment, or what was said with a deed (`kind`: comment, handover, return, withdrawal).
    `author` is empty for the system; `error_class` is that of a return."""

    id = always(fields.UUID)
    kind = always(fields.String)
    error_class = perhaps(fields.String)
    task_id = perhaps(fields.UUID)
    author = always(fields.String)
    at = always(Instant)
    text = always(fields.String)


class HistoryEventShape(Shape):
    """One line of a case's story. `routine` lines are of interest only when searching a fault."""

    id = always(fields.Integer)
    at = always(Instant)
    action = always(fields.String)
    zh = always(fields.String)
    en = always(fields.String)
    actor_name = always(fields.String)
    person_id = perhaps(fields.UUID)
    routine = always(fields.Boolean)
    process_id = perhaps(fields.String)
    element_id = perhaps(fields.String)
    object_id = perhaps(fields.String)
    purpose = perhaps(fields.String)
    detail = always(fields.Dict, keys=fields.String())


class PathStepShape(Shape):
    """One user task of the way, done or open; `result` is its outcome."""

    task_id = always(fields.UUID)
    element_id = always(fields.String)
    name = always(fields.String)
    name_en = always(fields.String)
    status = always(fields.String)
    since = always(Instant)
    ended_at = perhaps(Instant)
    who = always(fields.String)
    groups = texts()
    result = perhaps(fields.String)
    wait = always(fields.Boolean)
    returned = always(fields.Boolean)
    again = always(fields.Boolean)


class StandstillShape(Shape):
    """A step of the system that the case waits for."""

    name = always(fields.String)
    name_en = always(fields.String)
    until = perhaps(Instant)


class AheadShape(Shape):
    name = always(fields.String)
    name_en = always(fields.String)
    is_end = always(fields.Boolean)


class PathShape(Shape):
    """What was done, where the case is now, what it waits for, what may come next."""

    done = many(PathStepShape)
    now = many(PathStepShape)
    waits = many(StandstillShape)
    ahead = many(AheadShape)


class CasePaperShape(Shape):
    """`status`: given, missing, asked (nobody has checked yet) or expected."""

    label = always(fields.Nested, LabelShape)
    status = always(fields.String)
    at = perhaps(Instant)
    who = always(fields.String)


class LinkShape(Shape):
    """A link to the case `row`; `is_ours` where it was entered on this case."""

    id = always(fields.UUID)
    kind = always(fields.String)
    reason = always(fields.String)
    author = always(fields.String)
    at = always(Instant)
    is_ours = always(fields.Boolean)
    row = always(fields.Nested, CaseRowShape)


class CaseShape(CaseRowShape):
    """`refusals` says of each deed why it may not be done now, or null."""

    version = always(fields.Integer)
    definition_id = always(fields.UUID)
    definition_version = always(fields.Integer)
    receiving_office_id = always(fields.String)
    household_office_id = always(fields.String)
    suspended_reason = perhaps(fields.String)
    variables = always(fields.Dict, keys=fields.String())
    data = many(DataItemShape)
    tasks = many(TaskRowShape)
    duties = many(DutyShape)
    outbox = many(CaseOutboxShape)
    notices = many(NoticeShape)
    clocks = many(CaseClockShape)
    incidents = many(CaseIncidentShape)
    notes = many(NoteShape)
    path = always(fields.Nested, PathShape)
    papers = many(CasePaperShape)
    parent_id = perhaps(fields.UUID)
    linked = many(CaseRowShape)
    links = many(LinkShape)
    same_person = many(CaseRowShape)
    refusals = fields.Dict(
        keys=fields.String(), values=fields.Nested(RefusalShape, allow_none=True), required=True
    )


class StandingShape(Shape):
    """How a case stands after a deed."""

    id = always(fields.UUID)
    number = always(fields.String)
    status = always(fields.String)
    version = always(fields.Integer)


class FiledShape(Shape):
    """The receipt. With `status_code` the applicant asks how the case stands."""

    id = always(fields.UUID)
    number = always(fields.String)
    status_code = always(fields.String)
    version = always(fields.Integer)


class MarksShape(Shape):
    active = texts()
    done = texts()
    incidents = texts()


class DiagramShape(Shape):
    """Where the case stands, by process; the BPMN is at definitions/{definition_id}/bpmn."""

    process_id = always(fields.String)
    definition_id = always(fields.UUID)
    processes = fields.Dict(keys=fields.String(), values=fields.Nested(MarksShape), required=True)
