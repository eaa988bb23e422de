"""Every row of every table of law says whose it is, when it holds and where it was read."""

import json
import re
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from sla.articles import LAWS, render
from sla.decisions import FOLDER, model
from sla.golden import explained
from sla.law_pages import CERTAINTY_WORDS, listed, markdown, place_text
from sla.law_tables import LawRow, LawTable, law_tables
from sla.rules import Certainty, Rule, all_rules
from sla.settings import BASIS, Settings
from sla.spans import AT_ONCE

DOCS = Path(__file__).parents[3] / "docs" / "legal-limits.md"
PLACE = re.compile(r"national|city|office|city:\S+[縣市]|office:\S+")
ROWS = [(table, row) for table in law_tables() for row in table.rows]


@pytest.mark.parametrize(("table", "row"), ROWS, ids=[row.id for _, row in ROWS])
def test_a_row_says_whose_it_is_and_how_sure(table: LawTable, row: LawRow) -> None:
    assert PLACE.fullmatch(row.jurisdiction)
    assert row.source
    assert isinstance(row.certainty, Certainty)
    assert (row.valid_from or date.min) <= (row.valid_to or date.max)
    for reference in row.article.split("; "):
        is_code = reference.split(" ")[0] in LAWS
        assert not is_code or render(reference, "zh-TW") != reference, table.decision


def test_every_decision_of_the_folder_is_listed() -> None:
    known = {(table.file, table.decision) for table in law_tables()}

    assert {file for file, _ in known} == {path.stem for path in FOLDER.glob("*.dmn")}
    for file, decision in known:
        assert decision in {node.id for node in model(file).nodes.values()}


def test_the_page_of_the_docs_is_made_from_the_tables() -> None:
    assert DOCS.read_text(encoding="utf-8") == markdown(), "huzheng sla rules --markdown > docs/…"


def test_every_setting_says_what_its_default_follows() -> None:
    assert set(BASIS) == {field.name for field in fields(Settings)}
    assert all(zh and en for zh, en in BASIS.values())


def test_lists_are_in_both_languages() -> None:
    for zh, en in zip(listed("zh-TW"), listed("en"), strict=True):
        assert zh["id"] == en["id"]
        assert en["title"].isascii()
        assert zh["certainty_text"] != en["certainty_text"]
    assert set(CERTAINTY_WORDS) == set(Certainty)
    assert place_text("city:臺北市", "zh-TW") == "縣市：臺北市"


@pytest.mark.parametrize(
    "version",
    [version for versions in all_rules().values() for version in versions],
    ids=lambda version: f"{version.id}-{version.jurisdiction}",
)
def test_every_rule_gives_an_explained_answer(version: Rule) -> None:
    # A Sunday of a year every version in force today covers; old ones at their own day.
    on = date(2026, 3, 8) if version.in_force(date(2026, 3, 8)) else version.valid_from
    start = f"{on or version.valid_to}" + ("T10:00" if version.unit in AT_ONCE else "")
    kind, _, name = version.jurisdiction.partition(":")
    row = {
        "id": version.id,
        "rule": version.id,
        "start_date": start,
        "unit": "",
        "length": version.length or "9",
        "facts": json.dumps({kind: name} if name else {}),
    }

    found = explained(row)

    assert found.text()
    assert found.rule.row.jurisdiction == version.jurisdiction
    for lang in ("zh-TW", "en"):
        steps = found.to_dict(lang)["steps"]
        assert all(step["fact"] and "{" not in step["fact"] for step in steps)
