"""Tables as an OpenDocument spreadsheet (ODF 1.3, the format Taiwan's offices exchange files in).

Three small files in a ZIP; no library is needed for a table. Text is text: nothing that somebody
entered is ever read as a formula.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from xml.sax.saxutils import escape, quoteattr

from engine.clock import TAIPEI

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
Cell: TypeAlias = str | int | float | date | datetime | None

_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
    'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MANIFEST = (
    f"{_HEAD}<manifest:manifest "
    'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" '
    f'manifest:media-type="{MEDIA_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="styles.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)
_STYLES = (
    f'{_HEAD}<office:document-styles {_NAMES} office:version="1.3"><office:styles>'
    '<style:default-style style:family="table-cell"><style:text-properties '
    'fo:language="zh" fo:country="TW"/></style:default-style>'
    "</office:styles></office:document-styles>"
)
_AUTOMATIC = (
    "<office:automatic-styles>"
    '<number:date-style style:name="day"><number:year number:style="long"/>'
    "<number:text>-</number:text>"
    '<number:month number:style="long"/><number:text>-</number:text>'
    '<number:day number:style="long"/></number:date-style>'
    '<number:date-style style:name="moment"><number:year number:style="long"/>'
    "<number:text>-</number:text>"
    '<number:month number:style="long"/><number:text>-</number:text>'
    '<number:day number:style="long"/><number:text> </number:text>'
    '<number:hours number:style="long"/><number:text>:</number:text>'
    '<number:minutes number:style="long"/></number:date-style>'
    '<style:style style:name="head" style:family="table-cell">'
    '<style:text-properties fo:font-weight="bold"/></style:style>'
    '<style:style style:name="ce-day" style:family="table-cell" style:data-style-name="day"/>'
    '<style:style style:name="ce-moment" style:family="table-cell" '
    'style:data-style-name="moment"/>'
    '<style:style style:name="wide" style:family="table-column">'
    '<style:table-column-properties style:column-width="4.2cm"/></style:style>'
    "</office:automatic-styles>"
)
# XML 1.0 has no place for most control characters, escaped or not.
_UNPRINTABLE = {code: None for code in range(32) if chr(code) not in "\t\n\r"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table; its title is on its tab."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def sheet(title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """One sheet called `title`, its header repeated on each printed page. Instants in Taipei time.

    Raises ValueError for a row that is not as long as the header.
    """
    return book([Sheet(title, header, rows)])


def book(sheets: Sequence[Sheet]) -> bytes:
    """The same with several sheets."""
    content = "".join(_content(sheets))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        # First and uncompressed, so that the type can be read off the file's first bytes.
        packed.writestr(zipfile.ZipInfo("mimetype"), MEDIA_TYPE, zipfile.ZIP_STORED)
        for name, text in (
            ("content.xml", content),
            ("styles.xml", _STYLES),
            ("META-INF/manifest.xml", _MANIFEST),
        ):
            packed.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _content(sheets: Iterable[Sheet]) -> Iterator[str]:
    yield f'{_HEAD}<office:document-content {_NAMES} office:version="1.3">{_AUTOMATIC}'
    yield "<office:body><office:spreadsheet>"
    for each in sheets:
        yield from _table(each.title, each.header, each.rows)
    yield "</office:spreadsheet></office:body></office:document-content>"


def _table(title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    name = quoteattr(_plain(title)[:80])
    yield f"<table:table table:name={name}>"
    yield (
        '<table:table-column table:style-name="wide" '
        f'table:number-columns-repeated="{len(header)}"/>'
    )
    yield "<table:table-header-rows><table:table-row>"
    yield from (_text(each, "head") for each in header)
    yield "</table:table-row></table:table-header-rows>"
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"Expected {len(header)} cells in a row, but it has {len(row)}")
        yield "<table:table-row>"
        yield from map(_cell, row)
        yield "</table:table-row>"
    yield "</table:table>"


def _cell(value: Cell) -> str:
    match value:
        case None:
            return "<table:table-cell/>"
        case bool() | str():
            return _text(str(value))
        case int() | float():
            return _typed("float", f'office:value="{value}"', str(value))
        case datetime():
            local = value.astimezone(TAIPEI)
            at = f'office:date-value="{local:%Y-%m-%dT%H:%M:%S}"'
            return _typed("date", at, f"{local:%Y-%m-%d %H:%M}", "ce-moment")
        case date():
            return _typed("date", f'office:date-value="{value}"', str(value), "ce-day")


def _typed(kind: str, value: str, shown: str, style: str = "") -> str:
    styled = f' table:style-name="{style}"' if style else ""
    return (
        f'<table:table-cell office:value-type="{kind}" {value}{styled}>'
        f"<text:p>{shown}</text:p></table:table-cell>"
    )


def _text(value: str, style: str = "") -> str:
    styled = f' table:style-name="{style}"' if style else ""
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in _plain(value).splitlines())
    return f'<table:table-cell office:value-type="string"{styled}>{lines}</table:table-cell>'


def _plain(text: str) -> str:
    return text.translate(_UNPRINTABLE)
