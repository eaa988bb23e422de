"""Which cases stand under a tab of the overdue desk, one line each: those the office is late with
first, then those whose applicant is; of each the longest overdue first.

A case stands where its first limit is: the office's that ends first, else the applicant's. So of
the office's own limits a case is in one of “overdue” and “will be overdue”, never in both; a late
applicant hides no limit of the office whose aim is behind. The place behind the last line seen is
whose limit it was, its due time and its id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    FromClause,
    ScalarSelect,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from engine.actors import Actor
from engine.clock import legal_day
from engine.confidence import open_to
from sla.overdue import (
    COUNTED,
    LOOKED_AT,
    Counts,
    behind_aim,
    cases_with,
    count_cases,
    due_today,
    first_limits,
    office_is_late,
    stands_as_late,
    will_be_overdue,
)
from sla.overdue_filters import (
    NO_FILTERS,
    Filters,
    narrowed,
    of_section,
    open_tasks,
    unanswered,
)
from sla.parties import Party
from store.partial import among, unindexed
from store.tables import absences, clocks, persons, user_tasks

LEAST_LOOKED_AT = 200
Place = tuple[Party | None, datetime | None, UUID]


class View(StrEnum):
    OVERDUE = "overdue"  # whoever is late
    OFFICE = "office"  # the office is late
    APPLICANT = "applicant"  # an applicant is, or a period has run out; the office is not
    SECTION = "section"  # overdue, and the work lies in my section
    AGENCY = "agency"  # overdue, and another agency has not answered
    LEAVE = "leave"  # overdue, and who has the work is on leave
    UPCOMING = "upcoming"  # will be overdue: the office's aim is behind, the end is not
    PAUSED = "paused"  # a clock stands still by law


def parts(view: View) -> tuple[Party | None, ...]:
    """Whose limits a tab lists, one after the other; None: any, since only the office's pause."""
    match view:
        case View.PAUSED:
            return (None,)
        case View.OFFICE:
            return (Party.OFFICE,)
        case View.APPLICANT:
            return (Party.APPLICANT,)
        case _:
            return (Party.OFFICE, Party.APPLICANT)


def heads(
    actor: Actor,
    view: View,
    party: Party | None,
    now: datetime,
    filters: Filters = NO_FILTERS,
) -> Select[Any]:
    """The first limit of each case under a part of a tab: `case_id`, `due_at`, `id`.

    Read along the index of what runs (or stands), so a page costs what it shows; which cases
    a narrower tab has is a set that is made once.
    """
    first = clocks.alias("first")
    limits = _limits(first, actor, view, now)
    whose = () if party is None else (first.c.party == party.value,)
    wanted = select(first.c.case_id, first.c.due_at, first.c.id).where(
        *limits, *whose, ~_earlier(first, view, party, now)
    )
    which = _which(actor, view, now)
    if which is not None:
        wanted = wanted.where(unindexed(first.c.case_id).in_(which))
    wanted = wanted.where(*narrowed(filters, actor, first.c.case_id))
    if view is View.PAUSED:
        return wanted.order_by(first.c.id)
    if filters.latest_first:
        return wanted.order_by(first.c.due_at.desc(), first.c.id.desc())
    return wanted.order_by(first.c.due_at, first.c.id)


def behind(wanted: Select[Any], place: Place | None, filters: Filters = NO_FILTERS) -> Select[Any]:
    """Only what comes after the last line seen, of the part that it was in."""
    if place is None:
        return wanted
    _, due_at, clock_id = place
    at, id_ = wanted.selected_columns.due_at, wanted.selected_columns.id
    if due_at is None:
        return wanted.where(id_ > literal(clock_id, id_.type))
    seen = tuple_(literal(due_at, at.type), literal(clock_id, id_.type))
    line = tuple_(at, id_)
    return wanted.where(line < seen if filters.latest_first else line > seen)


@dataclass(frozen=True, slots=True)
class Figure:
    """How many cases stand under a tab, at most `COUNTED`. `is_least`: there may be more, since
    not all limits were looked at."""

    number: int
    is_least: bool = False


def tab_counts(tx: Connection, actor: Actor, now: datetime) -> dict[View, Figure]:
    """The figures on the tabs, in one statement; a narrower tab's among `LOOKED_AT` limits."""
    looked_at = _Looked(
        first_limits(*_limits(clocks, actor, View.OVERDUE, now)).cte("late"),
        first_limits(*_limits(clocks, actor, View.APPLICANT, now)).cte("applicants"),
        first_limits(*_limits(clocks, actor, View.UPCOMING, now)).cte("soon"),
    )
    sizes = [select(func.count()).select_from(each).scalar_subquery() for each in looked_at]
    numbers = [_counted(looked_at, actor, view, now) for view in View]
    *found, all_late, all_applicants, all_soon = tx.execute(select(*numbers, *sizes)).one()
    partly = dict.fromkeys((View.SECTION, View.AGENCY, View.LEAVE), all_late == LOOKED_AT)
    partly[View.APPLICANT] = all_applicants == LOOKED_AT
    partly[View.UPCOMING] = all_soon == LOOKED_AT
    return {
        view: Figure(number, number < COUNTED and partly.get(view, False))
        for view, number in zip(View, found, strict=True)
    }


def counts_of(
    tx: Connection, actor: Actor, now: datetime, asked: Sequence[tuple[View, Filters]]
) -> list[Figure]:
    """How many cases stand under each of several tabs with filters, in one statement.

    Each is counted among the limits that end first, the fewer the more are asked for: together
    they look at `LOOKED_AT` and a little more.
    """
    if not asked:
        return []
    most = max(LEAST_LOOKED_AT, LOOKED_AT // len(asked))
    numbers: list[ScalarSelect[int]] = []
    for at, (view, filters) in enumerate(asked):
        limits = _first(actor, view, now).limit(most).cte(f"limits_{at}")
        numbers.append(count_cases(limits, *_under(limits, actor, view, now, filters)))
        numbers.append(select(func.count()).select_from(limits).scalar_subquery())
    found = list(tx.execute(select(*numbers)).one())
    return [
        Figure(number, number < COUNTED and size == most)
        for number, size in zip(found[::2], found[1::2], strict=True)
    ]


def _first(actor: Actor, view: View, now: datetime) -> Select[Any]:
    """The limits under a tab, those first that its list shows first."""
    limits = select(clocks.c.id, clocks.c.case_id, clocks.c.party).where(
        *_limits(clocks, actor, view, now)
    )
    if view is View.PAUSED:
        return limits.order_by(clocks.c.id)
    return limits.order_by(clocks.c.due_at, clocks.c.id)


def _under(
    limits: CTE, actor: Actor, view: View, now: datetime, filters: Filters
) -> Iterator[ColumnElement[bool]]:
    """What makes the case of such a limit stand under the tab, and the filters let through."""
    which = _which(actor, view, now)
    if which is not None:
        yield which.where(which.selected_columns.case_id == limits.c.case_id).exists()
    elif view is View.APPLICANT:
        yield ~office_is_late(limits.c.case_id, actor.office_id, now)
    elif view is View.UPCOMING:
        yield ~stands_as_late(limits, actor.office_id, now)
    yield from narrowed(filters, actor, limits.c.case_id, is_bounded=True)


def strip(tx: Connection, actor: Actor, now: datetime, tabs: Mapping[View, Figure]) -> Counts:
    """The strip on top of the desk, where the figures on its tabs are known already."""
    return Counts(
        overdue=tabs[View.OVERDUE].number,
        office=tabs[View.OFFICE].number,
        applicant=tabs[View.APPLICANT].number,
        due_today=due_today(tx, actor, now),
        soon=tabs[View.UPCOMING].number,
        paused=tabs[View.PAUSED].number,
    )


class _Looked(NamedTuple):
    """The limits that figures of a narrower tab are counted among."""

    late: CTE
    applicants: CTE
    soon: CTE


def _counted(looked_at: _Looked, actor: Actor, view: View, now: datetime) -> ScalarSelect[int]:
    """A case has its first limit under a tab if it has any: to count, nobody need know which.

    What `heads` looks up in a set is asked case by case: of a bounded number this is less.
    """
    late, applicants, soon = looked_at
    match view:
        case View.OVERDUE | View.OFFICE | View.PAUSED:
            return cases_with(*_limits(clocks, actor, view, now))
        case View.APPLICANT:
            return count_cases(
                applicants, ~office_is_late(applicants.c.case_id, actor.office_id, now)
            )
        case View.UPCOMING:
            return count_cases(soon, ~stands_as_late(soon, actor.office_id, now))
    which = _which(actor, view, now)
    if which is None:
        return count_cases(late)
    return count_cases(late, which.where(which.selected_columns.case_id == late.c.case_id).exists())


def _limits(
    of: FromClause, actor: Actor, view: View, now: datetime
) -> tuple[ColumnElement[bool], ...]:
    """What a limit under a tab is; its case may have others under it."""
    here = and_(of.c.office_id == actor.office_id, open_to(actor, of.c.case_id))
    runs = of.c.status == "running"
    match view:
        case View.PAUSED:
            return here, of.c.status == "paused"
        case View.UPCOMING:
            return here, runs, *will_be_overdue(of, now)
        case View.OFFICE | View.APPLICANT:
            return here, runs, of.c.party == view.value, of.c.due_at <= now
        case _:
            return here, runs, of.c.due_at <= now


def _earlier(first: Any, view: View, party: Party | None, now: datetime) -> ColumnElement[bool]:
    """The case has another such clock that it stands under instead."""
    other = clocks.alias("other")
    same = and_(
        other.c.case_id == first.c.case_id,
        other.c.office_id == first.c.office_id,
        other.c.status == first.c.status,
        among(other.c.status, "running", "paused"),  # as the index has it
    )
    sooner = tuple_(other.c.due_at, other.c.id) < tuple_(first.c.due_at, first.c.id)
    if party is None:
        both = and_(other.c.due_at.is_(None), first.c.due_at.is_(None), other.c.id < first.c.id)
        return select(other.c.id).where(same, or_(sooner, both)).exists()
    before = and_(other.c.party == party.value, sooner)
    if party is Party.APPLICANT:
        before = or_(before, other.c.party == Party.OFFICE.value)
    return select(other.c.id).where(same, before, _stands(other, view, now)).exists()


def _stands(other: FromClause, view: View, now: datetime) -> ColumnElement[bool]:
    """The other one is late, or under the tab as well. What ends sooner need not: its aim may be
    nearer to its end."""
    # Marked, else SQLite goes through all that are late instead of the case's few.
    late = unindexed(other.c.due_at) <= now
    if view is not View.UPCOMING:
        return late
    return or_(late, behind_aim(other, now))


def _which(actor: Actor, view: View, now: datetime) -> Select[Any] | None:
    """The cases that a narrower tab shows, late or not; None for all of them."""
    match view:
        case View.SECTION:
            return _in_section(actor)
        case View.AGENCY:
            return unanswered(actor)
        case View.LEAVE:
            day = legal_day(now)
            away = select(absences.c.person_id).where(
                absences.c.office_id == actor.office_id,
                absences.c.first_day <= day,
                absences.c.last_day >= day,
            )
            return open_tasks(actor).where(user_tasks.c.assignee_id.in_(away))
        case _:
            return None


def _in_section(actor: Actor) -> Select[tuple[UUID]]:
    """Somebody of my section has the work, or nobody yet and my section may take it."""
    mine = (
        select(persons.c.section)
        .where(persons.c.id == actor.person_id, persons.c.section != "")
        .scalar_subquery()
    )
    return open_tasks(actor).where(of_section(actor, mine))
