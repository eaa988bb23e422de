"""Forms: the part of form-js JSON that we take, read into values that cannot change.

`parse` reads a form (`docs/process-packages.md` lists what may stand in it), `problems` says all
that is wrong with one, and `engine/form_values.py` checks what was entered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from engine import form_shows
from engine.errors import Rejected
from engine.technical_words import in_chinese
from feel import Evaluation, Expression, Fault, FeelSyntaxError, compile_expression
from feel import patterns as feel_patterns

OLDEST_SCHEMA = 16
MAX_FIELDS = 200
MAX_DEPTH = 5
DATA = "data."
_KEY = re.compile(r"[^\W\d_]\w{0,59}(\.[^\W\d_]\w{0,59}){0,5}")


class FieldType(StrEnum):
    TEXT = "text"  # shown, not filled in
    TEXTFIELD = "textfield"
    TEXTAREA = "textarea"
    NUMBER = "number"
    CHECKBOX = "checkbox"
    CHECKLIST = "checklist"
    RADIO = "radio"
    SELECT = "select"
    DATETIME = "datetime"
    GROUP = "group"


class FieldKind(StrEnum):
    """What a text is, beyond being text."""

    TAIWAN_ID = "taiwan_id"
    PERSON_NAME = "person_name"
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"


TEXTS = frozenset({FieldType.TEXTFIELD, FieldType.TEXTAREA})
CHOICES = frozenset({FieldType.CHECKLIST, FieldType.RADIO, FieldType.SELECT})


@dataclass(frozen=True, slots=True)
class Label:
    """What users see. English falls back to Chinese where an analyst has not written it yet."""

    zh: str
    en: str

    def text(self, lang: str) -> str:
        return self.zh if lang.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Option:
    value: Any
    label: Label


@dataclass(frozen=True, slots=True)
class Rules:
    """`validate` of form-js. Lengths count characters; `pattern` must be found in the text."""

    required: bool = False
    min_length: int | None = None
    max_length: int | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One component. `key` is None for what only shows or groups; `fields` are those of a group."""

    type: FieldType
    key: str | None
    label: Label
    help: Label | None = None
    rules: Rules = Rules()
    kind: FieldKind | None = None
    readonly: bool = False
    options: tuple[Option, ...] = ()
    values_key: str | None = None  # the variable whose list gives the options
    hide: Expression | None = None
    default: Any = None
    same_as: str | None = None  # the key whose answer this one often repeats
    same_when: Expression | None = None  # and when it does; None: always
    from_table: bool = False  # its lines may be taken from a table among the case's files
    office_only: bool = False  # the office answers it; on an applicant's form it does not stand
    required_when: Expression | None = None  # over the values, the task's variables and `outcome`
    fields: tuple[Field, ...] = ()

    @property
    def is_personal(self) -> bool:
        return self.key is not None and self.key.startswith(DATA)

    def is_hidden(self, context: Mapping[str, Any]) -> bool:
        """Whether `conditional.hide` says so; a condition that cannot be answered shows."""
        if self.hide is None:
            return False
        answer: Evaluation = self.hide.evaluate(context)
        return answer.value is True


@dataclass(frozen=True, slots=True)
class Form:
    """`outcomes` name the buttons of the task, where the form labels them; `shows` what of the
    case's entry stands beside it."""

    id: str
    title: Label | None
    fields: tuple[Field, ...]
    outcomes: tuple[Option, ...] = ()
    shows: form_shows.Shows = form_shows.NOTHING
    _everything: tuple[Field, ...] = dataclass_field(init=False, repr=False, compare=False)
    _inputs: tuple[Field, ...] = dataclass_field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        everything = tuple(_walk(self.fields))
        inputs = tuple(field for field in everything if field.key is not None)
        object.__setattr__(self, "_everything", everything)
        object.__setattr__(self, "_inputs", inputs)

    def everything(self) -> tuple[Field, ...]:
        """All fields, groups and texts too, each before those within it."""
        return self._everything

    def inputs(self) -> tuple[Field, ...]:
        """All fields with a key, those in groups too, in the order of the form."""
        return self._inputs


class BadForm(Rejected):
    """The JSON is no form of ours; `problems` are sentences with the place of each."""

    def __init__(self, form_id: str, problems: Sequence[str]) -> None:
        message = f"Form {form_id}: {'; '.join(problems)}"
        chinese = "；".join(in_chinese(each) or each for each in problems)
        told = {"zh": f"表單 {form_id}：{chinese}", "en": message}
        super().__init__("form.invalid", message, form=form_id, **told)
        self.problems = tuple(problems)


def parse(document: Mapping[str, Any]) -> Form:
    """Read form-js JSON. Raises BadForm with everything that is wrong."""
    reader = _Reader()
    form = reader.form(document)
    if reader.problems or form is None:
        raise BadForm(str(document.get("id", "?")), reader.problems)
    return form


def problems(document: Any) -> list[str]:
    """All that is wrong with a form, in sentences for its author; also missing translations."""
    if not isinstance(document, Mapping):
        return ["Expected a JSON object with components"]
    reader = _Reader()
    reader.form(document)
    return reader.problems + reader.advice


def visible_fields(form: Form, context: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields to show, with groups cut down to theirs. `context` as for `form_values.check`."""
    return _visible(form.fields, context)


def _visible(fields: Sequence[Field], context: Mapping[str, Any]) -> tuple[Field, ...]:
    shown = []
    for field in fields:
        if not field.is_hidden(context):
            inner = _visible(field.fields, context)
            shown.append(field if inner == field.fields else replace(field, fields=inner))
    return tuple(shown)


def _walk(fields: Sequence[Field]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from _walk(field.fields)


class _Reader:
    """Reads one form and notes what is wrong instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.advice: list[str] = []
        self._keys: set[str] = set()
        self._names: set[str] = set()
        self._count = 0

    def form(self, document: Mapping[str, Any]) -> Form | None:
        form_id = document.get("id")
        if not isinstance(form_id, str) or not form_id:
            self.problems.append("has no id; add one, the same as the name of the file")
            form_id = "?"
        version = document.get("schemaVersion")
        if not isinstance(version, int) or version < OLDEST_SCHEMA:
            self.problems.append(f"schemaVersion is {version!r}; export it as {OLDEST_SCHEMA}")
        components = document.get("components")
        if not isinstance(components, list):
            self.problems.append("has no components; expected a list")
            return None
        self._names = _all_names(components)
        properties = _mapping(document.get("properties"))
        title = document.get("title", properties.get("title"))
        return Form(
            id=form_id,
            title=self._label("title", title, properties.get("title_en")) if title else None,
            fields=self._fields(components, 0),
            outcomes=self._options("outcomes", document.get("outcomes", [])),
            shows=form_shows.read(properties, self),
        )

    def _fields(self, components: Sequence[Any], depth: int) -> tuple[Field, ...]:
        if depth > MAX_DEPTH:
            self.problems.append(f"nests groups deeper than {MAX_DEPTH}; flatten it")
            return ()
        read = (self._field(component, depth) for component in components)
        return tuple(field for field in read if field is not None)

    def _field(self, component: Any, depth: int) -> Field | None:
        self._count += 1
        if self._count == MAX_FIELDS + 1:
            self.problems.append(f"has more than {MAX_FIELDS} fields; split it")
        if self._count > MAX_FIELDS or not isinstance(component, Mapping):
            return None
        where = str(component.get("key") or component.get("id") or component.get("type"))
        try:
            kind_of_field = FieldType(component.get("type", ""))
        except ValueError:
            known = ", ".join(FieldType)
            self.problems.append(f"{where}: type {component.get('type')!r} is not one of {known}")
            return None
        if kind_of_field in (FieldType.TEXT, FieldType.GROUP):
            return self._still(component, kind_of_field, where, depth)
        return self._input(component, kind_of_field, where)

    def _still(
        self, component: Mapping[str, Any], field_type: FieldType, where: str, depth: int
    ) -> Field:
        properties = _mapping(component.get("properties"))
        shown = component.get("text" if field_type is FieldType.TEXT else "label", "")
        english = properties.get("text_en", properties.get("label_en"))
        inner = component.get("components", [])
        return Field(
            type=field_type,
            key=None,
            label=self._label(where, shown, english) if shown else Label("", ""),
            hide=self._hide(component, where),
            fields=self._fields(inner if isinstance(inner, list) else [], depth + 1),
        )

    def _input(self, component: Mapping[str, Any], field_type: FieldType, where: str) -> Field:
        properties = _mapping(component.get("properties"))
        values_key = component.get("valuesKey")
        options = self._options(where, component.get("values", []))
        if field_type in CHOICES and not options and not isinstance(values_key, str):
            self.problems.append(f"{where}: has neither values nor valuesKey; add options")
        if field_type is FieldType.DATETIME and component.get("subtype", "date") != "date":
            self.problems.append(f"{where}: subtype must be date; we take no times in forms")
        label = component.get("label", component.get("dateLabel"))
        return Field(
            type=field_type,
            key=self._key(component, where),
            label=self._label(where, label, properties.get("label_en")),
            help=self._help(component, properties),
            rules=self._rules(component, field_type, where),
            kind=self._kind(properties, field_type, where),
            readonly=str(properties.get("readonly", component.get("readonly", ""))).lower()
            == "true",
            options=options,
            values_key=values_key if isinstance(values_key, str) else None,
            hide=self._hide(component, where),
            default=component.get("defaultValue"),
            same_as=self._same_as(properties, where),
            from_table=properties.get("from_table") == "true",
            office_only=properties.get("office_only") == "true",
            same_when=self._condition(properties.get("same_when"), "same_when", where),
            required_when=self._condition(properties.get("required_when"), "required_when", where),
        )

    def _key(self, component: Mapping[str, Any], where: str) -> str | None:
        key = component.get("key")
        if not isinstance(key, str) or not _KEY.fullmatch(key) or key == DATA[:-1]:
            self.problems.append(
                f"{where}: the key {key!r} is no name; write a variable (missing_papers) or "
                "personal data (data.child.name)"
            )
            return None
        if "." in key and not key.startswith(DATA):
            self.problems.append(f"{where}: only personal data (data.…) may have points in its key")
        inside = [known for known in self._keys if _overlap(known, key)]
        if inside:
            self.problems.append(f"{where}: the key is taken by the field {inside[0]}")
        self._keys.add(key)
        return key

    def _label(self, where: str, chinese: Any, english: Any) -> Label:
        if not isinstance(chinese, str) or not chinese.strip():
            self.problems.append(f"{where}: has no label; write it in Chinese")
            chinese = where
        if not isinstance(english, str) or not english.strip():
            self.advice.append(f"{where}: has no English label (properties.label_en)")
            english = chinese
        return Label(chinese, english)

    @staticmethod
    def _help(component: Mapping[str, Any], properties: Mapping[str, Any]) -> Label | None:
        chinese = properties.get("help", component.get("description"))
        if not isinstance(chinese, str) or not chinese:
            return None
        return Label(chinese, str(properties.get("help_en", chinese)))

    def _kind(
        self, properties: Mapping[str, Any], field_type: FieldType, where: str
    ) -> FieldKind | None:
        name = properties.get("kind")
        if name is None:
            return None
        if name not in list(FieldKind) or field_type not in TEXTS:
            known = ", ".join(FieldKind)
            self.problems.append(f"{where}: kind {name!r} must be one of {known}, on a text field")
            return None
        return FieldKind(name)

    def _options(self, where: str, listed: Any) -> tuple[Option, ...]:
        options = []
        for entry in listed if isinstance(listed, list) else []:
            if not isinstance(entry, Mapping) or not isinstance(
                entry.get("value"), str | int | bool
            ):
                self.problems.append(f"{where}: every option needs a value of text or number")
                continue
            value = entry["value"]
            label = self._label(f"{where}, {value}", entry.get("label"), entry.get("label_en"))
            options.append(Option(value, label))
        if len({str(option.value) for option in options}) < len(options):
            self.problems.append(f"{where}: two options have the same value")
        return tuple(options)

    def _hide(self, component: Mapping[str, Any], where: str) -> Expression | None:
        text = _mapping(component.get("conditional")).get("hide")
        return self._condition(text, "conditional.hide", where)

    def _condition(self, text: Any, name: str, where: str) -> Expression | None:
        if text is None or text == "":
            return None
        try:
            return compile_expression(str(text).strip().removeprefix("="), names=self._names)
        except FeelSyntaxError as error:
            self.problems.append(f"{where}: {name} is no expression: {error}")
            return None

    def _same_as(self, properties: Mapping[str, Any], where: str) -> str | None:
        key = properties.get("same_as")
        if key is None:
            return None
        if not isinstance(key, str) or not set(key.split(".")) <= self._names:
            self.problems.append(f"{where}: same_as {key!r} names no field; write another key")
            return None
        return key

    # --- validate -------------------------------------------------------------------------------

    def _rules(self, component: Mapping[str, Any], field_type: FieldType, where: str) -> Rules:
        given = _mapping(component.get("validate"))
        return Rules(
            required=given.get("required") is True,
            min_length=self._length(given, "minLength", where),
            max_length=self._length(given, "maxLength", where),
            minimum=self._bound(given, "min", where),
            maximum=self._bound(given, "max", where),
            pattern=self._pattern(given.get("pattern"), field_type, where),
        )

    def _length(self, given: Mapping[str, Any], name: str, where: str) -> int | None:
        length = given.get(name)
        if length is None or (type(length) is int and 0 <= length <= 100_000):
            return length
        self.problems.append(f"{where}: {name} must be a whole number, got {length!r}")
        return None

    def _bound(self, given: Mapping[str, Any], name: str, where: str) -> Decimal | None:
        if given.get(name) is None:
            return None
        try:
            bound = Decimal(str(given[name]))
        except InvalidOperation:
            bound = Decimal("NaN")
        if not bound.is_finite():
            self.problems.append(f"{where}: {name} must be a number, got {given[name]!r}")
            return None
        return bound

    def _pattern(self, pattern: Any, field_type: FieldType, where: str) -> str | None:
        if pattern is None or pattern == "":
            return None
        try:
            if field_type not in TEXTS:
                raise Fault("only text fields may have one")
            feel_patterns.compiled(str(pattern), "")
        except Fault as fault:
            self.problems.append(f"{where}: pattern {pattern!r} cannot be used: {fault}")
            return None
        return str(pattern)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _overlap(one: str, other: str) -> bool:
    """Whether one key is the other or lies within it: `data.child` and `data.child.name`."""
    return one == other or one.startswith(other + ".") or other.startswith(one + ".")


def _all_names(components: Sequence[Any], depth: int = 0) -> set[str]:
    """Every word of every key, so that FEEL can tell `報告-日期` from a subtraction."""
    names: set[str] = set()
    for component in components if depth <= MAX_DEPTH else ():
        if isinstance(component, Mapping):
            names.update(str(component.get("key") or "data").split("."))
            inner = component.get("components")
            names |= _all_names(inner if isinstance(inner, list) else (), depth + 1)
    return names
