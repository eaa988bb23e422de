"""One word for each kind of BPMN element: on pages, in the studio, in findings, in the guides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.architecture.checkout import ROOT

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (\S+) \| ([^|]+?) \| ([^|]+?) \|$", re.M)
TERMS = {bpmn: (zh, en) for bpmn, zh, en, _ in ROW.findall(GLOSSARY)}
OF_THE_CITY = "戶政便民服務作業系統"
"""The name of a system of the city: it is called what it is called."""
BANNED = sorted(
    word for *_, words in ROW.findall(GLOSSARY) for word in words.split() if word != "–"
)
"""What the glossary says is not used."""
EDITOR = (ROOT / "web" / "ui" / "src" / "studio_words.js").read_text(encoding="utf-8")


def places() -> Iterator[Path]:
    """Where users, analysts and readers of the guides meet these words."""
    yield from sorted((ROOT / "web" / "texts").rglob("*.yaml"))
    yield from sorted((ROOT / "web" / "templates").rglob("*.html"))
    yield from sorted((ROOT / "web" / "ui" / "src").glob("*.js"))
    yield from sorted((ROOT / "docs" / "guide").glob("*.md"))
    for package in ("engine", "sla", "web", "agencies", "api"):
        yield from (each for each in sorted((ROOT / package).rglob("*.py")))
    yield from sorted((ROOT / "bpmn").rglob("*.yaml"))


def test_the_table_has_every_kind_that_pages_name() -> None:
    for lang, at in (("zh-TW", 0), ("en", 1)):
        words = ROOT / "web" / "texts" / lang / "studio.yaml"
        told = yaml.safe_load(words.read_text(encoding="utf-8"))["element"]

        assert told == {bpmn: term[at] for bpmn, term in TERMS.items()}, lang


@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_the_steps_of_a_case_are_called_the_same(lang: str) -> None:
    words = ROOT / "web" / "texts" / lang / "migrations.yaml"
    told = yaml.safe_load(words.read_text(encoding="utf-8"))["tokens"]["kinds"]
    at = 0 if lang == "zh-TW" else 1
    terms = {re.sub(r"[A-Z]", lambda big: f"_{big[0].lower()}", k): v[at] for k, v in TERMS.items()}

    assert {kind: terms.get(kind, word) for kind, word in told.items()} == told


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_editors_palette_is_called_the_same(lang: str) -> None:
    block = EDITOR.split("  en: {")[lang == "en"].split("shapes: {")[1].split("}")[0]
    shapes = dict(re.findall(r"(\w+): '([^']+)'", block))

    known = {kind: TERMS[kind][lang == "en"] for kind in shapes if kind in TERMS}
    assert len(known) > 8
    assert {kind: shapes[kind] for kind in known} == known


def test_the_editor_translates_bpmns_own_names_with_the_same_words() -> None:
    said = dict(re.findall(r"(?:'([A-Z][\w -]+)'|\bTask): '([^']+)'", EDITOR))
    by_english = {en: zh for zh, en in TERMS.values()}

    told = {english: chinese for english, chinese in said.items() if english in by_english}
    assert len(told) > 12
    assert {english: by_english[english] for english in told} == told


def test_no_page_and_no_finding_uses_another_word_for_them() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {word}"
        for file in places()
        for text in (file.read_text(encoding="utf-8").replace(OF_THE_CITY, ""),)
        for word in BANNED
        if word in text
    ]

    assert found == []


def test_an_element_of_a_diagram_is_not_called_an_element_of_xml() -> None:
    for name in ("lint_sentences.py", "migration_sentences.py"):
        assert "元素" not in (ROOT / "engine" / "bpmn" / name).read_text(encoding="utf-8")
