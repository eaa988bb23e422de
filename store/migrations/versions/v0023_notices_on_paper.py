"""Notices keep what their paper says, a number of the office's year, and what became of them.

The number was the case's and a running one; it is the office's and the year's from now on. Notices
that were issued before keep theirs.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant, Json

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in _columns():
        op.add_column("notices", column)
    op.create_table(
        "notice_numbers",
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_notice_numbers_office_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "year", name=op.f("pk_notice_numbers")),
    )
    op.create_table(
        "wordings",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("words", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wordings")),
    )
    op.create_table(
        "wording_choices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("wording_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["persons.id"], name=op.f("fk_wording_choices_changed_by")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_wording_choices_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["wording_id"], ["wordings.id"], name=op.f("fk_wording_choices_wording_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording_choices")),
        sa.UniqueConstraint(
            "office_id", "kind", "version", name=op.f("uq_wording_choices_office_id_kind_version")
        ),
    )


def downgrade() -> None:
    for table in ("wording_choices", "wordings", "notice_numbers"):
        op.drop_table(table)
    for column in reversed(_columns()):
        op.drop_column("notices", column.name)


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("service_method", sa.String(length=16), nullable=True),
        sa.Column("paper", sa.LargeBinary(), nullable=True),
        sa.Column("wording_id", sa.String(length=64), nullable=True),
        sa.Column("times_sent", sa.Integer(), nullable=False, server_default=sa.text("1")),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=True),
        sa.Column("voided_at", Instant(), nullable=True),
        sa.Column("voided_by", sa.Uuid(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("replaces", sa.Uuid(), nullable=True),
    ]
