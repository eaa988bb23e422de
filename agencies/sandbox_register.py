"""The register of the national system, as the sandbox keeps it: entries by case and kind.

The same entry again has the same number, under whatever key it comes. Other content is taken only
as a correction of the number it had; without it, it is refused with the number that stands.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Entry:
    """`content` is a digest: the sandbox keeps nobody's data."""

    number: str
    content: str


@dataclass(slots=True)
class Register:
    """What was entered."""

    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, key: str, kind: str, fields: Mapping[str, Any]) -> dict[str, str]:
        """Take an entry, or refuse it: status, reference (the number) and reason."""
        place = str(fields.get("case_number", "")), kind
        told = {name: value for name, value in fields.items() if name != "corrects"}
        digest = hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()
        with self.lock:
            stands = self.entries.get(place)
            if stands and digest != stands.content and fields.get("corrects") != stands.number:
                reason = f"本案已登錄，編號 {stands.number}；更正應載明原編號"
                return {"status": "rejected", "reference": stands.number, "reason": reason}
            number = stands.number if stands else f"NR-{key[:8].upper()}"
            self.entries[place] = Entry(number, digest)
        return {"status": "confirmed", "reference": number, "reason": ""}

    def forget(self) -> None:
        with self.lock:
            self.entries.clear()
