"""Ids. Cases are UUIDv7 (sortable by time); all that is derived is UUIDv5 of (case, key)."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import NewType
from uuid import UUID, uuid5

CaseId = NewType("CaseId", UUID)
TaskId = NewType("TaskId", UUID)


def new_case_id(now: datetime) -> CaseId:
    """A UUIDv7 (RFC 9562 5.7): 48 bits of milliseconds, then random bits."""
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    value = (milliseconds << 80) | secrets.randbits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return CaseId(UUID(int=value))


def derived(case_id: UUID, key: str) -> UUID:
    """The id of what `key` names within the case; the same however often it is computed."""
    return uuid5(case_id, key)
