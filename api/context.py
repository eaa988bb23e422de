"""What the API needs of the application, given once by `app.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Connection

from engine.clock import Clock, SystemClock
from store.database import Database

# (tx, agency id, signature header, raw body, now, database's now) -> accepted | duplicate
Accept = Callable[[Connection, str, str | None, bytes, datetime, datetime], str]
Replay = Callable[[Connection, Any, datetime], bool]

EXTENSION = "huzheng.api"


@dataclass(frozen=True, slots=True)
class ApiContext:
    """`clock` is the clock of the cases; sessions and rate limits live by `real_clock`."""

    db: Database
    clock: Clock
    demo: bool
    library: Path
    accept: Accept
    real_clock: SystemClock = field(default_factory=SystemClock)
    beats: Mapping[str, str] = field(default_factory=dict)


def context() -> ApiContext:
    """The context of the application that handles this request."""
    found: ApiContext = current_app.extensions[EXTENSION]
    return found
