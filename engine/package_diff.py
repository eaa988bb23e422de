"""What differs between two states of a package: by element, by rule of a table, by field, by key.

A formatting change differs in nothing. `place` is the id an analyst knows the thing by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import yaml

from engine import diagram_edits, form_edits, table_edits
from engine.errors import EngineError
from engine.package_files import kind_of
from engine.yaml_reading import load_yaml


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that was `added`, `removed` or `changed` (`key` says which of its values).

    `kind` is element, rule, table, form, field, key or file. `before` and `after` are texts.
    """

    file: str
    kind: str
    place: str
    name: str
    what: str
    key: str = ""
    before: str = ""
    after: str = ""


def differences(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[Difference]:
    """What `after` changes, file by file in the order of their names."""
    found: list[Difference] = []
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old is None or new is None:
            what = "added" if old is None else "removed"
            found.append(Difference(path, "file", path, "", what))
        elif old != new:
            found.extend(_of_file(path, old, new))
    return found


def _of_file(path: str, old: bytes, new: bytes) -> list[Difference]:
    try:
        things = _READERS[kind_of(path)]
        was, now = dict(things(old)), dict(things(new))
    except (EngineError, yaml.YAMLError, orjson.JSONDecodeError, UnicodeDecodeError):
        return [Difference(path, "file", path, "", "changed")]  # one of them cannot be read
    return [
        difference
        for key in [*was, *(each for each in now if each not in was)]
        for difference in _of_thing(path, key, was.get(key), now.get(key))
    ]


_Thing = tuple[str, Mapping[str, str]]
_Key = tuple[str, str]


def _of_thing(path: str, key: _Key, old: _Thing | None, new: _Thing | None) -> Iterator[Difference]:
    kind, place = key
    if old is None or new is None:
        told = (old or new or ("", {}))[0]
        yield Difference(path, kind, place, told, "added" if old is None else "removed")
        return
    for name in sorted({*old[1], *new[1]}):
        before, after = old[1].get(name, ""), new[1].get(name, "")
        if before != after:
            yield Difference(path, kind, place, new[0], "changed", name, before, after)


def _elements(content: bytes) -> Iterator[tuple[_Key, _Thing]]:
    for each in diagram_edits.elements(content):
        if each.type != "textAnnotation":
            extra = {"event": each.event, "type": each.type}
            yield ("element", each.id), (each.name, {**each.values, **extra})


def _rules(content: bytes) -> Iterator[tuple[_Key, _Thing]]:
    for table in table_edits.tables(content):
        heads = [column.label or column.text for column in table.columns]
        about = {"hit policy": table.hit_policy, "columns": ", ".join(heads)}
        yield ("table", table.decision), (table.name, about)
        for rule in table.rules:
            cells = {
                f"{n + 1} {head}": cell
                for n, (head, cell) in enumerate(zip(heads, rule.cells, strict=True))
            }
            place = f"{table.decision} / {rule.id}"
            yield ("rule", place), (rule.description, {**cells, "description": rule.description})


def _fields(content: bytes) -> Iterator[tuple[_Key, _Thing]]:
    (zh, en), rows = form_edits.titles(content), form_edits.rows(content)
    named = {row.place: row.values.get("key") or row.values.get("label", "") for row in rows}
    about = {"title": zh, "title_en": en, "order": ", ".join(named.values())}
    yield ("form", "form"), (zh, about)
    for row in rows:
        yield ("field", named[row.place]), (row.values.get("label", ""), row.values)


def _keys(content: bytes) -> Iterator[tuple[_Key, _Thing]]:
    for place, value in _leaves("", load_yaml(content)):
        yield ("key", place), ("", {"value": value})


def _leaves(prefix: str, tree: Any) -> Iterator[tuple[str, str]]:
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from _leaves(f"{prefix}.{name}" if prefix else str(name), value)
    elif isinstance(tree, list) and any(isinstance(each, dict | list) for each in tree):
        for index, value in enumerate(tree, start=1):
            yield from _leaves(f"{prefix}[{index}]", value)
    else:
        yield prefix, ", ".join(map(str, tree)) if isinstance(tree, list) else str(tree)


_READERS = {
    "bpmn": _elements,
    "dmn": _rules,
    "form": _fields,
    "limits": _keys,
    "package": _keys,
    "scenario": _keys,
}
