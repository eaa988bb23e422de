"""A row of a list becomes a case, or is named as one that cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine.actors import system
from engine.errors import Rejected
from engine.field_errors import FieldError
from engine.filing import FileCase, file
from engine.linked_filing import CHANNEL
from engine.list_rows import Bad


def file_row(tx: Connection, listed: Any, row: Mapping[str, Any], now: datetime) -> UUID | Bad:
    """A case for the row. One that cannot be filed after all harms no other."""
    command = FileCase(
        listed.package_id,
        CHANNEL,
        values=row["values"],
        data=row["personal"],
        parent_case_id=listed.case_id,
    )
    try:
        with tx.begin_nested():
            return file(tx, command, system(listed.office_id), now).id
    except Rejected as refused:
        errors: Sequence[FieldError] = refused.facts.get("errors", ())
        return Bad(int(row["line"]), tuple(errors) or (FieldError("", "not_filed"),))
