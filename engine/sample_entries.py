"""A start form filled in for nobody: what people see how to fill it in by, and tests fill in.

Every value says that it is a sample. What a choice of the form asks for besides is filled in too,
so that the whole passes the form's own check. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import count
from typing import Any

from engine.forms import Field, FieldKind, FieldType, Form, Rules, visible_fields
from engine.identity_numbers import check_sum

NAMES = {
    "zh-TW": tuple(f"{surname}範例" for surname in "王李張陳林黃吳周"),
    "en": ("Ann Sample", "Ben Sample", "Cy Sample", "Dee Sample", "Eve Sample", "Fay Sample"),
}
ADDRESSES = {"zh-TW": "示範市東區示範路 5 號", "en": "No. 5, Sample Rd., East Dist., Sample City"}
TEXTS = {
    "zh-TW": ("範例", "SAMPLE", "12345678", "0123456789ABCDEF", "09:30"),
    "en": ("Sample", "SAMPLE", "12345678", "0123456789ABCDEF", "09:30"),
}
PHONE, EMAIL = "0912-345-678", "sample@example.com"
_ROUNDS = 8  # in which what was filled in may ask for more
_SOME_DAYS = timedelta(days=10)
_GROWN_UP = 40  # years
_NUMBER_STEMS = ("A12345678", "A22345678", "B10000000", "B20000000", "C10000000", "C20000000")


def sample(form: Form, today: date, lang: str) -> dict[str, Any]:
    """Values by key that the form takes, in that language; only of fields they let be seen."""
    made: dict[str, Any] = {}
    maker = _Maker(today, lang)
    for _ in range(_ROUNDS):
        asked = [field for field in _all(form, made) if field.key and not field.readonly]
        new = [field for field in asked if field.key not in made]
        if not new:
            break
        for field in new:
            made[str(field.key)] = maker.value(field, made)
    shown = {field.key for field in _all(form, made)}
    return {key: value for key, value in made.items() if key in shown}


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same as conditions see it: personal data below `data`."""
    found: dict[str, Any] = {"data": {}}
    for key, value in values.items():
        *groups, last = key.split(".")
        at = found
        for group in groups:
            at = at.setdefault(group, {})
        at[last] = value
    return found


def _all(form: Form, made: Mapping[str, Any]) -> tuple[Field, ...]:
    shown = visible_fields(form, nested(made))
    return Form(form.id, form.title, shown).inputs()


class _Maker:
    """Makes one value after the other; each name and each number belongs to one person."""

    def __init__(self, today: date, lang: str) -> None:
        self._today, self._lang = today, lang
        self._names, self._numbers = count(), count()

    def value(self, field: Field, made: Mapping[str, Any]) -> Any:
        if field.same_as and field.same_as in made:
            return made[field.same_as]
        match field.type:
            case FieldType.DATETIME:
                return self._day(field)
            case FieldType.CHECKBOX:
                return field.default is True or field.rules.required
            case FieldType.NUMBER:
                return field.default or max(int(field.rules.minimum or 1), 1)
            case FieldType.RADIO | FieldType.SELECT:
                return field.default or (field.options[0].value if field.options else None)
            case FieldType.CHECKLIST:
                return field.default or [option.value for option in field.options[:1]]
            case _:
                return field.default or self._text(field)

    def _day(self, field: Field) -> date:
        key = str(field.key)
        if key.endswith("birth_date") and "child" not in key:
            return date(self._today.year - _GROWN_UP, 6, 15)
        ahead = key.endswith(("_due_on", "visit_on", "delivery_on", "until"))
        return self._today + (_SOME_DAYS if ahead else -_SOME_DAYS)

    def _text(self, field: Field) -> str:
        match field.kind:
            case FieldKind.PERSON_NAME:
                names = NAMES[self._lang]
                return names[next(self._names) % len(names)]
            case FieldKind.TAIWAN_ID:
                return _number(next(self._numbers))
            case FieldKind.PHONE:
                return PHONE
            case FieldKind.EMAIL:
                return EMAIL
            case FieldKind.ADDRESS:
                return ADDRESSES[self._lang]
            case _:
                return _fitting(field.rules, TEXTS[self._lang])


def _fitting(rules: Rules, texts: tuple[str, ...]) -> str:
    """The first text that the rules of the field take."""
    longest = rules.max_length or max(map(len, texts))
    for text in texts:
        fits = (rules.min_length or 0) <= len(text) <= longest
        if fits and (rules.pattern is None or re.search(rules.pattern, text)):
            return text
    return texts[0]


def _number(n: int) -> str:
    """The nth number for a sample: of the right shape, and in a row nobody would take for true."""
    stem = _NUMBER_STEMS[n % len(_NUMBER_STEMS)]
    return next(number for digit in range(10) if check_sum(number := f"{stem}{digit}") % 10 == 0)
