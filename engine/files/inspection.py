"""The door: a name and bytes go in, what the file is comes out, or a refusal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import IO

from engine.files import documents, images, tables
from engine.files.reading import ends_as_zip, head, size_of
from engine.files.refusals import refused

MAX_NAME = 120
_MARKUP = re.compile(rb"<(?:!doctype|html|script|svg|body|iframe|\?php)", re.IGNORECASE)
_LOOKED_AT = 4_096
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file we take. `is_picture`: browsers show it."""

    media_type: str
    check: Callable[[IO[bytes]], set[str]]
    is_picture: bool = False
    is_archive: bool = False


@dataclass(frozen=True, slots=True)
class Inspected:
    """`remarks`: `exif` (data on the camera inside), `gps` (and the place)."""

    name: str
    media_type: str
    size: int
    remarks: tuple[str, ...]


_JPEG = FileKind("image/jpeg", images.jpeg, is_picture=True)
_TIFF = FileKind("image/tiff", images.tiff)
_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS: Mapping[str, FileKind] = {
    "pdf": FileKind("application/pdf", documents.pdf),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "png": FileKind("image/png", images.png, is_picture=True),
    "tif": _TIFF,
    "tiff": _TIFF,
    "csv": FileKind(tables.CSV, tables.check_csv),
    **{
        extension: FileKind(
            mimetype.decode(), partial(documents.odf, extension=extension), is_archive=True
        )
        for extension, mimetype in documents.ODF.items()
    },
    "docx": FileKind(
        f"{_OFFICE}.wordprocessingml.document",
        partial(documents.ooxml, extension="docx"),
        is_archive=True,
    ),
    "xlsx": FileKind(
        f"{_OFFICE}.spreadsheetml.sheet",
        partial(documents.ooxml, extension="xlsx"),
        is_archive=True,
    ),
}
"""What we take, by the ending of the name."""


def inspect(name: str, file: IO[bytes]) -> Inspected:
    """Say what the file is. Raises Rejected (`attachment.…`); leaves the file at its beginning."""
    clean = clean_name(name)
    kind = KINDS.get(clean.rpartition(".")[2].lower())
    if kind is None:
        raise refused("kind")
    size = size_of(file)
    if not size:
        raise refused("empty")
    if _MARKUP.search(head(file, _LOOKED_AT)):
        raise refused("polyglot")
    if not kind.is_archive and ends_as_zip(file):
        raise refused("polyglot")
    remarks = kind.check(file)
    file.seek(0)
    return Inspected(clean, kind.media_type, size, tuple(sorted(remarks)))


def clean_name(name: str) -> str:
    """The name as we keep it: no folders, nothing invisible, at most 120 characters.

    Raises Rejected (`attachment.name`) if there is no name with an ending left.
    """
    last = re.split(r"[\\/]", name)[-1]
    plain = unicodedata.normalize("NFC", last)
    # Marks of writing direction can make `gpj.exe` look like `exe.jpg`.
    visible = "".join(
        letter for letter in plain if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co")
    )
    stem, dot, extension = _UNSAFE.sub("_", visible).strip(" .").rpartition(".")
    if not (stem.strip() and dot and extension.isalnum() and len(extension) <= 5):
        raise refused("name")
    return f"{stem[: MAX_NAME - 6].rstrip()}.{extension}"
