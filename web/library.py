"""The process library on disk, read again only when one of its files has changed."""

from __future__ import annotations

import threading
from pathlib import Path

from engine.packages import Library, load_library

_lock = threading.Lock()
_loaded: dict[Path, tuple[int, Library]] = {}


def current_library(folder: Path) -> Library:
    """All packages as they are on disk now. Raises engine.manifests.PackageError."""
    stamp = _stamp(folder)
    with _lock:
        known = _loaded.get(folder)
        if known is None or known[0] != stamp:
            known = _loaded[folder] = (stamp, load_library(folder))
        return known[1]


def _stamp(folder: Path) -> int:
    """Changes when a file is written, added or removed."""
    return hash(
        tuple(
            (str(file), file.stat().st_mtime_ns)
            for file in sorted(folder.rglob("*"))
            if file.is_file()
        )
    )
