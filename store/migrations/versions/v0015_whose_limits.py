"""Who must act within a limit, the office or an applicant; how an office is reached."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# The rules of before, by what the table of law says each is for.
APPLICANTS = (
    *("STAT_REG_30D", "STAT_BIRTH_60D", "STAT_REG_30D_OLD_BIRTH", "STAT_MOVE_3M_30D"),
    *("STAT_ABROAD_2Y_30D", "STAY_3M", "ABSENCE_2Y", "FIRST_HOUSEHOLD_30D", "FILED_IN_TIME"),
    *("DUNNING_MIN_7D", "PUBLIC_NOTICE_20D", "PUBLIC_NOTICE_60D", "CORRECTION_TERM_7D"),
    *("FINE_LIMITATION_3Y", "APPEAL_30D", "RESTORATION_10D", "RESTORATION_OUTER_1Y"),
    *("AGE_REACHED", "IDCARD_AGE_14", "MAJORITY_18", "PASSPORT_UNCOLLECTED_3M"),
    *("PASSPORT_IDENTITY_6M", "MARRIAGE_PREREG_3OD", "NATURALISATION_LOSS_PROOF_1Y"),
    "NATURALISATION_EXTENSION_REQUEST",
)
REACHED_BY = (
    *(("address_zh", 200), ("address_en", 300), ("telephone", 40)),
    *(("open_zh", 200), ("open_en", 300)),
)


def upgrade() -> None:
    op.execute(
        "ALTER TABLE clocks ADD COLUMN party VARCHAR(12) DEFAULT 'office' NOT NULL "
        "CONSTRAINT ck_clocks_party_known CHECK (party IN ('office', 'applicant'))"
    )
    clocks = sa.table("clocks", sa.column("rule_id"), sa.column("party"))
    op.execute(clocks.update().where(clocks.c.rule_id.in_(APPLICANTS)).values(party="applicant"))
    running = sa.text("status = 'running'")
    op.drop_index("ix_clocks_running", "clocks")
    op.drop_index("ix_clocks_met", "clocks")
    met = sa.text("status = 'met'")
    for name, columns, where in (
        ("ix_clocks_running", ["office_id", "due_at", "id", "case_id", "party"], running),
        ("ix_clocks_running_of", ["office_id", "party", "due_at", "id", "case_id"], running),
        ("ix_clocks_met", ["office_id", "met_at", "party", "due_at", "task_id"], met),
    ):
        op.create_index(name, "clocks", columns, sqlite_where=where, postgresql_where=where)
    for name, length in REACHED_BY:
        op.add_column(
            "offices",
            sa.Column(name, sa.String(length), nullable=False, server_default=sa.text("''")),
        )
