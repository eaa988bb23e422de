"""What people enter into forms, by the table: converted, checked, and never trusted."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.form_values import Checked, check, merge
from engine.forms import parse
from tests.unit.test_forms import a_field, a_form

OPTIONS = [
    {"value": "a", "label": "甲"},
    {"value": "b", "label": "乙"},
    {"value": 3, "label": "丙"},
]


def entered(
    field: dict[str, Any], raw: Any, context: dict[str, Any] | None = None
) -> tuple[Any, list[str]]:
    """What becomes of `raw` in a form with this one field: the value, and codes of errors."""
    checked = check(parse(a_form(a_field(**field))), {"note": raw}, {}, context or {})
    for error in checked.errors:
        assert error.path == "note"
        assert error.text("zh-TW")
        assert error.text("en")
    return checked.values.get("note"), [error.code for error in checked.errors]


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        ({}, "  第一次  ", "第一次"),
        ({}, "", None),
        ({}, "   ", None),
        ({}, None, None),
        ({}, "e\u0301", "é"),
        ({}, "𠮷\U000e0100", "𠮷\U000e0100"),
        ({}, "\ue000", "\ue000"),
        ({"type": "textarea"}, "一\r\n二", "一\n二"),
        ({"type": "number"}, "1,200", Decimal(1200)),
        ({"type": "number"}, "１２．５", Decimal("12.5")),
        ({"type": "number"}, 0.1, Decimal("0.1")),
        ({"type": "number"}, 7, Decimal(7)),
        ({"type": "number", "validate": {"required": True}}, "0", Decimal(0)),
        ({"type": "number"}, "", None),
        ({"type": "checkbox"}, "on", True),
        ({"type": "checkbox"}, True, True),
        ({"type": "checkbox"}, None, False),
        ({"type": "checklist", "values": OPTIONS}, ["3", "a", "a"], ["a", 3]),
        ({"type": "checklist", "values": OPTIONS}, "b", ["b"]),
        ({"type": "checklist", "values": OPTIONS}, None, []),
        ({"type": "select", "values": OPTIONS}, "3", 3),
        ({"type": "radio", "values": OPTIONS}, "a", "a"),
        ({"type": "radio", "values": OPTIONS}, "", None),
        ({"type": "datetime", "subtype": "date"}, "2026-03-12", dt.date(2026, 3, 12)),
        ({"type": "datetime", "subtype": "date"}, "115/3/12", dt.date(2026, 3, 12)),
        ({"type": "datetime", "subtype": "date"}, "民國115年3月12日", dt.date(2026, 3, 12)),
        ({"type": "datetime", "subtype": "date"}, dt.date(2026, 3, 12), dt.date(2026, 3, 12)),
        ({"properties": {"kind": "taiwan_id"}}, "ａ123456789", "A123456789"),
        ({"properties": {"kind": "person_name"}}, "瓦歷斯·諾幹", "瓦歷斯·諾幹"),
        ({"properties": {"kind": "person_name"}}, "𠮷野\U000323af", "𠮷野\U000323af"),
        ({"properties": {"kind": "person_name"}}, "Nguyễn Thị Hoa", "Nguyễn Thị Hoa"),
        ({"properties": {"kind": "person_name"}}, "陳〇明", "陳〇明"),
        ({"properties": {"kind": "phone"}}, "０７-7995678", "07-7995678"),
        ({"properties": {"kind": "email"}}, "lin@example.tw", "lin@example.tw"),
        ({"properties": {"kind": "address"}}, "高雄市鳳山區光復路1號", "高雄市鳳山區光復路1號"),
        ({"validate": {"pattern": "^[A-Z]{2}\\d+$"}}, "AB12", "AB12"),
    ],
)
def test_good_answers_become_values(field: dict[str, Any], raw: Any, value: Any) -> None:
    assert entered(field, raw) == (value, [])


@pytest.mark.parametrize(
    ("field", "raw", "code"),
    [
        ({"validate": {"required": True}}, "", "required"),
        ({"validate": {"required": True}}, " \u3000 ", "required"),
        ({"type": "checkbox", "validate": {"required": True}}, False, "tick"),
        ({"type": "checklist", "values": OPTIONS, "validate": {"required": True}}, [], "required"),
        ({}, 5, "text"),
        ({}, {"a": 1}, "text"),
        ({}, "a\x00b", "control_character"),
        ({}, "a\nb", "control_character"),
        ({}, "a\u202eb", "control_character"),
        ({}, "a\u200bb", "control_character"),
        ({}, "\ud800", "broken_text"),
        ({"validate": {"minLength": 3}}, "ab", "too_short"),
        ({"validate": {"maxLength": 3}}, "abcd", "too_long"),
        pytest.param({}, "a" * 501, "too_long", id="long"),
        pytest.param({}, "a" * 1_000_000, "too_long", id="very long"),
        ({"validate": {"pattern": "^[A-Z]+$"}}, "ab", "pattern"),
        ({"type": "number"}, "twelve", "number"),
        ({"type": "number"}, True, "number"),
        ({"type": "number"}, "NaN", "number"),
        ({"type": "number"}, "1e999999", "number"),
        pytest.param({"type": "number"}, 10**5000, "number", id="huge number"),
        ({"type": "number"}, [1], "number"),
        ({"type": "number", "validate": {"min": 1}}, "0", "too_small"),
        ({"type": "number", "validate": {"max": 1}}, "2", "too_large"),
        ({"type": "checkbox"}, "maybe", "yes_or_no"),
        ({"type": "select", "values": OPTIONS}, "c", "option"),
        ({"type": "select", "values": OPTIONS}, ["a"], "option"),
        ({"type": "checklist", "values": OPTIONS}, ["a", "c"], "options"),
        ({"type": "checklist", "values": OPTIONS}, [["a"]], "options"),
        ({"type": "checklist", "values": OPTIONS}, [{"a": 1}], "options"),
        ({"type": "datetime", "subtype": "date"}, "soon", "date"),
        ({"type": "datetime", "subtype": "date"}, "115/2/30", "no_such_date"),
        ({"type": "datetime", "subtype": "date"}, 20260312, "date"),
        pytest.param({"type": "datetime"}, "1" * 10_000, "date", id="long date"),
        ({"properties": {"kind": "taiwan_id"}}, "A123456788", "taiwan_id"),
        ({"properties": {"kind": "taiwan_id"}}, "A12****789", "taiwan_id"),
        ({"properties": {"kind": "person_name"}}, "王○明", "person_name"),
        ({"properties": {"kind": "person_name"}}, "王小明2", "person_name"),
        ({"properties": {"kind": "person_name"}}, "<b>王</b>", "person_name"),
        ({"properties": {"kind": "person_name"}}, "王" * 121, "too_long"),
        ({"properties": {"kind": "phone"}}, "12", "phone"),
        ({"properties": {"kind": "phone"}}, "call me", "phone"),
        ({"properties": {"kind": "email"}}, "lin@", "email"),
        ({"properties": {"kind": "email"}}, "a@b@c.tw", "email"),
        ({"properties": {"kind": "address"}}, "高雄", "address"),
        ({"properties": {"kind": "address"}}, "高雄市鳳山區○○○", "address"),
    ],
)
def test_bad_answers_are_told(field: dict[str, Any], raw: Any, code: str) -> None:
    value, codes = entered(field, raw)

    assert codes == [code]
    assert value in (None, False, []) or code not in ("text", "number", "date", "option")


def test_a_pattern_cannot_hang_on_a_text() -> None:
    field = {"validate": {"pattern": "^(a+)+$", "maxLength": 500}}

    assert entered(field, "a" * 499 + "!")[1] == ["pattern"]


def test_options_may_come_from_a_variable() -> None:
    field = {"type": "checklist", "valuesKey": "papers"}
    papers = [{"value": "cert", "label": "出生證明書"}, {"id": "booklet", "title": "戶口名簿"}, "x"]

    assert entered(field, ["x", "cert"], {"papers": papers}) == (["cert", "x"], [])
    assert entered(field, ["booklet"], {"papers": papers}) == (["booklet"], [])
    assert entered(field, ["other"], {"papers": papers})[1] == ["options"]
    assert entered(field, ["cert"], {})[1] == ["options"]
    assert entered(field, [], {"papers": None}) == ([], [])


# --- the form as a whole ------------------------------------------------------------------------

BIRTH = parse(
    a_form(
        a_field(key="data.child.name", validate={"required": True}),
        a_field(key="data.child.birth_date", type="datetime", subtype="date"),
        a_field(key="kind", type="radio", values=OPTIONS),
        a_field(key="reason", validate={"required": True}, conditional={"hide": '=kind != "b"'}),
        a_field(
            key="data.witness.name",
            conditional={"hide": "=reason = null"},
            properties={"kind": "person_name"},
        ),
        a_field(key="verdict", properties={"readonly": "true"}),
    )
)


def codes(checked: Checked) -> set[tuple[str, str]]:
    return {(error.path, error.code) for error in checked.errors}


def test_variables_and_personal_data_come_out_apart() -> None:
    data = {"child": {"name": "王小明", "birth_date": "115/3/1"}}

    checked = check(BIRTH, {"kind": "a"}, data, {})

    assert checked == Checked(
        values={"kind": "a"},
        data={"child": {"name": "王小明", "birth_date": dt.date(2026, 3, 1)}},
    )


def test_personal_data_may_be_sent_flat_as_a_browser_does() -> None:
    checked = check(BIRTH, {"kind": "a", "data.child.name": "王小明"}, {}, {})

    assert checked.data["child"]["name"] == "王小明"
    assert checked.errors == ()


def test_hidden_fields_are_dropped_whatever_was_sent() -> None:
    data = {"child": {"name": "王小明"}, "witness": {"name": "1"}}

    checked = check(BIRTH, {"kind": "a", "reason": "x"}, data, {})

    assert checked.errors == ()
    assert "reason" not in checked.values
    assert "witness" not in checked.data  # hidden because what it depends on is hidden


def test_shown_fields_are_checked() -> None:
    data = {"child": {"name": "王小明"}, "witness": {"name": "1"}}

    assert codes(check(BIRTH, {"kind": "b"}, data, {})) == {("reason", "required")}
    assert codes(check(BIRTH, {"kind": "b", "reason": "漏報"}, data, {})) == {
        ("data.witness.name", "person_name")
    }


@pytest.mark.parametrize(
    ("outcome", "single", "expected"),
    [
        ("agreed", False, {("surname", "required"), ("signed", "tick")}),
        ("agreed", True, {("surname", "required")}),
        ("no_agreement", False, set()),
        (None, False, set()),
    ],
)
def test_some_fields_are_needed_for_one_decision_only(
    outcome: str | None, single: bool, expected: set[tuple[str, str]]
) -> None:
    form = parse(
        {
            "id": "surname",
            "type": "default",
            "schemaVersion": 16,
            "components": [
                {
                    "type": "textfield",
                    "key": "surname",
                    "label": "姓",
                    "properties": {"label_en": "Surname", "required_when": 'outcome = "agreed"'},
                },
                {
                    "type": "checkbox",
                    "key": "signed",
                    "label": "簽名",
                    "properties": {
                        "label_en": "Signed",
                        "required_when": '=outcome = "agreed" and single_parent != true',
                    },
                },
            ],
        }
    )
    context = {"outcome": outcome, "single_parent": single}

    assert codes(check(form, {}, {}, context)) == expected
    assert codes(check(form, {"surname": "林", "signed": True}, {}, context)) == set()


def test_conditions_read_variables_and_data_of_the_case() -> None:
    form = parse(
        a_form(
            a_field(key="a", conditional={"hide": "=urgent"}),
            a_field(key="b", conditional={"hide": "=data.child.twin"}),
        )
    )

    checked = check(form, {"a": "1", "b": "2"}, {}, {"urgent": True, "data": {"child": {}}})
    assert checked.values == {"b": "2"}
    checked = check(form, {"a": "1", "b": "2"}, {}, {"data": {"child": {"twin": True}}})
    assert checked.values == {"a": "1"}


def test_what_the_form_does_not_have_is_an_error() -> None:
    values = {"kind": "a", "status": "approved", "__builtins__": 1}
    data = {"child": {"name": "王小明", "id": "A123456789"}, "father": {"name": "王大明"}}

    checked = check(BIRTH, values, data, {})

    assert codes(checked) == {
        ("status", "unknown_field"),
        ("__builtins__", "unknown_field"),
        ("data.child.id", "unknown_field"),
        ("data.father", "unknown_field"),
    }
    assert set(checked.values) == {"kind"}


def test_a_context_where_a_value_belongs_is_an_error() -> None:
    assert codes(check(BIRTH, {"kind": "a"}, {"child": {"name": {"first": "x"}}}, {})) == {
        ("data.child.name", "text")
    }
    assert ("data.child", "unknown_field") in codes(check(BIRTH, {}, {"child": "x"}, {}))


def test_a_field_that_only_shows_is_never_written() -> None:
    data = {"child": {"name": "王小明"}}

    checked = check(BIRTH, {"kind": "a", "verdict": "forged"}, data, {"verdict": "as it was"})

    assert checked.errors == ()
    assert "verdict" not in checked.values


def test_what_was_not_sent_stays_as_it_is_or_becomes_null() -> None:
    context = {"data": {"child": {"name": "王小明"}}, "kind": "a"}
    checked = check(BIRTH, {}, {}, context)
    assert checked == Checked(values={}, data={"child": {"birth_date": None}})

    checked = check(BIRTH, {}, {}, {})
    assert checked.values == {"kind": None}
    assert codes(checked) == {("data.child.name", "required")}


def test_a_required_variable_is_asked_for_again_in_every_round() -> None:
    form = parse(a_form(a_field(validate={"required": True})))

    assert codes(check(form, {}, {}, {"note": "from the round before"})) == {("note", "required")}


def test_fields_that_hide_each_other_come_to_an_end() -> None:
    form = parse(
        a_form(
            a_field(key="a", conditional={"hide": "=b != null"}),
            a_field(key="b", conditional={"hide": "=a != null"}),
        )
    )

    assert check(form, {"a": "1", "b": "2"}, {}, {}).errors == ()


def test_a_patch_is_merged_into_nested_data() -> None:
    data = {"child": {"name": "王小明", "sex": "male"}, "papers": ["a", "b"]}

    merged = merge(data, {"child": {"name": "王曉明"}, "papers": ["c"], "mother": {"name": "李"}})

    assert merged == {
        "child": {"name": "王曉明", "sex": "male"},
        "papers": ["c"],
        "mother": {"name": "李"},
    }
    assert data["child"] == {"name": "王小明", "sex": "male"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
EVERY_TYPE = parse(
    a_form(
        *(
            a_field(key=f"f_{at}", type=name, subtype="date", values=OPTIONS)
            for at, name in enumerate(
                ("textfield", "textarea", "number", "checkbox", "checklist", "radio", "datetime")
            )
        ),
        *(
            a_field(key=f"data.{kind}", properties={"kind": kind})
            for kind in ("taiwan_id", "person_name", "phone", "email", "address")
        ),
    )
)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from([f"f_{at}" for at in range(7)]), JSON), JSON)
def test_no_answer_whatever_breaks_the_check(values: dict[str, Any], inner: Any) -> None:
    data = dict.fromkeys(("taiwan_id", "person_name", "phone", "email", "address"), inner)

    checked = check(EVERY_TYPE, values, data, {"data": inner})

    assert all(error.text("zh-TW") and error.text("en") for error in checked.errors)
