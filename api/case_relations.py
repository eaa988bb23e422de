"""Finding cases by a person, links between cases, and who looked at personal data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from api import step_names
from api.blueprints import blueprint as noun
from api.case_shapes import CaseRowShape
from api.doors import Call, read, write
from api.shapes import Day, Instant, PageQuery, Shape, Words, always, page_of, perhaps, texts
from engine import case_links, case_search, looks
from engine.case_links import NewLink
from engine.case_list import CaseFilter
from engine.cursors import MAX_CURSOR, MAX_LIMIT
from engine.figures import CASE_STATUSES
from engine.permissions import HANDLERS, READERS_OF_HISTORY
from engine.purposes import CODES, MOST

blueprint = noun("case_relations", "Searches, links and looks")


@dataclass(frozen=True, slots=True)
class Search:
    filter: CaseFilter
    purpose: str
    limit: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Looks:
    filter: looks.LookFilter
    limit: int
    cursor: str | None


class SearchShape(Shape):
    """A person: at least one of `name` (two characters or more of it), `id_number`, `birth_date`.
    `purpose` stands in the audit trail with the search; what was searched for does not."""

    name = Words(120, load_default=None, allow_none=True)
    id_number = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 20))
    birth_date = Day(load_default=None, allow_none=True)
    purpose = Words(MOST, required=True)
    status = fields.String(load_default=None, validate=validate.OneOf(CASE_STATUSES))
    package = fields.String(load_default=None, validate=validate.Length(1, 20))
    office = fields.String(load_default=None, validate=validate.Length(1, 40))
    filed_from = Instant(load_default=None)
    filed_before = Instant(load_default=None)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MAX_LIMIT))
    cursor = fields.String(load_default=None, validate=validate.Length(1, MAX_CURSOR))

    @staticmethod
    def makes(purpose: str, limit: int, cursor: str | None, **wanted: Any) -> Search:
        person = {name: wanted[name] for name in ("name", "id_number", "birth_date")}
        return Search(
            CaseFilter(
                **person,
                status=wanted["status"],
                package_id=wanted["package"],
                office_id=wanted["office"],
                filed_from=wanted["filed_from"],
                filed_before=wanted["filed_before"],
            ),
            purpose,
            limit,
            cursor,
        )


class NewLinkShape(Shape):
    """`number` is the whole number of the other case."""

    makes = NewLink
    number = fields.String(required=True, validate=validate.Length(1, 24))
    kind = fields.String(required=True, validate=validate.OneOf(case_links.KINDS))
    reason = Words(case_links.MAX_REASON, required=True)


class LinkedShape(Shape):
    id = always(fields.UUID)


class PersonalLookShape(Shape):
    """One look at personal data. `fields` are paths' labels in Chinese, `by` the kinds of data of a
    search, `found` how many cases it showed."""

    id = always(fields.Integer)
    at = always(Instant)
    action = always(fields.String)
    person_id = perhaps(fields.UUID)
    name = always(fields.String)
    purpose = perhaps(fields.String)
    case_id = perhaps(fields.UUID)
    number = perhaps(fields.String)
    fields_seen = texts()
    step = perhaps(fields.String)
    by = texts()
    found = perhaps(fields.String)


class LooksQuery(PageQuery):
    """Narrowed by who, how, why and when."""

    action = fields.String(load_default=None, validate=validate.OneOf(looks.LOOKS))
    person = fields.UUID(load_default=None)
    purpose = fields.String(load_default=None, validate=validate.OneOf(CODES))
    since = Instant(load_default=None)
    before = Instant(load_default=None)

    @staticmethod
    def makes(limit: int, cursor: str | None, person: UUID | None, **wanted: Any) -> Looks:
        return Looks(looks.LookFilter(person_id=person, **wanted), limit, cursor)


@blueprint.post("/cases/search")
@write(*(HANDLERS | READERS_OF_HISTORY))
@blueprint.arguments(SearchShape)
@blueprint.response(200, page_of(CaseRowShape, "FoundCases"))
def search(call: Call, wanted: Search) -> Any:
    """The cases of a person, the newest first, masked. Who searched, by what and why is recorded;
    what was searched for stands in no address and no record."""
    asked = (wanted.purpose, call.now)
    found = case_search.search(
        call.tx, call.actor, wanted.filter, wanted.cursor, wanted.limit, asked
    )
    return step_names.cases(call.tx, call.actor.office_id, found)


@blueprint.post("/cases/<uuid:case_id>/links")
@write(*HANDLERS)
@blueprint.arguments(NewLinkShape)
@blueprint.response(201, LinkedShape)
def link(call: Call, new: NewLink, case_id: UUID) -> Any:
    """Link a case with another; both histories tell of it."""
    return {"id": case_links.link(call.tx, case_id, new, call.actor, call.now)}


@blueprint.post("/cases/<uuid:case_id>/links/<uuid:link_id>/remove")
@write(*HANDLERS)
@blueprint.response(204)
def unlink(call: Call, case_id: UUID, link_id: UUID) -> None:
    """Take a link away, from either side."""
    case_links.unlink(call.tx, case_id, link_id, call.actor, call.now)


@blueprint.get("/cases/<uuid:case_id>/looks")
@read(*READERS_OF_HISTORY)
@blueprint.arguments(LooksQuery, location="query")
@blueprint.response(200, page_of(PersonalLookShape, "CaseLooks"))
def of_case(call: Call, wanted: Looks, case_id: UUID) -> Any:
    """Who looked at the personal data of a case, the newest first."""
    found = looks.of_case(call.tx, case_id, call.actor, wanted.filter, wanted.cursor, wanted.limit)
    return {"rows": [_look(each) for each in found.rows], "next_cursor": found.next_cursor}


@blueprint.get("/looks")
@read(*READERS_OF_HISTORY)
@blueprint.arguments(LooksQuery, location="query")
@blueprint.response(200, page_of(PersonalLookShape, "Looks"))
def of_office(call: Call, wanted: Looks) -> Any:
    """Who looked at personal data in your office or searched by it, the newest first."""
    found = looks.of_office(call.tx, call.actor, wanted.filter, wanted.cursor, wanted.limit)
    return {"rows": [_look(each) for each in found.rows], "next_cursor": found.next_cursor}


def _look(each: looks.Look) -> dict[str, Any]:
    own = {name: getattr(each, name) for name in looks.Look.__slots__ if name != "fields"}
    return {**own, "fields_seen": [zh for zh, _ in each.fields]}
