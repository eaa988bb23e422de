"""Names of staff in Latin letters; and what the report of quality asks: missing papers, reviews and
what they found, by month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0026"
branch_labels = None
depends_on = None

_INDICES = {
    "ix_deed_notes_returns": ("deed_notes", "at", "kind = 'return'"),
    "ix_notices_missing_papers": ("notices", "issued_at", "kind = 'one_time_notice'"),
    "ix_user_tasks_reviewed": (
        "user_tasks",
        "ended_at",
        "status = 'completed' AND duty = 'review'",
    ),
}


def upgrade() -> None:
    op.add_column("persons", sa.Column("latin_name", sa.String(80), nullable=True))
    for name, (table, at, condition) in _INDICES.items():
        rows = sa.text(condition)
        op.create_index(name, table, ["office_id", at], sqlite_where=rows, postgresql_where=rows)


def downgrade() -> None:
    for name, (table, _, _) in _INDICES.items():
        op.drop_index(name, table)
    op.drop_column("persons", "latin_name")
