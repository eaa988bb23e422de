"""How conditions are written so that both planners take the index that was made for them."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, false, func, literal_column

_WORD = re.compile(r"[A-Za-z0-9_.-]+")


def among(column: ColumnElement[Any], *values: str) -> ColumnElement[bool]:
    """`column IN (…)`, or `=`, of words that the program knows; never of what somebody typed.

    SQLite takes a partial index for `status = ?` by looking at what is given, but not for
    `status IN (?, ?)`: the list must stand in the statement as it stands in the index. Raises
    ValueError for a word with signs that are none of a name.
    """
    if odd := [value for value in values if not _WORD.fullmatch(value)]:
        raise ValueError(f"Expected words of letters, digits, '_', '-' and '.', but got {odd}")
    words: list[ColumnElement[Any]] = [literal_column(f"'{value}'") for value in values]
    if not words:
        return false()
    if len(words) == 1:  # which SQLite takes for another condition than a list of one
        return column == words[0]
    return column.in_(words)


def unindexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column, but no index is looked up by it.

    For `unindexed(case_id).in_(a set)` where another index gives the order: SQLite would go
    through the whole set, and sort all that it found to show the first page of it.
    """
    return func.coalesce(column, column, type_=column.type)
