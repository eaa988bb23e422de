"""A notice as a sheet of paper: its wording with its values, as blocks that HTML and ODT are
made of. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from engine.wordings import COMMON, Line, Piece, Text, fields_in, pieces

BLANK = "＿＿＿＿＿＿"
"""What stands for a value that nobody gave, to be filled in by hand."""
HEAD = ("number", "issued_on", "case_number", "matter", "recipient", "recipient_address")
FOOT = ("officer", "office_telephone", "office_address", "office_hours")
WORDS: Mapping[str, Mapping[str, str]] = {
    "basis": {"zh-TW": "法令依據", "en": "Legal basis"},
    "void": {"zh-TW": "作廢", "en": "VOID"},
    "qr": {"zh-TW": "查詢進度的 QR 碼", "en": "QR code of the status address"},
}
Value: TypeAlias = str | list[str]
Values: TypeAlias = Mapping[str, Value]
Runs: TypeAlias = tuple[tuple[str, bool], ...]
"""Text in pieces; True: it stands out."""


@dataclass(frozen=True, slots=True)
class Block:
    """One thing of the sheet: `runs` is its text, `label` that of a fact."""

    line: Line
    runs: Runs = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A notice, ready to be drawn. `void` says why it is void, empty while it is not; `code` is
    the status code that the QR code leads with, if the sheet has one."""

    id: UUID
    case_id: UUID
    kind: str
    language: str
    title: str
    basis: tuple[str, ...]
    values: Values
    blocks: tuple[Block, ...]
    issued_at: datetime
    void: str = ""
    address: str = ""

    def value(self, name: str) -> str:
        """A value in one line, empty where there is none."""
        return _joined(self.values.get(name, ""), self.language)

    @property
    def head(self) -> list[tuple[str, str]]:
        """What stands above the text: labels and values."""
        return self._rows(HEAD)

    @property
    def foot(self) -> list[tuple[str, str]]:
        """Whom to ask, and where."""
        return self._rows(FOOT)

    def word(self, name: str) -> str:
        """One of `WORDS` in the language of the paper."""
        return WORDS[name][self.language]

    def _rows(self, names: Sequence[str]) -> list[tuple[str, str]]:
        return [
            (COMMON[name][self.language], self.value(name)) for name in names if self.value(name)
        ]

    @property
    def file_name(self) -> str:
        """Of a file with it: the letters and digits of its number."""
        return "-".join(re.findall(r"[A-Za-z0-9]+", self.value("number"))) or str(self.id)


def blocks(text: Text, values: Values, language: str) -> tuple[Block, ...]:
    """The lines of the text with their values. A heading with nothing below it is left out."""
    found: list[Block] = []
    for piece in pieces(text.body[language]):
        for block in _filled(piece, values, language):
            if block.line is Line.HEADING and found and found[-1].line is Line.HEADING:
                found.pop()
            found.append(block)
    if found and found[-1].line is Line.HEADING:
        found.pop()
    return tuple(found)


def _filled(piece: Piece, values: Values, language: str) -> Iterator[Block]:
    names = fields_in(f"{piece.label} {piece.text}")
    empty = [name for name in names if not values.get(name)]
    if piece.line is Line.QR:
        if values.get("status_code"):
            yield Block(Line.QR)
        return
    if piece.optional and empty:
        return
    rows = _rows(piece, names, values)
    if rows is None:
        yield Block(piece.line, _runs(piece.text, values, language), piece.label)
        return
    for row in rows:
        yield Block(piece.line, _runs(piece.text, {**values, **row}, language))


def _rows(piece: Piece, names: Sequence[str], values: Values) -> list[dict[str, str]] | None:
    """An item with a list is one item for each entry of it, none for an empty one."""
    if piece.line not in (Line.ITEM, Line.NUMBERED) or len(names) != 1:
        return None
    value = values.get(names[0])
    if isinstance(value, list):
        return [{names[0]: each} for each in value]
    return [] if not value and piece.text == f"{{{names[0]}}}" else None


def _runs(text: str, values: Values, language: str) -> Runs:
    parts = text.split("**")
    return tuple(
        (_merged(part, values, language), at % 2 == 1) for at, part in enumerate(parts) if part
    )


def _merged(text: str, values: Values, language: str) -> str:
    def value(match: re.Match[str]) -> str:
        return _joined(values.get(match[1], ""), language) or BLANK

    return re.sub(r"\{([a-z][a-z0-9_]*)\}", value, text)


def _joined(value: Value, language: str) -> str:
    if isinstance(value, str):
        return value
    return ("、" if language.startswith("zh") else "; ").join(value)
