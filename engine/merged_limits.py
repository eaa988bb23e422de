"""The limits of a process with those of the processes it calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from engine.manifests import read_yaml


def merged_limits(own: bytes | None, called: Sequence[bytes]) -> bytes | None:
    """One limits.yaml of a process's own and those of the processes it calls.

    The process's own entries win. A clock of a called process is started by the diagram only:
    what is filed is the caller's case.
    """
    if not called:
        return own
    merged: dict[str, dict[str, Any]] = {}
    for content in called:
        sections = read_yaml(content, "limits.yaml")
        for section, entries in sections.items():
            started = {"start": "operation"} if section == "clocks" else {}
            for name, entry in (entries or {}).items():
                changed = {**entry, **started} if isinstance(entry, dict) else entry
                merged.setdefault(section, {})[name] = changed
    for section, entries in read_yaml(own or b"{}", "limits.yaml").items():
        merged.setdefault(section, {}).update(entries or {})
    return yaml.safe_dump(merged, allow_unicode=True, sort_keys=False).encode()
