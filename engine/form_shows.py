"""What of the case's entry a form shows beside its fields, and for what purpose.

Personal data is shown to whoever has the task and to nobody else, so a form names what its task
cannot be done without: to compare an identity card, a name and a number; to ring somebody up, a
telephone number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from engine.purposes import CODES

ALL = "all"
"""The whole entry, beside what was filed."""
COMPARE = "compare"
_KEY = re.compile(r"[^\W\d_]\w{0,59}(\.[^\W\d_]\w{0,59}){0,5}")


@dataclass(frozen=True, slots=True)
class Shows:
    """`keys` are fields (`data.applicant.name`), groups (`data.applicant`), variables, or `ALL`;
    `purpose` is a code of `engine.purposes`."""

    keys: tuple[str, ...] = ()
    purpose: str = COMPARE

    @property
    def is_all(self) -> bool:
        return ALL in self.keys


NOTHING = Shows()


class Noting(Protocol):
    """Who reads a form and notes what is wrong with it."""

    problems: list[str]


def read(properties: Mapping[str, Any], noting: Noting) -> Shows:
    """`shows` (keys with commas between them) and `shows_for` of a form."""
    keys = tuple(str(properties.get("shows") or "").replace(",", " ").split())
    purpose = str(properties.get("shows_for", COMPARE))
    for key in (each for each in keys if not _KEY.fullmatch(each)):
        noting.problems.append(
            f"shows: {key!r} is no key; write fields (data.applicant.name), groups of them "
            "(data.applicant), or all"
        )
    if purpose not in CODES:
        known = ", ".join(CODES)
        noting.problems.append(f"shows_for: {purpose!r} is no purpose; write one of {known}")
    return Shows(keys, purpose)
