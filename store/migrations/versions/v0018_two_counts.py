"""Clocks have a target date, ledgers say what the case waited for, extensions can be asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant, Json

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KINDS = (
    "kind IN ('start', 'pause', 'resume', 'extend', 'transfer', 'recalculate', 'stop', "
    "'away', 'back')"
)
_INDEX = "ix_clock_entries_recalculated"


def upgrade() -> None:
    op.add_column("clocks", sa.Column("target_at", Instant(), nullable=True))
    _add_requests()
    _index_requests()
    _widen_entries()


def _add_requests() -> None:
    op.create_table(
        "extension_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('asked', 'granted', 'refused', 'withdrawn', 'lapsed')",
            name=op.f("ck_extension_requests_status_known"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('granted', 'refused') OR decided_by != asked_by",
            name=op.f("ck_extension_requests_four_eyes"),
        ),
        *_references(
            "extension_requests",
            asked_by="persons",
            case_id="cases",
            clock_id="clocks",
            decided_by="persons",
            office_id="offices",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension_requests")),
    )


def _index_requests() -> None:
    asked = sa.text("status = 'asked'")
    op.create_index(
        "ix_extension_requests_open",
        "extension_requests",
        ["clock_id"],
        unique=True,
        sqlite_where=asked,
        postgresql_where=asked,
    )
    op.create_index(
        op.f("ix_extension_requests_case_id_asked_at"),
        "extension_requests",
        ["case_id", "asked_at"],
    )
    op.create_index(
        op.f("ix_extension_requests_office_id_status_asked_at"),
        "extension_requests",
        ["office_id", "status", "asked_at"],
    )


def _references(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, target in columns.items()
    ]


def _widen_entries() -> None:
    name = op.f("ck_clock_entries_kind_known")
    if op.get_context().dialect.name == "postgresql":
        op.drop_constraint(name, "clock_entries", type_="check")
        op.create_check_constraint(name, "clock_entries", KINDS)
        return
    # SQLite cannot change a constraint: the table is made anew, and its rows go over.
    op.drop_index(_INDEX, "clock_entries")
    op.rename_table("clock_entries", "clock_entries_before")
    op.create_table(
        "clock_entries",
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("ground", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("due_before", Instant(), nullable=True),
        sa.Column("due_after", Instant(), nullable=True),
        sa.Column("detail", Json(), nullable=False),
        sa.CheckConstraint(KINDS, name=name),
        *_references("clock_entries", clock_id="clocks", office_id="offices", person_id="persons"),
        sa.PrimaryKeyConstraint("clock_id", "number", name=op.f("pk_clock_entries")),
    )
    columns = (
        "clock_id, number, office_id, kind, at, on_day, ground, reason, person_id, due_before, "
        "due_after, detail"
    )
    op.execute(f"INSERT INTO clock_entries SELECT {columns} FROM clock_entries_before")  # noqa: S608  # columns are ours
    op.drop_table("clock_entries_before")
    recalculated = sa.text("kind = 'recalculate'")
    op.create_index(
        _INDEX,
        "clock_entries",
        ["office_id", "ground", "clock_id"],
        sqlite_where=recalculated,
        postgresql_where=recalculated,
    )
