"""Forms of process packages as HTML: what is shown, what was entered, and what is wrong with it.

The engine judges (`engine.forms`, `engine.form_values`); here is only how it looks. A field whose
condition depends on another one appears after the form was sent once, or at once with JavaScript:
the form says which fields it showed, and a sent form that now has others is shown again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from engine.field_errors import FieldError
from engine.form_values import Checked, check, merge, options_of, value_at
from engine.forms import DATA, Field, FieldKind, FieldType, Form, visible_fields
from engine.minguo import format_short

SHOWN = "shown"
REFRESH = "refresh"
_MANY_OPTIONS = 3  # more choices than these stand below each other

Context = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Control:
    """One field for the template. `html_id` is where an error links to; `text` what it holds."""

    type: str
    name: str
    html_id: str
    label: str
    help: str = ""
    text: str = ""
    error: str = ""
    width: str = ""
    mode: str = ""  # inputmode of the keyboard on a telephone
    autocomplete: str = "off"
    is_required: bool = False
    is_readonly: bool = False
    is_checked: bool = False
    is_across: bool = False
    is_wide: bool = False  # takes the whole line
    max_length: int | None = None
    choices: tuple[Choice, ...] = ()
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form as shown: its controls, the errors for the summary on top (field id, sentence)."""

    title: str
    controls: tuple[Control, ...]
    errors: tuple[tuple[str, str], ...] = ()
    shown: tuple[str, ...] = ()
    is_conditional: bool = False  # some fields come and go with others
    has_new_fields: bool = False  # it was sent, but there are fields its sender has not seen


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that came back: what was entered, and what the engine says of it."""

    entered: dict[str, Any]
    checked: Checked
    new_fields: tuple[str, ...]
    wants_refresh: bool

    @classmethod
    def nothing(cls) -> Sent:
        """What comes back from a task without a form."""
        return cls({}, Checked({}, {}), (), wants_refresh=False)

    @property
    def is_good(self) -> bool:
        return not (self.checked.errors or self.new_fields or self.wants_refresh)


def read(form: Form, posted: MultiDict[str, str], context: Context) -> Sent:
    """Take what was entered, only of fields the sender saw, and have it checked."""
    seen = set(posted.getlist(SHOWN))
    entered = {
        field.key: _entered(field, posted)
        for field in form.inputs()
        if field.key is not None and field.key in seen and not field.readonly
    }
    checked = check(form, entered, {}, context)
    visible = _keys(visible_fields(form, _seen_with(checked, context)))
    return Sent(
        entered=entered,
        checked=checked,
        new_fields=tuple(key for key in visible if key not in seen),
        wants_refresh=REFRESH in posted,
    )


def sheet(
    form: Form,
    context: Context,
    lang: str,
    sent: Sent | None = None,
    errors: Sequence[FieldError] = (),
) -> Sheet:
    """The form with what was entered, or with what is known already; `errors` beside the fields."""
    checked = sent.checked if sent else check(form, _defaults(form, context), {}, context)
    seen_with = _seen_with(checked, context)
    told = {error.path: error.text(lang) for error in reversed(errors)}
    drawing = _Drawing(context, lang, told, sent.entered if sent else _defaults(form, context))
    fields = visible_fields(form, seen_with)
    shown = _keys(fields)
    ordered = [key for key in shown if key in told] + [key for key in told if key not in shown]
    return Sheet(
        title=form.title.text(lang) if form.title else "",
        controls=tuple(drawing.control(field) for field in fields),
        errors=tuple((html_id(key), _named(form, key, told[key], lang)) for key in ordered),
        shown=shown,
        is_conditional=any(field.hide is not None for field in _all(form.fields)),
        has_new_fields=bool(sent and sent.new_fields and not sent.wants_refresh),
    )


def html_id(key: str) -> str:
    return "f-" + key.replace(".", "-")


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Draws fields with what was entered over what the case knows."""

    context: Context
    lang: str
    told: Mapping[str, str]
    entered: Mapping[str, Any]

    def control(self, field: Field) -> Control:
        label = field.label.text(self.lang)
        if field.key is None:
            inner = tuple(self.control(each) for each in field.fields)
            return Control(field.type, "", "", label, controls=inner)
        value = self._value(field)
        choices = self._choices(field, value)
        return Control(
            type=field.type,
            name=field.key,
            html_id=html_id(field.key),
            label=label,
            help=field.help.text(self.lang) if field.help else "",
            text=self._text(field, value, choices),
            error=self.told.get(field.key, ""),
            width=_width(field),
            mode=_MODES.get(field.kind or field.type, ""),
            is_required=field.rules.required,
            is_readonly=field.readonly,
            is_checked=value in (True, "true", "on"),
            is_across=len(choices) <= _MANY_OPTIONS,
            is_wide=field.kind in (FieldKind.ADDRESS, FieldKind.EMAIL),
            max_length=field.rules.max_length,
            choices=choices,
        )

    def _value(self, field: Field) -> Any:
        key = str(field.key)
        if key in self.entered and not field.readonly:
            return self.entered[key]
        return value_at(self.context, key)

    def _text(self, field: Field, value: Any, choices: Sequence[Choice]) -> str:
        if field.readonly and choices:
            separator = "、" if self.lang.startswith("zh") else ", "
            return separator.join(choice.label for choice in choices if choice.is_chosen)
        return written(value, self.lang)

    def _choices(self, field: Field, value: Any) -> tuple[Choice, ...]:
        chosen = {key_of(each) for each in (value if isinstance(value, list | tuple) else [value])}
        return tuple(
            Choice(
                key_of(option.value), option.label.text(self.lang), key_of(option.value) in chosen
            )
            for option in options_of(field, self.context)
        )


_MODES: Mapping[str, str] = {
    FieldType.NUMBER: "decimal",
    FieldKind.PHONE: "tel",
    FieldKind.EMAIL: "email",
}


def written(value: Any, lang: str) -> str:
    """A value as people write it: dates in Minguo years, yes and no in words, lists with commas."""
    match value:
        case None:
            return ""
        case bool():
            return (
                ("是" if value else "否") if lang.startswith("zh") else ("Yes" if value else "No")
            )
        case dt.date():
            return format_short(value, lang)
        case Decimal():
            return f"{value.normalize():f}"
        case list() | tuple():
            return ("、" if lang.startswith("zh") else ", ").join(
                written(each, lang) for each in value
            )
        case Mapping():
            return ("；" if lang.startswith("zh") else "; ").join(
                f"{key}: {written(each, lang)}" for key, each in value.items()
            )
        case _:
            return str(value)


def key_of(value: Any) -> str:
    """How a browser sends an option's value."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _entered(field: Field, posted: MultiDict[str, str]) -> Any:
    name = str(field.key)
    match field.type:
        case FieldType.CHECKLIST:
            return posted.getlist(name)
        case FieldType.CHECKBOX:
            return name in posted
        case _:
            return posted.get(name, "")


def _defaults(form: Form, context: Context) -> dict[str, Any]:
    return {
        str(field.key): field.default
        for field in form.inputs()
        if field.default is not None
        and not field.readonly
        and value_at(context, str(field.key)) is None
    }


def _seen_with(checked: Checked, context: Context) -> dict[str, Any]:
    """What conditions see: the case with what was entered on top."""
    data = context.get("data")
    known = data if isinstance(data, Mapping) else {}
    return {**context, **checked.values, "data": merge(known, checked.data)}


def _keys(fields: Sequence[Field]) -> tuple[str, ...]:
    return tuple(field.key for field in _all(fields) if field.key is not None)


def _all(fields: Sequence[Field]) -> list[Field]:
    found: list[Field] = []
    for field in fields:
        found += [field, *_all(field.fields)]
    return found


def _named(form: Form, key: str, told: str, lang: str) -> str:
    """The sentence with the field's label before it, so that it stands alone in the summary."""
    label = next((each.label.text(lang) for each in form.inputs() if each.key == key), "")
    colon = "：" if lang.startswith("zh") else ": "
    return f"{label}{colon}{told}" if label else told


def _width(field: Field) -> str:
    if field.type is FieldType.DATETIME:
        return "w-date"
    if field.type is FieldType.NUMBER:
        return "w-number"
    if field.kind is FieldKind.TAIWAN_ID:
        return "w-id"
    return "w-phone" if field.kind is FieldKind.PHONE else ""


__all__ = ["DATA", "Choice", "Control", "Sent", "Sheet", "html_id", "read", "sheet", "written"]
