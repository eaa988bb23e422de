"""The law of the year: a copy of the process library in which three rules change on a day."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from lxml import etree

from sla import decisions, law_tables, rules

LIBRARY = Path(__file__).resolve().parents[2] / "bpmn"
DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"


@dataclass(frozen=True, slots=True)
class Reform:
    """A rule has another length for matters from a day on. Invented: no such law was passed."""

    rule: str
    length: str
    valid_from: date


REFORMS = (
    Reform("PASSPORT_ONESTOP", "10", date(2026, 3, 9)),
    Reform("RESIDENCE_CHECK_3D", "5", date(2026, 6, 1)),
    Reform("STAT_BIRTH_60D", "90", date(2026, 9, 1)),
)


@contextmanager
def in_force(folder: Path) -> Iterator[Path]:
    """The library with the reforms, in `folder`; its tables of law count meanwhile."""
    library = folder / "library"
    shutil.copytree(LIBRARY, library)
    table = library / "decisions" / "legal-limits.dmn"
    table.write_bytes(_reformed(table.read_bytes()))
    before, decisions.FOLDER = decisions.FOLDER, library / "decisions"
    _forget()
    try:
        yield library
    finally:
        decisions.FOLDER = before
        _forget()


def _forget() -> None:
    decisions.model.cache_clear()
    rules.all_rules.cache_clear()
    law_tables.law_tables.cache_clear()


def _reformed(content: bytes) -> bytes:
    document = etree.fromstring(content)
    for reform in REFORMS:
        _amend(document, reform)
    return bytes(etree.tostring(document, xml_declaration=True, encoding="UTF-8"))


def _amend(document: Any, reform: Reform) -> None:
    """The row in force ends the day before; a copy of it, with the new length, begins."""
    last = None
    for row in document.iter(f"{DMN}rule"):
        cells = _cells(row)
        if cells.get("id") == f'"{reform.rule}"' and cells.get("validTo") == "null":
            last = row
    if last is None:
        raise SystemExit(f"There is no row of {reform.rule} in force to amend; name another rule")
    new = copy.deepcopy(last)
    for element in new.iter():
        if element.get("id"):
            element.set("id", element.get("id") + "_reform")
    begins, ends = reform.valid_from, reform.valid_from - timedelta(days=1)
    since = _cells(last)["validFrom"]
    first = since if since != "null" else 'date("1900-01-01")'
    _set(last, validTo=f'date("{ends}")')
    _set(new, validFrom=f'date("{begins}")', length=f'"{reform.length}"')
    _ask(last, f'[{first}..date("{ends}")]')
    _ask(new, f'>= date("{begins}")')
    last.addnext(new)


def _names(row: Any) -> list[str]:
    return [output.get("name") for output in row.getparent().iter(f"{DMN}output")]


def _cells(row: Any) -> dict[str, str]:
    texts = [cell.findtext(f"{DMN}text") for cell in row.iter(f"{DMN}outputEntry")]
    return dict(zip(_names(row), texts, strict=False)) if row.getparent() is not None else {}


def _set(row: Any, **values: str) -> None:
    # A copy has no table above it yet, so a cell is known by the end of its id.
    for cell in row.iter(f"{DMN}outputEntry"):
        for name, value in values.items():
            if cell.get("id").removesuffix("_reform").endswith(f"_{name}"):
                cell.find(f"{DMN}text").text = value


def _ask(row: Any, test: str) -> None:
    for cell in row.iter(f"{DMN}inputEntry"):
        if cell.get("id").removesuffix("_reform").endswith("_on"):
            cell.find(f"{DMN}text").text = test
