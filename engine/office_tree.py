"""The tree of offices, upwards: the office, its city, the country. For statements that inherit."""

from __future__ import annotations

from sqlalchemy import CTE, bindparam, literal, select

from store.tables import offices

_HIGHEST = 8  # so that no ring of offices can hold a statement up
_own = (
    select(offices.c.id, offices.c.parent_id, literal(0).label("height"))
    .where(offices.c.id == bindparam("office"))
    .cte("chain", recursive=True)
)
UPWARDS: CTE = _own.union_all(
    select(offices.c.id, offices.c.parent_id, _own.c.height + 1)
    .join(_own, offices.c.id == _own.c.parent_id)
    .where(_own.c.height < _HIGHEST)
)
"""Columns `id`, `parent_id` and `height` (0: the office itself) of the office bound as `office`."""
