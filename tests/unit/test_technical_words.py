"""What is wrong with a file of a package is told in both languages, whatever is wrong."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import forms
from engine.manifests import PackageError, parse_manifest
from engine.technical_words import WORDS, in_chinese
from engine.xml_edits import read

ENGINE = Path(__file__).resolve().parents[2] / "engine"
HANDED_ON = {"error.message", "refused.message", "stranger.message.partition(': ')[2]"}
"""Sentences of other readers, which come in their own words."""


def sentences() -> Iterator[tuple[str, str]]:
    """(place, sentence with something in each gap) of everything the readers can say."""
    for file in sorted(ENGINE.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for told in _told(node):
                if ast.unparse(told) not in HANDED_ON:
                    yield f"{file.name}:{told.lineno}", _with_gaps(told)


def _told(node: ast.AST) -> Iterator[ast.expr]:
    if not isinstance(node, ast.Call):
        return
    match node.func:
        case ast.Name(id="PackageError"):
            yield node.args[1]
        case ast.Attribute(attr="append", value=ast.Attribute(attr="problems" | "advice")):
            yield node.args[0]


def _with_gaps(told: ast.expr) -> str:
    match told:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_with_gaps(each) for each in values)
        case _:
            return "⟨x⟩"


def test_every_sentence_of_a_reader_has_its_chinese() -> None:
    told = list(sentences())

    assert len(told) > 55
    assert [f"{place}: {text}" for place, text in told if in_chinese(text) is None] == []


def test_no_chinese_is_left_over() -> None:
    told = {in_chinese(text) for _, text in sentences()}
    made = {chinese for chinese in told if chinese}
    general = {english for english in WORDS if not english.startswith("this is not XML: ")}

    idle = [
        english
        for english in general
        if not any(_fits(WORDS[english], each) for each in made)
        and english != "Expected a JSON object with components"
    ]

    assert idle == []


def _fits(chinese: str, made: str) -> bool:
    ends = [part.split("}")[-1] for part in chinese.split("{")]
    return all(part in made for part in ends)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (b"<a><b></a>", "起始與結束標籤不一致"),
        (b"<a>", "內容不完整"),
        (b"<a x='1' x='2'/>", "同一屬性寫了兩次"),
        (b"<a/><b/>", "根元素之後還有內容"),
        (b"", "XML 格式有誤"),
        (b"<!DOCTYPE a><a/>", "DOCTYPE"),
    ],
)
def test_broken_xml_is_told_in_chinese_with_its_line(broken: bytes, told: str) -> None:
    with pytest.raises(PackageError) as refused:
        read(broken, "birth.bpmn")

    assert told in refused.value.facts["zh"]
    assert "DOCTYPE" in told or "birth.bpmn 第 1 行" in refused.value.facts["zh"]


def test_a_package_and_a_form_say_it_in_both_languages() -> None:
    with pytest.raises(PackageError) as package:
        parse_manifest(b"id: P01\nprocess: P01\nkind: odd\n", "package.yaml")
    with pytest.raises(forms.BadForm) as form:
        forms.parse({"id": "f", "schemaVersion": 18, "components": [{"type": "odd", "key": "k"}]})

    assert package.value.facts["zh"].startswith("package.yaml：kind 是 'odd'，應為")
    facts: dict[str, Any] = form.value.facts
    assert facts["zh"].startswith("表單 f：k：沒有 'odd' 這種欄位")
    assert facts["en"] == form.value.message
