"""Moving running cases to another version: plans, what they mean for each case, and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant, Json

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KINDS = "kind IN ('handover', 'return', 'withdrawal', 'migration', 'token')"
_INDEX = "ix_deed_notes_case_id_at"


def upgrade() -> None:
    _migration_plans()
    _migration_cases()
    _widen_deed_notes()


def _migration_plans() -> None:
    op.create_table(
        "migration_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("package_id", sa.String(length=20), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("named", Json(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("after_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_why", sa.Text(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "status IN ('judging', 'waiting', 'moving', 'done', 'refused')",
            name=op.f("ck_migration_plans_status_known"),
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by != created_by",
            name=op.f("ck_migration_plans_four_eyes"),
        ),
        *_references(
            "migration_plans",
            office_id="offices",
            from_id="definitions",
            to_id="definitions",
            created_by="persons",
            decided_by="persons",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration_plans")),
    )
    op.create_index(
        op.f("ix_migration_plans_office_id_package_id_created_at"),
        "migration_plans",
        ["office_id", "package_id", "created_at"],
    )


def _migration_cases() -> None:
    op.create_table(
        "migration_cases",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("remarks", Json(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('can', 'task_changed', 'cannot')",
            name=op.f("ck_migration_cases_verdict_known"),
        ),
        sa.CheckConstraint(
            "outcome IN ('moved', 'kept', 'gone', 'failed')",
            name=op.f("ck_migration_cases_outcome_known"),
        ),
        *_references(
            "migration_cases", plan_id="migration_plans", case_id="cases", office_id="offices"
        ),
        sa.PrimaryKeyConstraint("plan_id", "case_id", name=op.f("pk_migration_cases")),
    )
    op.create_index(
        op.f("ix_migration_cases_plan_id_verdict_case_id"),
        "migration_cases",
        ["plan_id", "verdict", "case_id"],
    )
    op.create_index(op.f("ix_migration_cases_case_id"), "migration_cases", ["case_id"])


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
