"""The heap of a process that serves for months: what is loaded once is not looked through again.

A full collection walks every object there is. With the compiled processes loaded that is a million
and more, a pause of 0.1 to 0.3 s in the middle of somebody's page, though nothing of it is garbage.
"""

from __future__ import annotations

import gc

_YOUNGEST = 10_000
"""New objects before the youngest generation is looked through: about what one page makes."""


def settle() -> None:
    """Set apart all that lives now (`gc.freeze`): call it once, when all that stays is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNGEST, *gc.get_threshold()[1:])
