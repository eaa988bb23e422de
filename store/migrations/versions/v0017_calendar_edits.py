"""An edit of a calendar waits for a second person; changes of settings are found at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_edits()
    changed = sa.text("action = 'office.setting_changed'")
    op.create_index(
        "ix_history_settings",
        "history",
        ["office_id", "id"],
        sqlite_where=changed,
        postgresql_where=changed,
    )


def _add_edits() -> None:
    op.create_table(
        "calendar_edits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_why", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "part IN ('all', 'morning', 'afternoon', 'works', 'rests')",
            name=op.f("ck_calendar_edits_part_known"),
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'entered', 'refused', 'withdrawn')",
            name=op.f("ck_calendar_edits_status_known"),
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'withdrawn') OR decided_by != proposed_by",
            name=op.f("ck_calendar_edits_four_eyes"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_calendar_edits_{column}"))
            for column, target in (
                ("office_id", "offices.id"),
                ("proposed_by", "persons.id"),
                ("decided_by", "persons.id"),
                ("job_id", "jobs.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_edits")),
    )
    op.create_index(
        op.f("ix_calendar_edits_office_id_status_proposed_at"),
        "calendar_edits",
        ["office_id", "status", "proposed_at"],
    )
    op.create_index(op.f("ix_calendar_edits_job_id"), "calendar_edits", ["job_id"])
