"""What is hidden of a person's data, by the table."""

import datetime as dt
from decimal import Decimal

import orjson
import pytest

from engine.forms import parse
from engine.masking import mask, mask_address, mask_email, mask_id, mask_name, mask_phone
from engine.personal_data import items
from tests.processes.library import LIBRARY


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王○明"),
        ("李明", "李○"),
        ("王", "○"),
        ("歐陽小明", "歐○○明"),
        ("瓦歷斯·諾幹", "瓦○○·○幹"),
        ("𠮷田\U000e0100三", "𠮷○三"),
        ("Anna Smith", "A*** S***"),
        ("", ""),
    ],
)
def test_a_name_keeps_its_ends(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("高雄市鳳山區光復路二段132號", "高雄市鳳山區○○○"),
        ("高雄市前鎮區中山二路2號", "高雄市前鎮區○○○"),
        ("臺南市新市區中山路1號", "臺南市新市區○○○"),
        ("臺北市中正區市民大道3段", "臺北市中正區○○○"),
        ("屏東縣屏東市自由路527號", "屏東縣屏東市○○○"),
        ("屏東縣恆春鎮恆南路9號", "屏東縣恆春鎮○○○"),
        ("光復路132號", "○○○"),
        ("", ""),
    ],
)
def test_an_address_keeps_city_and_district(address: str, masked: str) -> None:
    assert mask_address(address) == masked


def test_numbers_and_mail_keep_their_ends() -> None:
    assert mask_id("A123456789") == "A12****789"
    assert mask_id("A12345") == "******"
    assert mask_phone("0912-345-678") == "*******678"
    assert mask_phone("12345") == "*****"
    assert mask_email("lin@example.tw") == "l***@example.tw"
    assert mask_email("nobody") == "***"


def test_case_data_are_masked_by_where_they_lie() -> None:
    data = {
        "child": {"name": "王小明", "birth_date": dt.date(2026, 3, 1), "sex": "male"},
        "mother": {"id_number": "A123456789", "phones": ["0912345678"]},
        "weight": Decimal(3100),
        "twin": False,
        "remark": "家庭狀況說明",
    }

    masked = mask("data", data)

    assert masked == {
        "child": {"name": "王○明", "birth_date": "2026-**-**", "sex": "male"},
        "mother": {"id_number": "A12****789", "phones": ["○○○"]},
        "weight": Decimal(3100),
        "twin": False,
        "remark": "○○○",
    }


@pytest.mark.parametrize(
    ("day", "zh", "en"),
    [
        (dt.date(2026, 3, 1), "115/**/**", "2026-**-**"),
        (dt.date(1912, 1, 1), "1/**/**", "1912-**-**"),
        (dt.date(1905, 7, 9), "民國前 7/**/**", "1905-**-**"),
    ],
)
def test_a_hidden_day_keeps_its_year_as_people_read_dates(day: dt.date, zh: str, en: str) -> None:
    hidden = mask("data.birth_date", day)

    assert (hidden.text("zh-TW"), hidden.text("en"), hidden) == (zh, en, en)


def test_what_is_not_known_is_hidden_whole() -> None:
    assert mask("data.anything", "自由文字") == "○○○"
    assert mask("data.anything", object()) == "○○○"
    assert mask("data.phone", 912345678) == "○○○"


def test_what_courts_have_on_a_person_is_hidden_even_where_it_is_a_tick() -> None:
    data = {
        "record": {"wanted": False, "sentenced": True, "served_on": dt.date(2023, 3, 1)},
        "findings": {"loss": ["accused"], "note": "", "count": 2, "revoke_loss": None},
    }

    assert mask("data", data) == {
        "record": {"wanted": "○○○", "sentenced": "○○○", "served_on": "○○○"},
        "findings": {"loss": "○○○", "note": "○○○", "count": "○○○", "revoke_loss": None},
    }


@pytest.mark.parametrize("package_id", ["P11", "P16"])
def test_no_form_asks_for_a_criminal_record_outside_what_is_hidden(package_id: str) -> None:
    package = LIBRARY.package(package_id)
    forms = [parse(orjson.loads(part.content)) for part in package.forms.values()]
    asked = {
        field.key: field.options[0].value if field.options else True
        for form in forms
        for field in form.inputs()
        if field.key and field.key.startswith(("data.record.", "data.findings."))
    }
    data: dict[str, dict[str, object]] = {}
    for path, value in asked.items():
        _, group, key = path.split(".")
        data.setdefault(group, {})[key] = value

    shown = items(data, forms)

    assert [each.path for each in shown] == list(asked)
    assert {(each.masked, each.word) for each in shown} == {("○○○", None)}
