"""Tables that people send: CSV as Taiwan's offices write it (UTF-8 or Big5), and ODS.

Rows come with the number a spreadsheet shows beside them, so that somebody finds a bad one again.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any, TypeAlias

from lxml import etree

from engine.files.refusals import refused

CSV = "text/csv"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
TABLES = (CSV, ODS)
MOST_COLUMNS = 100
LONGEST_CELL = 10_000
Row: TypeAlias = tuple[int, list[str]]
"""A row that is not empty: its number from 1, and its cells without the empty ones at the end."""

_DELIMITERS = ",\t;"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_PROLOGUE = 65_536


def check_csv(file: IO[bytes]) -> set[str]:
    """For `inspect`: text that we can read, and nothing else."""
    _decoded(file)
    return set()


def rows_of(media_type: str, file: IO[bytes]) -> Iterator[Row]:
    """The rows of a CSV file, or of the first sheet of an ODS file, that are not empty.

    Raises Rejected (`attachment.kind` for other files, `attachment.broken`, `attachment.encoding`).
    """
    if media_type == CSV:
        return _csv_rows(file)
    if media_type == ODS:
        return _ods_rows(file)
    raise refused("kind")


# --- CSV ----------------------------------------------------------------------------------------


def _csv_rows(file: IO[bytes]) -> Iterator[Row]:
    text = _decoded(file)
    head = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=head.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(lines, start=1):
            yield from _told(number, cells)
    except csv.Error:
        raise refused("broken") from None


def _decoded(file: IO[bytes]) -> str:
    """UTF-8 where it is that, which Big5 text hardly ever is by chance; else Big5 (code page 950).

    Excel in Taiwan still saves CSV in Big5, and says nowhere that it did.
    """
    file.seek(0)
    content = file.read()
    for encoding in ("utf-8-sig", "cp950"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise refused("encoding")


# --- ODS ----------------------------------------------------------------------------------------


def _ods_rows(file: IO[bytes]) -> Iterator[Row]:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            with archive.open("content.xml") as content:
                if _DOCTYPE.search(content.read(_PROLOGUE)):
                    raise refused("broken")
            with archive.open("content.xml") as content:
                yield from _sheet_rows(content)
    except (zipfile.BadZipFile, KeyError, EOFError, etree.XMLSyntaxError):
        raise refused("broken") from None


def _sheet_rows(content: IO[bytes]) -> Iterator[Row]:
    number = 0
    parser = etree.iterparse(
        content,
        events=("end",),
        tag=(f"{_TABLE}table-row", f"{_TABLE}table"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    for _, element in parser:
        if element.tag == f"{_TABLE}table":
            return  # the first sheet is the list; others explain it
        cells = _cells(element)
        times = _times(element, "number-rows-repeated")
        if any(cells):
            for again in range(times):
                yield from _told(number + 1 + again, cells)
        number += times
        _forget(element)


def _cells(row: Any) -> list[str]:
    found: list[str] = []
    for cell in row.iterchildren(*_CELLS):
        text = _shown(cell)
        times = _times(cell, "number-columns-repeated")
        # A sheet that is coloured to its edge repeats an empty cell sixteen thousand times.
        found += [text] * min(times, MOST_COLUMNS + 1 - len(found))
        if len(found) > MOST_COLUMNS:
            break
    return found


def _shown(cell: Any) -> str:
    """A day as 2026-03-02, whatever the sheet shows; else the text that stands in the cell."""
    if cell.get(f"{_OFFICE}value-type") == "date":
        return str(cell.get(f"{_OFFICE}date-value") or "")[:10]
    return "\n".join("".join(each.itertext()) for each in cell.iterchildren(f"{_TEXT}p"))


def _times(element: Any, name: str) -> int:
    try:
        return max(1, int(element.get(f"{_TABLE}{name}", "1")))
    except ValueError:
        raise refused("broken") from None


def _forget(row: Any) -> None:
    """Rows that were read are let go, or the whole sheet would stay in memory."""
    row.clear()
    before = row.getprevious()
    while before is not None and before.tag == row.tag:
        before.getparent().remove(before)
        before = row.getprevious()


def _told(number: int, cells: list[str]) -> Iterator[Row]:
    plain = [cell.strip()[:LONGEST_CELL] for cell in cells[: MOST_COLUMNS + 1]]
    while plain and not plain[-1]:
        plain.pop()
    if plain:
        yield number, plain
