"""Which cases an office was late with at the end of each month is kept as it was then."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant, Json

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "overdue_lists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("lines", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_overdue_lists_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overdue_lists")),
        sa.UniqueConstraint("office_id", "month", name=op.f("uq_overdue_lists_office_id_month")),
    )


def downgrade() -> None:
    op.drop_table("overdue_lists")
