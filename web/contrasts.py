"""The colours of the style sheet and how far they stand apart, as WCAG 2.1 counts it (1.4.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from web.assets import STATIC

SIDES = ("light", "dark")
TEXT, SHAPE = 4.5, 3.0
"""The least ratio for text, and for what is not text (1.4.11): edges of fields, focus."""

_TOKEN = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
_GROUNDS = ("paper", "surface", "sunken")
_STATES = ("late", "soon", "ok", "wait", "hold")
_PAIRS = (
    *((ink, ground, TEXT) for ink in ("ink", "ink-2", "ink-3") for ground in _GROUNDS),
    *(("accent", ground, TEXT) for ground in (*_GROUNDS, "accent-soft")),
    *((state, f"{state}-soft", TEXT) for state in _STATES),
    *((state, ground, TEXT) for state in _STATES for ground in ("surface", "paper")),
    ("ink", "accent-soft", TEXT),
    ("ink-2", "accent-soft", TEXT),
    ("ink", "soon-soft", TEXT),
    ("ink", "wait-soft", TEXT),
    ("ink", "late-soft", TEXT),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-hover", TEXT),
    *(("line-strong", ground, SHAPE) for ground in _GROUNDS),
    *(("focus", ground, SHAPE) for ground in _GROUNDS),
)


@dataclass(frozen=True, slots=True)
class Contrast:
    """`ratios` by side; each must reach `least`."""

    ink: str
    ground: str
    least: float
    ratios: Mapping[str, float]

    @property
    def is_enough(self) -> bool:
        return all(ratio >= self.least for ratio in self.ratios.values())


@cache
def colours() -> Mapping[str, Mapping[str, str]]:
    """The colour tokens of frame.css: name → side → `#rrggbb`."""
    sheet = (STATIC / "frame.css").read_text(encoding="utf-8")
    return {name: {"light": light, "dark": dark} for name, light, dark in _TOKEN.findall(sheet)}


@cache
def contrasts() -> tuple[Contrast, ...]:
    """Every pair of colours that stands on a page as writing or edge on a ground."""
    known = colours()
    return tuple(
        Contrast(ink, ground, least, _ratios(known[ink], known[ground]))
        for ink, ground, least in _PAIRS
    )


def _ratios(ink: Mapping[str, str], ground: Mapping[str, str]) -> Mapping[str, float]:
    return {side: ratio(ink[side], ground[side]) for side in SIDES}


def ratio(one: str, other: str) -> float:
    """The contrast ratio of two colours `#rrggbb`, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
