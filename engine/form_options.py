"""What a form reads of a case: what lies at a path, and the options a variable lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.forms import Field, Label, Option

MAX_OPTIONS = 500
MISSING = object()
"""What `found_at` answers where nothing lies; null is a value."""

Values = Mapping[str, Any]


def value_at(context: Values, path: str) -> Any:
    """What lies at `data.child.name` or `missing`; None where nothing does."""
    found = found_at(context, path)
    return None if found is MISSING else found


def found_at(context: Values, path: str) -> Any:
    """As `value_at`, but MISSING where nothing lies."""
    if "." not in path:
        return context.get(path, MISSING)
    place: Any = context
    for name in path.split("."):
        if not isinstance(place, Mapping) or name not in place:
            return MISSING
        place = place[name]
    return place


def options_of(field: Field, context: Values) -> tuple[Option, ...]:
    """The options of a choice: its own, or those a variable lists.

    An entry of the variable is the value itself or a context with `value` (or `id`), `label`
    (or `title`) and `label_en`.
    """
    if field.values_key is None:
        return field.options
    listed = value_at(context, field.values_key)
    entries = listed[:MAX_OPTIONS] if isinstance(listed, list | tuple) else []
    return tuple(_option(entry) for entry in entries)


def _option(entry: Any) -> Option:
    if not isinstance(entry, Mapping):
        return Option(entry, Label(str(entry), str(entry)))
    value = entry.get("value", entry.get("id"))
    chinese = str(entry.get("label", entry.get("title", value)))
    return Option(value, Label(chinese, str(entry.get("label_en", chinese))))
