"""The filters of a worklist, each with how many tasks it would show; the work is bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, case, func, literal, null, select, union_all

from engine.actors import Actor
from engine.due_spans import Due
from engine.forms import Label
from engine.worklist import Tab, in_tab, is_due
from store.tables import case_service, cases, desks, user_task_groups, user_tasks

MOST_LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts by value, the most first; of `steps` by (element id, name), of `due` by span, where
    those behind their aim are in the span of their end as well. `owned` are those of cases that
    `owners` answer for.

    `is_partial`: the tab has more tasks than were looked at, so a count is “at least”.
    """

    packages: Mapping[str, int]
    steps: Mapping[tuple[str, str], int]
    due: Mapping[Due, int]
    groups: Mapping[str, int]
    is_partial: bool
    desks: Sequence[AtDesk] = ()
    owned: int = 0


@dataclass(frozen=True, slots=True)
class AtDesk:
    """How many tasks are of cases served at a desk."""

    id: UUID
    name: Label
    count: int


def facets(
    tx: Connection, actor: Actor, tab: Tab, now: datetime, owners: Collection[UUID] = ()
) -> Facets:
    """What one may filter by under a tab; two queries, the second of cases served at desks."""
    some = (
        select(
            user_tasks.c.id,
            user_tasks.c.case_id,
            user_tasks.c.element_id,
            user_tasks.c.name,
            _span(now).label("span"),
            is_due(Due.AIM, now).label("behind_aim"),
        )
        .where(*in_tab(actor, tab))
        .limit(MOST_LOOKED_AT + 1)
        .cte("some")
    )
    of_tasks = (
        select(
            cases.c.package_id,
            some.c.element_id,
            some.c.name,
            some.c.span,
            some.c.behind_aim,
            null().label("group_name"),
            func.count().label("n"),
        )
        .join(cases, cases.c.id == some.c.case_id)
        .group_by(
            cases.c.package_id, some.c.element_id, some.c.name, some.c.span, some.c.behind_aim
        )
    )
    of_groups = (
        select(null(), null(), null(), null(), null(), user_task_groups.c.group_name, func.count())
        .join(some, some.c.id == user_task_groups.c.task_id)
        .group_by(user_task_groups.c.group_name)
    )
    rows = tx.execute(union_all(of_tasks, of_groups)).all()
    found = _folded(
        [row for row in rows if row.group_name is None],
        [row for row in rows if row.group_name is not None],
    )
    return replace(found, desks=_at_desks(tx, actor, tab), owned=_owned(tx, actor, tab, owners))


def _at_desks(tx: Connection, actor: Actor, tab: Tab) -> list[AtDesk]:
    """By desk, the most first. Begins with the desks: most offices have few, many have none."""
    rows = tx.execute(
        select(desks.c.id, desks.c.name_zh, desks.c.name_en, func.count().label("n"))
        .join(case_service, case_service.c.desk_id == desks.c.id)
        .join(user_tasks, user_tasks.c.case_id == case_service.c.case_id)
        .where(desks.c.office_id == actor.office_id, *in_tab(actor, tab))
        .group_by(desks.c.id, desks.c.name_zh, desks.c.name_en)
        .order_by(func.count().desc(), desks.c.name_zh)
    )
    return [AtDesk(row.id, Label(row.name_zh, row.name_en), row.n) for row in rows]


def _owned(tx: Connection, actor: Actor, tab: Tab, owners: Collection[UUID]) -> int:
    if not owners:
        return 0
    counted = (
        select(func.count())
        .select_from(case_service)
        .join(user_tasks, user_tasks.c.case_id == case_service.c.case_id)
        .where(case_service.c.owner_id.in_(sorted(owners)), *in_tab(actor, tab))
    )
    return int(tx.scalar(counted) or 0)


def _folded(rows: Sequence[Any], groups: Sequence[Any]) -> Facets:
    packages: Counter[str] = Counter()
    steps: Counter[tuple[str, str]] = Counter()
    due: Counter[Due] = Counter()
    for row in rows:
        packages[row.package_id] += row.n
        steps[row.element_id, row.name] += row.n
        due[Due(row.span)] += row.n
        due[Due.AIM] += row.n if row.behind_aim else 0
    return Facets(
        packages=dict(packages.most_common()),
        steps=dict(steps.most_common()),
        due={span: due[span] for span in Due if due[span]},
        groups=dict(Counter({row.group_name: row.n for row in groups}).most_common()),
        is_partial=packages.total() > MOST_LOOKED_AT,
    )


def _span(now: datetime) -> ColumnElement[str]:
    apart = [span for span in Due if span not in (Due.AIM, Due.NONE)]
    spans = [(is_due(span, now), literal(span.value)) for span in apart]
    return case(*spans, else_=literal(Due.NONE.value))
