"""Figures of months are summed up day by day; the overdue desk keeps views by name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant, Json

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SECONDS = ("work", "pick_up", "applicant", "agency", "outside", "system", "paused")


def upgrade() -> None:
    _add_figures()
    _add_views()
    for name, table, columns, which in (
        (
            "ix_user_tasks_completed",
            "user_tasks",
            ["office_id", "ended_at"],
            "status = 'completed'",
        ),
        ("ix_cases_ended", "cases", ["office_id", "closed_at"], "closed_at IS NOT NULL"),
        ("ix_clock_entries_extended", "clock_entries", ["office_id", "at"], "kind = 'extend'"),
    ):
        op.create_index(
            name, table, columns, sqlite_where=sa.text(which), postgresql_where=sa.text(which)
        )


def _add_figures() -> None:
    op.create_table(
        "month_figures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("package_id", sa.String(length=20), nullable=False),
        sa.Column("element_id", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("done", "ended", "kept")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in SECONDS),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_month_figures_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_month_figures_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_figures")),
    )
    op.create_index(
        op.f("ix_month_figures_office_id_month"), "month_figures", ["office_id", "month"]
    )
    op.create_table(
        "figured_days",
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("next_day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_figured_days_office_id")
        ),
        sa.PrimaryKeyConstraint("office_id", name=op.f("pk_figured_days")),
    )


def _add_views() -> None:
    op.create_table(
        "desk_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("filters", Json(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_desk_views_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_desk_views_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_views")),
        sa.UniqueConstraint(
            "office_id", "person_id", "name", name=op.f("uq_desk_views_office_id_person_id_name")
        ),
    )
