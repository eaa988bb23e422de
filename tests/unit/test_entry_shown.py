"""What of an entry a form shows to be read, clear or masked, by the table."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.entry_shown import shown
from engine.form_shows import Shows
from engine.forms import BadForm, Label, parse

START = parse(
    {
        "id": "start",
        "schemaVersion": 16,
        "components": [
            {
                "type": "select",
                "key": "relation",
                "label": "關係",
                "values": [{"value": "self", "label": "本人", "label_en": "The person"}],
            },
            {"type": "textfield", "key": "data.applicant.name", "label": "姓名"},
            {"type": "textfield", "key": "data.applicant.id_number", "label": "統一編號"},
            {"type": "datetime", "key": "data.applicant.birth_date", "label": "出生日期"},
        ],
    }
)
DATA = {
    "applicant": {
        "id_number": "A123456789",
        "name": "陳文青",
        "birth_date": date(1990, 3, 4),
        "nickname": "小青",
    },
    "representative": {"name": ""},
    "mother": {"name": "林美華"},
}


def read(*keys: str, is_clear: bool = True) -> dict[str, Any]:
    found = shown(Shows(keys), DATA, {"relation": "self"}, [START], is_clear=is_clear)
    return {each.label.zh: each.value for each in found}


def test_a_group_is_shown_in_the_order_of_the_forms_then_what_no_form_asks() -> None:
    assert list(read("data.applicant")) == [
        "姓名",
        "統一編號",
        "出生日期",
        "data.applicant.nickname",
    ]


def test_only_what_is_named_is_shown_and_what_is_empty_is_not() -> None:
    assert read("data.applicant.name", "data.representative", "data.unknown") == {"姓名": "陳文青"}


def test_a_choice_is_shown_by_its_label() -> None:
    assert read("relation") == {"關係": Label("本人", "The person")}


def test_all_is_the_personal_data_of_the_entry() -> None:
    assert list(read("all").values())[-1] == "林美華"


def test_who_has_not_taken_the_task_sees_it_masked() -> None:
    found = read("data.applicant", "relation", is_clear=False)

    assert found["姓名"] == "陳○青"
    assert found["統一編號"] == "A12****789"
    assert found["出生日期"] == "1990-**-**"
    assert found["data.applicant.nickname"] == "○○○"
    assert found["關係"] == Label("本人", "The person")


@pytest.mark.parametrize(
    ("properties", "why"),
    [
        ({"shows": "data.applicant.name, 9th"}, "'9th' is no key"),
        ({"shows": "all", "shows_for": "curiosity"}, "'curiosity' is no purpose"),
    ],
)
def test_what_a_form_cannot_show_is_refused(properties: dict[str, str], why: str) -> None:
    with pytest.raises(BadForm) as refused:
        parse({"id": "f", "schemaVersion": 16, "components": [], "properties": properties})

    assert why in refused.value.message
    assert "shows" in refused.value.facts["zh"]
