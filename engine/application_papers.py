"""The application form of a matter on paper: blank, to be filled in by hand, or filled in for
nobody as a sample. Made from the start form of the version in use; drawn as notices are. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine import sample_entries
from engine.applicant_forms import for_applicant
from engine.clock import legal_day
from engine.condition_words import unless_in_words
from engine.deployments import Loaded
from engine.forms import CHOICES, Field, FieldKind, FieldType, Form, visible_fields
from engine.minguo import format_short
from engine.notice_papers import BLANK, Block, Paper
from engine.procedures import OpenOffice, PublicPaper, procedure
from engine.public_words import Text
from engine.wordings import Line

KIND = "application_form"
EMPTY, TICKED = "□", "■"
NO_CASE = UUID(int=0)
"""A form that anybody may fetch belongs to no case."""
_LETTERS_OF_ID = 10
_DAY = {"zh-TW": "民國＿＿＿年＿＿月＿＿日", "en": "ROC year ＿＿＿, month ＿＿, day ＿＿"}
_GAP = {"zh-TW": "\u3000", "en": "\u2003"}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "sample": {
        "zh-TW": "填寫範例：以下資料均屬虛構，請依您的實際情形填寫。",
        "en": "Sample: everything below is made up. Fill in what is true of you.",
    },
    "how": {
        "zh-TW": "請以正楷填寫；選項請在□內打勾。註明「者填寫」的欄位，符合情形時才需要填。",
        "en": "Write clearly and tick the boxes. Fields that say “if …” are only for that case.",
    },
    "papers": {"zh-TW": "要帶的文件", "en": "What to bring"},
    "signing": {"zh-TW": "申請人簽名", "en": "Signature of the applicant"},
    "signed": {"zh-TW": "簽名或蓋章", "en": "Signature or seal"},
    "signed_on": {"zh-TW": "填寫日期", "en": "Date"},
    "yes": {"zh-TW": "是", "en": "yes"},
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is to be drawn: for which office, in which language, blank or as a sample."""

    office: OpenOffice
    language: str
    is_sample: bool


def application(loaded: Loaded, wanted: Sheet, now: datetime) -> Paper:
    """The form of the version as a paper; `now` (aware UTC) dates the sample."""
    form = for_applicant(loaded.forms[str(loaded.package.start_form)])
    title = form.title or loaded.package.title
    drawn = _Drawn(form, wanted.language, legal_day(now) if wanted.is_sample else None)
    papers = [_paper(each, wanted.language) for each in procedure(loaded, now).papers]
    return Paper(
        id=NO_CASE,
        case_id=NO_CASE,
        kind=KIND,
        language=wanted.language,
        title=title.zh if wanted.language == "zh-TW" else title.en,
        basis=(),
        values=_values(loaded.package.title, wanted),
        blocks=(*drawn.blocks(), *_papers(papers, wanted.language), *_signing(wanted, now)),
        issued_at=now,
    )


def _values(matter: Text, wanted: Sheet) -> dict[str, str]:
    office, language = wanted.office, wanted.language
    return {
        "office_name": _said(office.name, language),
        "matter": _said(matter, language),
        "office_telephone": office.telephone,
        "office_address": _said(office.address, language),
        "office_hours": _said(office.open, language),
    }


class _Drawn:
    """The fields of a form one after the other; with a day, filled in as a sample of that day."""

    def __init__(self, form: Form, language: str, sample_on: date | None) -> None:
        self._form, self._language = form, language
        self._is_sample = sample_on is not None
        self._values: Mapping[str, Any] = {}
        if sample_on is not None:
            self._values = sample_entries.sample(form, sample_on, language)

    def blocks(self) -> Iterator[Block]:
        yield _paragraph(_word("sample" if self._is_sample else "how", self._language), bold=True)
        fields: Sequence[Field] = self._form.fields
        if self._is_sample:
            fields = visible_fields(self._form, sample_entries.nested(self._values))
        yield from self._fields(fields)

    def _fields(self, fields: Sequence[Field]) -> Iterator[Block]:
        for field in fields:
            label = f"{field.label.text(self._language)}{self._when(field)}"
            if field.type is FieldType.GROUP:
                yield Block(Line.HEADING, ((label, False),))
                yield from self._fields(field.fields)
            elif field.type is FieldType.TEXT:
                yield _paragraph(label)
            else:
                text = f"{self._text(field)}{self._when(field)}"
                yield Block(Line.FACT, ((text, False),), field.label.text(self._language))

    def _when(self, field: Field) -> str:
        """For whom the field is, on a form that nobody has begun to fill in."""
        if field.hide is None or self._is_sample:
            return ""
        words = unless_in_words(field.hide.text, self._form)
        if words is None:
            return ""
        return f"（{words.zh}填寫）" if self._language == "zh-TW" else f" ({words.en})"

    def _text(self, field: Field) -> str:
        if field.type in CHOICES or field.type is FieldType.CHECKBOX:
            return self._boxes(field)
        return self._written(field) if self._is_sample else _space(field, self._language)

    def _boxes(self, field: Field) -> str:
        value = self._values.get(str(field.key))
        chosen = value if isinstance(value, list) else [value]
        if field.type is FieldType.CHECKBOX:
            return f"{TICKED if value is True else EMPTY} {_word('yes', self._language)}"
        return _GAP[self._language].join(
            f"{TICKED if each.value in chosen else EMPTY}\u00a0{each.label.text(self._language)}"
            for each in field.options
        )

    def _written(self, field: Field) -> str:
        match self._values.get(str(field.key)):
            case date() as day:
                return format_short(day, self._language)
            case Decimal() | int() as number:
                return str(number)
            case value:
                return str(value or "")


def _space(field: Field, language: str) -> str:
    """Where somebody writes by hand."""
    if field.type is FieldType.DATETIME:
        return _DAY[language]
    if field.kind is FieldKind.TAIWAN_ID:
        return EMPTY * _LETTERS_OF_ID
    if field.type is FieldType.NUMBER:
        return BLANK
    return BLANK * (9 if field.type is FieldType.TEXTAREA else 3)


def _paper(paper: PublicPaper, language: str) -> str:
    when = _said(paper.when, language) if paper.when else ""
    told = f"（{when}）" if language == "zh-TW" else f" ({when})"
    return f"{EMPTY}\u00a0{_said(paper.title, language)}{told if when else ''}"


def _papers(lines: Sequence[str], language: str) -> Iterator[Block]:
    if lines:
        yield Block(Line.HEADING, ((_word("papers", language), False),))
    yield from map(_paragraph, lines)


def _signing(wanted: Sheet, now: datetime) -> Iterator[Block]:
    language = wanted.language
    signed, on = BLANK * 2, _DAY[language]
    if wanted.is_sample:
        signed, on = sample_entries.NAMES[language][0], format_short(legal_day(now), language)
    yield Block(Line.HEADING, ((_word("signing", language), False),))
    yield Block(Line.FACT, ((signed, False),), _word("signed", language))
    yield Block(Line.FACT, ((on, False),), _word("signed_on", language))


def _paragraph(text: str, *, bold: bool = False) -> Block:
    return Block(Line.PARAGRAPH, ((text, bold),))


def _word(name: str, language: str) -> str:
    return _WORDS[name][language]


def _said(text: Text, language: str) -> str:
    return text.zh if language == "zh-TW" else text.en
