"""Starts `huzheng` with one part changed; its words are `CHANGE… -- ARGUMENTS…`.

`short_leases` is only a setting: the lease of a sending worker is 12 s instead of 60 s (still
more than the ten seconds a sending may take), so that a test need not wait a minute for it.

The others are weaknesses. A harness that finds nothing in a system with one of them is blind;
the control runs show that ours is not:

- `forgets_keys`: a repeated request is not recognised; it is done again
- `splits_steps`: completing a task, and firing a timer, commits after the case row and again at
  its end, with the failpoint `between` there
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

import app
import store.step
from agencies import dispatch
from engine import idempotency
from store.failpoints import failpoint


def short_leases() -> None:
    dispatch.LEASE = timedelta(seconds=12)


def forgets_keys() -> None:
    idempotency.recall = lambda *_: None
    idempotency.keep = lambda *_: None


def splits_steps() -> None:
    """The case's row is committed before the rest of its step is written."""
    whole = store.step._send_case

    def split(tx: Connection, step: Any) -> Iterator[Any]:
        sent = list(whole(tx, step))
        if step.completed is not None or step.ended_timers:
            tx.commit()
            failpoint("between")
            tx.begin()
        yield from sent

    store.step._send_case = split
    store.step.together = lambda _tx: nullcontext()  # else nothing is on its way yet


CHANGES = {"short_leases": short_leases, "forgets_keys": forgets_keys, "splits_steps": splits_steps}


def main(words: list[str]) -> None:
    """Make the changes that are named before `--`, then run the command line."""
    border = words.index("--")
    for name in words[:border]:
        CHANGES[name]()
    app.main(words[border + 1 :], obj=app.Opener())
