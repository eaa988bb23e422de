"""Both languages say everything the pages use, and nothing that no page uses."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
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
REFUSALS = {"NotFound", "Forbidden", "Conflict", "Rejected", "Unavailable", "Refusal"}
BEHIND_OTHER_DOORS = {
    "agencies/confirmations.py": "agencies answer over the API",
    "agencies/signatures.py": "agencies answer over the API",
    "agencies/smtp.py": "what the mail server must be is said at the start",
    "engine/backups.py": "backups are made and restored on the command line",
    "engine/installation.py": "said at the start",
    "web/seed_year.py": "a year is made on the command line",
}
"""Modules whose refusals no page can meet, and who meets them instead."""
NOBODYS = {
    "actor.system": "no page acts as the system",
    "sign_in.refused": "it brings both its wordings",
}


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


def test_every_refusal_that_can_reach_a_page_is_told_in_both_languages() -> None:
    untold = {
        code: place
        for place, code in refusals()
        for lang in LANGUAGES
        if f"error.{code}" not in catalogue(lang)
    }

    assert len({code for _, code in refusals()}) > 150
    assert untold == {}


def refusals() -> Iterator[tuple[str, str]]:
    """(place, code) of every refusal with a code of its own, but those that bring their words."""
    for package in ("engine", "sla", "agencies", "web"):
        for file in sorted((ROOT / package).rglob("*.py")):
            name = f"{package}/{file.name}"
            if name in BEHIND_OTHER_DOORS:
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and (code := _code_of(node)) and code not in NOBODYS:
                    yield f"{name}:{node.lineno}", code


def _code_of(call: ast.Call) -> str | None:
    if not isinstance(call.func, ast.Name) or any(each.arg == "zh" for each in call.keywords):
        return None
    # `_is_supervisor(actor, code, what)` makes the refusal for several verbs.
    at = 0 if call.func.id in REFUSALS else 1 if call.func.id == "_is_supervisor" else None
    if at is None or len(call.args) <= at:
        return None
    given = call.args[at]
    code = given.value if isinstance(given, ast.Constant) else None
    return code if isinstance(code, str) and re.fullmatch(r"[a-z_]+\.[a-z_]+", code) else None


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
