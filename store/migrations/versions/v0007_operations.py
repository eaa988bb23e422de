"""Operations: passwords with an age, grants by two people, paused agencies, cheap lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("password_changed_at", Instant(), nullable=True))
    op.add_column("accounts", sa.Column("status_reason", sa.Text(), nullable=True))
    op.add_column("persons", sa.Column("left_on", sa.Date(), nullable=True))
    op.add_column("workers", sa.Column("version", sa.String(length=40), nullable=True))
    op.add_column("installation", sa.Column("last_backup_at", Instant(), nullable=True))
    op.add_column("installation", sa.Column("restored_at", Instant(), nullable=True))
    # Of a password nobody has changed since, the age is that of its account.
    op.execute(
        "UPDATE accounts SET password_changed_at = created_at WHERE password_hash IS NOT NULL"
    )
    _make_tables()
    _make_indexes()


def _make_tables() -> None:  # sizes: exempt — one table after the other
    op.create_table(
        "password_history",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("replaced_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_password_history_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_password_history_office_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "number", name=op.f("pk_password_history")),
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("group_name", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'approved', 'refused')", name=op.f("ck_grants_status_known")
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR (decided_by != asked_by AND decided_by != person_id)",
            name=op.f("ck_grants_four_eyes"),
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["persons.id"], name=op.f("fk_grants_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["persons.id"], name=op.f("fk_grants_decided_by")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_grants_office_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_grants_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    op.create_table(
        "paused_peers",
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("peer", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("paused_by", sa.Uuid(), nullable=True),
        sa.Column("paused_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_paused_peers_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["paused_by"], ["persons.id"], name=op.f("fk_paused_peers_paused_by")
        ),
        sa.PrimaryKeyConstraint("office_id", "peer", name=op.f("pk_paused_peers")),
    )


def _make_indexes() -> None:  # sizes: exempt — one index after the other
    op.create_index(
        "uq_grants_one_waiting",
        "grants",
        ["person_id", "group_name"],
        unique=True,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_index(
        op.f("ix_grants_office_id_status_asked_at"), "grants", ["office_id", "status", "asked_at"]
    )
    op.create_index(op.f("ix_accounts_person_id"), "accounts", ["person_id"])
    op.create_index(
        op.f("ix_persons_office_id_display_name"), "persons", ["office_id", "display_name"]
    )
    for name, table, columns, which in (
        ("ix_timers_waiting", "timers", ["office_id", "due_at", "id"], "status = 'waiting'"),
        ("ix_timers_fired", "timers", ["office_id", "fired_at", "id"], "status = 'fired'"),
        (
            "ix_jobs_closures",
            "jobs",
            ["office_id", "created_at"],
            "kind = 'calendar.closure'",
        ),
        (
            "ix_clocks_open",
            "clocks",
            ["office_id", "case_id", "id"],
            "status IN ('running', 'paused')",
        ),
        (
            "ix_clock_entries_recalculated",
            "clock_entries",
            ["office_id", "ground", "clock_id"],
            "kind = 'recalculate'",
        ),
        (
            "ix_outbox_open",
            "outbox",
            ["office_id", "peer", "status", "created_at"],
            "status IN ('queued', 'sending', 'failed')",
        ),
        ("ix_history_apart", "history", ["office_id", "object_id", "id"], "case_id IS NULL"),
    ):
        op.create_index(
            name, table, columns, sqlite_where=sa.text(which), postgresql_where=sa.text(which)
        )
    op.create_index(
        op.f("ix_inbox_office_id_status_received_at"),
        "inbox",
        ["office_id", "status", "received_at"],
    )
