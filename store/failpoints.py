"""Places where a test may kill the process, to prove that nothing is lost or done twice there.

`FAILPOINT=before_commit:3` ends the process with SIGKILL the third time it comes to that place;
without a number, the first time. Without the variable a failpoint costs one look at None and does
nothing. The places: `before_commit` and `after_commit` around every writing transaction
(`store/database.py`); whoever sends something names his own around the sending.
"""

from __future__ import annotations

import os
import signal
import threading

_lock = threading.Lock()


def _from_environment(text: str) -> list[str | int] | None:
    name, _, count = text.partition(":")
    if not name:
        return None
    if count and not count.isdecimal():
        raise ValueError(
            f"FAILPOINT={text}: expected `name` or `name:n`, n a whole number, e.g. before_commit:3"
        )
    return [name, int(count or 1)]


_armed = _from_environment(os.environ.get("FAILPOINT", ""))


def arm(text: str) -> None:
    """Set what the environment would have set; for a process forked after this was imported."""
    global _armed
    _armed = _from_environment(text)


def failpoint(name: str) -> None:
    """End this process at once if the environment says so."""
    if _armed is None or _armed[0] != name:
        return
    with _lock:
        left = int(_armed[1]) - 1
        _armed[1] = left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
