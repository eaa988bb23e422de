"""Indices of columns that are mostly empty hold only what is there.

SQLite's figures are averages: with a million empty values in it, an index of the few others looks
useless to its planner, and one of a column that is empty for every case's own clock looks good.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (("cases", "parent_case_id"), ("clocks", "task_id")):
        name, there = op.f(f"ix_{table}_{column}"), sa.text(f"{column} IS NOT NULL")
        op.drop_index(name, table)
        op.create_index(name, table, [column], sqlite_where=there, postgresql_where=there)
