"""The overdue desk: late cases a line each, why, whose, how late, and the lawful ways out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from sla import delay_notices, overdue_desk, overdue_views
from sla.articles import render
from sla.overdue_lines import CaseLine, Limit
from sla.overdue_views import View
from sla.spans import Unit
from web.news import row_mark
from web.overdue_filters import filters, place_of, view, written
from web.overdue_side import side
from web.pages import page, worded
from web.people import Colleague, colleagues
from web.policies import SUPERVISION, policy
from web.visits import actor, lang, now, reading, say

blueprint = Blueprint("overdue", __name__)
PAGE_LINES = 50
UNITS = (Unit.WORKING_DAY, Unit.CALENDAR_DAY)
Errors = Sequence[tuple[str, str]]
"""What is wrong, each with the field it is about."""


@blueprint.get("/overdue")
@policy(SUPERVISION)
def desk() -> ResponseReturnValue:
    """The queue of one tab, and beside it the case that is looked at."""
    return desk_page()


@dataclass(frozen=True, slots=True)
class OpenAct:
    """An act on the case that is looked at: closed with the reason why, or open."""

    name: str
    why_not: str
    article: str


@dataclass(frozen=True, slots=True)
class Looked:
    """The case that is looked at: which of its limits, why that day, what may be done."""

    line: CaseLine
    limit: Limit
    title: str
    steps: Sequence[Mapping[str, Any]]
    acts: Mapping[str, OpenAct]
    helpers: Sequence[Colleague]


def desk_page(errors: Errors = (), case_id: UUID | None = None, status: int = 200) -> Response:
    """The desk; after a refusal with what is wrong, and all that was typed."""
    which, place = view(), place_of(request.args.get("after", ""))
    with reading() as tx:
        wanted = overdue_desk.Page(place, PAGE_LINES, filters())
        found = overdue_desk.desk(tx, actor(), now(), which, wanted)
        staff = colleagues(tx, actor().office_id)
        tabs = overdue_views.tab_counts(tx, actor(), now())
        return page(
            tx,
            "overdue.html",
            status=status,
            live="overdue",
            which=which,
            **side(tx, staff),
            views=tuple(View),
            counts=tabs,
            strip=overdue_views.strip(tx, actor(), now(), tabs),
            lines=found.lines,
            next_after=written(found.next_place),
            looked=_looked(tx, found.lines, case_id, staff),
            any_deputy=any(work.deputy_id for line in found.lines for work in line.work),
            colleague_choices=[(each.id, _named(each)) for each in _able_first(found.lines, staff)],
            line_mark=line_mark,
            errors=errors,
            wrong=dict(errors),
            ticked=frozenset(request.form.getlist("case")),
            units=UNITS,
            channels=delay_notices.CHANNELS,
        )


def marks(tx: Connection) -> list[str]:
    """The marks of the first page as it is now, for what an open page tells (`web.live`)."""
    found = overdue_desk.desk(
        tx, actor(), now(), view(), overdue_desk.Page(None, PAGE_LINES, filters())
    )
    return [line_mark(line) for line in found.lines]


def line_mark(line: CaseLine) -> str:
    """What a line shows, so that a page can tell that it has changed."""
    limits = [(limit.due_at, limit.status, limit.is_overdue) for limit in line.limits]
    work = [(work.id, work.assignee_id, work.away) for work in line.work]
    chase = line.chase and (line.chase.case_id, line.chase.new_date, line.chase.is_open)
    return row_mark(line.case_id, limits, work, chase, len(line.told))


def why_not(code: str) -> str:
    """Why an act is closed, in the reader's language."""
    return say(f"error.{code}")


def _looked(
    tx: Connection, lines: Sequence[CaseLine], case_id: UUID | None, staff: Sequence[Colleague]
) -> Looked | None:
    line = _line(tx, lines, str(case_id or request.args.get("case") or ""))
    if line is None:
        return None
    wanted = request.args.get("clock")
    limit = next((each for each in line.limits if str(each.clock_id) == wanted), line.opens_on)
    told = limit.explanation["zh-TW" if lang().startswith("zh") else "en"]
    return Looked(line, limit, told["title"], told["steps"], _acts(limit), _helpers(line, staff))


def _line(tx: Connection, lines: Sequence[CaseLine], wanted: str) -> CaseLine | None:
    """The line that is looked at: the one asked for, wherever it stands; else the first."""
    if not wanted:
        return lines[0] if lines else None
    on_page = next((line for line in lines if str(line.case_id) == wanted), None)
    if on_page is not None:
        return on_page
    try:
        return overdue_desk.one(tx, actor(), UUID(wanted), now())
    except ValueError:
        return None


def _acts(limit: Limit) -> dict[str, OpenAct]:
    return {
        act.name: OpenAct(
            act.name,
            why_not(act.why_not) if act.why_not else "",
            render(act.article, lang()) if act.article else "",
        )
        for act in limit.acts
    }


def _named(person: Colleague) -> str:
    groups = say("list.comma").join(worded(f"group.{each}", each) for each in person.groups)
    return person.name + say("list.bracket", inner=groups)


def _able_first(lines: Sequence[CaseLine], staff: Sequence[Colleague]) -> list[Colleague]:
    """Everybody, but first who could take most of what the list shows: one rarely wants others."""
    groups = [set(work.groups) for line in lines for work in line.work]
    return sorted(
        staff, key=lambda person: -sum(bool(set(person.groups) & each) for each in groups)
    )


def _helpers(line: CaseLine, staff: Sequence[Colleague]) -> list[Colleague]:
    """Who may be given the work of a case: deputies of those on leave first, then who is in a
    group of an open task."""
    deputies = {work.deputy_id for work in line.work if work.deputy_id}
    groups = {group for work in line.work for group in work.groups}
    able = [person for person in staff if groups & set(person.groups)]
    return sorted(able, key=lambda person: person.id not in deputies)
