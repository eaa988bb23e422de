"""Indices for what is open: they hold only that, and all that lists and counts read of it.

A million cases leave a million clocks and tasks that are done; an index of these beside the few
that run costs space, and makes SQLite's planner, which knows averages only, take the wrong one.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

LAST = {
    "sqlite": "9999-12-31T00:00:00.000000Z",
    "postgresql": "9999-12-31 00:00:00+00:00",
}


def upgrade() -> None:
    running, paused = "status = 'running'", "status = 'paused'"
    op.drop_index("ix_clocks_due", "clocks")
    op.drop_index("ix_clocks_own_due", "clocks")
    _make("ix_clocks_running", "clocks", ["office_id", "due_at", "id", "case_id"], running)
    own = f"{running} AND task_id IS NULL"
    _make("ix_clocks_own_due", "clocks", ["office_id", "due_at", "case_id", "id"], own)
    _make("ix_clocks_paused", "clocks", ["office_id", "id", "case_id"], paused)
    op.drop_index("ix_clocks_open", "clocks")
    columns = ["office_id", "case_id", "id", "status", "due_at"]
    _make("ix_clocks_open", "clocks", columns, "status IN ('running', 'paused')")

    for name in ("queue", "mine"):
        op.drop_index(f"ix_user_tasks_{name}", "user_tasks")
    is_open = "status IN ('unclaimed', 'claimed')"
    columns = ["office_id", "case_id", "assignee_id", "id"]
    _make("ix_user_tasks_open", "user_tasks", columns, is_open)
    for name, column in (("waiting", "wait"), ("returned", "returned")):
        _make(f"ix_user_tasks_{name}", "user_tasks", ["office_id", "status"], _is_true(column))
    for name, column, status in (
        ("queue", "office_id", "unclaimed"),
        ("mine", "assignee_id", "claimed"),
    ):
        keys = [column, "wait", *_urgency()]
        _make(f"ix_user_tasks_{name}", "user_tasks", keys, f"status = '{status}'")

    unanswered = "key IS NOT NULL AND answered_at IS NULL"
    _make("ix_outbox_unanswered", "outbox", ["office_id", "case_id"], unanswered)


def _urgency() -> list[str | sa.TextClause]:
    last = LAST[op.get_context().dialect.name]
    at = sa.text(f"coalesce(urgent_at, '{last}')".replace(":", "\\:"))
    minus = "(-priority)" if op.get_context().dialect.name == "postgresql" else "-priority"
    return [sa.text(minus), at, "created_at", "id"]


def _is_true(column: str) -> str:
    return f"{column} IS {'true' if op.get_context().dialect.name == 'postgresql' else '1'}"


def _make(name: str, table: str, columns: Sequence[str | sa.TextClause], which: str) -> None:
    where = sa.text(which)
    op.create_index(name, table, list(columns), sqlite_where=where, postgresql_where=where)
