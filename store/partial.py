"""Conditions of partial indices, written into the statement instead of given beside it.

SQLite takes a partial index for `status = ?` by looking at what is given, but not for
`status IN (?, ?)`: the list must stand in the statement as it stands in the index.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, bindparam


def among(column: ColumnElement[Any], *values: str) -> ColumnElement[bool]:
    """`column IN (…)`, of words that the program knows; never of what somebody typed."""
    return column.in_(bindparam(None, values, expanding=True, literal_execute=True))
