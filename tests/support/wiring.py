"""The wiring of the application, for tests that drive everything together in one process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import app
from engine import events, functions, keys, operations, packages
from engine.keyring import Keyring


@contextmanager
def wired() -> Iterator[None]:
    """Demo keys and the wiring of the application, and none of it afterwards."""
    keys.use(Keyring.for_demo())
    _unwire()
    app.wire()
    try:
        yield
    finally:
        _unwire()


def _unwire() -> None:
    events.forget_listeners()
    operations.forget_handlers()
    functions.forget_registered()
    packages.forget_judges()
