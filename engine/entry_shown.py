"""The part of an entry that a task shows to be read: clear for whoever has it, else masked. Pure.

Fields are labelled and ordered as the package's forms have them, as in `engine.comparison`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.form_options import value_at
from engine.form_shows import Shows
from engine.forms import DATA, Form, Label
from engine.masking import mask
from engine.personal_data import Known, known_fields, label_of, leaves, readable


@dataclass(frozen=True, slots=True)
class Shown:
    """One field of the entry. `value` is as people read it: a choice is a Label, a date a date."""

    path: str
    label: Label
    value: Any


def shown(
    shows: Shows,
    data: Mapping[str, Any],
    variables: Mapping[str, Any],
    forms: Iterable[Form],
    *,
    is_clear: bool,
) -> tuple[Shown, ...]:
    """The fields that the form names and the case has something in; each once."""
    known = known_fields(forms, personal_only=False)
    entry = {**variables, "data": data}
    found = []
    for path in dict.fromkeys(_paths(shows, data, known)):
        value = value_at(entry, path)
        if value in (None, "", [], ()):
            continue
        by = known.get(path)
        if not is_clear and path.startswith(DATA):
            value = mask(path, value)
        found.append(Shown(path, label_of(by, path), readable(by, value)))
    return tuple(found)


def _paths(shows: Shows, data: Mapping[str, Any], known: Mapping[str, Known]) -> Iterator[str]:
    """Of a group first what forms ask for, in their order, then the rest of it."""
    held = [path for path, _ in leaves(data)]
    if shows.is_all:
        yield from (path for path in known if path.startswith(DATA))
        yield from held
        return
    for key in shows.keys:
        below = f"{key}."
        yield from (path for path in known if path == key or path.startswith(below))
        yield from (path for path in held if path == key or path.startswith(below))
