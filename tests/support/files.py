"""Small real files: as scanners and office programs write them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

ODT = "application/vnd.oasis.opendocument.text"


def a_png(width: int = 2, height: int = 2, behind: bytes = b"") -> bytes:
    """A grey PNG; `behind` is put after its end."""
    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(rows))
        + _chunk(b"IEND", b"")
        + behind
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def a_jpeg(exif: bytes = b"", behind: bytes = b"", size: tuple[int, int] = (2, 2)) -> bytes:
    """A JPEG by its markers, with an EXIF block where one is given."""
    app1 = b"\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif if exif else b""
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, *size, 1) + b"\x01\x11\x00"
    scan = b"\xff\xda" + struct.pack(">H", 8) + b"\x01\x01\x00\x00\x3f\x00" + b"\x12\xff\x00\x34"
    return b"\xff\xd8" + app1 + frame + scan + b"\xff\xd9" + behind


def exif(*tags: int) -> bytes:
    """An EXIF block with these tags; 0x8825 is the place where a picture was taken."""
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, 0) for tag in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)


def a_tiff(*tags: int) -> bytes:
    return exif(256, 257, *tags)


def a_pdf(*more: bytes) -> bytes:
    objects = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, each) for n, each in enumerate(more, 3))
    body = b"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages>>\nendobj\n"
    return b"%PDF-1.7\n" + body + objects + b"trailer\n<</Root 1 0 R>>\n%%EOF\n"


def an_archive(members: dict[str, bytes], first: str = "mimetype") -> bytes:
    """A zip whose `first` member is stored as it is, as ODF wants."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            stored = zipfile.ZIP_STORED if name == first else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, stored)
    return file.getvalue()


def an_odt(**more: bytes) -> bytes:
    members = {
        "mimetype": ODT.encode(),
        "content.xml": b"<office:document-content/>",
        "META-INF/manifest.xml": b"<manifest:manifest/>",
    }
    return an_archive({**members, **{name.replace("__", "/"): body for name, body in more.items()}})
