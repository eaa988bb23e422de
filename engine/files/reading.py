"""Reading a file a piece at a time: nothing here holds more than a few hundred kilobytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO

from engine.files.refusals import refused

PIECE = 1 << 18
_END_OF_ZIP = b"PK\x05\x06"
_TAIL = 66_000  # the end record of a zip with the longest comment


def size_of(file: IO[bytes]) -> int:
    """How many bytes it has; leaves the position at the beginning."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size


def exactly(file: IO[bytes], count: int) -> bytes:
    """The next `count` bytes. Raises Rejected (`attachment.broken`) if there are fewer."""
    found = file.read(count)
    if len(found) < count:
        raise refused("broken")
    return found


def head(file: IO[bytes], count: int) -> bytes:
    file.seek(0)
    return file.read(count)


def tail(file: IO[bytes], count: int) -> bytes:
    file.seek(max(0, size_of(file) - count))
    return file.read(count)


def pieces(file: IO[bytes], overlap: int = 0) -> Iterator[bytes]:
    """The whole file in pieces, each begun with the last `overlap` bytes of the one before."""
    file.seek(0)
    kept = b""
    while piece := file.read(PIECE):
        yield kept + piece
        kept = piece[-overlap:] if overlap else b""


def ends_as_zip(file: IO[bytes]) -> bool:
    """Whether a zip archive ends exactly where the file does, as readers of zips look for it."""
    found = tail(file, _TAIL)
    at = found.rfind(_END_OF_ZIP)
    while at >= 0:
        record = found[at : at + 22]
        if len(record) == 22 and at + 22 + int.from_bytes(record[20:22], "little") == len(found):
            return True
        at = found.rfind(_END_OF_ZIP, 0, at)
    return False
