"""The review desk: attachments, words said with a deed, how entries stood, what people prefer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant, Json

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _deed_notes()
    _entry_marks()
    _attachments()
    _attachment_parts()
    _person_choices()


def _deed_notes() -> None:
    op.create_table(
        "deed_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("error_class", sa.String(length=60), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('handover', 'return', 'withdrawal')", name=op.f("ck_deed_notes_kind_known")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_deed_notes_case_id")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_deed_notes_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_deed_notes_person_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["user_tasks.id"], name=op.f("fk_deed_notes_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deed_notes")),
    )
    op.create_index(op.f("ix_deed_notes_case_id_at"), "deed_notes", ["case_id", "at"], unique=False)


def _entry_marks() -> None:
    op.create_table(
        "entry_marks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('filed', 'reviewed')", name=op.f("ck_entry_marks_kind_known")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_entry_marks_case_id")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_entry_marks_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_entry_marks_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["user_tasks.id"], name=op.f("fk_entry_marks_task_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_marks")),
    )
    op.create_index(
        op.f("ix_entry_marks_case_id_at"), "entry_marks", ["case_id", "at"], unique=False
    )


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("paper", sa.String(length=80), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("remarks", Json(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("scan_after", Instant(), nullable=True),
        sa.Column("scan_tries", sa.Integer(), nullable=False),
        sa.Column("scanned_at", Instant(), nullable=True),
        sa.Column("found", sa.String(length=120), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "status IN ('unscanned', 'quarantined', 'clean', 'infected', 'withdrawn')",
            name=op.f("ck_attachments_status_known"),
        ),
        sa.ForeignKeyConstraint(["added_by"], ["persons.id"], name=op.f("fk_attachments_added_by")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_attachments_case_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["persons.id"], name=op.f("fk_attachments_ended_by")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_attachments_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["user_tasks.id"], name=op.f("fk_attachments_task_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    _attachment_indexes()


def _attachment_indexes() -> None:
    op.create_index(
        op.f("ix_attachments_case_id_added_at"),
        "attachments",
        ["case_id", "added_at"],
        unique=False,
    )
    op.create_index(
        "ix_attachments_to_scan",
        "attachments",
        ["scan_after"],
        unique=False,
        sqlite_where=sa.text("status = 'quarantined'"),
        postgresql_where=sa.text("status = 'quarantined'"),
    )


def _attachment_parts() -> None:
    op.create_table(
        "attachment_parts",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachments.id"], name=op.f("fk_attachment_parts_attachment_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_attachment_parts_office_id")
        ),
        sa.PrimaryKeyConstraint("attachment_id", "number", name=op.f("pk_attachment_parts")),
    )


def _person_choices() -> None:
    op.create_table(
        "person_choices",
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", Json(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_person_choices_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_person_choices_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "name", name=op.f("pk_person_choices")),
    )
