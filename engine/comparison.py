"""The entry side by side: what was filed, what the last review saw, what stands there now. Pure.

Fields are labelled and ordered as the package's forms have them. What no form asks for is shown
last if it is personal data, and left out if it is the process's own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.entry_marks import Mark
from engine.form_options import value_at
from engine.forms import Form, Label
from engine.personal_data import Known, known_fields, label_of, leaves, readable


class Change(StrEnum):
    SAME = "same"
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Compared:
    """One field. Values are as people read them, a choice a Label, several a tuple; None: nothing.

    `since_filed` compares now with what was filed, `since_review` with what the last review saw
    (None where there was none, or it was not kept).
    """

    path: str
    label: Label
    filed: Any
    reviewed: Any
    now: Any
    since_filed: Change | None
    since_review: Change | None

    @property
    def differs(self) -> bool:
        return not {self.since_filed, self.since_review} <= {Change.SAME, None}


@dataclass(frozen=True, slots=True)
class Comparison:
    """All fields in the order of the forms. `filed` and `reviewed` are when, None if not kept."""

    rows: tuple[Compared, ...]
    filed: Mark | None
    reviewed: Mark | None

    @property
    def differing(self) -> int:
        return sum(row.differs for row in self.rows)


def compare(
    data: Mapping[str, Any],
    variables: Mapping[str, Any],
    marks: tuple[Mark | None, Mark | None],
    forms: Iterable[Form],
    without: Collection[str] = (),
) -> Comparison:
    """Put the entry beside its marks, field by field, but not the variables named in `without`."""
    filed, reviewed = marks
    known = known_fields(forms, personal_only=False)
    now = {**variables, "data": data}
    before, seen = _whole(filed), _whole(reviewed)
    rows = []
    paths = _paths(known, (now, before, seen))
    for path in (each for each in paths if each not in without):
        values = [_value(each, path) for each in (before, seen, now)]
        if any(value is not None for value in values):
            rows.append(_row(path, known.get(path), values, filed, reviewed))
    return Comparison(tuple(rows), filed, reviewed)


def _row(
    path: str, known: Known | None, values: list[Any], filed: Mark | None, reviewed: Mark | None
) -> Compared:
    before, seen, now = values
    shown = [readable(known, value) for value in values]
    return Compared(
        path,
        label_of(known, path),
        filed=shown[0],
        reviewed=shown[1],
        now=shown[2],
        since_filed=_change(before, now) if filed else None,
        since_review=_change(seen, now) if reviewed else None,
    )


def _change(before: Any, now: Any) -> Change:
    if before == now:
        return Change.SAME
    if before is None:
        return Change.ADDED
    return Change.REMOVED if now is None else Change.CHANGED


def _whole(mark: Mark | None) -> Mapping[str, Any]:
    return {} if mark is None else {**mark.variables, "data": mark.data}


def _paths(known: Mapping[str, Known], contexts: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every field of a form, then personal data that no form asks for."""
    paths = dict.fromkeys(known)
    for context in contexts:
        paths.update(dict.fromkeys(path for path, _ in leaves(context.get("data") or {})))
    return list(paths)


def _value(context: Mapping[str, Any], path: str) -> Any:
    """What lies at the path. Nothing, an empty text and an empty list are the same to a reader."""
    value = value_at(context, path)
    return None if value in ("", [], ()) else value
