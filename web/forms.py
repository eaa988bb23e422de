"""Forms of process packages as HTML: what is shown, what was entered, and what is wrong with it.

The engine judges (`engine.forms`, `engine.form_values`); here is only how it looks. A field whose
condition depends on another one appears after the form was sent once, or at once with JavaScript:
the form says which fields it showed, and a sent form that now has others is shown again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from dataclasses import field as filled_by
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from engine.field_errors import FieldError
from engine.form_options import options_of, value_at
from engine.form_values import Checked, check, merge
from engine.forms import DATA, Field, FieldKind, FieldType, Form, Label, visible_fields
from engine.masking import MaskedDay
from engine.minguo import format_short

SHOWN = "shown"
REFRESH = "refresh"
TODAY = "today"
"""The default of a date field that begins with the day it is opened on."""
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
    is_needed_at_times: bool = False  # for one decision and not for another
    is_readonly: bool = False
    is_checked: bool = False
    is_across: bool = False
    is_wide: bool = False  # takes the whole line
    max_length: int | None = None
    checks: str = ""  # what the field is checked for as soon as it is left: `taiwan_id`, `date`
    same_as: str = ""  # the id of the field it repeats, while that is so
    has_focus: bool = False  # the first thing to do on the page
    is_live: bool = False  # others come and go with it
    choices: tuple[Choice, ...] = ()
    controls: tuple[Control, ...] = ()

    @property
    def is_still(self) -> bool:
        """Whether nothing can be entered into it."""
        return self.is_readonly or self.type in (FieldType.TEXT, FieldType.GROUP)

    @property
    def wants_answer(self) -> bool:
        """Whether it must be filled in and is not: as shown now, with what went wrong."""
        if self.is_still:
            return False
        if self.choices:
            return bool(self.error) or (
                self.is_required and not any(choice.is_chosen for choice in self.choices)
            )
        is_empty = not self.is_checked if self.type == "checkbox" else not self.text
        return bool(self.error) or (self.is_required and is_empty)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a form is shown. `today` is the day (Taipei) that date fields with the default `today`
    begin with; on the fields of the keys `deciding` more than the form itself depends."""

    today: dt.date | None = None
    deciding: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form as shown: its controls, the errors for the summary on top (field id, sentence)."""

    title: str
    controls: tuple[Control, ...]
    errors: tuple[tuple[str, str], ...] = ()
    shown: tuple[str, ...] = ()
    is_conditional: bool = False  # some fields come and go with others
    takes_table: bool = False  # a field's lines may be taken from a table among the files
    has_new_fields: bool = False  # it was sent, but there are fields its sender has not seen
    values: Mapping[str, Any] = filled_by(default_factory=dict)  # the variables as they stand

    def focused(self) -> Sheet:
        """The same with the focus on what must be filled in first and is empty, else on the first
        field one can fill in."""
        fields = [each for each in _flat(self.controls) if not each.is_still]
        first = next((each for each in fields if each.wants_answer), fields[0] if fields else None)
        return self if first is None else replace(self, controls=_focusing(self.controls, first))


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
    context = {**context, "outcome": posted.get("outcome")}  # the button that was pressed
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
    setting: Setting = Setting(),
) -> Sheet:
    """The form with what was entered, or with what is known already; `errors` beside the fields."""
    entered = _defaults(form, context, setting.today)
    if sent:
        entered |= sent.entered
    checked = check(form, entered, {}, context)
    seen_with = _seen_with(checked, context)
    told = {error.path: error.text(lang) for error in reversed(errors)}
    live = _deciding(form) | set(setting.deciding)
    drawing = _Drawing(context, lang, told, entered, seen_with, live)
    fields = visible_fields(form, seen_with)
    shown = _keys(fields)
    ordered = [key for key in shown if key in told] + [key for key in told if key not in shown]
    return Sheet(
        title=form.title.text(lang) if form.title else "",
        controls=tuple(drawing.control(field) for field in fields),
        errors=tuple((html_id(key), _named(form, key, told[key], lang)) for key in ordered),
        shown=shown,
        is_conditional=bool(live),
        has_new_fields=bool(sent and sent.new_fields and not sent.wants_refresh),
        takes_table=any(field.from_table for field in form.inputs()),
        values=checked.values,
    )


def _deciding(form: Form) -> set[str]:
    """The keys that some condition of the form reads."""
    conditions = [each for field in form.everything() for each in (field.hide, field.same_when)]
    return {path for each in conditions if each is not None for path in each.paths_used}


def _flat(controls: Sequence[Control]) -> list[Control]:
    return [each for control in controls for each in (control, *_flat(control.controls))]


def _focusing(controls: Sequence[Control], first: Control) -> tuple[Control, ...]:
    return tuple(
        replace(each, has_focus=True)
        if each is first
        else replace(each, controls=_focusing(each.controls, first))
        for each in controls
    )


def led_by(form: Form, keys: Sequence[str], label: Label) -> Form:
    """The form with the fields of these keys in a group of their own before all others.

    A field that stands in a group with a condition takes the condition with it; one that has a
    condition of its own besides stays where it is.
    """
    lifted: list[Field] = []
    rest = _without(form.fields, set(keys), None, lifted)
    if not lifted:
        return form
    group = Field(FieldType.GROUP, None, label, fields=tuple(lifted))
    return replace(form, fields=(group, *rest))


def _without(
    fields: Sequence[Field], keys: set[str], hide: Any, lifted: list[Field]
) -> tuple[Field, ...]:
    kept: list[Field] = []
    for each in fields:
        own = each.hide or hide
        if each.key in keys and not (each.hide and hide):
            lifted.append(replace(each, hide=own))
        elif each.type is FieldType.GROUP and not (each.hide and hide):
            inner = _without(each.fields, keys, own, lifted)
            if inner:
                kept.append(replace(each, fields=inner))
        else:
            kept.append(each)
    return tuple(kept)


def html_id(key: str) -> str:
    return "f-" + key.replace(".", "-")


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Draws fields with what was entered over what the case knows."""

    context: Context
    lang: str
    told: Mapping[str, str]
    entered: Mapping[str, Any]
    seen_with: Mapping[str, Any]
    live: Set[str]

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
            is_needed_at_times=field.required_when is not None,
            is_readonly=field.readonly,
            is_checked=value in (True, "true", "on"),
            is_across=len(choices) <= _MANY_OPTIONS,
            is_wide=field.kind in (FieldKind.ADDRESS, FieldKind.EMAIL),
            max_length=field.rules.max_length,
            checks=_checks(field),
            same_as=self._same_as(field),
            is_live=field.key in self.live,
            choices=choices,
        )

    def _same_as(self, field: Field) -> str:
        holds = field.same_when is None or field.same_when(self.seen_with) is True
        return html_id(field.same_as) if field.same_as and holds else ""

    def _value(self, field: Field) -> Any:
        key = str(field.key)
        value = self.entered.get(key, value_at(self.context, key))
        if field.readonly:
            return value_at(self.context, key)
        if value in (None, "") and field.same_as and self._same_as(field):
            return self.entered.get(field.same_as, "")
        return value

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
        case MaskedDay():
            return value.text(lang)
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


def _checks(field: Field) -> str:
    if field.kind is FieldKind.TAIWAN_ID:
        return "taiwan_id"
    return "date" if field.type is FieldType.DATETIME else ""


def _defaults(form: Form, context: Context, today: dt.date | None) -> dict[str, Any]:
    return {
        str(field.key): today if field.default == TODAY else field.default
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
