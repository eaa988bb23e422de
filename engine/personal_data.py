"""A case's personal data as a list: where each piece lies, how forms label it, what to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.forms import Field, FieldType, Form, Label
from engine.masking import mask


@dataclass(frozen=True, slots=True)
class DataItem:
    """One piece of personal data: where it lies, how forms label it, and what is shown of it."""

    path: str
    label: Label
    masked: Any


def items(
    data: Mapping[str, Any], forms: Iterable[Form], *, is_clear: bool = False
) -> tuple[DataItem, ...]:
    """Every piece of `data`, masked unless `is_clear`. A choice is shown by its label."""
    known = _known(forms)
    found = []
    for path, value in _leaves(data, "data"):
        by = known.get(path)
        shown = _clear(by, value) if is_clear else mask(path, value)
        found.append(DataItem(path, _label(by, path), shown))
    return tuple(found)


def masked_all(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same document with every value masked."""
    masked: dict[str, Any] = mask("data", data)
    return masked


@dataclass(frozen=True, slots=True)
class _Known:
    field: Field
    group: Label | None


def _known(forms: Iterable[Form]) -> dict[str, _Known]:
    """The field for each path. Several forms may ask for one piece; the shortest label is the
    plainest, others add how it came about (“姓名（名字由主任代立）”)."""
    found: dict[str, _Known] = {}
    for form in forms:
        for field, group in _walk(form.fields, None):
            if not field.is_personal or field.key is None:
                continue
            before = found.get(field.key)
            if before is None or len(field.label.zh) < len(before.field.label.zh):
                found[field.key] = _Known(field, group)
    return found


def _walk(fields: Iterable[Field], group: Label | None) -> Iterator[tuple[Field, Label | None]]:
    for field in fields:
        if field.type is FieldType.GROUP:
            yield from _walk(field.fields, field.label)
        else:
            yield field, group


def _label(known: _Known | None, path: str) -> Label:
    if known is None:
        return Label(path, path)
    label, group = known.field.label, known.group
    if group is None or not group.zh:
        return label
    return Label(f"{group.zh}・{label.zh}", f"{group.en}: {label.en}")


def _clear(known: _Known | None, value: Any) -> Any:
    options = known.field.options if known else ()
    chosen = next((option.label for option in options if option.value == value), None)
    if chosen is not None:
        return chosen
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def _leaves(data: Mapping[str, Any], path: str) -> list[tuple[str, Any]]:
    leaves: list[tuple[str, Any]] = []
    for key, value in data.items():
        below = f"{path}.{key}"
        leaves += _leaves(value, below) if isinstance(value, Mapping) else [(below, value)]
    return leaves
