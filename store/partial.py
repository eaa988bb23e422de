"""How conditions are written so that both planners take the index that was made for them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, bindparam, func


def among(column: ColumnElement[Any], *values: str) -> ColumnElement[bool]:
    """`column IN (…)`, or `=`, of words that the program knows; never of what somebody typed.

    SQLite takes a partial index for `status = ?` by looking at what is given, but not for
    `status IN (?, ?)`: the list must stand in the statement as it stands in the index.
    """
    if len(values) == 1:  # which SQLite takes for another condition than a list of one
        return column == bindparam(None, values[0], literal_execute=True)
    return column.in_(bindparam(None, values, expanding=True, literal_execute=True))


def unindexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column, but no index is looked up by it.

    For `unindexed(case_id).in_(a set)` where another index gives the order: SQLite would go
    through the whole set, and sort all that it found to show the first page of it.
    """
    return func.coalesce(column, column, type_=column.type)
