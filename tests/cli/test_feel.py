"""`huzheng feel eval`: a value and its diagnostics, or a sentence."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Huzheng


@pytest.mark.parametrize(
    ("expression", "context", "said"),
    [
        ("1 + 2 * 3", "{}", "7"),
        ("0.1 + 0.2", "{}", "0.3"),
        ('"a" + name', '{"name": "b"}', '"ab"'),
        ('date("2026-03-02") + duration("P3D")', "{}", "2026-03-05"),
        ("for n in [1, 2] return n * price", '{"price": 1.1}', "[1.1, 2.2]"),
    ],
)
def test_a_value(huzheng: Huzheng, expression: str, context: str, said: str) -> None:
    told = huzheng("feel", "eval", expression, "--context", context)

    assert told.exit_code == 0
    assert told.stdout.replace('"1.1"', "1.1").replace('"2.2"', "2.2").strip() == said


def test_a_value_for_machines(huzheng: Huzheng) -> None:
    told = huzheng("feel", "eval", '{a: true, b: "x"}', "--json")

    assert json.loads(told.stdout) == {"value": {"a": True, "b": "x"}, "diagnostics": []}


def test_a_diagnostic_is_a_failure(huzheng: Huzheng) -> None:
    told = huzheng("feel", "eval", "nobody + 1", "--json")

    assert told.exit_code == 1
    assert "nobody" in json.loads(told.stdout)["diagnostics"][0]


@pytest.mark.parametrize(
    ("expression", "context"), [("1 +", "{}"), ("a", "not json"), ("a", "[1]"), ("a", "7")]
)
def test_what_cannot_be_read_is_a_wrong_use(
    huzheng: Huzheng, expression: str, context: str
) -> None:
    told = huzheng("feel", "eval", expression, "--context", context)

    assert told.exit_code == 2
    assert told.stderr
