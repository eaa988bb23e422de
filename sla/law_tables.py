"""Every row of every table of law (`bpmn/decisions/*.dmn`), read for people.

Each row says whose it is, from when to when it holds, where it was read and how sure that is;
`huzheng sla rules`, the page of rules and docs/legal-limits.md are made from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from lxml import etree

from feel import dmn
from sla.decisions import FOLDER
from sla.errors import RuleError
from sla.rules import Certainty

DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
FACTS = ("jurisdiction", "validFrom", "validTo", "source", "certainty")
"""What every row must say, as a result column or as a note."""


@dataclass(frozen=True, slots=True)
class LawRow:
    """One row. `when` and `then` are pairs of a column's label and the text of its cell.

    `valid_from` None: no earlier text is on file; `valid_to` None: in force. `article` is a
    reference that `sla.articles` writes out, empty where the row rests on none.
    """

    id: str
    when: tuple[tuple[str, str], ...]
    then: tuple[tuple[str, str], ...]
    article: str
    jurisdiction: str
    valid_from: date | None
    valid_to: date | None
    source: str
    certainty: Certainty
    note: str


@dataclass(frozen=True, slots=True)
class LawTable:
    """One decision table, by its file and decision."""

    file: str
    decision: str
    title: str
    question: str
    rows: tuple[LawRow, ...]


@lru_cache(maxsize=1)
def law_tables() -> tuple[LawTable, ...]:
    """All of them, by file. Raises RuleError for a row that does not say where it comes from."""
    return tuple(
        _table(path.stem, decision)
        for path in sorted(FOLDER.glob("*.dmn"))
        for decision in _document(path.read_bytes()).iter(f"{DMN}decision")
    )


def _document(content: bytes) -> Any:
    dmn.parse(content, strict=True)  # refuses what is no table before it is read again for people
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))


def _table(file: str, decision: Any) -> LawTable:
    table = decision.find(f"{DMN}decisionTable")
    return LawTable(
        file=file,
        decision=decision.get("id"),
        title=_text(decision, "description"),
        question=_text(decision, "question"),
        rows=tuple(_rows(file, table)),
    )


def _rows(file: str, table: Any) -> Iterator[LawRow]:
    inputs = [_label(column) for column in table.iter(f"{DMN}input")]
    outputs = [(c.get("name"), c.get("label")) for c in table.iter(f"{DMN}output")]
    notes = [column.get("name") for column in table.iter(f"{DMN}annotation")]
    for row in table.iter(f"{DMN}rule"):
        when = [_text(cell, "text") for cell in row.iter(f"{DMN}inputEntry")]
        then = [_constant(_text(cell, "text")) for cell in row.iter(f"{DMN}outputEntry")]
        told = [_text(cell, "text") for cell in row.iter(f"{DMN}annotationEntry")]
        facts = dict(zip((name for name, _ in outputs), then, strict=True))
        facts |= dict(zip(notes, told, strict=True))
        _refuse_silence(file, row.get("id"), facts)
        yield LawRow(
            id=row.get("id"),
            when=_pairs(inputs, when),
            then=tuple(
                (label or name, cell)
                for (name, label), cell in zip(outputs, then, strict=True)
                if cell and name not in (*FACTS, "article")
            ),
            article=facts.get("article", ""),
            jurisdiction=facts["jurisdiction"],
            valid_from=_day(facts["validFrom"]),
            valid_to=_day(facts["validTo"]),
            source=facts["source"],
            certainty=Certainty(facts["certainty"]),
            note=_note(row, facts["source"]),
        )


def _refuse_silence(file: str, row: str, facts: dict[str, str]) -> None:
    silent = [name for name in FACTS if name not in facts]
    silent += [name for name in ("jurisdiction", "source", "certainty") if not facts.get(name)]
    if silent:
        raise RuleError(
            "law.row",
            zh=f"{file}.dmn 的 {row} 缺少 {'、'.join(silent)}，請補列。",
            en=f"Row {row} of {file}.dmn does not say its {', '.join(silent)}; add it.",
        )


def _label(column: Any) -> str:
    """The label of a condition; empty for the day and the place, which every row says anyway."""
    asks = _text(column.find(f"{DMN}inputExpression"), "text")
    return "" if asks in ("on", "place") else str(column.get("label"))


def _pairs(labels: list[str], cells: list[str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (label, cell.replace('","', '", "').replace('"', ""))
        for label, cell in zip(labels, cells, strict=True)
        if label and cell not in ("", "-")
    )


def _note(row: Any, source: str) -> str:
    """What else is said of a row than where it was read."""
    note = _text(row, "description")
    return "" if note in source else note


def _constant(cell: str) -> str:
    """A constant cell as people read it: `"30"` and `date("2015-01-21")` without their marks."""
    if cell == "null":
        return ""
    inner = cell.removeprefix("date(").removesuffix(")") if cell.startswith("date(") else cell
    return inner[1:-1] if len(inner) > 1 and inner[0] == inner[-1] == '"' else inner


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _text(element: Any, name: str) -> str:
    return (element.findtext(f"{DMN}{name}") or "").strip()
