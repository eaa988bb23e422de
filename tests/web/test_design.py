"""The page of the design system shows every component as it is; its colours can be told apart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.web.house import ANALYST, COUNTER, House
from web import contrasts
from web.assets import STATIC
from web.design import COMPONENTS, FOLDER

PARTS = Path(FOLDER).parent / "parts.html"
OF_THE_FRAME = {
    "hidden",
    "once",
    "flashes",
    "language_switch",
    "desk_list",
    "field_frame",
    "tied",
    "group_names",
}


def test_every_pair_of_colours_can_be_read_in_light_and_dark() -> None:
    assert [pair for pair in contrasts.contrasts() if not pair.is_enough] == []


def test_every_colour_of_the_style_sheet_has_two_sides_and_is_judged() -> None:
    sheet = (STATIC / "frame.css").read_text(encoding="utf-8")
    tokens = sheet[sheet.index("@layer tokens {") : sheet.index("@layer base {")]
    judged = {name for pair in contrasts.contrasts() for name in (pair.ink, pair.ground)}
    without_writing = {"line"}

    assert re.findall(r"--[\w-]+: #[0-9a-f]+;", tokens) == []
    assert set(contrasts.colours()) - judged == without_writing


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ffffff", "#ffffff", 1.0)],
)
def test_contrast_is_computed_as_wcag_says(one: str, other: str, ratio: float) -> None:
    assert contrasts.ratio(one, other) == pytest.approx(ratio, abs=0.01)


def test_each_component_is_shown_twice_with_its_code(house: House) -> None:
    page = house.sign_in(COUNTER).open("/design").page

    for name in COMPONENTS:
        sides = page.xpath(f"//section[@id='part-{name}']//div[starts-with(@class, 'side ')]")
        assert [side.get("class") for side in sides] == ["side in-light", "side in-dark"], name
        assert all(side.text_content().strip() for side in sides), name
        code = page.xpath(f"//section[@id='part-{name}']//pre")[0].text_content()
        assert code == (FOLDER / f"{name}.html").read_text(encoding="utf-8")
    ids = page.xpath("//@id")
    assert sorted(ids) == sorted(set(ids))


def test_the_page_speaks_both_languages(house: House) -> None:
    analyst = house.sign_in(ANALYST).open("/design")
    assert "狀態" in analyst.main

    english = analyst.press("English")

    assert "Word, mark and colour together" in english.main


def test_no_component_is_left_out() -> None:
    macros = set(re.findall(r"{% macro (\w+)\(", PARTS.read_text(encoding="utf-8")))
    shown = "".join(file.read_text(encoding="utf-8") for file in FOLDER.glob("*.html"))

    missing = {name for name in macros - OF_THE_FRAME if f"{name}(" not in shown}

    assert {file.stem for file in FOLDER.glob("*.html")} == set(COMPONENTS)
    assert missing == set()
