"""Whom a notice is for: whom the diagram names, the applicant, whom the duty binds, the subject."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from engine.notice_values import Issue, addressee

APPLICANT = {"name": "王𡘙明", "mailing_address": "示範市東區示範路1號"}
OBLIGED = {"name": "李示範", "address": "示範市西區示範路5號"}
DECEASED = {"name": "張示範"}


@pytest.mark.parametrize(
    ("to", "data", "told"),
    [
        (
            None,
            {"applicant": APPLICANT, "obliged": OBLIGED},
            ("王𡘙明", APPLICANT["mailing_address"]),
        ),
        (
            "obliged",
            {"applicant": APPLICANT, "obliged": OBLIGED},
            ("李示範", "示範市西區示範路5號"),
        ),
        ("head", {"applicant": APPLICANT}, ("王𡘙明", APPLICANT["mailing_address"])),
        (None, {"obliged": OBLIGED, "deceased": DECEASED}, ("李示範", OBLIGED["address"])),
        ("obliged", {"deceased": DECEASED}, ("張示範", "")),
        (None, {"applicant": {}}, ("", "")),
    ],
)
def test_a_notice_goes_to_whom_it_is_for(
    to: str | None, data: dict[str, Any], told: tuple[str, str]
) -> None:
    issue = Issue(uuid4(), "hq", "1", {"to": to}, data, None, datetime(2026, 3, 2, tzinfo=UTC))

    assert addressee(issue, "data.deceased.name") == told
