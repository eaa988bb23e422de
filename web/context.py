"""What the pages are given by the application: everything they use and do not import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.clock import Clock, SystemClock
from engine.demo_clock import DemoClock
from store.database import Database


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """A fictional person of the demo office, offered as a button; never outside demo mode."""

    login: str
    password: str
    name: str
    group: str  # the main role, one of engine.actors.Actor.groups
    about_zh: str  # one line: what one sees as this person
    about_en: str

    def about(self, lang: str) -> str:
        return self.about_zh if lang.startswith("zh") else self.about_en


@dataclass(frozen=True, slots=True)
class WebContext:
    """`clock` is the office's time, `wall_clock` the time people sit in front of the screen.

    They differ in a demonstration only: moving the demo clock on must not sign anybody out.
    `https` says that browsers come over TLS and decides on Secure cookies; None: everywhere but in
    a demonstration, which is bound to loopback.
    """

    db: Database
    clock: Clock
    library: Path  # the folder of process packages
    demo: bool = False
    demo_logins: Sequence[DemoLogin] = ()
    wall_clock: Clock = field(default_factory=SystemClock)
    https: bool | None = None

    @property
    def is_https(self) -> bool:
        return not self.demo if self.https is None else self.https

    @property
    def demo_clock(self) -> DemoClock | None:
        """The hand that visitors may move; there is one in a demonstration only."""
        return self.clock if self.demo and isinstance(self.clock, DemoClock) else None
