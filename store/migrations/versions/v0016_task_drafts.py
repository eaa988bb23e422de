"""What somebody has typed into a task and not sent yet, kept under the case's key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "task_drafts",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["user_tasks.id"], name=op.f("fk_task_drafts_task_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_task_drafts_office_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_task_drafts_case_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_task_drafts_person_id")
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_task_drafts")),
    )
    op.create_index(op.f("ix_task_drafts_saved_at"), "task_drafts", ["saved_at"])
