"""The wordings of notices: those shipped can be written, and what an office types is checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import Rejected
from engine.notice_papers import BLANK, blocks
from engine.wordings import (
    COMMON,
    LANGUAGES,
    TO,
    Line,
    Text,
    check,
    fields_in,
    of_kind,
    shipped,
    words,
)
from web.texts import has_text

LIBRARY = Path(__file__).resolve().parents[2] / "bpmn"
KINDS = sorted(shipped())
_ISSUES = re.compile(
    r"<bpmn:(?:serviceTask|callActivity) [^>]*?"
    r"(?:hz:operation=\"notice\.issue\"|calledElement=\"C07\")"
    r"[^>]*>(.*?)</bpmn:(?:serviceTask|callActivity)>",
    re.DOTALL,
)
_INPUT = re.compile(
    r"<hz:input source=(?P<q>['\"])(?P<source>.*?)(?P=q) target=\"(?P<to>\w+)\" */>"
)


def said(body: str, **values: str | list[str]) -> list[tuple[Line, str]]:
    text = Text({}, (), {"zh-TW": body})
    found = blocks(text, values, "zh-TW")
    return [(block.line, "".join(part for part, _ in block.runs)) for block in found]


def reworded(kind: str, body: str) -> Text:
    text = of_kind(kind).text
    return replace(text, body={**text.body, "zh-TW": body})


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_shipped_can_be_written_in_both_languages(kind: str) -> None:
    wording = of_kind(kind)

    check(wording, wording.text)

    used = {name for body in wording.text.body.values() for name in fields_in(body)}
    assert wording.fields.keys() - used <= {"clock", "warning"}, "a field nobody reads"
    assert {each.words for each in wording.fields.values() if each.words} <= words().keys()
    for language in LANGUAGES:
        assert has_text(language, f"notice.kinds.{kind}")


@pytest.mark.parametrize("kind", KINDS)
def test_both_languages_of_a_kind_name_the_same_fields(kind: str) -> None:
    zh, en = (set(fields_in(of_kind(kind).text.body[language])) for language in LANGUAGES)

    assert zh == en


def test_the_demand_says_that_the_office_will_register_by_itself() -> None:
    assert "逕為登記" in of_kind("dunning").text.body["zh-TW"]
    assert "ex officio" in of_kind("dunning").text.body["en"]
    assert "第 19 條" in "".join(each["zh-TW"] for each in of_kind("dunning").text.basis)


def test_an_unknown_field_is_refused_by_name_with_its_line() -> None:
    wrong = reworded("dunning", "請於期限內申請。\n金額 {amuont} 元")

    with pytest.raises(Rejected, match=r"Line 2 .* zh-TW names the field \{amuont\}") as refused:
        check(of_kind("dunning"), wrong)

    assert refused.value.code == "wording.field"
    assert refused.value.facts["field"] == "amuont"
    assert "term_days" in refused.value.facts["known"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "wording.body"),
        ("x" * 20_000, "wording.body"),
        ("請申請 {term_days", "wording.brace"),
        ("{Term}", "wording.brace"),
    ],
)
def test_a_text_that_cannot_be_written_is_refused(body: str, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        check(of_kind("dunning"), reworded("dunning", body))

    assert refused.value.code == code


def test_a_text_without_ground_or_title_is_refused() -> None:
    text = of_kind("fine").text

    for wrong in (
        replace(text, basis=()),
        replace(text, basis=({"zh-TW": "第 1 條", "en": " "},)),
        replace(text, title={"zh-TW": "裁處書", "en": ""}),
    ):
        with pytest.raises(Rejected):
            check(of_kind("fine"), wrong)


def test_lines_become_what_they_say() -> None:
    found = said("# 說明\n內容\n- 甲\n1. 乙\n| 名 | {x}\n{qr}", x="值", status_code="7K2M")

    assert found == [
        (Line.HEADING, "說明"),
        (Line.PARAGRAPH, "內容"),
        (Line.ITEM, "甲"),
        (Line.NUMBERED, "乙"),
        (Line.FACT, "值"),
        (Line.QR, ""),
    ]


def test_what_has_no_value_is_left_out_or_a_blank() -> None:
    assert said("? 至 {x}\n?| 名 | {x}\n?1. {x}\n{qr}") == []
    assert said("至 {x}") == [(Line.PARAGRAPH, f"至 {BLANK}")]
    assert said("# 文件\n- {papers}\n# 其他\n一句") == [
        (Line.HEADING, "其他"),
        (Line.PARAGRAPH, "一句"),
    ]


def test_an_item_with_a_list_is_one_item_for_each() -> None:
    assert said("1. {papers}", papers=["甲", "乙"]) == [
        (Line.NUMBERED, "甲"),
        (Line.NUMBERED, "乙"),
    ]
    assert said("文件：{papers}", papers=["甲", "乙"]) == [(Line.PARAGRAPH, "文件：甲、乙")]


def test_a_value_is_never_read_as_markup() -> None:
    (block,) = blocks(Text({}, (), {"en": "**Reason:** {x}"}), {"x": "**{number}** <b>"}, "en")

    assert block.runs == (("Reason:", True), (" **{number}** <b>", False))


def issued() -> Iterator[tuple[str, str, str]]:
    """(file, kind, field) of every notice a diagram issues, where both stand as they are."""
    for file in sorted(LIBRARY.rglob("*.bpmn")):
        for task in _ISSUES.findall(file.read_text(encoding="utf-8")):
            inputs = {match["to"]: match["source"] for match in _INPUT.finditer(task)}
            for kind in re.findall(r'(?<!= )"(\w+)"', inputs.get("kind", "")):
                content = inputs.get("content", "")
                for field in re.findall(r"(?:^\{|, )(\w+):", content):
                    if field != TO:  # whose notice it is, not what it says
                        yield file.name, kind, field


def test_all_that_diagrams_tell_is_a_field_of_the_notice() -> None:
    found = list(issued())
    assert len(found) > 60

    strange = [
        each for each in found if each[1] not in shipped() or each[2] not in of_kind(each[1]).fields
    ]

    assert strange == []


def test_no_kind_takes_the_name_of_a_field_that_all_have() -> None:
    taken = {
        (kind, name)
        for kind in KINDS
        for name in of_kind(kind).fields
        if name in COMMON and name != "case_number"
    }

    assert taken == set()
