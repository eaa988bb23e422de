"""Forms as a table of fields, changed without touching what the table does not show."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from engine import form_shows
from engine.errors import NotFound, Rejected
from engine.forms import FieldType
from engine.manifests import PackageError

Where = Literal["up", "down", "delete"]
SETTABLE = (
    "type",
    "key",
    "label",
    "label_en",
    "help",
    "help_en",
    "kind",
    "hide",
    "required",
    "readonly",
    "minLength",
    "maxLength",
    "min",
    "max",
    "pattern",
    "values",
)
_NUMBERS = ("minLength", "maxLength", "min", "max")
_WORDS = ("label_en", "help", "help_en", "kind")


@dataclass(frozen=True, slots=True)
class Row:
    """One field, by its place: `2`, or `2.0` for the first in the group at 2."""

    place: str
    depth: int
    values: Mapping[str, str]

    @property
    def is_personal(self) -> bool:
        return self.values.get("key", "").startswith("data.")


def rows(content: bytes, where: str = "form") -> list[Row]:
    """The fields of a form, those of groups behind their group. Raises PackageError."""
    return _rows(_read(content, where).get("components") or [], "", 0)


def set_fields(content: bytes, changes: Mapping[str, Mapping[str, str]]) -> bytes:
    """The form with fields (by place) changed; keys as in SETTABLE, an empty value takes it out.

    Raises Rejected for a number that is none, or an option without a value.
    """
    document = _read(content, "form")
    before = deepcopy(document)
    for place, values in changes.items():
        component = _at(document, place)
        known = _values(component)
        for name, value in values.items():
            if name in SETTABLE and known.get(name, "") != value.strip():
                _set(component, name, value.strip())
    return content if document == before else _written(document)


def set_title(content: bytes, zh: str, en: str) -> bytes:
    """The form with another title."""
    document = _read(content, "form")
    properties = document.setdefault("properties", {})
    if (properties.get("title", document.get("title", "")), properties.get("title_en", "")) == (
        zh,
        en,
    ):
        return content
    document.pop("title", None)
    properties["title"], properties["title_en"] = zh, en
    return _written(document)


def titles(content: bytes) -> tuple[str, str]:
    """The title of a form in Chinese and English."""
    document = _read(content, "form")
    properties = document.get("properties") or {}
    zh = properties.get("title", document.get("title", ""))
    return str(zh), str(properties.get("title_en", ""))


def set_shows(content: bytes, keys: str, purpose: str) -> bytes:
    """The form with what it shows of the entry, and what for (see `engine.form_shows`)."""
    document = _read(content, "form")
    wanted = ", ".join(keys.replace(",", " ").split())
    if shows(content) == (wanted, purpose):
        return content
    properties = document.setdefault("properties", {})
    for name in ("shows", "shows_for"):
        properties.pop(name, None)
    if wanted:
        properties["shows"] = wanted
        if purpose != form_shows.COMPARE:
            properties["shows_for"] = purpose
    return _written(document)


def shows(content: bytes) -> tuple[str, str]:
    """What a form shows of the entry, keys with commas between them, and its purpose."""
    properties = _read(content, "form").get("properties") or {}
    return str(properties.get("shows") or ""), str(properties.get("shows_for", form_shows.COMPARE))


def add_field(content: bytes, values: Mapping[str, str]) -> bytes:
    """The form with one more field at its end. Raises Rejected without key or label."""
    document = _read(content, "form")
    if not values.get("label", "").strip():
        raise Rejected("form.label", "Say what the field is called")
    component: dict[str, Any] = {"type": values.get("type") or FieldType.TEXTFIELD.value}
    for name in SETTABLE:
        if name != "type" and values.get(name, "").strip():
            _set(component, name, values[name].strip())
    if component["type"] == FieldType.DATETIME:
        component["subtype"] = "date"
    document.setdefault("components", []).append(component)
    return _written(document)


def change_field(content: bytes, place: str, where: Where) -> bytes:
    """The form with a field moved among its neighbours, or taken out."""
    document = _read(content, "form")
    holder, index = _holder(document, place)
    if where == "delete":
        del holder[index]
        return _written(document)
    other = index - 1 if where == "up" else index + 1
    if not 0 <= other < len(holder):
        return content
    holder[index], holder[other] = holder[other], holder[index]
    return _written(document)


def new_form(form_id: str, zh: str, en: str) -> bytes:
    """An empty form."""
    return _written(
        {
            "id": form_id,
            "type": "default",
            "schemaVersion": 16,
            "components": [],
            "properties": {"title": zh, "title_en": en},
        }
    )


def _read(content: bytes, where: str) -> dict[str, Any]:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as broken:
        line = content[: broken.pos].count(b"\n") + 1
        raise PackageError(f"{where} line {line}", f"this is no JSON: {broken}") from broken
    if not isinstance(document, dict):
        raise PackageError(where, "expected a JSON object with components")
    return document


def _written(document: Mapping[str, Any]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"


def _rows(components: Any, prefix: str, depth: int) -> list[Row]:
    found: list[Row] = []
    for index, component in enumerate(components if isinstance(components, list) else []):
        if isinstance(component, dict):
            place = f"{prefix}{index}"
            found.append(Row(place, depth, _values(component)))
            found += _rows(component.get("components"), f"{place}.", depth + 1)
    return found


def _values(component: Mapping[str, Any]) -> dict[str, str]:
    properties = component.get("properties") or {}
    rules = component.get("validate") or {}
    shown = component.get("text", "") if component.get("type") == "text" else None
    label = shown if shown is not None else component.get("label", component.get("dateLabel", ""))
    english = properties.get("label_en", properties.get("text_en", ""))
    found: dict[str, Any] = {
        "type": component.get("type", ""),
        "key": component.get("key", ""),
        "label": label,
        "label_en": english,
        "help": properties.get("help", component.get("description", "")),
        "help_en": properties.get("help_en", ""),
        "kind": properties.get("kind", ""),
        "hide": (component.get("conditional") or {}).get("hide", ""),
        "required": "true" if rules.get("required") is True else "",
        "readonly": "true" if str(properties.get("readonly", "")).lower() == "true" else "",
        "pattern": rules.get("pattern", ""),
        "values": _options_text(component.get("values")),
        **{name: rules.get(name, "") for name in _NUMBERS},
    }
    return {name: str(value) for name, value in found.items() if value not in (None, "")}


def _options_text(options: Any) -> str:
    """One option a line: value | Chinese | English."""
    told = []
    for option in options if isinstance(options, list) else []:
        if isinstance(option, dict):
            value = option.get("value")
            shown = str(value).lower() if isinstance(value, bool) else value
            told.append(f"{shown} | {option.get('label', '')} | {option.get('label_en', '')}")
    return "\n".join(told)


def _set(component: dict[str, Any], name: str, value: str) -> None:
    if name in ("required", "pattern", *_NUMBERS):
        _set_rule(component, name, value)
    elif name in _WORDS or name == "readonly":
        is_text = component.get("type") == "text" and name == "label_en"
        _put(component, "properties", "text_en" if is_text else name, value or None)
    elif name == "hide":
        _put(component, "conditional", "hide", value or None)
    elif name == "values":
        _set_options(component, value)
    elif name == "label":
        key = "text" if component.get("type") == "text" else "label"
        component[key] = value
        if "dateLabel" in component:
            component["dateLabel"] = value
    elif value:
        component[name] = value
    else:
        component.pop(name, None)


def _set_rule(component: dict[str, Any], name: str, value: str) -> None:
    if name == "required":
        _put(component, "validate", name, True if value else None)
    elif name == "pattern":
        _put(component, "validate", name, value or None)
    else:
        try:
            number = orjson.loads(value) if value else None
        except orjson.JSONDecodeError:
            number = value
        if value and (not isinstance(number, int | float) or isinstance(number, bool)):
            raise Rejected("form.number", f"`{value[:20]}` is no number", name=name)
        _put(component, "validate", name, number)


def _put(component: dict[str, Any], part: str, name: str, value: Any) -> None:
    holder = dict(component.get(part) or {})
    if value is None:
        holder.pop(name, None)
    else:
        holder[name] = value
    if holder:
        component[part] = holder
    else:
        component.pop(part, None)


def _set_options(component: dict[str, Any], text: str) -> None:
    known = {
        str(option.get("value")).lower(): option
        for option in component.get("values") or []
        if isinstance(option, dict)
    }
    options = []
    for line in filter(None, (each.strip() for each in text.splitlines())):
        value, zh, en = ([each.strip() for each in line.split("|")] + ["", ""])[:3]
        if not value or not zh:
            raise Rejected("form.option", f"`{line[:60]}`: write value | Chinese | English")
        former = known.get(value.lower())
        option = {**former} if former else {"value": value}
        options.append({**option, "label": zh, "label_en": en or zh})
    if options:
        component["values"] = options
    else:
        component.pop("values", None)


def _at(document: dict[str, Any], place: str) -> dict[str, Any]:
    holder, index = _holder(document, place)
    found: dict[str, Any] = holder[index]
    return found


def _holder(document: dict[str, Any], place: str) -> tuple[list[Any], int]:
    holder = document.get("components") or []
    *groups, last = place.split(".")
    try:
        for group in groups:
            holder = holder[int(group)]["components"]
        holder[int(last)]
    except (KeyError, IndexError, ValueError, TypeError):
        raise NotFound("form.no_field", f"There is no field at {place[:20]}") from None
    return holder, int(last)
