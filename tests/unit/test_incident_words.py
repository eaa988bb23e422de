"""Whatever incident the system itself can raise is told in Chinese, in words of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.incident_words import TITLES, WORDS, in_chinese
from feel.errors import Code

ROOT = Path(__file__).resolve().parents[2]
HANDED_ON = {"failed.message", "problem", "str(problem)", "'; '.join(outcome.problems)"}
"""What others said, under a code that is worded."""
FEEL = "f'{first.message}, in `{expression.text}`'"


def sentences() -> Iterator[tuple[str, str]]:
    """(place, sentence with something in each gap) of every incident raised in the sources."""
    for package in ("engine", "sla", "agencies"):
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                for told in _told(node):
                    if ast.unparse(told) not in HANDED_ON | {FEEL}:
                        yield f"{file.name}:{told.lineno}", _with_gaps(told)


def _told(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Call(func=ast.Name(id="Blocked")):
            yield node.args[1]
        case ast.Call(func=ast.Name(id="raise_incident")) if node.keywords:
            yield from (each.value for each in node.keywords if each.arg == "message")
        case ast.Call(func=ast.Attribute(attr="_fail")):
            yield from (each for each in node.args[1:] if isinstance(each, ast.JoinedStr))
        case ast.Dict(keys=keys) if "source" in {getattr(key, "value", "") for key in keys}:
            for key, value in zip(keys, node.values, strict=True):
                if getattr(key, "value", "") == "message" and isinstance(value, ast.JoinedStr):
                    yield value


def _with_gaps(told: ast.expr) -> str:
    match told:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_with_gaps(each) for each in values)
        case ast.BinOp(left=left, right=right):
            return _with_gaps(left) + _with_gaps(right)
        case ast.FormattedValue(value=ast.Name(id="where")):
            return "let it begin"
        case _:
            return "⟨x⟩"


def test_every_incident_of_ours_has_its_chinese() -> None:
    told = list(sentences())

    assert len(told) > 25
    english = re.compile(r"\b(expected|the|but)\b", re.IGNORECASE)
    assert [each for each in told if english.search(in_chinese("other.code", each[1]))] == []


OF_MODELS = {
    "unreadable",
    "missing-input",
    "input-value",
    "output-value",
    "several-rules",
    "no-rule",
}
"""Only of decision models, whose incidents are `decision.failed`."""


@pytest.mark.parametrize("code", sorted(set(Code) - OF_MODELS))
def test_every_code_of_an_expression_is_worded(code: str) -> None:
    told = in_chinese(f"feel.{code}", "Expected a number, but got null, in `fee + 1`")

    assert told.startswith("運算式 `fee + 1` 算不出結果：")
    assert "Expected" not in told


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        (
            "gateway.no-flow",
            "Expected a way on from decide, but no condition on its outgoing flows is true and "
            "none of them is the default",
            "decide 之後沒有可走的路：條件都不成立，也沒有預設順序流",
        ),
        (
            "timer.failed",
            "Tried 6 times without success: No part of this system does the operation fly",
            "試了 6 次都沒有成功：系統沒有作業 fly",
        ),
        (
            "outbox.dead_letter",
            "Expected mail to take mail.send, but it did not: the mail server refused the "
            "address. Mend the cause, then retry",
            "郵件寄不出去：郵件伺服器不接受這個地址。請排除原因後重試",
        ),
        ("service.failed", "HTTP 503", "服務任務沒有完成（service.failed）：HTTP 503"),
        ("new.code", "Something new", "系統回報異常（new.code）：Something new"),
    ],
)
def test_what_it_names_is_filled_in(code: str, message: str, told: str) -> None:
    assert in_chinese(code, message) == told


def test_no_chinese_is_left_over() -> None:
    told = " ".join(in_chinese("x", text) for _, text in sentences())
    by_hand = {
        "{why}, in `{text}`",
        "{why} (in variable {name})",
        "Expected more tokens at {element}, which waits for them, but nothing is left that could "
        "come along {missing}",
        # refusals of operations, handed on with the code service.failed
        *(english for english in WORDS if " input '" in english or "limits.yaml" in english),
    }

    ends = {english: WORDS[english].split("}")[-1].split("{")[0] for english in WORDS}

    assert [each for each, end in ends.items() if end not in told and each not in by_hand] == []


def test_every_code_raised_in_the_sources_has_a_title_in_both_languages() -> None:
    codes = {code for code in _codes() if "⟨x⟩" not in code}

    assert len(codes) > 18
    assert codes - TITLES.keys() == set()
    for zh, en in TITLES.values():
        assert zh
        assert en.isascii()


def _codes() -> Iterator[str]:
    for package in ("engine", "sla", "agencies"):
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                match node:
                    case ast.Call(func=ast.Name(id="Blocked")):
                        yield _with_gaps(node.args[0])
                    case ast.Call(func=ast.Name(id="raise_incident")) if node.keywords:
                        given = (each.value for each in node.keywords if each.arg == "code")
                        yield from map(_with_gaps, given)
