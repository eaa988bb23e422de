"""The newest table among a case's files, as lines of text for a field: looked at, and on record."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from engine import attachments, purposes
from engine.actors import Actor
from engine.errors import Rejected
from engine.files import TABLES, Row, rows_of

MOST_BYTES = 1_000_000
"""Far more than a field holds; a long list becomes a case each (`engine/lists.py`)."""


def newest(tx: Connection, case_id: UUID, actor: Actor, now: datetime) -> str:
    """Its rows, a line each with the line's number in the sheet, cells parted by tabs.

    Raises NotFound, Forbidden (whose task it is not, or a file that was not scanned yet), Rejected
    (`list.no_file`, `list.too_long`, and what `engine.files.rows_of` refuses).
    """
    files = attachments.of_case(tx, case_id, actor)
    tables = [each for each in files if each.media_type in TABLES and each.ended_at is None]
    if not tables:
        raise Rejected("list.no_file", "There is no file of the list; add it, as CSV or ODS")
    if tables[0].size > MOST_BYTES:
        raise Rejected("list.too_long", "The table is too long for a field; part it", most=250)
    attachments.look_at(tx, tables[0].id, purposes.purpose("compare"), actor, now)
    found = attachments.content(tx, tables[0].id, actor, now)
    content = io.BytesIO(b"".join(attachments.whole(tx, found)))
    return "\n".join(_lines(rows_of(tables[0].media_type, content)))


def _lines(rows: Iterable[Row]) -> list[str]:
    lines: list[str] = []
    for number, cells in rows:
        lines += [""] * (number - 1 - len(lines))  # empty rows count, as they do in the sheet
        lines.append("\t".join(" ".join(cell.split()) for cell in cells))
    return lines
