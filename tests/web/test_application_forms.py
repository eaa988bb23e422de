"""Forms to take home and samples of them: one for whatever people apply for, true to its form."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

import orjson
import pytest
from lxml import etree

from engine import form_values, forms, sample_entries
from engine.applicant_forms import for_applicant, office_answers
from engine.packages import load_library
from engine.procedures import KINDS
from tests.web.house import LIBRARY, House
from tests.web.test_pdf import letters, needs_pango, unpacked
from web import application_forms, procedures

DAY = date(2026, 3, 2)
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def nobody_has_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(procedures, "_tries", procedures.Tries(procedures.TRIES))
    tries = application_forms.Tries(application_forms.TRIES)
    monkeypatch.setattr(application_forms, "_tries", tries)


def fetched(house: House, address: str) -> bytes:
    visitor = house.visitor()
    visitor.open(address)
    assert visitor.status == 200, address
    return visitor.response.data


def words_of(odt: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(odt)) as book:
        content = etree.fromstring(book.read("content.xml"))
    return " ".join("".join(content.itertext()).split())


@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_the_sample_of_every_matter_passes_the_form_it_is_a_sample_of(lang: str) -> None:
    library = load_library(LIBRARY)
    applied_for = [
        each
        for each in library.packages.values()
        if each.manifest.starts and each.manifest.kind in KINDS
    ]

    for package in applied_for:
        form = forms.parse(orjson.loads(package.forms[package.manifest.start_form or ""].content))
        entered = sample_entries.sample(for_applicant(form), DAY, lang)
        checked = form_values.check(form, {**office_answers(form), **entered}, {}, {"data": {}})

        asked = {field.key for field in for_applicant(form).inputs()}
        assert not [each for each in checked.errors if each.path in asked], package.manifest.id


def test_a_blank_form_asks_what_the_counter_asks_and_nothing_the_office_answers(
    house: House,
) -> None:
    page = house.visitor().open("/procedures/P01")

    words = words_of(fetched(house, page.link("空白申請書 ODT")))

    assert "出生登記申請" in words
    assert "□ 父" in words
    assert "民國＿＿＿年＿＿月＿＿日" in words
    assert "□ 出生證明書" in words
    assert "郵戳" not in words
    assert "衛生機關出生通報" not in words
    assert "A123456789" not in words


def test_a_sample_says_that_it_is_one_in_the_language_of_the_page(house: House) -> None:
    page = house.visitor().open("/procedures/P08?lang=en")

    words = words_of(fetched(house, page.link("Sample as ODT")))

    assert "everything below is made up" in words
    assert "Ann Sample" in words
    assert "■" in words
    assert not HAN.search(words), words


@needs_pango
def test_the_pdf_is_tagged_and_has_the_same_words(house: House) -> None:
    page = house.visitor().open("/procedures/P01")

    content = fetched(house, page.link("填寫範例 PDF"))

    assert b"/Marked true" in unpacked(content)
    assert set("填寫範例出生登記申請■□A123456789") <= set(letters(content))


def test_who_fetches_too_many_is_told_to_wait_and_nobody_keeps_that(house: House) -> None:
    visitor = house.visitor()
    address = visitor.open("/procedures/P01").link("空白申請書 ODT")

    for _ in range(application_forms.TRIES + 1):
        visitor.open(address)

    assert visitor.status == 429
    assert visitor.response.headers["Cache-Control"] == "no-store"


def test_a_form_of_what_nobody_applies_for_is_not_found(house: House) -> None:
    assert house.visitor().open("/procedures/C01/form.pdf").status == 404
    assert house.visitor().open("/procedures/P01/other.pdf").status == 404
