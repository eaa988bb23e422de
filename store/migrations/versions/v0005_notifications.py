"""Notifications: how people want to hear, whom an office adds to a rung, mails that are owed.

With them the index by which on-time figures are read.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OWED = sa.text("mail_due_at IS NOT NULL")
_MET = sa.text("status = 'met'")


def upgrade() -> None:
    op.add_column("persons", sa.Column("language", sa.String(length=8), nullable=True))
    op.add_column("person_notices", sa.Column("mail_due_at", Instant(), nullable=True))
    op.add_column("person_notices", sa.Column("outbox_id", sa.Uuid(), nullable=True))
    op.create_index(
        op.f("ix_person_notices_person_id_case_id_created_at"),
        "person_notices",
        ["person_id", "case_id", "created_at"],
    )
    op.create_index(
        "ix_person_notices_mail",
        "person_notices",
        ["mail_due_at"],
        sqlite_where=_OWED,
        postgresql_where=_OWED,
    )
    op.create_index(
        "ix_clocks_met",
        "clocks",
        ["office_id", "met_at"],
        sqlite_where=_MET,
        postgresql_where=_MET,
    )
    _choices()
    _additions()


def _choices() -> None:
    op.create_table(
        "notice_choices",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        sa.Column("email", sa.String(length=8), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "email IN ('off', 'now', 'daily')", name=op.f("ck_notice_choices_email_known")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["persons.id"], name=op.f("fk_notice_choices_changed_by")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_notice_choices_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_notice_choices_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_notice_choices")),
    )


def _additions() -> None:
    op.create_table(
        "ladder_additions",
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("at_point", sa.String(length=20), nullable=False),
        sa.Column("group_name", sa.String(length=40), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["persons.id"], name=op.f("fk_ladder_additions_changed_by")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_ladder_additions_office_id")
        ),
        sa.PrimaryKeyConstraint(
            "office_id", "at_point", "group_name", name=op.f("pk_ladder_additions")
        ),
    )
