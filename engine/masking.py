"""How personal data looks on a screen before anybody has said why they need to see it.

Masking fails closed: what is not known to be harmless is hidden whole. Masked text is for people
only; it is never stored as data, searched or compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.minguo import format_short

CIRCLE = "○"
HIDDEN = CIRCLE * 3
_SEPARATORS = frozenset(" ·‧・.-'’")
_DISTRICT = re.compile(
    r"\s*(\d{3,6}\s*)?(?P<city>.{2}[縣市])?"
    r"(?P<district>[^\d區]{1,3}區|[^\d縣市鄉鎮]{1,3}[鄉鎮市])?"
)
_CONFIDED = frozenset({"findings", "record"})
"""Groups of the case data of which even a yes, a number or the code of a choice is hidden: what
courts, police and other agencies have on a person."""
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


class MaskedDay(str):
    """A date of which only the year is shown. As text it is written as machines read dates."""

    __slots__ = ("_year",)
    _year: date

    def __new__(cls, day: date) -> MaskedDay:
        made = super().__new__(cls, f"{day.year:04}-**-**")
        made._year = date(day.year, 1, 1)
        return made

    def text(self, lang: str) -> str:
        """As people read dates: `115/**/**`, in English `2026-**-**`."""
        if not lang.startswith("zh"):
            return str(self)
        year, _, _ = format_short(self._year, lang).partition("/")
        return f"{year}/**/**"


def mask_name(text: str) -> str:
    """Keep the first and last character: 王小明 → 王○明, 李明 → 李○; Latin words keep an initial.

    Variation selectors and combining marks stay with the character they belong to.
    """
    letters = _characters(text.strip())
    if not letters:
        return ""
    if all(letter[0].isascii() or letter[0] in _SEPARATORS for letter in letters):
        return " ".join(word[0] + "***" for word in text.split())
    if len(letters) == 1:
        return CIRCLE
    kept = {0} if len(letters) == 2 else {0, len(letters) - 1}
    return "".join(
        letter if at in kept or letter in _SEPARATORS else CIRCLE
        for at, letter in enumerate(letters)
    )


def mask_id(text: str) -> str:
    """Keep three characters at both ends of an ID number: A123456789 → A12****789."""
    plain = text.strip()
    if len(plain) < 8:
        return "*" * len(plain)
    return plain[:3] + "*" * (len(plain) - 6) + plain[-3:]


def mask_address(text: str) -> str:
    """Keep city and district: 高雄市鳳山區光復路二段132號 → 高雄市鳳山區○○○."""
    plain = unicodedata.normalize("NFC", text).strip()
    if not plain:
        return ""
    match = _DISTRICT.match(plain)
    kept = (match["city"] or "") + (match["district"] or "") if match else ""
    return kept + HIDDEN


def mask_phone(text: str) -> str:
    """Keep the last three digits: 0912-345-678 → *******678."""
    digits = re.sub(r"\D", "", text)
    if len(digits) < 7:
        return "*" * len(digits)
    return "*" * (len(digits) - 3) + digits[-3:]


def mask_email(text: str) -> str:
    """Keep the initial and the domain: lin@example.tw → l***@example.tw."""
    name, at, domain = text.strip().rpartition("@")
    return f"{name[:1]}***@{domain}" if at and name else "***"


def mask(path: str, value: Any) -> Any:
    """Mask a value of the case data by where it lies, e.g. `data.child.name`.

    Lists and contexts are masked value by value. Yes and no, numbers and the codes of options
    (`hospital`) are shown; dates keep their year; all other text is hidden whole. Nothing of a
    group such as `data.record` is shown, not even whether a box is ticked.
    """
    is_confided = not _CONFIDED.isdisjoint(path.split("."))
    if is_confided and value is not None and not isinstance(value, Mapping):
        return HIDDEN
    return _masked(path, value)


def _masked(path: str, value: Any) -> Any:
    match value:
        case None | bool():
            return value
        case Mapping():
            return {key: mask(f"{path}.{key}", entry) for key, entry in value.items()}
        case list() | tuple():
            return [mask(path, entry) for entry in value]
        case date():
            return MaskedDay(value)
        case str():
            return _mask_text(path.rpartition(".")[2], value)
        case int() | float() | Decimal():
            return HIDDEN if _rule_for(path.rpartition(".")[2]) else value
        case _:
            return HIDDEN


def _mask_text(key: str, text: str) -> str:
    rule = _rule_for(key)
    if rule is not None:
        return rule(text)
    return text if not text or _CODE.fullmatch(text) else HIDDEN


def _rule_for(key: str) -> Callable[[str], str] | None:
    words = key.lower().split("_")
    for marks, rule in _RULES:
        if not marks.isdisjoint(words):
            return rule
    return None


_RULES: tuple[tuple[frozenset[str], Callable[[str], str]], ...] = (
    (frozenset({"id", "idno", "passport", "permit"}), mask_id),
    (frozenset({"address", "residence", "domicile"}), mask_address),
    (frozenset({"phone", "mobile", "telephone", "fax"}), mask_phone),
    (frozenset({"email", "mail"}), mask_email),
    (frozenset({"name", "surname", "alias"}), mask_name),
)


def _characters(text: str) -> list[str]:
    """Split into what a reader sees as characters."""
    letters: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        if letters and (unicodedata.combining(character) or _is_selector(character)):
            letters[-1] += character
        else:
            letters.append(character)
    return letters


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
