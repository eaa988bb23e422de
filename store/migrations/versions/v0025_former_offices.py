"""Which offices had a case before: messages that arrive there find it where it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "former_offices",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(40), nullable=False),
        sa.Column("left_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_former_offices_case_id")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_former_offices_office_id")
        ),
        sa.PrimaryKeyConstraint("case_id", "office_id", name=op.f("pk_former_offices")),
    )
    op.create_index(op.f("ix_former_offices_office_id"), "former_offices", ["office_id"])
    # Of cases handed over before this release the office that received them is known.
    op.execute(
        "INSERT INTO former_offices (case_id, office_id, left_at) "
        "SELECT id, receiving_office_id, filed_at FROM cases "
        "WHERE receiving_office_id <> office_id"
    )


def downgrade() -> None:
    op.drop_table("former_offices")
