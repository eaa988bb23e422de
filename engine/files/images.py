"""Pictures: JPEG, PNG, TIFF. Walked from the first marker to the last, never decoded.

Pictures keep their bytes: a scan is evidence. What a viewer should know of them (that the place
where they were taken is inside) is a remark.
"""

from __future__ import annotations

import struct
import zlib
from typing import IO

from engine.files.reading import exactly, head, size_of
from engine.files.refusals import refused

MOST_PIXELS = 200_000_000
"""A sheet of A3 at 1,200 dpi has about 280 million; at 600 dpi, which is plenty, 70 million."""
_PNG = b"\x89PNG\r\n\x1a\n"
_EXIF = b"Exif\x00\x00"
_GPS_TAG = 0x8825
_MOST_BLOCKS = 20_000
_PADDING = b"\x00\xff\n\r "
_BARE = {0x01, *range(0xD0, 0xD8)}  # JPEG markers without a length
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # the markers that tell the size


def jpeg(file: IO[bytes]) -> set[str]:
    """Remarks of a JPEG. Behind its end there may be further JPEGs (phones put previews there)."""
    remarks: set[str] = set()
    file.seek(0)
    while True:
        if exactly(file, 2) != b"\xff\xd8":
            raise refused("mismatch" if file.tell() == 2 else "polyglot")
        remarks |= _one_jpeg(file)
        if not _goes_on(file):
            return remarks


def _one_jpeg(file: IO[bytes]) -> set[str]:
    remarks: set[str] = set()
    for _ in range(_MOST_BLOCKS):
        marker = _marker(file)
        if marker == 0xD9:
            return remarks
        if marker in _BARE:
            continue
        length = int.from_bytes(exactly(file, 2), "big")
        if length < 2:
            raise refused("broken")
        body = exactly(file, length - 2)
        if marker in _FRAMES and len(body) >= 5:
            _demand_pixels(*struct.unpack(">HH", body[1:5]))
        if marker == 0xE1 and body.startswith(_EXIF):
            remarks |= _exif_remarks(body[len(_EXIF) :])
        if marker == 0xDA:
            _skip_scan(file)
    raise refused("broken")


def _marker(file: IO[bytes]) -> int:
    byte = exactly(file, 1)
    if byte != b"\xff":
        raise refused("broken")
    while byte == b"\xff":
        byte = exactly(file, 1)
    return byte[0]


def _skip_scan(file: IO[bytes]) -> None:
    """Go on to the next marker behind the compressed picture."""
    while True:
        start = file.tell()
        piece = file.read(1 << 16)
        at = piece.find(b"\xff")
        while at >= 0 and at + 1 < len(piece):
            if piece[at + 1] not in (0x00, 0xFF, *range(0xD0, 0xD8)):
                file.seek(start + at)
                return
            at = piece.find(b"\xff", at + 1)
        if len(piece) < 2:
            raise refused("broken")
        file.seek(start + len(piece) - 1 if piece.endswith(b"\xff") else start + len(piece))


def _goes_on(file: IO[bytes]) -> bool:
    """Whether another JPEG follows. Padding may; anything else is a second file."""
    while piece := file.read(1 << 16):
        rest = piece.lstrip(_PADDING[:1]) if piece.startswith(b"\x00") else piece
        if not rest:
            continue
        if rest.startswith(b"\xff\xd8"):
            file.seek(-len(rest), 1)
            return True
        if rest.strip(_PADDING):
            raise refused("polyglot")
    return False


def png(file: IO[bytes]) -> set[str]:
    if head(file, 8) != _PNG:
        raise refused("mismatch")
    remarks: set[str] = set()
    for _ in range(_MOST_BLOCKS):
        length, kind = struct.unpack(">I4s", exactly(file, 8))
        _read_chunk(file, length, kind, remarks)
        if kind == b"IEND":
            if file.read(1 << 12).strip(_PADDING):
                raise refused("polyglot")
            return remarks
    raise refused("broken")


def _read_chunk(file: IO[bytes], length: int, kind: bytes, remarks: set[str]) -> None:
    check, left, first = zlib.crc32(kind), length, b""
    while left:
        piece = exactly(file, min(left, 1 << 16))
        check, left = zlib.crc32(piece, check), left - len(piece)
        first = first or piece
    if int.from_bytes(exactly(file, 4), "big") != check:
        raise refused("broken")
    if kind == b"IHDR":
        if len(first) != 13:
            raise refused("broken")
        _demand_pixels(*struct.unpack(">II", first[:8]))
    if kind == b"eXIf":
        remarks |= _exif_remarks(first)


def tiff(file: IO[bytes]) -> set[str]:
    size, start = size_of(file), head(file, 8)
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(start[:4])
    if order is None:
        raise refused("mismatch")
    if len(start) < 8:
        raise refused("broken")
    remarks: set[str] = set()
    seen: set[int] = set()
    (at,) = struct.unpack(f"{order}I", start[4:8])
    while at:
        if at in seen or at + 2 > size or len(seen) > 5_000:
            raise refused("broken")
        seen.add(at)
        file.seek(at)
        (count,) = struct.unpack(f"{order}H", exactly(file, 2))
        entries = exactly(file, 12 * count)
        remarks |= _directory_remarks(entries, order)
        (at,) = struct.unpack(f"{order}I", exactly(file, 4))
    return remarks


def _directory_remarks(entries: bytes, order: str) -> set[str]:
    sides = {256: 0, 257: 0}
    remarks = set()
    for at in range(0, len(entries), 12):
        tag, kind = struct.unpack(f"{order}HH", entries[at : at + 4])
        if tag == _GPS_TAG:
            remarks.add("gps")
        if tag in sides:
            form = f"{order}H" if kind == 3 else f"{order}I"
            (sides[tag],) = struct.unpack_from(form, entries, at + 8)
    _demand_pixels(sides[256], sides[257])
    return remarks


def _exif_remarks(block: bytes) -> set[str]:
    """`exif`, and `gps` where the place is inside. A block that cannot be read is only `exif`."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(block[:4])
    if order is None or len(block) < 8:
        return {"exif"}
    (at,) = struct.unpack(f"{order}I", block[4:8])
    if at + 2 > len(block):
        return {"exif"}
    (count,) = struct.unpack_from(f"{order}H", block, at)
    tags = [
        struct.unpack_from(f"{order}H", block, place)[0]
        for place in range(at + 2, min(at + 2 + 12 * count, len(block) - 1), 12)
    ]
    return {"exif", "gps"} if _GPS_TAG in tags else {"exif"}


def _demand_pixels(height: int, width: int) -> None:
    if height * width > MOST_PIXELS:
        raise refused("pixels")
