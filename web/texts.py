"""What the pages say: one catalogue per language, the same keys in both (a test sees to that).

A catalogue is a folder of YAML files, one per desk: `texts/en/counter.yaml` and so on. `{n}` and
other names in braces are facts; a key ending in `_one` is used where n is 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from engine.yaml_reading import load_yaml

FOLDER = Path(__file__).parent / "texts"
LANGUAGES = ("zh-TW", "en")
DEFAULT = "zh-TW"
HTML_LANG = {"zh-TW": "zh-Hant-TW", "en": "en"}


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """Every text of a language by its dotted key, such as `worklist.take_next`."""
    told: dict[str, str] = {}
    for file in sorted((FOLDER / lang).glob("*.yaml")):
        told.update(_leaves("", load_yaml(file.read_text(encoding="utf-8"))))
    return told


def text(lang: str, key: str, **facts: Any) -> str:
    """The text with its facts filled in. One of something takes the `…_one` form if there is one.

    An unknown key is shown as it is: a page with an odd word is better than no page.
    """
    known = catalogue(lang)
    template = known.get(f"{key}_one") if facts.get("n") == 1 else None
    template = template or known.get(key)
    return key if template is None else template.format_map(_Facts(facts))


def has_text(lang: str, key: str) -> bool:
    return key in catalogue(lang)


def best_language(wanted: str | None, accepted: str | None) -> str:
    """The language asked for by the cookie, else by the browser, else Chinese."""
    if wanted in LANGUAGES:
        return str(wanted)
    first = (accepted or "").split(",")[0].strip().lower()
    return "en" if first.startswith("en") else DEFAULT


class _Facts(dict[str, Any]):
    """A missing fact is a dash, never an error on somebody's screen."""

    def __missing__(self, name: str) -> str:
        return "—"


def _leaves(prefix: str, tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _leaves(f"{key}.", value)
        else:
            yield key, str(value)
