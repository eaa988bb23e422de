"""Many at once: every thread begins at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from engine.errors import EngineError
from store.database import StoreError

T = TypeVar("T")


def at_once(*deeds: Callable[[], T]) -> tuple[list[T], list[Exception]]:
    """Run all deeds at once; return what they answered and what refused them."""
    ready = threading.Barrier(len(deeds), timeout=10)
    answers: list[T] = []
    refusals: list[Exception] = []

    def run(deed: Callable[[], T]) -> None:
        ready.wait()
        try:
            answers.append(deed())
        except (EngineError, StoreError) as refusal:
            refusals.append(refusal)

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers, refusals
