"""An index for the cases that are due: a case's own clocks by office, status and due time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OWN = sa.text("task_id IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_clocks_own_due",
        "clocks",
        ["office_id", "status", "due_at", "case_id"],
        sqlite_where=OWN,
        postgresql_where=OWN,
    )
