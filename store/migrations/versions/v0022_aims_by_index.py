"""The indices of running clocks hold the office's aim too: what will be overdue is read from them.

Until now “due soon” looked up the rung at four fifths of each limit; it now counts from the aim,
and a list of a million limits must not fetch each row to see it.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_BEFORE = {
    "ix_clocks_running": ("office_id", "due_at", "id", "case_id", "party"),
    "ix_clocks_running_of": ("office_id", "party", "due_at", "id", "case_id"),
}


def upgrade() -> None:
    for name, columns in _BEFORE.items():
        _make_anew(name, [*columns, "target_at"])


def downgrade() -> None:
    for name, columns in _BEFORE.items():
        _make_anew(name, columns)


def _make_anew(name: str, columns: Sequence[str]) -> None:
    op.drop_index(name, "clocks")
    running = sa.text("status = 'running'")
    op.create_index(name, "clocks", list(columns), sqlite_where=running, postgresql_where=running)
