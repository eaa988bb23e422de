"""How far apart the serial numbers are that this process gives out: by one, except in a rehearsal.

Several processes that rehearse shares of one year, each in a database of its own, give out every
n-th number, so that none is given out twice and all are in the order of time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_step = 1


def step() -> int:
    """What to add to the last number for the next."""
    return _step


@contextmanager
def every(number: int) -> Iterator[None]:
    """Inside, this process gives out every `number`-th. For rehearsals only."""
    global _step
    before, _step = _step, number
    try:
        yield
    finally:
        _step = before
