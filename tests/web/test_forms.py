"""Forms of packages as controls: every type, what is known, what was entered, what is wrong."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import orjson
from werkzeug.datastructures import MultiDict

from engine.forms import Form, Label, parse
from tests.web.house import LIBRARY
from web.forms import Control, Setting, Sheet, led_by, read, sheet, written


def a_form(*components: dict[str, Any]) -> Form:
    return parse({"id": "a-form", "schemaVersion": 16, "components": list(components)})


def a_field(type_: str, key: str, **given: Any) -> dict[str, Any]:
    properties = {"label_en": f"English {key}", **given.pop("properties", {})}
    return {"type": type_, "key": key, "label": f"中文 {key}", "properties": properties, **given}


OPTIONS = [{"value": v, "label": f"選{v}", "label_en": f"Option {v}"} for v in ("a", "b")]
EVERY_TYPE = a_form(
    {"type": "text", "text": "說明", "properties": {"text_en": "Explanation"}},
    a_field("textfield", "data.child.name"),
    a_field("textarea", "note"),
    a_field("number", "copies"),
    a_field("checkbox", "agreed"),
    a_field("checklist", "missing", values=OPTIONS),
    a_field("radio", "side", values=OPTIONS),
    a_field("select", "kind", values=OPTIONS),
    a_field("datetime", "born", subtype="date"),
    {"type": "group", "label": "一組", "components": [a_field("textfield", "inner")]},
)


def control(shown: Sheet, name: str) -> Control:
    found = [c for each in shown.controls for c in (each, *each.controls) if c.name == name]
    return found[0]


def sent(form: Form, *pairs: tuple[str, str], context: dict[str, Any] | None = None) -> Any:
    keys = [("shown", str(field.key)) for field in form.inputs()]
    return read(form, MultiDict([*keys, *pairs]), context or {"data": {}})


def test_every_type_becomes_a_control_in_both_languages() -> None:
    chinese = sheet(EVERY_TYPE, {"data": {}}, "zh-TW")
    english = sheet(EVERY_TYPE, {"data": {}}, "en")

    assert [c.type for c in chinese.controls] == [
        *("text", "textfield", "textarea", "number", "checkbox"),
        *("checklist", "radio", "select", "datetime", "group"),
    ]
    assert control(chinese, "note").label == "中文 note"
    assert control(english, "note").label == "English note"
    assert control(english, "side").choices[1].label == "Option b"
    assert control(chinese, "data.child.name").html_id == "f-data-child-name"
    assert chinese.shown[-1] == "inner"


def test_what_the_case_knows_is_shown_as_people_write_it() -> None:
    known = {
        "copies": Decimal("2.50"),
        "agreed": True,
        "missing": ["b"],
        "born": date(2026, 3, 12),
        "data": {"child": {"name": "王小明"}},
    }

    shown = sheet(EVERY_TYPE, known, "zh-TW")

    assert control(shown, "copies").text == "2.5"
    assert control(shown, "agreed").is_checked
    assert [c.is_chosen for c in control(shown, "missing").choices] == [False, True]
    assert control(shown, "born").text == "115/3/12"
    assert control(sheet(EVERY_TYPE, known, "en"), "born").text == "2026-03-12"
    assert control(shown, "data.child.name").text == "王小明"


def test_what_was_entered_stays_even_where_it_is_wrong() -> None:
    form = a_form(a_field("datetime", "born", subtype="date"), a_field("number", "copies"))

    came = sent(form, ("born", "115/2/30"), ("copies", "two"))
    shown = sheet(form, {"data": {}}, "zh-TW", came, came.checked.errors)

    assert not came.is_good
    assert control(shown, "born").text == "115/2/30"
    assert control(shown, "copies").text == "two"
    assert [field for field, _ in shown.errors] == ["f-born", "f-copies"]
    assert shown.errors[0][1].startswith("中文 born：")


def test_what_is_not_ticked_is_told_apart_from_what_was_not_shown() -> None:
    form = a_form(a_field("checkbox", "agreed"), a_field("checklist", "missing", values=OPTIONS))

    assert sent(form).entered == {"agreed": False, "missing": []}
    assert read(form, MultiDict(), {"data": {}}).entered == {}


def test_a_readonly_field_cannot_be_sent() -> None:
    form = a_form(a_field("textfield", "fee", properties={"readonly": "true"}))

    came = sent(form, ("fee", "0"), context={"fee": "300", "data": {}})

    assert came.entered == {}
    assert came.is_good
    assert control(sheet(form, {"fee": "300", "data": {}}, "zh-TW"), "fee").is_readonly


def test_a_field_that_comes_up_with_a_choice_is_asked_before_anything_is_done() -> None:
    form = a_form(
        a_field("checkbox", "foreign"),
        a_field("textfield", "passport", conditional={"hide": "=foreign != true"}),
    )
    before = sheet(form, {"data": {}}, "zh-TW")
    assert before.shown == ("foreign",)
    assert before.is_conditional

    came = read(form, MultiDict([("shown", "foreign"), ("foreign", "true")]), {"data": {}})
    after = sheet(form, {"data": {}}, "zh-TW", came)

    assert came.new_fields == ("passport",)
    assert not came.is_good
    assert after.shown == ("foreign", "passport")
    assert after.has_new_fields


def test_options_may_come_from_a_variable() -> None:
    form = a_form(a_field("checklist", "missing", valuesKey="papers"))
    papers = [{"id": "deed", "title": "權狀", "label_en": "Deed"}]

    shown = sheet(form, {"papers": papers, "data": {}}, "en")

    assert [(c.value, c.label) for c in control(shown, "missing").choices] == [("deed", "Deed")]


def test_values_are_written_in_the_readers_language() -> None:
    assert written([True, None, date(2026, 3, 2)], "zh-TW") == "是、、115/3/2"
    assert written({"a": False}, "en") == "a: No"
    assert written(Decimal("100"), "en") == "100"


def test_a_number_that_is_filled_in_is_never_told_as_missing() -> None:
    file = LIBRARY / "registration" / "birth" / "forms" / "print-booklet.form"
    form = parse(orjson.loads(file.read_bytes()))

    for typed in ("1", "0", "１", " 2 "):
        came = sent(form, ("booklets_printed", typed), ("grant_told", "true"))
        assert came.is_good, typed

    unticked = sent(form, ("booklets_printed", "1"))
    shown = sheet(form, {"data": {}}, "zh-TW", unticked, unticked.checked.errors)
    assert [field for field, _ in shown.errors] == ["f-grant_told"]
    assert "請勾選" in shown.errors[0][1]
    assert control(shown, "booklets_printed").text == "1"


def test_what_decides_stands_first_and_takes_the_condition_of_its_group_along() -> None:
    group = {
        "type": "group",
        "label": "申請人",
        "components": [a_field("checkbox", "by_proxy"), a_field("textfield", "name")],
        "conditional": {"hide": '=source = "report"'},
    }
    form = a_form(a_field("textfield", "source"), group)
    led = led_by(form, ("source", "by_proxy"), Label("案由", "Ground"))

    applied = sheet(led, {"data": {}}, "zh-TW")
    reported = sheet(led, {"source": "report", "data": {}}, "zh-TW")

    assert applied.shown == ("source", "by_proxy", "name")
    assert reported.shown == ("source",)
    assert control(applied, "source").is_live
    assert not control(applied, "name").is_live


def test_a_date_may_begin_with_today_and_a_field_repeat_another() -> None:
    form = a_form(
        a_field("datetime", "came_on", subtype="date", defaultValue="today"),
        a_field("textfield", "data.mover.name"),
        a_field(
            "textfield",
            "data.applicant.name",
            properties={"same_as": "data.mover.name", "same_when": '=who = "self"'},
        ),
        a_field("textfield", "who"),
    )

    begun = sheet(form, {"data": {}}, "en", setting=Setting(date(2026, 3, 2)))
    own = sheet(form, {"data": {}}, "en", sent(form, ("data.mover.name", "陳"), ("who", "self")))
    other = sheet(form, {"data": {}}, "en", sent(form, ("data.mover.name", "陳"), ("who", "son")))

    assert control(begun, "came_on").text == "2026-03-02"
    assert control(own, "data.applicant.name").text == "陳"
    assert control(own, "data.applicant.name").same_as == "f-data-mover-name"
    assert control(other, "data.applicant.name").text == ""
    assert control(other, "data.applicant.name").same_as == ""
