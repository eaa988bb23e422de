"""The decision tables that legal time reads: `bpmn/decisions/*.dmn`, parsed once per process."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree

from feel import dmn
from sla.errors import RuleError

FOLDER = Path(__file__).resolve().parent.parent / "bpmn" / "decisions"
_DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
_DATE = re.compile(r'date\("(\d{4}-\d{2}-\d{2})"\)')


@lru_cache(maxsize=32)
def model(table: str) -> dmn.Model:
    """The parsed decision model `bpmn/decisions/<table>.dmn`."""
    return dmn.parse((FOLDER / f"{table}.dmn").read_bytes())


def evaluate(table: str, decision: str, inputs: Mapping[str, Any]) -> Any:
    """What `decision` of that table gives for `inputs`; None where no row matches."""
    return model(table).evaluate(decision, dict(inputs))


def rows(table: str, decision: str) -> Iterator[Mapping[str, object]]:
    """The output cells of each row of a decision table whose cells are literals."""
    tree = etree.parse(FOLDER / f"{table}.dmn", etree.XMLParser(resolve_entities=False))
    found = tree.find(f"{_DMN}decision[@id='{decision}']/{_DMN}decisionTable")
    if found is None:
        raise RuleError(
            "decision.missing",
            zh=f"{table}.dmn 沒有決策表 {decision}。",
            en=f"{table}.dmn has no decision table {decision}.",
        )
    names = [output.get("name") for output in found.iterfind(f"{_DMN}output")]
    for row in found.iterfind(f"{_DMN}rule"):
        cells = [cell.findtext(f"{_DMN}text") for cell in row.iterfind(f"{_DMN}outputEntry")]
        yield dict(zip(names, map(_literal, cells), strict=True))


def _literal(text: str | None) -> object:
    text = (text or "").strip()
    if text == "null":
        return None
    if day := _DATE.fullmatch(text):
        return date.fromisoformat(day[1])
    if text.startswith('"') and text.endswith('"'):
        return text[1:-1]
    raise ValueError(f"expected a literal, but got {text!r}")
