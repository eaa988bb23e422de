"""Desks of an office: counters and branches; who answers for a case; tasks held for a desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant, Json

revision = "0034"
down_revision = "0030"
branch_labels = None
depends_on = None

REACHED = {
    "address_zh": 200,
    "address_en": 300,
    "telephone": 40,
    "open_zh": 200,
    "open_en": 300,
}


def upgrade() -> None:
    _add_desks()
    _add_people()
    _add_service()
    _add_holds()


def downgrade() -> None:
    for table in ("task_holds", "case_service", "desk_people", "desks"):
        op.drop_table(table)


def _add_desks() -> None:
    op.create_table(
        "desks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(40), nullable=False),
        sa.Column("name_zh", sa.String(80), nullable=False),
        sa.Column("name_en", sa.String(80), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("packages", Json(), nullable=False),
        sa.Column("languages", Json(), nullable=False),
        sa.Column("needs", Json(), nullable=False),
        *(
            sa.Column(name, sa.String(length), nullable=False, server_default=sa.text("''"))
            for name, length in REACHED.items()
        ),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_desks_status_known")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_desks_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desks")),
    )
    op.create_index(op.f("ix_desks_office_id_status"), "desks", ["office_id", "status"])


def _add_people() -> None:
    op.create_table(
        "desk_people",
        sa.Column("desk_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(40), nullable=False),
        _key("desk_people", "desk_id", "desks"),
        _key("desk_people", "person_id", "persons"),
        _key("desk_people", "office_id", "offices"),
        sa.PrimaryKeyConstraint("desk_id", "person_id", name=op.f("pk_desk_people")),
    )
    op.create_index(op.f("ix_desk_people_person_id"), "desk_people", ["person_id"])


def _add_service() -> None:
    op.create_table(
        "case_service",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(40), nullable=False),
        sa.Column("language", sa.String(12), nullable=True),
        sa.Column("desk_id", sa.Uuid(), nullable=True),
        sa.Column("collect_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("owned_since", Instant(), nullable=True),
        _key("case_service", "case_id", "cases"),
        _key("case_service", "office_id", "offices"),
        _key("case_service", "desk_id", "desks"),
        _key("case_service", "collect_id", "desks"),
        _key("case_service", "owner_id", "persons"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_service")),
    )
    for name in ("desk_id", "owner_id"):
        op.create_index(op.f(f"ix_case_service_{name}"), "case_service", [name])


def _add_holds() -> None:
    op.create_table(
        "task_holds",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(40), nullable=False),
        sa.Column("desk_id", sa.Uuid(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        _key("task_holds", "task_id", "user_tasks"),
        _key("task_holds", "office_id", "offices"),
        _key("task_holds", "desk_id", "desks"),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_task_holds")),
    )
    op.create_index(op.f("ix_task_holds_desk_id_until"), "task_holds", ["desk_id", "until"])


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
