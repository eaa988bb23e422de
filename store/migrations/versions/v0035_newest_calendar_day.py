"""The newest entry of a calendar is found without counting its days."""

from __future__ import annotations

from alembic import op

revision = "0035"
down_revision = "0031"
branch_labels = None
depends_on = None

_INDEXES = (("office_id", "id"), ("office_id", "known_from"))


def upgrade() -> None:
    for columns in _INDEXES:
        op.create_index(_name(columns), "calendar_days", list(columns))


def downgrade() -> None:
    for columns in _INDEXES:
        op.drop_index(_name(columns), table_name="calendar_days")


def _name(columns: tuple[str, ...]) -> str:
    return op.f(f"ix_calendar_days_{'_'.join(columns)}")
