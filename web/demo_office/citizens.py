"""Fictional citizens: names, numbers and addresses for demo cases, made by chance and marked so.

A scenario's own people are replaced, each by the same new one everywhere in that case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from engine.case_service import Wish

SURNAMES = "陳林黃張李王吳劉蔡楊許鄭謝洪郭邱曾廖賴徐周葉蘇莊呂江何蕭羅高"
GIVEN = [
    "雅婷",
    "家豪",
    "怡君",
    "志明",
    "淑芬",
    "俊傑",
    "美玲",
    "建宏",
    "心怡",
    "宗翰",
    "佩珊",
    "冠宇",
    "詩涵",
    "柏翰",
    "欣怡",
    "承恩",
    "品妍",
    "宥廷",
    "思妤",
    "子晴",
    "語彤",
    "睿恩",
    "芷瑄",
    "彥廷",
    "可欣",
    "昱翔",
    "筱涵",
    "哲瑋",
    "郁婷",
    "書豪",
]
STREETS = [
    "和平路",
    "中山路",
    "民生街",
    "文化路",
    "光復街",
    "建國路",
    "自由街",
    "成功路",
    "忠孝街",
    "仁愛路",
]
LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"  # the order in which the number's letter is weighted
_ID = re.compile(r"[A-Z][12]\d{8}")
_ADDRESS = re.compile(r".*[路街巷].*號.*")


class Cast:
    """Replaces the people of one scenario, consistently."""

    def __init__(self, random: Random, days: int) -> None:
        self._random = random
        self.days = timedelta(days=days)
        self._known: dict[str, str] = {}

    def dress(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values with other people, and dates moved by the cast's days."""
        return {name: self._value(name, value) for name, value in values.items()}

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self.dress(value)
        if isinstance(value, (list, tuple)):
            return [self._value(name, item) for item in value]
        if isinstance(value, date):
            return value + self.days
        if isinstance(value, str):
            return self._text(name, value)
        return value

    def _text(self, name: str, text: str) -> str:
        if text not in self._known:
            self._known[text] = self._new(name, text)
        return self._known[text]

    def _new(self, name: str, text: str) -> str:
        if _ID.fullmatch(text):
            return id_number(self._random, text[1])
        if name in ("name", "head_name", "owner_name", "representative_name") and len(text) <= 5:
            return self._random.choice(SURNAMES) + self._random.choice(GIVEN)
        if _ADDRESS.fullmatch(text):
            street = self._random.choice(STREETS)
            return f"示範市南區{street}{self._random.randint(1, 320)}號"
        try:
            return (date.fromisoformat(text) + self.days).isoformat()
        except ValueError:
            return text


def id_number(random: Random, sex: str) -> str:
    """A number with a right checksum that nobody was given on purpose."""
    letter = random.choice(LETTERS)
    digits = sex + "".join(str(random.randint(0, 9)) for _ in range(7))
    first, second = divmod(LETTERS.index(letter) + 10, 10)
    total = first + second * 9
    total += sum(int(digit) * weight for digit, weight in zip(digits, range(8, 0, -1), strict=True))
    return f"{letter}{digits}{-total % 10}"


_COMERS: Mapping[str, Wish] = {
    "P15": Wish(language="en"),
    "P16": Wish(language="en"),
    "P42": Wish(needs=("disabled",)),
}


def wish_of(package_id: str) -> Wish:
    """How who comes for a matter is served: some are the same in every demo office."""
    return _COMERS.get(package_id, Wish())
