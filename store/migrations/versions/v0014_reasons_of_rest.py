"""Why a case rests and why it goes on are words under its key, no longer a column in clear.

The reasons of cases that rest now stay in their history, where they were written as well.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KINDS = (
    "kind IN ('handover', 'return', 'withdrawal', 'migration', 'token', 'suspension', 'resumption')"
)
_INDEX = "ix_deed_notes_case_id_at"


def upgrade() -> None:
    op.drop_column("cases", "suspended_reason")
    _widen_deed_notes()


def _references(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, target in columns.items()
    ]


def _widen_deed_notes() -> None:
    name = op.f("ck_deed_notes_kind_known")
    if op.get_context().dialect.name == "postgresql":
        op.drop_constraint(name, "deed_notes", type_="check")
        op.create_check_constraint(name, "deed_notes", KINDS)
        return
    # SQLite cannot change a constraint: the table is made anew, and its rows go over.
    op.drop_index(_INDEX, "deed_notes")
    op.rename_table("deed_notes", "deed_notes_before")
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
        sa.CheckConstraint(KINDS, name=name),
        *_references(
            "deed_notes",
            case_id="cases",
            office_id="offices",
            person_id="persons",
            task_id="user_tasks",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deed_notes")),
    )
    op.execute(
        "INSERT INTO deed_notes SELECT id, office_id, case_id, task_id, kind, error_class, "
        "person_id, at, ciphertext FROM deed_notes_before"
    )
    op.drop_table("deed_notes_before")
    op.create_index(_INDEX, "deed_notes", ["case_id", "at"])
