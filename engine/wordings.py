"""What each kind of notice says: its title, legal basis, merge fields and text, in both languages.

The wordings we ship are `bpmn/notices/<kind>.yaml`; an office may say it in its own words
(`engine.wording_choices`). The text is made of lines:

    # heading          - item          1. numbered item          | label | text
    {qr}               a QR code of the status address, alone on its line
    ? …                (`?-`, `?1.`, `?|`) left out where a field in it has no value
    **…**              stands out

Everything else is a paragraph. `{name}` is a field: one that every notice has (`COMMON`), or one
the kind declares. Pure.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from engine.errors import NotFound, Rejected
from engine.yaml_reading import load_yaml

FOLDER = Path(__file__).resolve().parent.parent / "bpmn" / "notices"
LANGUAGES = ("zh-TW", "en")
_LISTS = frozenset({"words", "plain-language"})  # in the same folder, and no kinds of notices
MAX_BODY = 12_000
MAX_LINE = 300
QR = "qr"
TO = "to"  # in the content: the group of personal data the notice is for

COMMON: Mapping[str, Mapping[str, str]] = {
    "number": {"zh-TW": "文號", "en": "Number"},
    "issued_on": {"zh-TW": "發文日期", "en": "Date"},
    "case_number": {"zh-TW": "案號", "en": "Case"},
    "matter": {"zh-TW": "申請事項", "en": "Matter"},
    "recipient": {"zh-TW": "受文者", "en": "To"},
    "recipient_address": {"zh-TW": "地址", "en": "Address"},
    "office_name": {"zh-TW": "機關名稱", "en": "Office"},
    "office_address": {"zh-TW": "機關地址", "en": "Address of the office"},
    "office_telephone": {"zh-TW": "電話", "en": "Telephone"},
    "office_hours": {"zh-TW": "開放時間", "en": "Open"},
    "collect_at": {"zh-TW": "領件地點", "en": "Collected at"},
    "collect_hours": {"zh-TW": "領件時間", "en": "Open for collecting"},
    "officer": {"zh-TW": "承辦人", "en": "Officer in charge"},
    "due_on": {"zh-TW": "處理期限", "en": "End of the processing period"},
    "due_why": {"zh-TW": "期限計算方式", "en": "How that end was counted"},
    "status_code": {"zh-TW": "查詢碼", "en": "Status code"},
    "status_address": {"zh-TW": "查詢網址", "en": "Status address"},
}
"""Fields that every notice has, with what they are called on paper."""


class Line(StrEnum):
    """What a line of the text becomes."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    NUMBERED = "numbered"
    FACT = "fact"
    QR = "qr"


@dataclass(frozen=True, slots=True)
class Piece:
    """One line as it was written. `label` only for facts; `optional`: left out if a field of it is
    empty."""

    line: Line
    text: str
    label: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One merge field. `kind`: text, day, number or list; `words` names a list of `words.yaml`."""

    name: str
    zh: str
    en: str
    kind: str = "text"
    words: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """The part an office may word by itself, each by language. `basis` are the articles."""

    title: Mapping[str, str]
    basis: tuple[Mapping[str, str], ...]
    body: Mapping[str, str]

    def plain(self) -> dict[str, Any]:
        return {
            "title": dict(self.title),
            "basis": [dict(each) for each in self.basis],
            "body": dict(self.body),
        }

    @property
    def id(self) -> str:
        """The same words have the same id: a hash."""
        return hashlib.sha256(orjson.dumps(self.plain(), option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True, slots=True)
class Wording:
    """A kind of notice as it is shipped. `served`: its service is proved; `by_hand`: an officer may
    make one, beside the diagrams; `kept`: it is written to nobody and stays in the case's file."""

    kind: str
    served: bool
    by_hand: bool
    kept: bool
    fields: Mapping[str, Field]
    text: Text


@cache
def shipped() -> Mapping[str, Wording]:
    """Every kind of notice there is, by its name."""
    files = sorted(file for file in FOLDER.glob("*.yaml") if file.stem not in _LISTS)
    return {file.stem: _read(file) for file in files}


@cache
def words() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """What codes are called on paper: list → code → language."""
    found: dict[str, Any] = load_yaml((FOLDER / "words.yaml").read_bytes())
    return found


def of_kind(kind: str) -> Wording:
    """Raises NotFound."""
    found = shipped().get(kind)
    if found is None:
        raise NotFound("wording.unknown", f"There is no kind of notice {kind[:40]!r}")
    return found


def text_of(plain: Mapping[str, Any]) -> Text:
    """A text as it was stored."""
    basis = tuple(dict(each) for each in plain["basis"])
    return Text(dict(plain["title"]), basis, dict(plain["body"]))


def pieces(body: str) -> Iterator[Piece]:
    """The lines of a text; empty ones only part them."""
    for written in body.splitlines():
        if line := written.strip():
            yield _piece(line)


def fields_in(text: str) -> list[str]:
    """The fields a line names, in order."""
    return _FIELD.findall(text)


def check(wording: Wording, text: Text) -> None:
    """Raise Rejected unless every notice of the kind can be written with the text. The sentence
    names the language, the line and the field."""
    known = {*COMMON, *wording.fields}
    for language in LANGUAGES:
        if not text.title.get(language, "").strip():
            raise Rejected(
                "wording.title", f"Expected a title in {language}, got none", language=language
            )
        body = text.body.get(language, "")
        if not body.strip() or len(body) > MAX_BODY:
            raise Rejected(
                "wording.body",
                f"Expected a text in {language} of at most {MAX_BODY} characters, got {len(body)}",
                language=language,
                most=MAX_BODY,
            )
        for number, line in enumerate(body.splitlines(), start=1):
            _check_line(line, number, language, known)
    _check_basis(text.basis)


def _check_line(line: str, number: int, language: str, known: set[str]) -> None:
    if line.strip() in ("{qr}", "?{qr}", "? {qr}"):
        return
    for field in fields_in(line):
        if field not in known:
            raise Rejected(
                "wording.field",
                f"Line {number} of the text in {language} names the field {{{field}}}, which this "
                f"kind of notice does not have; it has {', '.join(sorted(known))}",
                field=field,
                line=number,
                language=language,
                known="、".join(sorted(known)),
            )
    rest = _FIELD.sub("", line)
    if "{" in rest or "}" in rest:
        raise Rejected(
            "wording.brace",
            f"Line {number} of the text in {language} has a brace that is no field; write a field "
            f"as {{name}}",
            line=number,
            language=language,
        )


def _check_basis(basis: Sequence[Mapping[str, str]]) -> None:
    complete = [each for each in basis if all(each.get(lang, "").strip() for lang in LANGUAGES)]
    if not basis or len(complete) != len(basis) or len(basis) > 12:
        raise Rejected(
            "wording.basis",
            "Expected the legal basis in both languages, one to twelve lines with their articles",
        )
    if any(len(each[lang]) > MAX_LINE for each in basis for lang in LANGUAGES):
        raise Rejected("wording.basis", f"Expected lines of at most {MAX_LINE} characters")


_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_PIECE = re.compile(r"(?P<optional>\?\s*)?(?P<mark>#\s|-\s|1\.\s|\|)?\s*(?P<rest>.*)")
_MARKS = {"#": Line.HEADING, "-": Line.ITEM, "1.": Line.NUMBERED, "|": Line.FACT}


def _piece(line: str) -> Piece:
    match = _PIECE.fullmatch(line)
    if match is None:  # the pattern takes any line
        return Piece(Line.PARAGRAPH, line)
    mark, rest = (match["mark"] or "").strip(), match["rest"]
    optional = match["optional"] is not None
    if rest == "{qr}" and not mark:
        return Piece(Line.QR, "", optional=True)
    kind = _MARKS.get(mark, Line.PARAGRAPH)
    if kind is Line.FACT:
        label, _, text = rest.partition("|")
        return Piece(kind, text.strip(), label.strip(), optional)
    return Piece(kind, rest, optional=optional)


def _read(file: Path) -> Wording:
    told = load_yaml(file.read_bytes())
    fields = {
        name: Field(
            name, each["zh-TW"], each["en"], each.get("kind", "text"), each.get("words", "")
        )
        for name, each in told["fields"].items()
    }
    text = text_of(told)
    return Wording(
        kind=file.stem,
        served=bool(told["served"]),
        by_hand=bool(told.get("by_hand")),
        kept=bool(told.get("kept")),
        fields=fields,
        text=text,
    )
