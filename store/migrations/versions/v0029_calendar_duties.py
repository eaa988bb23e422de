"""Which calendar duty has begun for which period: once each, and what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duty_periods",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("duty", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("result", sa.String(length=12), nullable=True),
        sa.Column("items", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("new_date", sa.Date(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=True),
        sa.Column("section", sa.String(length=20), nullable=True),
        sa.CheckConstraint(
            "result IN ('done', 'nothing', 'begun')", name=op.f("ck_duty_periods_result_known")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_duty_periods_case_id")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_duty_periods_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_periods")),
        sa.UniqueConstraint(
            "office_id", "duty", "period", name=op.f("uq_duty_periods_office_id_duty_period")
        ),
    )
    op.create_index(
        op.f("ix_duty_periods_office_id_due_on"), "duty_periods", ["office_id", "due_on"]
    )
    op.create_index(op.f("ix_duty_periods_case_id"), "duty_periods", ["case_id"])


def downgrade() -> None:
    op.drop_table("duty_periods")
