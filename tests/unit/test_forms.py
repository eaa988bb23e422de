"""Forms: what may stand in one, and what its author is told."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from engine.forms import BadForm, FieldKind, FieldType, parse, problems, visible_fields


def a_field(**columns: Any) -> dict[str, Any]:
    english = columns.pop("label_en", "Field")
    field: dict[str, Any] = {"type": "textfield", "key": "note", "label": "欄位"}
    field |= {"properties": {"label_en": english} | columns.pop("properties", {})}
    return field | columns


def a_form(*fields: dict[str, Any], **columns: Any) -> dict[str, Any]:
    return {"id": "a-form", "schemaVersion": 16, "components": list(fields)} | columns


def test_a_form_is_read_with_groups_labels_and_rules() -> None:
    group = {
        "type": "group",
        "label": "新生兒",
        "properties": {"label_en": "Child"},
        "components": [
            a_field(
                key="data.child.name",
                label="姓名",
                label_en="Name",
                properties={"kind": "person_name", "help": "依出生證明書", "help_en": "As written"},
                validate={"required": True, "maxLength": 50},
            )
        ],
    }
    outcomes = [{"value": "approve", "label": "核可", "label_en": "Approve"}]

    form = parse(
        a_form(group, properties={"title": "出生", "title_en": "Birth"}, outcomes=outcomes)
    )

    [field] = form.inputs()
    assert (field.key, field.type, field.kind) == (
        "data.child.name",
        FieldType.TEXTFIELD,
        FieldKind.PERSON_NAME,
    )
    assert (field.rules.required, field.rules.max_length) == (True, 50)
    assert field.is_personal
    assert (field.label.text("zh-TW"), field.label.text("en")) == ("姓名", "Name")
    assert field.help is not None
    assert field.help.en == "As written"
    assert form.title is not None
    assert form.title.en == "Birth"
    assert form.fields[0].label.zh == "新生兒"
    assert form.outcomes[0].label.en == "Approve"
    assert problems(a_form(group)) == []


def test_a_parsed_form_cannot_be_changed() -> None:
    form = parse(a_form(a_field()))

    with pytest.raises(AttributeError):
        form.fields[0].key = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        (a_field(type="iframe"), "type 'iframe' is not one of"),
        (a_field(type="expression"), "is not one of"),
        (a_field(key="__builtins__"), "is no name"),
        (a_field(key="_x"), "is no name"),
        (a_field(key="a b"), "is no name"),
        (a_field(key="data"), "is no name"),
        (a_field(key="data."), "is no name"),
        (a_field(key=None), "is no name"),
        (a_field(key="child.name"), "only personal data"),
        (a_field(label=""), "has no label"),
        (a_field(type="select"), "has neither values nor valuesKey"),
        (a_field(type="datetime", subtype="time"), "subtype must be date"),
        (a_field(properties={"kind": "passport"}), "kind 'passport' must be one of"),
        (a_field(type="number", properties={"kind": "phone"}), "on a text field"),
        (a_field(conditional={"hide": "=a +"}), "is no expression"),
        (a_field(validate={"pattern": "(a"}), "cannot be used"),
        (a_field(validate={"pattern": "a" * 501}), "cannot be used"),
        (a_field(validate={"pattern": "(a{1000}){1000}"}), "cannot be used"),
        (a_field(validate={"maxLength": "ten"}), "maxLength must be a whole number"),
        (a_field(type="number", validate={"min": "low"}), "min must be a number"),
        (a_field(type="number", validate={"max": "Infinity"}), "max must be a number"),
        (
            a_field(type="radio", values=[{"value": "a", "label": "甲"}, {"value": "a"}]),
            "two options have the same value",
        ),
        (a_field(type="radio", values=[{"label": "甲"}]), "every option needs a value"),
    ],
)
def test_what_is_wrong_with_a_field_is_said(field: dict[str, Any], sentence: str) -> None:
    assert any(sentence in problem for problem in problems(a_form(field)))
    with pytest.raises(BadForm) as refused:
        parse(a_form(field))
    assert sentence in refused.value.message


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "Expected a JSON object"),
        ({"schemaVersion": 16, "components": []}, "has no id"),
        (a_form(schemaVersion=8), "schemaVersion is 8"),
        ({"id": "x", "schemaVersion": 16}, "has no components"),
        (a_form(a_field(), a_field()), "the key is taken by the field note"),
        (a_form(a_field(key="data.child"), a_field(key="data.child.name")), "is taken by"),
        (a_form(*(a_field(key=f"f{at}") for at in range(201))), "more than 200 fields"),
    ],
)
def test_what_is_wrong_with_a_form_is_said(document: Any, sentence: str) -> None:
    assert any(sentence in problem for problem in problems(document))


def test_groups_are_not_nested_without_end() -> None:
    component: dict[str, Any] = a_field()
    for _ in range(2_000):
        component = {"type": "group", "components": [component]}

    assert any("deeper than 5" in problem for problem in problems(a_form(component)))


def test_a_missing_translation_is_advice_and_no_reason_to_refuse() -> None:
    document = a_form({"type": "textfield", "key": "note", "label": "備註"})

    assert problems(document) == ["note: has no English label (properties.label_en)"]
    assert parse(document).fields[0].label.en == "備註"


def test_a_chinese_key_with_its_condition_is_read() -> None:
    document = a_form(
        a_field(key="申請類別"), a_field(key="原因", conditional={"hide": '=申請類別 = "其他"'})
    )

    [_, reason] = parse(document).fields
    assert reason.is_hidden({"申請類別": "其他"})
    assert not reason.is_hidden({"申請類別": "一般"})


def test_only_visible_fields_are_shown_group_by_group() -> None:
    group = {
        "type": "group",
        "components": [a_field(key="a"), a_field(key="b", conditional={"hide": "=urgent"})],
        "conditional": {"hide": "=closed"},
    }
    form = parse(a_form(group, a_field(key="c")))

    def keys(**context: Any) -> list[str | None]:
        shown = visible_fields(form, context)
        return [inner.key for field in shown for inner in (field, *field.fields) if inner.key]

    assert keys(urgent=False, closed=False) == ["a", "b", "c"]
    assert keys(urgent=True, closed=False) == ["a", "c"]
    assert keys(urgent=False, closed=True) == ["c"]
    assert keys() == ["a", "b", "c"]  # a condition that cannot be answered shows


def test_every_form_of_the_library_is_sound() -> None:
    from pathlib import Path

    files = sorted((Path(__file__).parents[2] / "bpmn").rglob("*.form"))

    assert files
    wrong = {file.name: problems(orjson.loads(file.read_bytes())) for file in files}
    assert {name: found for name, found in wrong.items() if found} == {}
