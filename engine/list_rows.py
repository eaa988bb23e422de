"""The rows of a list, judged one by one by the start form of the case each will become. Pure.

A list has no rules of its own: its columns are the fields of that form, by their label in either
language or by their key, and a row is right if the form, filled in so, would be taken at a counter.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from engine.errors import Rejected
from engine.field_errors import FieldError
from engine.files import Row
from engine.form_options import value_at
from engine.form_values import check
from engine.forms import DATA, Field, Form
from engine.identity_numbers import canonical

MOST_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What every row becomes. `values` and `personal` are the same for all; columns add to them.
    `subject` is where in the data the ID number lies, `known` the marks of those filed already, and
    `mark` makes a mark of a number."""

    form: Form
    subject: str
    values: Mapping[str, Any]
    personal: Mapping[str, Any]
    known: frozenset[str] = frozenset()
    mark: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Good:
    """A row that can be filed: its number in the table, and what the start form gets."""

    line: int
    values: dict[str, Any]
    personal: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that cannot, and why. Nothing of what stands in it."""

    line: int
    errors: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """Every row of a list: good, bad, or (by number) of persons that were filed before."""

    good: tuple[Good, ...]
    bad: tuple[Bad, ...]
    known: int
    unused: tuple[str, ...]  # headings that are no field of the form


def judge(rows: Iterable[Row], asked: Asked) -> Judged:
    """Judge a whole list. Raises Rejected (`list.…`) for a table that is none of this kind."""
    given = list(islice(rows, MOST_ROWS + 2))
    if not given:
        raise Rejected("list.empty", "The table is empty; it needs a heading row and rows below it")
    if len(given) > MOST_ROWS + 1:
        raise Rejected(
            "list.too_long", f"A list has at most {MOST_ROWS} rows; part it", most=MOST_ROWS
        )
    columns = _Columns.of(given[0][1], asked)
    work = _Judging(asked, columns)
    for line, cells in given[1:]:
        work.look_at(line, cells)
    return Judged(tuple(work.good), tuple(work.bad), work.known, columns.unused)


@dataclass(frozen=True, slots=True)
class _Columns:
    at: Mapping[int, Field]
    unused: tuple[str, ...]

    @staticmethod
    def of(heading: Sequence[str], asked: Asked) -> _Columns:
        """Which field each column fills. A field has one column, and those needed have one."""
        fields = [field for field in asked.form.inputs() if not field.readonly]
        names = {_plain(name): field for field in fields for name in _names(field)}
        at: dict[int, Field] = {}
        for number, told in enumerate(heading):
            field = names.get(_plain(told))
            if field is not None and field in at.values():
                raise Rejected("list.column_twice", f"Two columns are headed {told}", name=told)
            if field is not None:
                at[number] = field
        _demand_needed(fields, at, asked)
        unused = tuple(told for n, told in enumerate(heading) if told and n not in at)
        return _Columns(at, unused)


def _demand_needed(fields: Sequence[Field], at: Mapping[int, Field], asked: Asked) -> None:
    fixed = {**asked.values, "data": asked.personal}
    has = {field.key for field in at.values()}
    lacking = [
        field
        for field in fields
        if field.rules.required and field.key not in has and value_at(fixed, str(field.key)) is None
    ]
    if lacking:
        raise Rejected(
            "list.columns",
            f"The heading row lacks {', '.join(field.label.zh for field in lacking)}; the first "
            "row names the columns as the form names its fields",
            names="、".join(field.label.zh for field in lacking),
            names_en=", ".join(field.label.en for field in lacking),
        )


class _Judging:
    def __init__(self, asked: Asked, columns: _Columns) -> None:
        self._asked, self._columns = asked, columns
        self._seen: dict[str, int] = {}
        self.good: list[Good] = []
        self.bad: list[Bad] = []
        self.known = 0

    def look_at(self, line: int, cells: Sequence[str]) -> None:
        values, personal = self._filled(cells)
        checked = check(self._asked.form, values, personal, {"data": {}})
        errors = list(checked.errors)
        number = value_at({"data": checked.data}, self._asked.subject)
        if isinstance(number, str) and not errors:
            person = canonical(number)
            if self._asked.known and self._asked.mark(person) in self._asked.known:
                self.known += 1
                return
            first = self._seen.setdefault(person, line)
            if first != line:
                errors.append(FieldError(self._asked.subject, "row_twice", {"line": first}))
        if errors:
            self.bad.append(Bad(line, tuple(errors)))
        else:
            self.good.append(Good(line, values, personal))

    def _filled(self, cells: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
        values: dict[str, Any] = dict(self._asked.values)
        personal = _deep(self._asked.personal)
        for number, field in self._columns.at.items():
            cell = _value(field, cells[number] if number < len(cells) else "")
            if field.is_personal:
                _put(personal, str(field.key).removeprefix(DATA).split("."), cell)
            else:
                values[str(field.key)] = cell
        return values, personal


def _value(field: Field, cell: str) -> Any:
    """People write the words of a choice, the form wants its value."""
    told = _plain(cell)
    for option in field.options:
        if told in (_plain(option.label.zh), _plain(option.label.en)):
            return option.value
    return cell or None


def _names(field: Field) -> tuple[str, ...]:
    return (str(field.key), field.label.zh, field.label.en)


def _plain(text: str) -> str:
    """Headings are compared without width, case, spaces and the mark of a needed field."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(folded.split()).strip("*＊:")


def _put(place: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        place = place.setdefault(name, {})
    place[path[-1]] = value


def _deep(given: Mapping[str, Any]) -> dict[str, Any]:
    return {k: _deep(v) if isinstance(v, Mapping) else v for k, v in given.items()}
