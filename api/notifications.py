"""What the system has told the signed-in person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from api.blueprints import blueprint as noun
from api.doors import Call, read, write
from api.shapes import Instant, PageQuery, Shape, always, many, page_of, perhaps
from engine import notice_choices, person_notices
from engine.actors import SUPERVISORS
from engine.notice_kinds import KINDS, Email, Way
from sla import ladder_additions

blueprint = noun("notifications", "What the system has told you")


@dataclass(frozen=True, slots=True)
class Wanted:
    limit: int
    cursor: str | None
    unread: bool


class NotificationsQuery(PageQuery):
    makes = Wanted
    unread = fields.Boolean(load_default=False)


class NotificationShape(Shape):
    id = always(fields.UUID)
    kind = always(fields.String)
    case_id = perhaps(fields.UUID)
    case_number = perhaps(fields.String)
    package_id = perhaps(fields.String)
    detail = always(fields.Dict, keys=fields.String())
    created_at = always(Instant)
    read_at = perhaps(Instant)
    mail = perhaps(fields.String)


@dataclass(frozen=True, slots=True)
class Chosen:
    kind: str
    in_app: bool
    email: str


@dataclass(frozen=True, slots=True)
class Choices:
    choices: list[Chosen]
    language: str | None


@dataclass(frozen=True, slots=True)
class Groups:
    groups: list[str]


class ReadSeveralShape(Shape):
    """All that was told `until` then; of one case, if `case_id` names one."""

    until = Instant(required=True)
    case_id = fields.UUID(load_default=None, allow_none=True)


class ChosenShape(Shape):
    makes = Chosen
    kind = fields.String(required=True, validate=validate.OneOf(list(KINDS)))
    in_app = fields.Boolean(required=True)
    email = fields.String(required=True, validate=validate.OneOf([each.value for each in Email]))


class ChoicesShape(Shape):
    makes = Choices
    choices = fields.List(fields.Nested(ChosenShape), required=True)
    language = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(notice_choices.LANGUAGES),
    )


class WayShape(Shape):
    """`in_app_owed` and `email_owed`: a duty that cannot be switched off."""

    kind = always(fields.String)
    in_app = always(fields.Boolean)
    email = always(fields.String)
    in_app_owed = always(fields.Boolean)
    email_owed = always(fields.Boolean)
    changed_by = perhaps(fields.String)
    changed_at = perhaps(Instant)


class SettingsShape(Shape):
    choices = many(WayShape)
    address = perhaps(fields.String)
    language = always(fields.String)


class GroupsShape(Shape):
    makes = Groups
    groups = fields.List(fields.String(validate=validate.Length(1, 40)), required=True)


class AdditionShape(Shape):
    at_point = always(fields.String)
    group = always(fields.String)
    changed_by = perhaps(fields.String)
    changed_at = always(Instant)


class AdditionsShape(Shape):
    items = many(AdditionShape)


@blueprint.get("/notifications")
@read()
@blueprint.arguments(NotificationsQuery, location="query")
@blueprint.response(200, page_of(NotificationShape, "Notifications"))
def index(call: Call, wanted: Wanted) -> Any:
    """Your notices, the newest first."""
    return person_notices.of_person(
        call.tx, call.actor, wanted.cursor, wanted.limit, unread=wanted.unread
    )


@blueprint.post("/notifications/<uuid:notice_id>/read")
@write()
@blueprint.response(204)
def mark_read(call: Call, notice_id: UUID) -> None:
    """Note that you have read it."""
    person_notices.mark_read(call.tx, notice_id, call.actor, call.now)


@blueprint.post("/notifications/read")
@write()
@blueprint.arguments(ReadSeveralShape)
@blueprint.response(204)
def mark_several_read(call: Call, given: dict[str, Any]) -> None:
    """Note that you have read all that was told until then."""
    until = min(given["until"], call.now)
    person_notices.mark_all_read(
        call.tx, call.actor, call.now, until=until, case_id=given["case_id"]
    )


@blueprint.get("/notification-settings")
@read()
@blueprint.response(200, SettingsShape)
def settings(call: Call) -> Any:
    """How you are told of what, and which of it is a duty."""
    return _settings(call)


@blueprint.post("/notification-settings")
@write()
@blueprint.arguments(ChoicesShape)
@blueprint.response(200, SettingsShape)
def choose(call: Call, given: Choices) -> Any:
    """Choose how the named kinds reach you; all of them or none."""
    ways = {each.kind: Way(each.in_app, Email(each.email)) for each in given.choices}
    notice_choices.choose(call.tx, ways, call.actor, call.now)
    if given.language is not None:
        notice_choices.choose_language(call.tx, given.language, call.actor, call.now)
    return _settings(call)


@blueprint.get("/ladder-additions")
@read()
@blueprint.response(200, AdditionsShape)
def added(call: Call) -> Any:
    """Whom your office tells at the points of its ladders, beside those the processes name."""
    return {"items": ladder_additions.additions(call.tx, call.actor.office_id)}


@blueprint.post("/ladder-additions/<point>")
@write(*SUPERVISORS)
@blueprint.arguments(GroupsShape)
@blueprint.response(200, AdditionsShape)
def add(call: Call, given: Groups, point: str) -> Any:
    """Make these groups the ones that your office adds to a point."""
    ladder_additions.add_to(call.tx, point, given.groups, call.actor, call.now)
    return {"items": ladder_additions.additions(call.tx, call.actor.office_id)}


def _settings(call: Call) -> dict[str, Any]:
    reader = notice_choices.reader(call.tx, call.actor)
    return {
        "choices": [
            {
                "kind": choice.kind.name,
                "in_app": choice.way.in_app,
                "email": choice.way.email.value,
                "in_app_owed": choice.kind.in_app_owed,
                "email_owed": choice.kind.email_owed,
                "changed_by": choice.changed_by,
                "changed_at": choice.changed_at,
            }
            for choice in notice_choices.choices_of(call.tx, call.actor)
        ],
        "address": reader.email,
        "language": reader.language,
    }
