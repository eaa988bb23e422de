"""How plain texts for the public are, by the limits in data; what exceeds them is mended or waived
with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import plainness, wordings
from engine.packages import load_library

LIBRARY = Path(__file__).resolve().parents[2] / "bpmn"


def told(text: str, language: str) -> list[str]:
    return [found.en for found in plainness.findings(text, language)]


def test_every_notice_and_every_public_page_is_plain_or_waived() -> None:
    notices = [
        (kind, language, found.en)
        for kind, wording in wordings.shipped().items()
        for language, found in plainness.of_notice(kind, wording.text)
    ]
    pages = [
        (package.id, language, found.en)
        for package in load_library(LIBRARY).packages.values()
        if package.manifest.public
        for language, found in plainness.of_public(package.id, package.manifest.public)
    ]

    assert (notices, pages) == ([], [])


def test_what_is_waived_is_there_hard_and_has_a_reason() -> None:
    waived = plainness.rules()["waived"]

    for name, reason in waived.items():
        _, kind, language = name.split(".")
        assert reason.strip()
        assert told(wordings.of_kind(kind).text.body[language], language), name


def test_a_long_sentence_is_named_by_its_beginning() -> None:
    begin = "本所" * 12

    assert told(f"請帶身分證。{begin}{'本所' * 28}。", "zh-TW") == [
        f"the sentence “{begin}…” is 80 long, above 72; part it"
    ]


def test_hard_words_are_named_with_plainer_ones() -> None:
    assert told("業經核定，惠請查照。", "zh-TW") == [
        "too many hard words; rather: 惠請 (請), 業經 (已經)"
    ]
    assert told("You will be told prior to the visit.", "en") == [
        "too many hard words; rather: prior to (before)"
    ]


def test_fields_and_marks_of_a_wording_are_no_words() -> None:
    plain = plainness.measure("# 已收文件\n? 處理期限至 {due_on}。", "zh-TW")

    assert (plain.size, plain.length) == (9, 5)


@pytest.mark.parametrize(
    ("text", "ease"),
    [
        ("We will tell you the day. Bring your card. " * 12, 117.7),
        ("Administrative determinations necessitate comprehensive documentation. " * 20, -187.4),
    ],
)
def test_english_is_measured_by_flesch(text: str, ease: float) -> None:
    found = plainness.measure(text, "en").ease

    assert found == pytest.approx(ease, abs=0.1)
    assert bool(told(text, "en")) == (ease < 40)


def test_a_short_text_is_not_measured_by_its_few_words() -> None:
    assert plainness.measure("Administrative determination.", "en").ease is None
