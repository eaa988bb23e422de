"""Documents: PDF, and the two families of office files that are zip archives.

What can act (macros, scripts, launching, embedded programs) is refused: nobody at an office needs
it, and nobody could tell what it does.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from engine.files.reading import ends_as_zip, head, pieces, tail
from engine.files.refusals import refused

MOST_UNPACKED = 300 << 20
MOST_MEMBERS = 5_000
HIGHEST_RATIO = 200  # text compresses to a tenth; a bomb to a thousandth
_SMALL = 1 << 20  # a member this small may be compressed as it likes
_ENOUGH = 4 << 20  # of one object stream of a PDF, unpacked
_ACTIVE_PDF = re.compile(
    rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData)\b"
)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_NAME = re.compile(rb"/[^\s/<>\[\](){}%]*#[0-9A-Fa-f]{2}[^\s/<>\[\](){}%]*")
_OBJECT_STREAM = re.compile(rb"/ObjStm\b.{0,400}?stream\r?\n", re.DOTALL)
_ACTIVE_MEMBER = re.compile(
    r"(?:^|/)(?:Basic|Scripts|macros)/|vbaProject|vbaData|/activeX/|/embeddings/"
    r"|\.(?:exe|dll|bat|cmd|com|scr|ps1|vbs|js|jse|wsf|hta|msi|jar|sh|py|html?|svg|class|xba|xlb)$",
    re.IGNORECASE,
)
ODF = {
    "odt": b"application/vnd.oasis.opendocument.text",
    "ods": b"application/vnd.oasis.opendocument.spreadsheet",
    "odp": b"application/vnd.oasis.opendocument.presentation",
}
OOXML = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}


# --- PDF ----------------------------------------------------------------------------------------


def pdf(file: IO[bytes]) -> set[str]:
    if not head(file, 8).startswith(b"%PDF-"):
        raise refused("mismatch")
    if b"%%EOF" not in tail(file, 2_048):
        raise refused("broken")
    if ends_as_zip(file):
        raise refused("polyglot")
    locked = False
    for piece in pieces(file, overlap=1_024):
        _demand_passive(piece)
        locked = locked or b"/Encrypt" in piece
    if locked:
        raise refused("locked")
    for unpacked in _object_streams(file):
        _demand_passive(unpacked)
    return set()


def _demand_passive(piece: bytes) -> None:
    """Names may be written with escapes (`/J#53`), which readers undo; so do we."""
    if _ACTIVE_PDF.search(piece):
        raise refused("active")
    for name in _NAME.findall(piece):
        plain = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), name)
        if _ACTIVE_PDF.match(plain):
            raise refused("active")


def _object_streams(file: IO[bytes]) -> Iterator[bytes]:
    """Objects that stand compressed in the file, each stream unpacked up to a bound."""
    file.seek(0)
    at = 0
    while True:
        file.seek(at)
        window = file.read(1 << 19)
        if not window:
            return
        found = _OBJECT_STREAM.search(window)
        if found is None:
            at += max(1, len(window) - 1_024)
            if len(window) < 1 << 19:
                return
            continue
        at += found.end()
        yield _unpacked(file, at)


def _unpacked(file: IO[bytes], at: int) -> bytes:
    file.seek(at)
    unpacker, found = zlib.decompressobj(), b""
    try:
        while not unpacker.eof and len(found) < _ENOUGH:
            piece = unpacker.unconsumed_tail or file.read(1 << 16)
            if not piece:
                break
            found += unpacker.decompress(piece, _ENOUGH - len(found))
    except zlib.error:
        return found  # another filter, which nobody uses for objects; the scanner looks at it
    return found


# --- office files -------------------------------------------------------------------------------


def odf(file: IO[bytes], extension: str) -> set[str]:
    start = head(file, 38 + 80)
    if not (start.startswith(b"PK\x03\x04") and start[30:38] == b"mimetype"):
        raise refused("mismatch")
    with _archive(file) as archive:
        _demand_sound(archive)
        if archive.read("mimetype").strip() != ODF[extension]:
            raise refused("mismatch")
        manifest = _member(archive, "META-INF/manifest.xml")
        if b"encryption-data" in manifest:
            raise refused("locked")
        _member(archive, "content.xml")
    return set()


def ooxml(file: IO[bytes], extension: str) -> set[str]:
    if not head(file, 4).startswith(b"PK\x03\x04"):
        raise refused("mismatch")
    with _archive(file) as archive:
        _demand_sound(archive)
        types = _member(archive, "[Content_Types].xml")
        if b"macroEnabled" in types:
            raise refused("active")
        if OOXML[extension] not in archive.namelist():
            raise refused("mismatch")
    return set()


def _archive(file: IO[bytes]) -> zipfile.ZipFile:
    if not ends_as_zip(file):
        raise refused("polyglot")
    file.seek(0)
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError):
        raise refused("broken") from None


def _demand_sound(archive: zipfile.ZipFile) -> None:
    """Few members, none that acts, and none that unpacks to more than it says or should."""
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(members) > MOST_MEMBERS or sum(each.file_size for each in members) > MOST_UNPACKED:
        raise refused("bomb")
    if len(set(names)) < len(names) or any(".." in name.split("/") for name in names):
        raise refused("broken")
    if any(_ACTIVE_MEMBER.search(name) for name in names):
        raise refused("active")
    for member in members:
        if member.flag_bits & 0x1:
            raise refused("locked")
        _unpack(archive, member)


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Unpack and forget: what a directory says of sizes may lie."""
    most = max(_SMALL, member.compress_size * HIGHEST_RATIO)
    unpacked = 0
    try:
        with archive.open(member) as stream:
            while piece := stream.read(1 << 16):
                unpacked += len(piece)
                if unpacked > most:
                    raise refused("bomb")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError):
        raise refused("broken") from None


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """A small member as bytes."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise refused("broken") from None
    if info.file_size > _SMALL * 64:
        raise refused("bomb")
    return archive.read(info) if info.file_size <= _SMALL * 8 else b""
