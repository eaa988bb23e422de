"""The rules of law as lists for people: for the command line, the page of rules and the docs.

`listed` gives the periods, one entry per version; `table_listed` any table; `markdown` is the whole
of docs/legal-limits.md, which a test holds against the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sla.articles import law_source, render
from sla.law_tables import LawRow, LawTable, law_tables
from sla.rules import Rule, all_rules
from sla.settings import BASIS, Settings

CERTAINTY_WORDS: dict[str, tuple[str, str]] = {
    "page": ("已查證", "read on a page of law or of an office"),
    "reading": ("解讀", "our reading of a confirmed text"),
    "memory": ("記憶，未查證", "from memory, not verified"),
    "seed": ("戶所計畫", "an office's own plan"),
    "setting": ("機關設定", "an office decides"),
}
_PLACES: dict[str, tuple[str, str]] = {
    "national": ("全國", "national"),
    "office": ("機關", "an office"),
    "city": ("縣市", "a city"),
}


def listed(lang: str, entered: Sequence[Rule] = ()) -> list[dict[str, Any]]:
    """Every version of every rule, as the table lists them, and behind the versions of a rule those
    that offices `entered`; words in `lang`."""
    return [
        told(version, lang)
        for rule_id, versions in all_rules().items()
        for version in (*versions, *(each for each in entered if each.id == rule_id))
    ]


def table_listed(table: LawTable, lang: str) -> dict[str, Any]:
    """A table with its rows, words in `lang` where there are any."""
    return {
        "file": table.file,
        "decision": table.decision,
        "title": table.title,
        "rows": [_row(row, lang) for row in table.rows],
    }


def place_text(jurisdiction: str, lang: str) -> str:
    """Whose a rule is: 全國, 縣市：臺北市."""
    zh = lang.startswith("zh")
    kind, _, name = jurisdiction.partition(":")
    word = _PLACES[kind][0 if zh else 1]
    if not name:
        return word
    return f"{word}：{name}" if zh else f"{name}"


def certainty_text(certainty: str, lang: str) -> str:
    """How sure a rule is, in words."""
    return CERTAINTY_WORDS[certainty][0 if lang.startswith("zh") else 1]


def markdown() -> str:
    """docs/legal-limits.md: every rule, every other table, every setting."""
    return "\n".join(_pages()) + "\n"


# --- entries ------------------------------------------------------------------------------------


def told(version: Rule, lang: str) -> dict[str, Any]:
    """One version of a rule, words in `lang`. `entered`: by an office, beside the table."""
    return {
        "id": version.id,
        "title": version.title(lang),
        "length": version.length,
        "unit": version.unit.value,
        "kind": version.kind.value,
        "starts": version.starts.value,
        "roll": version.roll.value,
        "computed_by": version.computed_by.value,
        "article": render(version.article, lang),
        "law": law_source(version.article),
        "jurisdiction": version.jurisdiction,
        "place": place_text(version.jurisdiction, lang),
        "valid_from": _iso(version.valid_from),
        "valid_to": _iso(version.valid_to),
        "source": version.source,
        "certainty": version.certainty.value,
        "certainty_text": certainty_text(version.certainty.value, lang),
        "entered": bool(version.edit),
    }


def _row(row: LawRow, lang: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "when": _cells(row.when),
        "then": _cells(row.then),
        "article": render(row.article, lang),
        "jurisdiction": row.jurisdiction,
        "place": place_text(row.jurisdiction, lang),
        "valid_from": _iso(row.valid_from),
        "valid_to": _iso(row.valid_to),
        "source": row.source,
        "certainty": row.certainty.value,
        "certainty_text": certainty_text(row.certainty.value, lang),
        "note": row.note,
    }


def _cells(pairs: tuple[tuple[str, str], ...]) -> str:
    return "; ".join(f"{label} {cell}" for label, cell in pairs)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


# --- the page of the docs -----------------------------------------------------------------------

_HEAD = """\
# Rules of legal time

Made by `huzheng sla rules --markdown` from `bpmn/decisions/*.dmn` and `sla/settings.py`; a test
holds it against them. Do not edit it here: edit the table.

*Whose*: 全國 holds everywhere; a named city or office only there, where it counts before the
nation's; 機關 or 縣市 without a name is the plan of some office, which holds where nothing nearer
is on file. *In force*: the days of the matter (event, payment, receipt) a row counts for; an open
side means that no other text is on file. *Sure*: """


def _pages() -> Iterator[str]:
    sure = "; ".join(f"{zh} = {en}" for zh, en in CERTAINTY_WORDS.values())
    yield _HEAD + sure + "."
    yield from _periods()
    for table in law_tables():
        if table.decision != "legalLimit":
            yield from _table(table)
    yield from _settings()


def _periods() -> Iterator[str]:
    yield from ("", f"## Periods ({len(listed('en'))} rows, legal-limits.dmn)", "")
    yield "| Rule | What | Length | On a rest day | Article | Whose | In force | Source | Sure |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for each in listed("en"):
        yield _line(
            f"`{each['id']}`",
            each["title"],
            f"{each['length'] or 'of the matter'} {each['unit']}",
            each["roll"],
            each["article"],
            place_text(each["jurisdiction"], "zh-TW"),
            _in_force(each["valid_from"], each["valid_to"]),
            each["source"],
            certainty_text(each["certainty"], "zh-TW"),
        )


def _table(table: LawTable) -> Iterator[str]:
    yield from ("", f"## {table.title} (`{table.decision}`, {table.file}.dmn)", "", table.question)
    yield from ("", "| When | Then | Article | Whose | In force | Source | Sure |")
    yield "|---|---|---|---|---|---|---|"
    for row in table_listed(table, "zh-TW")["rows"]:
        yield _line(
            row["when"],
            row["then"],
            row["article"],
            row["place"],
            _in_force(row["valid_from"], row["valid_to"]),
            row["source"],
            row["certainty_text"],
        )


def _settings() -> Iterator[str]:
    yield from ("", "## Settings of an office (`sla.*`)", "")
    yield from ("| Setting | Default | What the default follows |", "|---|---|---|")
    for name, (_, basis) in BASIS.items():
        yield _line(f"`sla.{name}`", f"`{str(getattr(Settings(), name)).lower()}`", basis)


def _in_force(first: str | None, last: str | None) -> str:
    return f"{first or '…'} – {last or '…'}" if first or last else "…"


def _line(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
