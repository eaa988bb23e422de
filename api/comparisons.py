"""The entry side by side, as an answer: what was filed, last reviewed, and stands there now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import fields

from api.shapes import LabelShape, Shape, always, many, perhaps
from engine.comparison import Compared, Comparison
from engine.entry_shown import Shown
from engine.forms import Label


class ComparedShape(Shape):
    """One field. `since_filed` and `since_review`: same, added, changed, removed; null where
    there is nothing to compare with. A choice is the label of its option."""

    path = always(fields.String)
    label = always(fields.Nested, LabelShape)
    filed = fields.Raw(required=True, allow_none=True)
    reviewed = fields.Raw(required=True, allow_none=True)
    now = fields.Raw(required=True, allow_none=True)
    since_filed = perhaps(fields.String)
    since_review = perhaps(fields.String)


class ComparisonShape(Shape):
    rows = many(ComparedShape)


def compared(found: Comparison | None) -> dict[str, Any] | None:
    """A comparison as its shape takes it."""
    return None if found is None else {"rows": [_row(row) for row in found.rows]}


class EntryShape(Shape):
    """One field of the entry that the form names to be read beside it."""

    path = always(fields.String)
    label = always(fields.Nested, LabelShape)
    value = fields.Raw(required=True, allow_none=True)


def entered(found: Iterable[Shown]) -> list[dict[str, Any]]:
    """What is read beside a form, as its shape takes it."""
    return [{"path": row.path, "label": row.label, "value": _plain(row.value)} for row in found]


def _row(row: Compared) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in Compared.__slots__}
    return {name: _plain(value) for name, value in values.items()} | {"label": row.label}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return {"zh": value.zh, "en": value.en} if isinstance(value, Label) else value
