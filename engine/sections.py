"""The parts of an office's work, as its people look for them: each process belongs to one."""

from __future__ import annotations

import re

SECTIONS = ("registration", "documents", "field", "citizens", "office")
"""The last holds all that is left."""
_NUMBERED = re.compile(r"P(\d)\d")
_BY_TENS = dict(
    zip("012345", ("registration",) * 2 + ("documents",) * 2 + SECTIONS[2:4], strict=True)
)


def section_of(package_id: str) -> str:
    """Which part of the office's work a process is, by the number in its id."""
    found = _NUMBERED.fullmatch(package_id)
    return _BY_TENS.get(found[1], SECTIONS[-1]) if found else SECTIONS[-1]
