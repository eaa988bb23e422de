"""Indices of the few due rows that were put off: who waits for the next one asks for them apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PUT_OFF = "status = 'waiting' AND not_before IS NOT NULL"


def upgrade() -> None:
    where = sa.text(PUT_OFF)
    for table in ("timers", "rungs"):
        op.create_index(
            f"ix_{table}_put_off",
            table,
            ["not_before"],
            sqlite_where=where,
            postgresql_where=where,
        )
