"""A case's personal data as a list: where each piece lies, how forms label it, what to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.form_options import value_at
from engine.forms import Field, FieldType, Form, Label
from engine.masking import mask


@dataclass(frozen=True, slots=True)
class DataItem:
    """One piece of personal data: where it lies, how forms label it, and what is shown of it."""

    path: str
    label: Label
    masked: Any
    word: Label | None = None  # of a masked value that is the code of a choice


def items(
    data: Mapping[str, Any], forms: Iterable[Form], *, is_clear: bool = False
) -> tuple[DataItem, ...]:
    """Every piece of `data`, masked unless `is_clear`. A choice is shown by its label."""
    known = known_fields(forms)
    found = []
    for path, value in leaves(data):
        if isinstance(value, Mapping):
            continue  # a group with nothing in it
        by = known.get(path)
        shown = clear(by, value) if is_clear else mask(path, value)
        # A code that masking lets through says nothing to a reader: its option does.
        word = clear(by, value) if not is_clear and shown == value else None
        found.append(
            DataItem(path, label_of(by, path), shown, word if isinstance(word, Label) else None)
        )
    return tuple(found)


def labels(forms: Iterable[Form]) -> dict[str, tuple[str, str]]:
    """How the forms label each piece of personal data, by path: Chinese and English."""
    known = known_fields(forms)
    found = {path: label_of(by, path) for path, by in known.items()}
    return {path: (label.zh, label.en) for path, label in found.items()}


def masked_all(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same document with every value masked."""
    masked: dict[str, Any] = mask("data", data)
    return masked


@dataclass(frozen=True, slots=True)
class Known:
    """A field of a form, and the group of fields it stands in."""

    field: Field
    group: Label | None


def known_fields(forms: Iterable[Form], *, personal_only: bool = True) -> dict[str, Known]:
    """The field for each path, in the order of the forms.

    Several forms may ask for one piece; the shortest label is the plainest, others add how it came
    about (“姓名（名字由主任代立）”).
    """
    found: dict[str, Known] = {}
    for form in forms:
        for field, group in _walk(form.fields, None):
            if field.key is None or (personal_only and not field.is_personal):
                continue
            before = found.get(field.key)
            if before is None or len(field.label.zh) < len(before.field.label.zh):
                found[field.key] = Known(field, group)
    return found


def _walk(fields: Iterable[Field], group: Label | None) -> Iterator[tuple[Field, Label | None]]:
    for field in fields:
        if field.type is FieldType.GROUP:
            yield from _walk(field.fields, field.label)
        else:
            yield field, group


def label_of(known: Known | None, path: str) -> Label:
    """How forms label it; its path where none does."""
    if known is None:
        return Label(path, path)
    label, group = known.field.label, known.group
    if group is None or not group.zh:
        return label
    return Label(f"{group.zh}・{label.zh}", f"{group.en}: {label.en}")


def clear(known: Known | None, value: Any) -> Any:
    """A value as people read it: a choice is the Label of its option."""
    options = known.field.options if known else ()
    chosen = next((option.label for option in options if option.value == value), None)
    if chosen is not None:
        return chosen
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def readable(known: Known | None, value: Any) -> Any:
    """A choice is the label of its option; all else stays what it is, a date a date."""
    if isinstance(value, list | tuple):
        return tuple(readable(known, each) for each in value)
    options = known.field.options if known else ()
    return next((option.label for option in options if option.value == value), value)


def changed(data: Mapping[str, Any], patch: Mapping[str, Any]) -> list[str]:
    """The paths (`data.child.name`) at which a patch says something else than the data."""
    return [path for path, value in leaves(patch) if value != value_at({"data": data}, path)]


def leaves(data: Mapping[str, Any], above: str = "data") -> Iterator[tuple[str, Any]]:
    """Every value with its path, such as `data.child.name`. An empty group is a value."""
    for key, value in data.items():
        path = f"{above}.{key}"
        if isinstance(value, Mapping) and value:
            yield from leaves(value, path)
        else:
            yield path, value
