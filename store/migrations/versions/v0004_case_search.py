"""Finding cases by a person in them, linking cases, and who looked at personal data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None

LOOKS = sa.text("action IN ('case.revealed', 'case.data_read', 'case.searched')")


def upgrade() -> None:
    _terms()
    _links()
    op.create_index(op.f("ix_cases_office_id_filed_at"), "cases", ["office_id", "filed_at"])
    op.drop_index(op.f("ix_cases_office_id_package_id_status"), "cases")
    op.create_index(
        op.f("ix_cases_office_id_package_id_filed_at"),
        "cases",
        ["office_id", "package_id", "filed_at"],
    )
    op.create_index(
        op.f("ix_cases_office_id_package_id_status_filed_at"),
        "cases",
        ["office_id", "package_id", "status", "filed_at"],
    )
    op.create_index(
        "ix_history_looks",
        "history",
        ["office_id", "id"],
        sqlite_where=LOOKS,
        postgresql_where=LOOKS,
    )


def _terms() -> None:
    op.create_table(
        "case_terms",
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_terms_case_id")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_case_terms_office_id")
        ),
        sa.PrimaryKeyConstraint("office_id", "term", "case_id", name=op.f("pk_case_terms")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_case_terms_case_id"), "case_terms", ["case_id"])


def _links() -> None:
    op.create_table(
        "case_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('person', 'household', 'cause', 'duplicate', 'other')",
            name=op.f("ck_case_links_kind_known"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_links_case_id")),
        sa.ForeignKeyConstraint(["other_id"], ["cases.id"], name=op.f("fk_case_links_other_id")),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_case_links_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_case_links_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_links")),
        sa.UniqueConstraint("case_id", "other_id", name=op.f("uq_case_links_case_id_other_id")),
    )
    op.create_index(op.f("ix_case_links_other_id"), "case_links", ["other_id"])
