"""Places of appointments: who books the last one has it, and nobody else."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

STATUSES = ("booked", "arrived", "started", "served", "no_show", "cancelled")


def upgrade() -> None:
    listed = ", ".join(f"'{status}'" for status in STATUSES)
    op.create_table(
        "bookings",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(40), nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.String(5), nullable=False),
        sa.Column("window", sa.String(40), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("person_hash", sa.String(64), nullable=True),
        sa.Column("started_number", sa.String(40), nullable=True),
        sa.Column("booked_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint(f"status IN ({listed})", name=op.f("ck_bookings_status_known")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_bookings_case_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_bookings_office_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_bookings")),
        sa.UniqueConstraint(
            "office_id",
            "day",
            "at",
            "window",
            "seat",
            name=op.f("uq_bookings_office_id_day_at_window_seat"),
        ),
    )
    op.create_index(
        op.f("ix_bookings_office_id_person_hash_day"),
        "bookings",
        ["office_id", "person_hash", "day"],
    )


def downgrade() -> None:
    op.drop_table("bookings")
