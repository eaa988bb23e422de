"""What the pages are given by the application: everything they use and do not import."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from agencies.identity import Issuer
from engine.attachments import Rules
from engine.clock import Clock, SystemClock
from engine.demo_clock import DemoClock
from store.database import Database


@dataclass(frozen=True, slots=True)
class WebContext:
    """`clock` is the office's time, `wall_clock` the time people sit in front of the screen.

    They differ in a demonstration only: moving the demo clock on must not sign anybody out.
    `https` says that browsers come over TLS and decides on Secure cookies; None: everywhere but in
    a demonstration, which is bound to loopback. `files` says which attachments are taken.
    """

    db: Database
    clock: Clock
    library: Path  # the folder of process packages
    demo: bool = False
    wall_clock: Clock = field(default_factory=SystemClock)
    https: bool | None = None
    mail: bool = False  # whether a mail server is set up
    public_url: str = ""  # where citizens reach it, for receipts; "": as the visitor did
    files: Rules = field(default_factory=Rules)
    issuer: Issuer | None = None  # who answers for applicants' certificates; None: nobody

    @property
    def is_https(self) -> bool:
        return not self.demo if self.https is None else self.https

    @property
    def demo_clock(self) -> DemoClock | None:
        """The hand that visitors may move; there is one in a demonstration only."""
        return self.clock if self.demo and isinstance(self.clock, DemoClock) else None
