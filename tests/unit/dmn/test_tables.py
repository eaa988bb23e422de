"""Decision tables: conditions, checks of inputs and outputs, and what is recorded."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feel import dmn
from feel.dmn import DmnError
from tests.unit.dmn.models import codes, decide, decision, definitions, input_data, rows, table

FINES = decision(
    "罰鍰",
    table(
        ["逾期 日數", "經催告"],
        ["fine"],
        [
            ["[1..15]", "false", "300"],
            ["[16..30]", "false", "500"],
            ["[31..180]", "false", "700"],
            ["> 180", "false", "900"],
            [">= 1", "true", "900"],
        ],
    ),
    "input:逾期 日數",
    "input:經催告",
)
FINES_MODEL = input_data("逾期 日數", "number") + input_data("經催告", "boolean") + FINES


@pytest.mark.parametrize(
    ("days", "dunned", "fine", "row"),
    [
        (1, False, 300, 1),
        (15, False, 300, 1),
        (16, False, 500, 2),
        (31, False, 700, 3),
        (181, False, 900, 4),
        (3, True, 900, 5),
    ],
)
def test_a_table_of_bands(days: int, dunned: bool, fine: int, row: int) -> None:
    result = decide(FINES_MODEL, {"逾期 日數": days, "經催告": dunned}, "罰鍰")

    assert result.value == fine
    assert rows(result) == [row]
    assert result.tables[0].inputs == (("逾期 日數", days), ("經催告", dunned))
    assert result.tables[0].decision == "罰鍰"


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 400))
def test_bands_agree_with_comparisons(days: int) -> None:
    expected = 300 if days <= 15 else 500 if days <= 30 else 700 if days <= 180 else 900

    assert MODEL.evaluate("罰鍰", {"逾期 日數": days, "經催告": False}).value == expected


MODEL = dmn.parse(definitions(FINES_MODEL))


def test_a_missing_input_is_told() -> None:
    result = MODEL.evaluate("罰鍰", {"逾期 日數": 3})

    assert result.value is None
    assert codes(result) == ["missing-input", "no-rule"]


def test_an_input_of_the_wrong_type_is_told_without_its_value() -> None:
    result = MODEL.evaluate("罰鍰", {"逾期 日數": "secret", "經催告": False})

    assert codes(result) == ["wrong-type", "no-rule"]
    assert "secret" not in " ".join(str(found) for found in result.diagnostics)


def test_names_and_inputs_of_a_model() -> None:
    assert MODEL.decisions == ("罰鍰",)
    assert MODEL.input_names("罰鍰") == {"逾期 日數", "經催告"}


def test_names_that_no_arrow_declares_are_inputs_too() -> None:
    model = dmn.parse(definitions(decision("d", table(["age"], ["x"], [["> limit", "bonus"]]))))

    assert model.input_names("d") == {"age", "limit", "bonus"}
    assert model.evaluate("d", {"age": 5, "limit": 3, "bonus": 7}).value == 7


def test_unused_inputs_do_not_matter() -> None:
    body = decision("d", table(["age"], ["x"], [["-", "1"]]))

    assert codes(decide(body, {"age": 5, "file": b"bytes"})) == []


def test_input_values_are_checked() -> None:
    column = {"expression": "kind", "values": '"a", "b"'}
    body = decision("d", table([column], ["x"], [["-", "1"]]))

    assert decide(body, {"kind": "a"}).value == 1
    result = decide(body, {"kind": "z"})
    assert codes(result) == ["input-value"]
    assert "z" not in result.diagnostics[0].message


def test_output_values_are_checked() -> None:
    body = decision("d", table(["k"], [{"name": "x", "values": "1, 2"}], [["-", "k"]]))

    assert decide(body, {"k": 2}).value == 2
    result = decide(body, {"k": 3})
    assert result.value is None
    assert codes(result) == ["output-value"]


def test_types_of_columns_are_checked() -> None:
    body = decision("d", table([{"expression": "k", "type": "string"}], ["x"], [["-", "1"]]))
    assert codes(decide(body, {"k": 1})) == ["wrong-type"]
    body = decision("d", table(["k"], [{"name": "x", "type": "string"}], [["-", "k"]]))
    assert codes(decide(body, {"k": 1})) == ["wrong-type"]


def test_cells_may_compute() -> None:
    body = decision(
        "d",
        table(
            ["born"],
            ["x"],
            [['<= filed - duration("P18Y")', '"adult since " + string(born + @"P18Y")']],
        ),
    )
    given = {"born": dt.date(2000, 2, 29), "filed": dt.date(2026, 3, 2)}

    assert decide(body, given).value == "adult since 2018-02-28"


def test_an_unknown_name_in_a_cell_is_told_with_the_cell() -> None:
    body = table(["k"], ["x"], [["limit", "1"]]).replace("<inputEntry>", '<inputEntry id="cell">')

    result = decide(decision("d", body), {"k": 1})

    assert codes(result) == ["unknown-name", "no-rule"]
    assert result.diagnostics[0].element == "cell"


def test_annotations_come_with_the_row() -> None:
    body = (
        '<decisionTable id="t"><input><inputExpression><text>k</text></inputExpression></input>'
        '<output/><annotation name="source"/><rule id="r"><inputEntry><text>-</text></inputEntry>'
        "<outputEntry><text>1</text></outputEntry>"
        "<annotationEntry><text>decree 7</text></annotationEntry></rule></decisionTable>"
    )

    result = decide(decision("d", body), {"k": 1})

    assert result.tables[0].rules[0].annotations == {"source": "decree 7"}
    assert result.tables[0].rules[0].id == "r"


def test_empty_cells_mean_nothing() -> None:
    body = decision("d", table(["k"], ["x"], [["", ""]]))

    assert decide(body, {"k": 1}).value is None
    assert codes(decide(body, {"k": 1})) == []


def test_a_row_of_another_shape_is_refused() -> None:
    with pytest.raises(DmnError, match="Expected a row with 1 conditions and 1 results") as refusal:
        decide(decision("d", table(["k"], ["x"], [["-", "1", "2"]])), {})

    assert refusal.value.element == "rule1"


def test_a_cell_that_is_no_feel_is_refused_with_its_place() -> None:
    body = table(["k"], ["x"], [["< ", "1"]]).replace("<inputEntry>", '<inputEntry id="cell">')

    with pytest.raises(DmnError, match="Expected an expression") as refusal:
        decide(decision("d", body), {})

    assert refusal.value.element == "cell"


def test_a_table_too_expensive_ends_with_a_diagnostic() -> None:
    loop = "count(for x in 1..1000, y in 1..1000 return x)"
    result = decide(decision("d", table(["k"], ["x"], [["-", loop]])), {"k": 1})

    assert result.value is None
    assert codes(result)[0] == "budget"
