"""Statements compiled once: SQLAlchemy writes the SQL and converts the values, and is then out of
the way. On the path of every step this is half the time of a case; elsewhere plain Core is used.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection, CursorResult, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.dml import Insert, Update
from sqlalchemy.types import TypeEngine

Values: TypeAlias = Mapping[str, Any]
_Convert: TypeAlias = Callable[[Any], Any] | None


class Prepared:
    """One statement, compiled once for each database and set of names it is given values for.

    Lists of values in one parameter (`IN`) are not for this.
    """

    def __init__(self, statement: Select[Any] | Insert | Update) -> None:
        self._statement = statement
        self._compiled: dict[tuple[str, tuple[str, ...]], _Compiled] = {}

    def run(self, tx: Connection, values: Values) -> int:
        """Execute it once; say how many rows it changed."""
        return self._with(tx, values).run(tx, values).rowcount

    def run_many(self, tx: Connection, rows: Sequence[Values]) -> None:
        """Execute it for every row, all of which have the same names."""
        if rows:
            compiled = self._with(tx, rows[0])
            tx.exec_driver_sql(compiled.sql, [compiled.parameters(row) for row in rows])

    def first(self, tx: Connection, values: Values) -> Any:
        """The first row of a select, with its columns as attributes; None if there is none."""
        compiled = self._with(tx, values)
        found = compiled.run(tx, values).first()
        return None if found is None else compiled.row(found)

    def _with(self, tx: Connection, values: Values) -> _Compiled:
        key = (tx.dialect.name, tuple(values))
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = _Compiled(self._statement, tx.dialect, list(values))
        return compiled


class _Compiled:
    def __init__(
        self, statement: Select[Any] | Insert | Update, dialect: Dialect, names: list[str]
    ) -> None:
        compiled: Any = statement.compile(
            dialect=dialect, column_keys=names if isinstance(statement, Insert) else None
        )
        left_out = [c.name for c in getattr(compiled, "insert_prefetch", None) or ()]
        if left_out:
            raise ValueError(f"Give values for {left_out} too; a prepared insert has no defaults")
        self.sql = str(compiled)
        if "POSTCOMPILE" in self.sql:
            raise ValueError(f"A prepared statement takes no lists: {self.sql}")
        self._given = [
            (name, bind.key, bind.value, _bind_converter(bind.type, dialect))
            for name, bind in compiled.binds.items()
        ]
        self._order: list[str] | None = compiled.positiontup if compiled.positional else None
        self._columns: list[_Convert] = []
        if isinstance(statement, Select):
            columns = list(statement.selected_columns)
            self._columns = [_result_converter(column.type, dialect) for column in columns]
            self._row = namedtuple("Row", [str(column.key) for column in columns])  # type: ignore[misc]

    def parameters(self, values: Values) -> Any:
        found = {}
        for name, key, fixed, convert in self._given:
            value = values.get(key, fixed)
            found[name] = value if convert is None else convert(value)
        if self._order is None:
            return found
        return tuple(found[name] for name in self._order)

    def run(self, tx: Connection, values: Values) -> CursorResult[Any]:
        return tx.exec_driver_sql(self.sql, self.parameters(values))

    def row(self, found: Iterable[Any]) -> Any:
        return self._row(
            *(
                value if convert is None else convert(value)
                for value, convert in zip(found, self._columns, strict=True)
            )
        )


def _bind_converter(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _result_converter(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
