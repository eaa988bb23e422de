"""Work of several processes at the same time."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from typing import Any

Work = Callable[[], None]
# Forked, so that each has the library that was read, and the wiring of the application.
CONTEXT: Any = multiprocessing.get_context("fork")


def side_by_side(works: Sequence[Work], tell: Work = lambda: None) -> None:
    """Do each in a process of its own, and `tell` now and then. Nobody may have a connection to a
    database open. Raises RuntimeError where one failed; it has said why."""
    processes = [CONTEXT.Process(target=work) for work in works]
    for process in processes:
        process.start()
    while going := [process for process in processes if process.is_alive()]:
        going[0].join(0.25)
        tell()
    if any(process.exitcode != 0 for process in processes):
        raise RuntimeError("A part of the year did not come to its end; see its error above")
