"""Lists of persons: a table that was handed in, and the case that each of its rows became."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant, Json

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_lists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(40), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("attachment_id", sa.Uuid(), nullable=True),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("package_id", sa.String(20), nullable=False),
        sa.Column("fixed", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("refusal", sa.String(60), nullable=True),
        sa.Column("refusal_facts", Json(), nullable=True),
        sa.Column("unused", Json(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("rows", "good", "known", "parts", "next_part", "filed", "bad")
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "status IN ('reading', 'filing', 'done', 'refused', 'cancelled')",
            name=op.f("ck_case_lists_status_known"),
        ),
        *_keys("case_lists", attachment_id="attachments", case_id="cases", office_id="offices"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_lists")),
    )
    op.create_index(
        op.f("ix_case_lists_case_id_created_at"), "case_lists", ["case_id", "created_at"]
    )
    _rows_of("case_list_parts", "number", sa.Column("ciphertext", sa.LargeBinary(), nullable=False))
    _rows_of("case_list_faults", "line", sa.Column("errors", Json(), nullable=False))
    _rows_of(
        "case_list_members",
        "line",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        *_keys("case_list_members", case_id="cases"),
        sa.UniqueConstraint("case_id", name=op.f("uq_case_list_members_case_id")),
    )


def downgrade() -> None:
    for table in ("case_list_members", "case_list_faults", "case_list_parts", "case_lists"):
        op.drop_table(table)


def _rows_of(table: str, number: str, *more: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column(number, sa.Integer(), nullable=False),
        sa.Column("office_id", sa.String(40), nullable=False),
        *more,
        *_keys(table, list_id="case_lists", office_id="offices"),
        sa.PrimaryKeyConstraint("list_id", number, name=op.f(f"pk_{table}")),
    )


def _keys(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, to in columns.items()
    ]
