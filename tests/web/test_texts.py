"""Both languages say everything the pages use, and nothing that no page uses."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from web.texts import LANGUAGES, best_language, catalogue, text

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "web" / "templates").rglob("*.html"))
MODULES = sorted((ROOT / "web").glob("*.py"))
CALL = re.compile(
    r"""(?<![.\w])(?:t|word|say|worded|has_text|text)\(\s*(?:lang\(\),\s*)?f?["']([A-Za-z_.0-9-]+)"""
)
QUOTED = re.compile(r"""["']([a-z_]+(?:\.[a-z_]+)+)["']""")
REFUSAL = re.compile(
    r"\b(?:NotFound|Forbidden|Conflict|Rejected|Unavailable|Refusal)\(\s*"
    r'"([a-z_]+\.[a-z_]+)"'
)


def used() -> tuple[set[str], set[str]]:
    """Keys named whole, and beginnings to which the page adds a word of the data."""
    whole: set[str] = set()
    begun: set[str] = set()
    for file in (*TEMPLATES, *MODULES):
        content = file.read_text(encoding="utf-8")
        for key in CALL.findall(content):
            (begun if key.endswith((".", "_")) else whole).add(key)
        if file.suffix == ".py":
            whole.update(key for key in QUOTED.findall(content) if key in catalogue("zh-TW"))
    return whole, begun


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_key_that_is_used_exists(lang: str) -> None:
    whole, begun = used()
    known = catalogue(lang)

    assert sorted(key for key in whole if key not in known) == []
    assert sorted(b for b in begun if not any(key.startswith(b) for key in known)) == []


def test_no_key_is_unused() -> None:
    whole, begun = used()

    idle = [
        key
        for key in catalogue("zh-TW")
        if key not in whole and not any(key.startswith(beginning) for beginning in begun)
    ]

    assert idle == []


def test_both_languages_have_the_same_keys_and_facts() -> None:
    chinese, english = catalogue("zh-TW"), catalogue("en")
    plain = {key for key in english if not key.endswith("_one")}

    assert plain == set(chinese)
    assert {key for key in chinese if facts(chinese[key]) != facts(english[key])} == set()


def facts(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_no_text_is_empty_and_english_has_no_chinese() -> None:
    english = {key: told for key, told in catalogue("en").items() if key != "language.zh-TW"}

    assert [key for key, told in english.items() if re.search(r"[\u4e00-\u9fff]", told)] == []
    assert [key for lang in LANGUAGES for key, told in catalogue(lang).items() if not told] == []


def test_refusals_that_people_meet_are_told_in_their_language() -> None:
    files = [ROOT / "engine" / name for name in ("permissions.py", "cases.py", "user_tasks.py")]
    files += [
        ROOT / "engine" / name for name in ("incidents.py", "idempotency.py", "deployments.py")
    ]
    files += [ROOT / "sla" / name for name in ("clocks.py", "calendars.py", "overdue.py")]
    codes = {code for file in files for code in REFUSAL.findall(file.read_text(encoding="utf-8"))}
    ours = {"actor.system", "definition.no_such_file", "calendar.part"}

    untold = {code for code in codes - ours if f"error.{code}" not in catalogue("zh-TW")}

    assert len(codes) > 30
    assert untold == set()


def test_one_of_something_is_said_in_the_singular() -> None:
    assert text("en", "due.late_days", n=1) == "1 day overdue"
    assert text("en", "due.late_days", n=2) == "2 days overdue"
    assert text("zh-TW", "due.late_days", n=1) == "逾期 1 日"


def test_a_missing_fact_is_a_dash_and_an_unknown_key_is_shown() -> None:
    assert text("en", "due.today") == "Today —"
    assert text("en", "no.such.key") == "no.such.key"


@pytest.mark.parametrize(
    ("cookie", "accepted", "lang"),
    [
        ("en", "zh-TW", "en"),
        ("zh-TW", "en", "zh-TW"),
        (None, "en-GB,en;q=0.9", "en"),
        (None, "fr", "zh-TW"),
        ("xx", None, "zh-TW"),
    ],
)
def test_the_language_is_the_chosen_one_else_the_browsers(
    cookie: str | None, accepted: str | None, lang: str
) -> None:
    assert best_language(cookie, accepted) == lang
