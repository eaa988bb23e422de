"""Last touches: claimed tasks, a suspended case, an absence, a mail that nobody took."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, select

from engine import absences, cases, user_tasks
from engine.clock import legal_day
from engine.errors import EngineError
from store.tables import cases as cases_table
from store.tables import user_task_groups
from store.tables import user_tasks as tasks_table
from web.demo_office.player import Stage

CLAIMED_SHARE = 0.45


def add_touches(stage: Stage, random: Random, now: datetime) -> None:
    """Make the morning look like one: some work is taken, one case rests, somebody is on leave."""
    with stage.db.transaction(read_only=True) as tx:
        open_tasks = _open_tasks(tx)
    for task in open_tasks:
        if random.random() < CLAIMED_SHARE:
            _claim(stage, task, random, now - timedelta(minutes=random.randint(5, 50)))
    with stage.db.transaction() as tx:
        resting = tx.scalar(
            select(cases_table.c.id)
            .where(cases_table.c.status == "active", cases_table.c.parent_case_id.is_(None))
            .order_by(cases_table.c.filed_at.desc())
            .limit(1)
        )
        chief = stage.actor("chief.wang")
        if resting is not None:
            cases.suspend(tx, resting, "法院來函，待確認當事人", chief, now)
        _leave(tx, stage, now)


def _open_tasks(tx: Connection) -> list[Any]:
    return list(
        tx.execute(
            select(tasks_table.c.id, user_task_groups.c.group_name)
            .join(user_task_groups, user_task_groups.c.task_id == tasks_table.c.id)
            .where(tasks_table.c.status == "unclaimed", tasks_table.c.wait.is_(False))
            .order_by(tasks_table.c.created_at, user_task_groups.c.group_name)
        )
    )


def _claim(stage: Stage, task: Any, random: Random, at: datetime) -> None:
    members = [actor for actor in stage.people.values() if task.group_name in actor.groups]
    if not members:
        return
    try:
        with stage.db.transaction() as tx:
            user_tasks.claim(tx, task.id, random.choice(members), at)
    except EngineError:
        # Taken already, or not theirs to take (separation of duties): then nobody has it yet.
        return


def _leave(tx: Connection, stage: Stage, now: datetime) -> None:
    away, substitute = stage.actor("reviewer.chen"), stage.actor("reviewer.xu")
    if away.person_id is None:
        return
    first = legal_day(now) + timedelta(days=1)
    absence = absences.Absence(
        away.person_id, first, first + timedelta(days=2), substitute.person_id
    )
    absences.set_absence(tx, absence, stage.actor("chief.wang"), now)
