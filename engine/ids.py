"""Ids. Cases are UUIDv7 (sortable by time); all that is derived is UUIDv5 of (case, key)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from random import Random
from typing import NewType
from uuid import UUID, uuid5

CaseId = NewType("CaseId", UUID)
TaskId = NewType("TaskId", UUID)

_bits: Callable[[int], int] = secrets.randbits


@contextmanager
def drawn_from(random: Random) -> Iterator[None]:
    """Inside, this process draws new ids from `random`: a year played again is the same year, also
    where rows of one moment are taken in the order of their ids. For rehearsals only."""
    global _bits
    before, _bits = _bits, random.getrandbits
    try:
        yield
    finally:
        _bits = before


def new_id() -> UUID:
    """A UUIDv4, for what is not derived from a case."""
    return UUID(int=_bits(128), version=4)


def new_case_id(now: datetime) -> CaseId:
    """A UUIDv7 (RFC 9562 5.7): 48 bits of milliseconds, then random bits."""
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    value = (milliseconds << 80) | _bits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return CaseId(UUID(int=value))


def derived(case_id: UUID, key: str) -> UUID:
    """The id of what `key` names within the case; the same however often it is computed."""
    return uuid5(case_id, key)
