"""Column types that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    type_coerce,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime. Naive values are refused, because SQLite would lose the offset.

    PostgreSQL: `timestamptz`. SQLite: fixed-width text that sorts as time does.
    """

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"Expected an aware datetime for the database, got naive {value}")
        utc = value.astimezone(UTC)
        if dialect.name == "postgresql":
            return utc
        return utc.isoformat(timespec="microseconds")[:-6] + "Z"  # without its +00:00

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)  # several times as fast as strptime
        return value.astimezone(UTC)  # type: ignore[no-any-return]


class Json(TypeDecorator[Any]):
    """A JSON document as bytes, key order kept (PostgreSQL's jsonb would not keep it)."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else orjson.dumps(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class PlainUuid(TypeDecorator[str]):
    """A UUID column read as text with its dashes, where no object is needed of it."""

    impl = String(36)
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        text = str(value)
        if len(text) == _LONGEST_UUID:
            return text
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class PlainInstant(TypeDecorator[str]):
    """An `Instant` column read as ISO 8601 in UTC with microseconds and `+00:00`."""

    impl = String(32)
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if isinstance(value, str):
            return value[:-1] + "+00:00"
        told: str = value.astimezone(UTC).isoformat(timespec="microseconds")
        return told


def plainly(table: Table) -> list[ColumnElement[Any]]:
    """The columns of a table, ready for JSON: no objects are made that would be written at once."""
    return [
        type_coerce(column, plain).label(column.name)
        if (plain := _plain_type(column.type)) is not None
        else column
        for column in table.columns
    ]


def _plain_type(kind: TypeEngine[Any]) -> TypeEngine[str] | None:
    if isinstance(kind, Uuid):
        return PlainUuid()
    return PlainInstant() if isinstance(kind, Instant) else None


_LONGEST_UUID = 36

# SQLite numbers rows by itself only in a column that is exactly INTEGER PRIMARY KEY.
RowNumber = BigInteger().with_variant(Integer(), "sqlite")
