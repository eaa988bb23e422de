"""What was entered into a form: converted to FEEL values and checked, by the form's own rules.

Nothing is trusted that came from a browser. Hidden fields are dropped, fields that only show are
ignored, and what the form does not have is an error, not a variable.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.field_errors import FieldError
from engine.form_options import MISSING, Values, found_at, options_of
from engine.forms import DATA, Field, FieldKind, FieldType, Form
from engine.identity_numbers import canonical, is_identity_number
from engine.masking import CIRCLE
from engine.minguo import DateError, parse_date
from feel import BudgetExceeded
from feel import patterns as feel_patterns
from feel.limits import Meter

MAX_LENGTHS = {FieldType.TEXTFIELD: 500, FieldType.TEXTAREA: 4_000}
MAX_NAME = 120
MAX_DIGITS = 34
_ROUNDS = 8  # in which hidden fields may show or hide others


@dataclass(frozen=True, slots=True)
class Checked:
    """FEEL values, only of fields that were shown. `data` is a patch of the case data, nested.

    Where there are errors, nothing of it may be used.
    """

    values: dict[str, Any]
    data: dict[str, Any]
    errors: tuple[FieldError, ...] = ()


def check(form: Form, values: Values, data: Values, context: Values) -> Checked:
    """Check what was entered.

    `values` are by key (`missing`; `data.child.name` as a form posts it is fine too), `data` is
    personal data, nested. `context` has the task's variables and `data`, the case data as it is:
    conditions and options read it, and personal data in it that is not sent stays as it is.

    A shown field that was not sent becomes null (false, empty list), unless it has a value already.
    Of a task `context` has `outcome` too, the button that was pressed: some fields are needed for
    one decision and not for another.
    """
    entered = {**values, **_flat(data, form)}
    unknown = _unknown(entered, form)
    answers = {field.key: _Answer.of(field, entered, context) for field in form.inputs()}
    shown = _shown(form, answers, context)
    found: dict[str, Any] = {}
    errors = [FieldError(key, "unknown_field") for key in unknown]
    for field in shown:
        answer = answers[field.key]
        errors += answer.errors
        if answer.is_written:
            found[str(field.key)] = answer.value
    errors += _needed_now(form, shown, answers, context)
    own = {key: value for key, value in found.items() if not key.startswith(DATA)}
    return Checked(own, _nested(found), tuple(errors))


def _needed_now(
    form: Form, shown: list[Field], answers: Mapping[str | None, _Answer], context: Values
) -> Iterator[FieldError]:
    """What is empty and needed as things are (`required_when`)."""
    if all(field.required_when is None for field in shown):
        return
    seen = _context(form, shown, answers, context)
    for field in shown:
        answer = answers[field.key]
        is_needed = field.required_when is not None and field.required_when(seen) is True
        if is_needed and _is_empty(answer.value) and not answer.errors:
            yield FieldError(str(field.key), _missing_code(field))


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value == []


def _missing_code(field: Field) -> str:
    return "tick" if field.type is FieldType.CHECKBOX else "required"


def merge(data: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """The case data with a patch on top: contexts are merged, everything else is replaced."""
    merged = dict(data)
    for key, value in patch.items():
        present = merged.get(key)
        if isinstance(value, Mapping) and isinstance(present, Mapping):
            merged[key] = merge(present, value)
        else:
            merged[key] = value
    return merged


# --- what was entered ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Answer:
    value: Any
    errors: tuple[FieldError, ...] = ()
    is_written: bool = True

    @staticmethod
    def of(field: Field, entered: Values, context: Values) -> _Answer:
        present = found_at(context, str(field.key))
        has_value = present is not MISSING and present is not None
        if field.readonly:
            return _Answer(present if has_value else None, is_written=False)
        if field.key not in entered:
            if has_value and (field.is_personal or not field.rules.required):
                return _Answer(present, is_written=False)
            return _judged(field, None, context)
        return _judged(field, entered[str(field.key)], context)


def _judged(field: Field, raw: Any, context: Values) -> _Answer:
    problems = _Problems(str(field.key))
    value = _CONVERSIONS[field.type](raw, field, problems, context)
    if _is_empty(value) and field.rules.required and not problems.found:
        problems.add(_missing_code(field))
    return _Answer(value, tuple(problems.found))


class _Problems:
    def __init__(self, path: str) -> None:
        self._path = path
        self.found: list[FieldError] = []

    def add(self, code: str, **facts: Any) -> None:
        self.found.append(FieldError(self._path, code, facts))


def _flat(data: Values, form: Form) -> dict[str, Any]:
    """Nested personal data by key. What no field has is kept by the path at which it parts."""
    keys = {field.key for field in form.inputs() if field.is_personal}

    def walk(inner: Any, path: str) -> Iterator[tuple[str, Any]]:
        is_inside = any(key.startswith(path + ".") for key in keys if key)
        if path not in keys and isinstance(inner, Mapping) and (is_inside or path == "data"):
            for name, value in inner.items():
                yield from walk(value, f"{path}.{name}")
        else:
            yield path, inner

    return dict(walk(data, "data"))


def _unknown(entered: Values, form: Form) -> list[str]:
    keys = {field.key for field in form.inputs()}
    return [str(key)[:80] for key in entered if key not in keys]


def _nested(found: Values) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for key, value in found.items():
        if key.startswith(DATA):
            *path, last = key.removeprefix(DATA).split(".")
            place = nested
            for name in path:
                place = place.setdefault(name, {})
            place[last] = value
    return nested


# --- what is shown ------------------------------------------------------------------------------


def _shown(form: Form, answers: Mapping[str | None, _Answer], context: Values) -> list[Field]:
    """The inputs that are not hidden, where conditions see only what is shown itself."""
    shown = list(form.inputs())
    if all(field.hide is None for field in form.everything()):
        return shown
    for _ in range(_ROUNDS):
        entered = _context(form, shown, answers, context)
        now_shown = list(_not_hidden(form.fields, entered))
        if now_shown == shown:
            break
        shown = now_shown
    return shown


def _context(
    form: Form, shown: list[Field], answers: Mapping[str | None, _Answer], context: Values
) -> dict[str, Any]:
    seen = {field.key for field in shown}
    values = {
        str(field.key): answers[field.key].value if field.key in seen else None
        for field in form.inputs()
    }
    own = {key: value for key, value in values.items() if not key.startswith(DATA)}
    data = context.get("data")
    merged = merge(data if isinstance(data, Mapping) else {}, _nested(values))
    return {**context, **own, "data": merged}


def _not_hidden(fields: tuple[Field, ...], context: Values) -> Iterator[Field]:
    for field in fields:
        if not field.is_hidden(context):
            if field.key is not None:
                yield field
            yield from _not_hidden(field.fields, context)


# --- kinds of fields ----------------------------------------------------------------------------


def _text(raw: Any, field: Field, problems: _Problems, _context: Values) -> str | None:
    if raw is None:
        return None
    if not isinstance(raw, str):
        problems.add("text")
        return None
    try:
        raw.encode()
    except UnicodeEncodeError:  # half a character: no database and no letter could hold it
        problems.add("broken_text")
        return None
    longest = field.rules.max_length or MAX_LENGTHS[field.type]
    if len(raw) > 2 * longest + 100:
        problems.add("too_long", max=longest)
        return None
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n")).strip()
    if not text:
        return None
    if _has_control(text, allowed="\n\t" if field.type is FieldType.TEXTAREA else ""):
        problems.add("control_character")
        return None
    if field.kind is not None:
        text = _KINDS[field.kind](text, problems)
    _check_text(text, longest, field, problems)
    return text


def _check_text(text: str, longest: int, field: Field, problems: _Problems) -> None:
    rules = field.rules
    if rules.min_length is not None and len(text) < rules.min_length:
        problems.add("too_short", min=rules.min_length)
    if len(text) > longest:
        problems.add("too_long", max=longest)
    elif rules.pattern is not None and not problems.found and not _matches(rules.pattern, text):
        problems.add("pattern")


def _matches(pattern: str, text: str) -> bool:
    # Not Python's `re`: a pattern of an analyst must not be able to hang on a text of a citizen.
    try:
        return feel_patterns.compiled(pattern, "").search(text, 0, Meter()) is not None
    except BudgetExceeded:
        return False


def _has_control(text: str, allowed: str) -> bool:
    """Control characters, and format characters that turn or hide the text around them."""
    return not text.isprintable() and any(  # none of them can be printed
        unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") and character not in allowed
        for character in text
    )


def _number(raw: Any, field: Field, problems: _Problems, _context: Values) -> Decimal | None:
    if raw is None or raw == "":
        return None
    number = _decimal(raw)
    if number is None:
        problems.add("number")
        return None
    rules = field.rules
    if rules.minimum is not None and number < rules.minimum:
        problems.add("too_small", min=rules.minimum)
    if rules.maximum is not None and number > rules.maximum:
        problems.add("too_large", max=rules.maximum)
    return number


def _decimal(raw: Any) -> Decimal | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal | str):
        return None
    if isinstance(raw, int):
        if raw.bit_length() > 4 * MAX_DIGITS:
            return None
        if raw.bit_length() < 3 * MAX_DIGITS:  # surely short enough
            return Decimal(raw)
    text = unicodedata.normalize("NFKC", str(raw)[: 2 * MAX_DIGITS + 1]).strip()
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text, re.ASCII):
        text = text.replace(",", "")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    short = number.is_finite() and len(number.as_tuple().digits) <= MAX_DIGITS
    return number if short and -MAX_DIGITS <= number.adjusted() <= MAX_DIGITS else None


def _checkbox(raw: Any, _field: Field, problems: _Problems, _context: Values) -> bool:
    if raw in (None, "", False, "false", "off"):
        return False
    if raw in (True, "true", "on"):
        return True
    problems.add("yes_or_no")
    return False


def _choice(raw: Any, field: Field, problems: _Problems, context: Values) -> Any:
    if raw is None or raw == "":
        return None
    known = {_option_key(option.value): option.value for option in options_of(field, context)}
    if not _is_scalar(raw) or _option_key(raw) not in known:
        problems.add("option")
        return None
    return known[_option_key(raw)]


def _checklist(raw: Any, field: Field, problems: _Problems, context: Values) -> list[Any]:
    if raw is None or raw == "":
        return []
    ticked = list(raw) if isinstance(raw, list | tuple) else [raw]
    known = {_option_key(option.value): option.value for option in options_of(field, context)}
    keys = {_option_key(value) if _is_scalar(value) else None for value in ticked}
    if keys - set(known):
        problems.add("options")
        return []
    return [value for key, value in known.items() if key in keys]  # in the order of the form


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | Decimal | bool)


def _option_key(value: Any) -> str:
    """A browser sends text, whatever the option's value is."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _date(raw: Any, _field: Field, problems: _Problems, _context: Values) -> dt.date | None:
    if raw is None or raw == "":
        return None
    if isinstance(raw, dt.date) and not isinstance(raw, dt.datetime):
        return raw
    try:
        return parse_date(raw if isinstance(raw, str) and len(raw) <= 40 else "")
    except DateError as error:
        problems.add("no_such_date" if error.code == "date.impossible" else "date")
        return None


_CONVERSIONS: Mapping[FieldType, Callable[[Any, Field, _Problems, Values], Any]] = {
    FieldType.TEXTFIELD: _text,
    FieldType.TEXTAREA: _text,
    FieldType.NUMBER: _number,
    FieldType.CHECKBOX: _checkbox,
    FieldType.CHECKLIST: _checklist,
    FieldType.RADIO: _choice,
    FieldType.SELECT: _choice,
    FieldType.DATETIME: _date,
}


# --- kinds of text ------------------------------------------------------------------------------


def _taiwan_id(text: str, problems: _Problems) -> str:
    if not is_identity_number(text):
        problems.add("taiwan_id")
        return text
    return canonical(text)


def _person_name(text: str, problems: _Problems) -> str:
    """Any script, rare characters and the government's own (private use) included."""
    if len(text) > MAX_NAME:
        problems.add("too_long", max=MAX_NAME)
    elif not all(_is_of_name(character) for character in text):
        problems.add("person_name")
    return text


def _is_of_name(character: str) -> bool:
    category = unicodedata.category(character)
    is_letter = category[0] in "LM" or category in ("Nl", "Co")
    # Planes 2 and 3 hold Han characters only, newer ones than Python's tables know among them.
    is_han = 0x20000 <= ord(character) <= 0x3FFFD
    return is_letter or is_han or character in " ·‧・.-'’()（）"


def _phone(text: str, problems: _Problems) -> str:
    plain = unicodedata.normalize("NFKC", text)
    digits = sum(character.isdigit() for character in plain)
    if not re.fullmatch(r"\+?[0-9() #-]{7,24}", plain) or not 7 <= digits <= 20:
        problems.add("phone")
    return plain


def _email(text: str, problems: _Problems) -> str:
    if len(text) > 254 or not re.fullmatch(r"[^@\s<>,;]{1,64}@[^@\s<>,;.]+(\.[^@\s<>,;.]+)+", text):
        problems.add("email")
    return text


def _address(text: str, problems: _Problems) -> str:
    if len(text) < 6 or CIRCLE in text or "*" in text:  # a masked one, copied from a screen
        problems.add("address")
    return text


_KINDS: Mapping[FieldKind, Callable[[str, _Problems], str]] = {
    FieldKind.TAIWAN_ID: _taiwan_id,
    FieldKind.PERSON_NAME: _person_name,
    FieldKind.PHONE: _phone,
    FieldKind.EMAIL: _email,
    FieldKind.ADDRESS: _address,
}
