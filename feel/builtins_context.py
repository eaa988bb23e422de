"""Functions of contexts (DMN 1.3, table 79; `context`, `context put`, `context merge` of 1.4)."""

from __future__ import annotations

from typing import Any

from feel.errors import Fault
from feel.limits import check_length
from feel.registry import Topic
from feel.runtime import Run
from feel.values import kind

TOPIC = Topic()
define = TOPIC.define


@define("get value", "m: context, key: string")
def get_value(context: dict[str, Any], key: str) -> Any:
    """The entry, or null without a diagnostic: the way to ask for what may be absent."""
    return context.get(key)


@define("get value", "context: context, keys: list", metered=True)
def get_value_along(_run: Run, context: dict[str, Any], keys: list[Any]) -> Any:
    value: Any = context
    for key in keys:
        if type(value) is not dict or type(key) is not str:
            return None
        value = value.get(key)
    return value if keys else None


@define("get entries", "m: context")
def get_entries(context: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in context.items()]


@define("context", "entries: list")
def context_of(entries: list[Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for entry in entries:
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry:
            raise Fault("Expected entries with a text 'key' and a 'value'")
        if entry["key"] in made:
            raise Fault(f"Expected every key once, but {entry['key']!r} comes twice")
        made[entry["key"]] = entry["value"]
    return made


@define("context put", "context: context, key: string, value: any")
def context_put(context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    return {**context, key: value}


@define("context put", "context: context, keys: list, value: any", metered=True)
def context_put_along(
    run: Run, context: dict[str, Any], keys: list[Any], value: Any
) -> dict[str, Any]:
    if not keys or type(keys[0]) is not str or len(keys) > 50:
        raise Fault("Expected a list of 1 to 50 texts as keys")
    run.meter.spend(len(context))
    if len(keys) == 1:
        return {**context, keys[0]: value}
    inner = context.get(keys[0])
    if type(inner) is not dict:
        raise Fault(f"Expected a context at {keys[0]!r}, but found {kind(inner)}")
    return {**context, keys[0]: context_put_along(run, inner, keys[1:], value)}


@define("context merge", "contexts: list")
def context_merge(contexts: list[Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for context in contexts:
        if type(context) is not dict:
            raise Fault(f"Expected contexts to merge, but found {kind(context)}")
        check_length(len(merged) + len(context))
        merged.update(context)
    return merged
