"""Processes of their own that begin at once: forked from one that has imported the product already.

A chaos test starts some fifty processes, and importing costs each of them two seconds of a core.
What runs is the same, with its own memory, files and end: `kill -9` finds no difference.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from multiprocessing.process import BaseProcess
from pathlib import Path

from store import failpoints

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.chaos.launcher", "tests.chaos.office", "sla.closures"])


def start(
    module: str, words: Sequence[str], environment: Mapping[str, str], log: Path
) -> BaseProcess:
    """Run the module's `main(words)` in a process with this environment; it prints to the log.

    By its name, so that the process that asks need not load what it does.
    """
    process = _context.Process(
        target=_live, args=(module, list(words), dict(environment), str(log)), daemon=True
    )
    process.start()
    return process


def _live(module: str, words: list[str], environment: dict[str, str], log: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    kept = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(kept, sys.stdout.fileno())
    os.dup2(kept, sys.stderr.fileno())
    failpoints.arm(environment.get("FAILPOINT", ""))
    import_module(module).main(words)
