"""Pages of lists: a cursor is where the page before ended, not how many rows to skip.

A cursor is opaque to clients. It holds nothing that a client may not know (it is made of the last
row they saw) and is checked when it comes back, so it needs no signature.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson

from engine.errors import Rejected

Row = TypeVar("Row")
MAX_LIMIT = 200
MAX_CURSOR = 500


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list. `next_cursor` is None on the last page."""

    rows: tuple[Row, ...]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by: its name, and the kind of each sort key (int, instant, uuid, text).

    Lists of unlike order refuse each other's cursors.
    """

    name: str
    kinds: tuple[str, ...]

    def encode(self, keys: Sequence[Any]) -> str:
        """Name the place behind the row with these sort keys."""
        plain = [key.isoformat() if isinstance(key, datetime) else key for key in keys]
        document = orjson.dumps([self.name, *plain])
        return base64.urlsafe_b64encode(document).rstrip(b"=").decode()

    def decode(self, cursor: str) -> tuple[Any, ...]:
        """The sort keys of the row before. Raises Rejected (`cursor.invalid`)."""
        try:
            if len(cursor) > MAX_CURSOR:
                raise ValueError("too long")
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            name, *keys = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            if name != self.name:
                raise ValueError("of another list")
            return tuple(_READERS[kind](key) for kind, key in zip(self.kinds, keys, strict=True))
        except (ValueError, TypeError, binascii.Error, UnicodeError) as error:
            raise Rejected(
                "cursor.invalid",
                "Expected the cursor of this list's page before; begin again without one",
            ) from error


def page_of(rows: Sequence[Any], limit: int, order: Order, make: Callable[[Any], Row]) -> Page[Row]:
    """A page of `limit` rows out of `limit + 1`, whose sort keys are the columns `key_0`, …"""
    shown = rows[:limit]
    cursor = None
    if len(rows) > limit:
        last = shown[-1]
        cursor = order.encode([getattr(last, f"key_{at}") for at in range(len(order.kinds))])
    return Page(tuple(make(row) for row in shown), cursor)


def checked_limit(limit: int) -> int:
    """Raise Rejected unless a page of that size is allowed."""
    if not 1 <= limit <= MAX_LIMIT:
        raise Rejected("page.limit", f"Expected a limit from 1 to {MAX_LIMIT}, got {limit}")
    return limit


def _integer(key: Any) -> int:
    if type(key) is not int or abs(key) >= 2**63:
        raise ValueError("no integer")
    return key


def _instant(key: Any) -> datetime:
    moment = datetime.fromisoformat(key)
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return moment.astimezone(UTC)


def _text(key: Any) -> str:
    if not isinstance(key, str) or "\x00" in key:
        raise ValueError("no text")
    return key


_READERS: dict[str, Callable[[Any], Any]] = {
    "int": _integer,
    "instant": _instant,
    "uuid": lambda key: UUID(_text(key)),
    "text": _text,
}
