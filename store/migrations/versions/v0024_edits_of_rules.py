"""An edit that waits for a second person may be of rules, not of a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.column_types import Instant, Json

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_DAYS = "'all', 'morning', 'afternoon', 'works', 'rests'"
_KNOWN = "ck_calendar_edits_part_known"
_INDICES = ("office_id", "status", "proposed_at"), ("job_id",)
_COLUMNS = (
    "id, office_id, day, part, reason, source, status, proposed_by, proposed_at, decided_by, "
    "decided_at, decided_why, job_id"
)


def upgrade() -> None:
    _may_be(f"part IN ({_DAYS}, 'rule')", with_rules=True)


def downgrade() -> None:
    op.execute("DELETE FROM calendar_edits WHERE part = 'rule'")
    _may_be(f"part IN ({_DAYS})", with_rules=False)


def _may_be(parts: str, *, with_rules: bool) -> None:
    if op.get_context().dialect.name == "postgresql":
        op.drop_constraint(op.f(_KNOWN), "calendar_edits", type_="check")
        op.create_check_constraint(op.f(_KNOWN), "calendar_edits", parts)
        if with_rules:
            op.add_column("calendar_edits", _rules())
        else:
            op.drop_column("calendar_edits", "rules")
        return
    # SQLite cannot change a constraint: the table is made anew, and its rows go over.
    for columns in _INDICES:
        op.drop_index(_index(columns), "calendar_edits")
    op.rename_table("calendar_edits", "calendar_edits_before")
    _make(parts, [_rules()] if with_rules else [])
    op.execute(
        f"INSERT INTO calendar_edits ({_COLUMNS}) SELECT {_COLUMNS} FROM calendar_edits_before"  # noqa: S608  # columns are ours
    )
    op.drop_table("calendar_edits_before")
    for columns in _INDICES:
        op.create_index(_index(columns), "calendar_edits", list(columns))


def _index(columns: tuple[str, ...]) -> str:
    return op.f(f"ix_calendar_edits_{'_'.join(columns)}")


def _rules() -> sa.Column[object]:
    return sa.Column("rules", Json(), nullable=True)


def _make(parts: str, more: list[sa.Column[object]]) -> None:
    op.create_table(
        "calendar_edits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_why", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        *more,
        sa.CheckConstraint(parts, name=op.f(_KNOWN)),
        sa.CheckConstraint(
            "status IN ('proposed', 'entered', 'refused', 'withdrawn')",
            name=op.f("ck_calendar_edits_status_known"),
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'withdrawn') OR decided_by != proposed_by",
            name=op.f("ck_calendar_edits_four_eyes"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_calendar_edits_{column}"))
            for column, target in (
                ("office_id", "offices.id"),
                ("proposed_by", "persons.id"),
                ("decided_by", "persons.id"),
                ("job_id", "jobs.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_edits")),
    )
