"""Statements compiled once: SQLAlchemy writes the SQL and converts the values, and is then out of
the way. They run on the driver's own cursor, in the transaction SQLAlchemy began: what it adds to
each execution costs several times what SQLite needs. Elsewhere plain Core is used.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import Delete, Insert, Update
from sqlalchemy.sql.visitors import cloned_traverse
from sqlalchemy.types import TypeEngine

Values: TypeAlias = Mapping[str, Any]
Statement: TypeAlias = Select[Any] | Insert | Update | Delete
_Convert: TypeAlias = Callable[[Any], Any] | None


class Prepared:
    """One statement, compiled once for each database and set of names it is given values for.

    Words and numbers of the statement itself become part of its text. Lists of values in one
    parameter (`IN`) are not for this: see `Listed`. Raises SQLAlchemy's errors.
    """

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._compiled: dict[tuple[str, tuple[str, ...]], _Compiled] = {}

    def run(self, tx: Connection, values: Values) -> int:
        """Execute it once; say how many rows it changed."""
        compiled = self._with(tx, values)
        changed: int = execute(tx, compiled.sql, compiled.parameters(values)).rowcount
        return changed

    def send(self, tx: Connection, values: Values) -> Any:
        """Execute it within `together`; the cursor's `rowcount` holds once that block has ended."""
        compiled = self._with(tx, values)
        return execute(tx, compiled.sql, compiled.parameters(values))

    def run_many(self, tx: Connection, rows: Sequence[Values]) -> int:
        """Execute it for every row, all of which have the same names; say how many rows it
        changed (within `together` nobody knows yet)."""
        if not rows:
            return 0
        if len(rows) == 1:
            return self.run(tx, rows[0])
        compiled = self._with(tx, rows[0])
        changed: int = execute(tx, compiled.sql, compiled.parameters_of_many(rows)).rowcount
        return changed

    def first(self, tx: Connection, values: Values) -> Any:
        """The first row found or returned, its columns as attributes; None if there is none."""
        compiled = self._with(tx, values)
        cursor = execute(tx, compiled.sql, compiled.parameters(values))
        found = cursor.fetchone()
        cursor.close()
        return None if found is None else compiled.row(found)

    def all(self, tx: Connection, values: Values) -> list[Any]:
        """All rows found, their columns as attributes."""
        compiled = self._with(tx, values)
        cursor = execute(tx, compiled.sql, compiled.parameters(values))
        return [compiled.row(found) for found in cursor.fetchall()]

    def _with(self, tx: Connection, values: Values) -> _Compiled:
        key = (tx.dialect.name, tuple(values))
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = _Compiled(self._statement, tx.dialect, list(values))
        return compiled


_MOST_LISTED = 1_024  # PostgreSQL takes 65,535 parameters, some builds of SQLite half as many


class Listed:
    """A question about the rows whose `column` is one of a list, prepared for each length (rounded
    up to a power of two; a list is filled up with its last value). A long list is asked for in
    pieces, each in the order of the statement."""

    def __init__(self, column: ColumnElement[Any], statement: Select[Any]) -> None:
        self._column, self._statement = column, statement
        self._of_length: dict[int, Prepared] = {}

    def all(self, tx: Connection, listed: Collection[Any], values: Values) -> list[Any]:
        """All rows found; none for an empty list. `values` are for the rest of the statement."""
        given = list(listed)
        pieces = (given[at : at + _MOST_LISTED] for at in range(0, len(given), _MOST_LISTED))
        return [row for piece in pieces for row in self._piece(tx, piece, values)]

    def _piece(self, tx: Connection, listed: list[Any], values: Values) -> list[Any]:
        of_length = 1 << (len(listed) - 1).bit_length()
        prepared = self._of_length.get(of_length)
        if prepared is None:
            binds = [bindparam(f"listed_{at}", type_=self._column.type) for at in range(of_length)]
            prepared = Prepared(self._statement.where(self._column.in_(binds)))
            self._of_length[of_length] = prepared
        filled = [*listed, *listed[-1:] * (of_length - len(listed))]
        named = {f"listed_{at}": value for at, value in enumerate(filled)}
        return prepared.all(tx, {**values, **named})


@contextmanager
def together(tx: Connection) -> Iterator[None]:
    """Statements within are sent without waiting for the answer of each: on PostgreSQL one round
    trip to the server for all. An error of any of them comes at the latest when the block ends."""
    if tx.dialect.name != "postgresql" or tx.engine.dispatch.before_cursor_execute:
        yield
        return
    try:
        with tx.connection.driver_connection.pipeline():  # type: ignore[union-attr]
            yield
    except tx.dialect.loaded_dbapi.Error as error:
        raise _told(tx, None, "", (), error) from error


def execute(tx: Connection, sql: str, parameters: Any = ()) -> Any:
    """Execute on a cursor of the driver, many times for a list of parameters."""
    if tx.engine.dispatch.before_cursor_execute:  # somebody counts or records statements
        return tx.exec_driver_sql(sql, parameters)
    cursor = tx.connection.cursor()
    try:
        if isinstance(parameters, list):
            cursor.executemany(sql, parameters)
        else:
            cursor.execute(sql, parameters)
    except tx.dialect.loaded_dbapi.Error as error:
        raise _told(tx, cursor, sql, parameters, error) from error
    return cursor


def _told(tx: Connection, cursor: Any, sql: str, parameters: Any, error: Any) -> Exception:
    """A driver's error as SQLAlchemy raises it; a connection that broke is given up."""
    driver_error = tx.dialect.loaded_dbapi.Error
    is_broken = tx.dialect.is_disconnect(error, tx.connection.driver_connection, cursor)
    told: Exception = DBAPIError.instance(
        sql,
        parameters,
        error,
        driver_error,
        connection_invalidated=is_broken,
        dialect=tx.dialect,
        ismulti=isinstance(parameters, list),
    )
    if is_broken:
        tx.invalidate(error)
    return told


class _Compiled:
    def __init__(self, statement: Statement, dialect: Dialect, names: list[str]) -> None:
        compiled: Any
        if isinstance(statement, Insert):
            compiled = statement.compile(dialect=dialect, column_keys=names)
        else:
            compiled = _with_constants(statement).compile(
                dialect=dialect, compile_kwargs={"render_postcompile": True}
            )
        left_out = [c.name for c in getattr(compiled, "insert_prefetch", None) or ()]
        if left_out:
            raise ValueError(f"Give values for {left_out} too; a prepared insert has no defaults")
        self.sql = str(compiled)
        if any(bind.expanding for bind in compiled.binds.values()):
            raise ValueError(f"A prepared statement takes no lists: {self.sql}")
        self._is_positional = bool(compiled.positional)
        self._given = [
            (name, bind.key, bind.value, _bind_converter(bind.type, dialect))
            for name in (
                compiled.positiontup if self._is_positional else compiled.bind_names.values()
            )
            for bind in (compiled.binds[name],)
            if bind not in compiled.literal_execute_params
        ]
        self._names = [name for name, *_ in self._given]
        columns = list(statement.exported_columns)
        self._columns = [_result_converter(column.type, dialect) for column in columns]
        names_of_columns = [str(column.key) for column in columns]
        self._row: Any = namedtuple("Row", names_of_columns)  # type: ignore[misc]

    def parameters(self, values: Values) -> Any:
        get = values.get
        converted = [
            value if convert is None or value is None else convert(value)
            for _, key, fixed, convert in self._given
            for value in (get(key, fixed),)
        ]
        return self._given_out(converted)

    def _given_out(self, converted: list[Any]) -> Any:
        if self._is_positional:
            return tuple(converted)
        return dict(zip(self._names, converted, strict=True))

    def parameters_of_many(self, rows: Sequence[Values]) -> list[Any]:
        """Rows of one deed mostly share their case, office and instant: what is the same object as
        in the row before is not converted again."""
        seen: list[Any] = [None] * len(self._given)
        told: list[Any] = [None] * len(self._given)
        found = []
        for row in rows:
            get = row.get
            for at, (_, key, fixed, convert) in enumerate(self._given):
                value = get(key, fixed)
                if convert is None:
                    told[at] = value
                elif value is not seen[at]:
                    seen[at], told[at] = value, None if value is None else convert(value)
            found.append(self._given_out(told))
        return found

    def row(self, found: Sequence[Any]) -> Any:
        return self._row._make(
            [
                value if convert is None or value is None else convert(value)
                for value, convert in zip(found, self._columns, strict=True)
            ]
        )


def _with_constants(statement: Select[Any] | Update | Delete) -> Statement:
    """The statement with its own words and numbers in the text instead of as parameters.

    Both databases then see at once which partial index serves `status = 'waiting'`. Of a parameter
    SQLite has to look at what is given, and plans the statement anew for every execution;
    PostgreSQL's plan for any value takes no such index at all.
    """

    def constant(bind: BindParameter[Any]) -> None:
        bind.literal_execute = bind.unique and isinstance(bind.value, (str, int))
        bind.required = False  # its value comes with the execution

    changed: Statement = cloned_traverse(statement, {}, {"bindparam": constant})
    return changed


def _bind_converter(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _result_converter(kind: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
