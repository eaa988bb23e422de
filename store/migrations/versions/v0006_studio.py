"""The studio: drafts of packages with every saved version, autosaves, and proposals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant, Json

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_drafts()
    _create_versions()
    _create_autosaves()
    _create_proposals()


def _office(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["office_id"], ["offices.id"], name=op.f(f"fk_{table}_office_id")
    )


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def _create_drafts() -> None:
    table = "package_drafts"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("package_id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("parent_number", sa.Integer(), nullable=True),
        sa.Column("base_definition_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'set_aside')", name=op.f("ck_package_drafts_state_known")
        ),
        _office(table),
        _reference(table, "parent_id", "package_drafts.id"),
        _reference(table, "base_definition_id", "definitions.id"),
        _reference(table, "created_by", "persons.id"),
        _reference(table, "saved_by", "persons.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_drafts")),
    )
    op.create_index(
        "ix_package_drafts_office_id_state_saved_at", table, ["office_id", "state", "saved_at"]
    )
    op.create_index("ix_package_drafts_office_id_package_id", table, ["office_id", "package_id"])


def _create_versions() -> None:
    table = "package_draft_versions"
    op.create_table(
        table,
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("files", Json(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        _reference(table, "draft_id", "package_drafts.id"),
        _office(table),
        _reference(table, "saved_by", "persons.id"),
        sa.PrimaryKeyConstraint("draft_id", "number", name=op.f("pk_package_draft_versions")),
    )


def _create_autosaves() -> None:
    table = "package_autosaves"
    op.create_table(
        table,
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        _reference(table, "draft_id", "package_drafts.id"),
        _reference(table, "person_id", "persons.id"),
        _office(table),
        sa.PrimaryKeyConstraint("draft_id", "person_id", "path", name=op.f("pk_package_autosaves")),
    )


def _create_proposals() -> None:
    table = "proposals"
    op.create_table(
        table,
        sa.Column("definition_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("package_id", sa.String(length=20), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("draft_number", sa.Integer(), nullable=False),
        sa.Column("former_id", sa.Uuid(), nullable=True),
        sa.Column("checks", Json(), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "decision IN ('approved', 'refused')", name=op.f("ck_proposals_decision_known")
        ),
        _reference(table, "definition_id", "definitions.id"),
        _office(table),
        _reference(table, "draft_id", "package_drafts.id"),
        _reference(table, "former_id", "definitions.id"),
        _reference(table, "decided_by", "persons.id"),
        sa.PrimaryKeyConstraint("definition_id", name=op.f("pk_proposals")),
    )
    op.create_index("ix_proposals_draft_id", table, ["draft_id"])
    op.create_index("ix_proposals_office_id_package_id", table, ["office_id", "package_id"])
