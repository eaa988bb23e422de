"""Numbers that identify a person in Taiwan: the national ID number and both resident numbers.

A national ID number is a letter, 1 or 2, and eight digits; the last is a check digit. Residents'
numbers have 8 or 9 in the second place (since 2021) or a second letter A to D (before).
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

_LETTERS = {
    letter: value
    for value, letter in enumerate("ABCDEFGHJKLMNPQRSTUVXYWZIO", start=10)
}  # fmt: skip
_WEIGHTS = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
_SHAPE = re.compile(r"[A-Z][1289A-D][0-9]{8}")
_IGNORED = str.maketrans("", "", " -\u3000")


class IdentityKind(StrEnum):
    """Whose number it is, as far as the number itself says."""

    NATIONAL = "national"
    RESIDENT = "resident"
    RESIDENT_OLD = "resident_old"


def canonical(text: str) -> str:
    """Write a number the one way it is compared and searched: ASCII capitals, no spaces.

    Full-width letters and digits, which Chinese keyboards produce, are the same number.
    """
    return unicodedata.normalize("NFKC", text).translate(_IGNORED).upper()


def kind_of(text: str) -> IdentityKind | None:
    """Say what kind of number it is, or None where shape or check digit are wrong."""
    number = canonical(text)
    if not _SHAPE.fullmatch(number) or check_sum(number) % 10 != 0:
        return None
    if number[1] in "12":
        return IdentityKind.NATIONAL
    return IdentityKind.RESIDENT if number[1] in "89" else IdentityKind.RESIDENT_OLD


def is_identity_number(text: str) -> bool:
    """Say whether `text` is a national ID number or a resident number of either kind."""
    return kind_of(text) is not None


def check_sum(number: str) -> int:
    """Return the weighted sum of a canonical number of the right shape; a multiple of 10 is right.

    Letters count as two digits; the second letter of an old resident number as its unit only.
    """
    tens, units = divmod(_LETTERS[number[0]], 10)
    second = _LETTERS[number[1]] % 10 if number[1].isalpha() else int(number[1])
    digits = (tens, units, second, *(int(digit) for digit in number[2:]))
    return sum(weight * digit for weight, digit in zip(_WEIGHTS, digits, strict=True))
