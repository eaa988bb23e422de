"""What the API needs of the application, given once by `app.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flask import current_app

from agencies.transports import Endpoint
from api.limits import Limits
from engine.attachments import Rules
from engine.clock import Clock, SystemClock
from engine.demo_clock import DemoClock
from engine.errors import Unavailable
from engine.notice_papers import Paper
from store.database import Database

EXTENSION = "huzheng.api"


def _no_press(_: Paper) -> bytes:
    raise Unavailable("pdf.no_pango", "This application was given nothing that prints")


def _no_address(_: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class ApiContext:
    """`clock` is the clock of the cases; sessions and rate limits live by `real_clock`.

    `library` is the folder of process packages, `endpoints` say where agencies are and which
    secret they sign their answers with. `print_notice` makes a PDF of a notice's paper, and
    `status_address` says where a status code is asked; both are the pages' affair.
    """

    db: Database
    clock: Clock
    library: Path
    demo: bool = False
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    real_clock: SystemClock = field(default_factory=SystemClock)
    limits: Limits = field(default_factory=Limits)
    files: Rules = field(default_factory=Rules)
    print_notice: Callable[[Paper], bytes] = _no_press
    status_address: Callable[[str], str] = _no_address

    @property
    def demo_clock(self) -> DemoClock | None:
        """The hand that visitors may move; there is one in a demonstration only."""
        return self.clock if self.demo and isinstance(self.clock, DemoClock) else None


def context() -> ApiContext:
    """The context of the application that handles this request."""
    found: ApiContext = current_app.extensions[EXTENSION]
    return found
