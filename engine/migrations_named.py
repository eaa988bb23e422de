"""What an analyst names beside two versions, as it is written in JSON and YAML.

processes:
  P01:
    elements: {old_id: new_id}
    flows: {old_flow: new_flow}
    rearm: [new_timer]
clocks: [processing]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.bpmn.migration import Instructions
from engine.errors import Rejected

MOST_NAMED = 500
LONGEST_ID = 120
_PARTS = frozenset({"elements", "flows", "rearm"})


def parse_named(document: Any) -> Instructions:
    """Read what was named. Raises Rejected naming the key that is wrong."""
    known = _mapping(document or {}, "named", frozenset({"processes", "clocks"}))
    processes = _mapping(known.get("processes") or {}, "processes")
    parts = {
        process_id: _mapping(part or {}, f"processes.{process_id}", _PARTS)
        for process_id, part in processes.items()
    }
    return Instructions(
        elements={each: _pairs(part, "elements", each) for each, part in parts.items()},
        flows={each: _pairs(part, "flows", each) for each, part in parts.items()},
        rearm={
            each: frozenset(_texts(part.get("rearm") or [], f"processes.{each}.rearm"))
            for each, part in parts.items()
        },
        clocks=frozenset(_texts(known.get("clocks") or [], "clocks")),
    )


def written(named: Instructions) -> dict[str, Any]:
    """The same as JSON; empty parts are left out."""
    processes: dict[str, Any] = {}
    for name, by_process in (("elements", named.elements), ("flows", named.flows)):
        for process_id, pairs in by_process.items():
            if pairs:
                processes.setdefault(process_id, {})[name] = dict(pairs)
    for process_id, events in named.rearm.items():
        if events:
            processes.setdefault(process_id, {})["rearm"] = sorted(events)
    return {"processes": processes, "clocks": sorted(named.clocks)}


def _mapping(value: Any, where: str, known: frozenset[str] | None = None) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise _wrong(where, "a mapping of names")
    if len(value) > MOST_NAMED:
        raise _wrong(where, f"at most {MOST_NAMED} names")
    unknown = sorted(value.keys() - known) if known is not None else []
    if unknown:
        raise _wrong(f"{where}.{unknown[0]}", f"one of {', '.join(sorted(known or ()))}")
    return value


def _pairs(part: Mapping[str, Any], name: str, process_id: str) -> dict[str, str]:
    where = f"processes.{process_id}.{name}"
    pairs = _mapping(part.get(name) or {}, where)
    return {_text(old, where): _text(new, f"{where}.{old}") for old, new in pairs.items()}


def _texts(value: Any, where: str) -> list[str]:
    if not isinstance(value, list) or len(value) > MOST_NAMED:
        raise _wrong(where, f"a list of at most {MOST_NAMED} names")
    return [_text(each, where) for each in value]


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_ID:
        raise _wrong(where, f"an id of at most {LONGEST_ID} characters")
    return value


def _wrong(where: str, wanted: str) -> Rejected:
    return Rejected("migration.named", f"Expected {where} to be {wanted}", where=where)
