"""States as bytes: compact JSON with a format stamp, and values that come back exactly.

JSON has text, booleans, null, lists and objects. A whole number stands as it is; what JSON cannot
say is an object with one key that begins with `$`: `{"$date": "2026-03-02"}`.

Released formats stay readable: a change raises `FORMAT` and adds a reader for the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from engine.bpmn.state import (
    ROOT,
    Activation,
    Done,
    Ended,
    Listens,
    Loop,
    Plan,
    Role,
    Stage,
    State,
    StateFormatError,
    Trouble,
    Wait,
    WaitKind,
)
from feel.values import Range, YearsMonths

FORMAT: Final = 3
READABLE: Final = (1, 2, 3)
"""Later formats only add: 2 multiple events, conditions, and what can be compensated; 3 elements
with another id than their key says, of cases that were moved to another version."""
_NOTHING: Final[dict[str, Any]] = {}


# Values


def encode(value: Any) -> Any:
    """Return a FEEL value as something JSON can hold. Raises TypeError for anything else."""
    encoder = _ENCODERS.get(type(value))
    if encoder is None:
        raise TypeError(f"Expected a FEEL value, but got an object of type {type(value).__name__}")
    return encoder(value)


def _as_it_is(value: Any) -> Any:
    return value


def _number(value: Decimal) -> Any:
    text = str(value)
    if text.isdecimal() and len(text) < 19:  # most numbers are small, whole and not negative
        return int(text)
    sign, digits, exponent = value.as_tuple()
    if exponent == 0 and len(digits) < 19 and not (sign and digits == (0,)):
        return int(value)
    return {"$number": text}


def _moment(value: datetime) -> Any:
    text, zone = _split_zone(value)
    return {"$datetime": [text, zone, 1] if value.fold else [text, zone]}


def _time(value: time) -> Any:
    text, zone = _split_zone(value)
    return {"$time": [text, zone, 1] if value.fold else [text, zone]}


def _split_zone(value: Any) -> tuple[str, Any]:
    zone = value.tzinfo
    text = value.replace(tzinfo=None, fold=0).isoformat()
    if isinstance(zone, ZoneInfo):
        return text, zone.key
    if zone is None:
        return text, None
    offset = zone.utcoffset(None)
    return text, [offset.days, offset.seconds, offset.microseconds]


def _context(value: dict[str, Any]) -> Any:
    for key in value:
        if key.startswith("$"):
            return {"$context": [[each, encode(entry)] for each, entry in value.items()]}
    return _encode_entries(value)


def _encode_entries(entries: Mapping[str, Any]) -> dict[str, Any]:
    # Most values stand for themselves; this is the hottest line of a save.
    return {
        name: value if type(value) in _PLAIN else encode(value) for name, value in entries.items()
    }


def _decode_entries(entries: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if type(value) in _PLAIN else decode(value) for name, value in entries.items()
    }


_PLAIN: Final = frozenset((str, bool, type(None)))
_ENCODERS: Final[Mapping[type, Callable[[Any], Any]]] = {
    str: _as_it_is,
    bool: _as_it_is,
    type(None): _as_it_is,
    Decimal: _number,
    date: lambda value: {"$date": value.isoformat()},
    datetime: _moment,
    time: _time,
    timedelta: lambda value: {"$duration": [value.days, value.seconds, value.microseconds]},
    YearsMonths: lambda value: {"$months": value.total},
    list: lambda value: [each if type(each) is str else encode(each) for each in value],
    dict: _context,
    Range: lambda value: {
        "$range": [
            encode(value.start),
            encode(value.end),
            value.start_included,
            value.end_included,
        ]
    },
}


def decode(value: Any) -> Any:
    """Return the FEEL value that `encode` made this of. Raises StateFormatError."""
    if type(value) is int:
        return Decimal(value)
    if type(value) is list:
        return [decode(each) for each in value]
    if type(value) is dict:
        return _decode_object(value)
    return value


def _decode_object(value: dict[str, Any]) -> Any:
    for key in value:
        if key.startswith("$"):
            decoder = _DECODERS.get(key)
            if decoder is None or len(value) != 1:
                raise StateFormatError(f"Expected a kind of value this version knows, not {key}")
            return decoder(value[key])
    return _decode_entries(value)


def _zone(zone: Any) -> timezone | ZoneInfo | None:
    if isinstance(zone, list):
        return timezone(timedelta(*zone))
    return zone if zone is None else ZoneInfo(zone)


def _decode_moment(parts: list[Any]) -> datetime:
    moment = datetime.fromisoformat(parts[0])
    return moment.replace(tzinfo=_zone(parts[1]), fold=len(parts) - 2)


def _decode_time(parts: list[Any]) -> time:
    return time.fromisoformat(parts[0]).replace(tzinfo=_zone(parts[1]), fold=len(parts) - 2)


_DECODERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "$number": Decimal,
    "$date": date.fromisoformat,
    "$datetime": _decode_moment,
    "$time": _decode_time,
    "$duration": lambda parts: timedelta(*parts),
    "$months": YearsMonths,
    "$range": lambda parts: Range(decode(parts[0]), decode(parts[1]), parts[2], parts[3]),
    "$context": lambda pairs: {key: decode(entry) for key, entry in pairs},
}


# States


def dump_state(state: State) -> bytes:
    """Return the state as bytes; equal states give equal bytes."""
    document: dict[str, Any] = {"v": FORMAT, "p": state.process_id}
    if state.ended is not Ended.NO:
        document["end"] = state.ended
    document["a"] = [_dump_activation(each) for each in state.activations.values()]
    document["w"] = [_dump_wait(key, wait) for key, wait in state.waits.items()]
    return orjson.dumps(document)


def _dump_activation(activation: Activation) -> dict[str, Any]:
    """Leave out what is empty, and what the key tells (element and parent)."""
    saved: dict[str, Any] = {"k": activation.key, "r": activation.role}
    if activation.element != _element_of(activation.key):
        saved["element"] = activation.element
    if activation.inner != activation.process:
        saved["p"] = activation.inner
    for name in ("entered", "troubled", "interrupted"):
        if getattr(activation, name):
            saved[name[0]] = 1
    if activation.variables:
        saved["v"] = _encode_entries(activation.variables)
    for name in ("counters", "joins", "ends"):
        if getattr(activation, name):
            saved[name] = getattr(activation, name)
    return saved | _dump_unusual(activation)


def _dump_unusual(activation: Activation) -> dict[str, Any]:
    saved: dict[str, Any] = {}
    if activation.loop is not None:
        saved["loop"] = _dump_loop(activation.loop)
    if activation.heard:
        saved["heard"] = {name: _encode_entries(had) for name, had in activation.heard.items()}
    if activation.done:
        saved["done"] = _dump_done(activation.done)
    if activation.undo is not None:
        saved["undo"] = _dump_done(activation.undo)
    return saved


def _dump_done(records: list[Done]) -> list[Any]:
    # Sub-processes nest as deep as the diagram is drawn, so recursion is bounded by its depth.
    return [
        [each.element, _encode_entries(each.variables), _dump_done(each.inner)] for each in records
    ]


def _load_done(saved: list[Any]) -> list[Done]:
    return [
        Done(element, _decode_entries(variables), _load_done(inner))
        for element, variables, inner in saved
    ]


def _dump_loop(loop: Loop) -> list[Any]:
    return [loop.total, loop.done, encode(loop.items), encode(loop.results)]


def _dump_wait(key: str, wait: Wait) -> dict[str, Any]:
    saved: dict[str, Any] = {"k": key, "t": wait.kind}
    if wait.owner != key:
        saved["o"] = wait.owner
    if wait.element != _element_of(key):
        saved["e"] = wait.element
    if wait.listens is not Listens.SELF:
        saved["l"] = wait.listens
    if wait.name is not None:
        saved["name"] = wait.name
    if wait.correlation is not None:
        saved["correlation"] = wait.correlation
    if wait.due is not None:
        saved["due"] = wait.due.isoformat()
    return saved | _dump_rest(wait)


def _dump_rest(wait: Wait) -> dict[str, Any]:
    saved: dict[str, Any] = {}
    if wait.plan is not None:
        saved["plan"] = [wait.plan.text, wait.plan.anchor.isoformat(), wait.plan.turn]
    if wait.part is not None:
        saved["part"] = wait.part
    if wait.trouble is not None:
        code, message, element, stage, data = wait.trouble
        # A step keeps nothing, a flow id or values; the start of a scope an event and values.
        kept = encode(list(data) if isinstance(data, tuple) else data)
        saved["trouble"] = [code, message, element, stage, kept]
    return saved


def load_state(saved: bytes) -> State:
    """Return the state `dump_state` wrote. Raises StateFormatError."""
    try:
        document = orjson.loads(saved)
    except orjson.JSONDecodeError as problem:
        raise StateFormatError(f"Expected a saved state, but it is not JSON: {problem}") from None
    stamp = document.get("v") if isinstance(document, dict) else None
    if stamp not in READABLE:
        raise StateFormatError(
            f"Expected a saved state of format {FORMAT}, but got format {stamp!r}: it was written "
            "by another version of this program"
        )
    try:
        return _load(document)
    except (KeyError, ValueError, TypeError, IndexError, ArithmeticError) as problem:
        raise StateFormatError(
            f"Expected a whole saved state, but it is damaged: {problem!r}"
        ) from (problem)


def _load(document: dict[str, Any]) -> State:
    process_id = document["p"]
    activations: dict[str, Activation] = {}
    for saved in document["a"]:
        activation = _load_activation(saved, activations, process_id)
        activations[activation.key] = activation
        if activation.parent is not None:
            activations[activation.parent].children[activation.key] = None
    waits: dict[str, Wait] = {}
    for saved in document["w"]:
        wait = _load_wait(saved)
        waits[saved["k"]] = wait
        activations[wait.owner].waits[saved["k"]] = None
    return State(process_id, activations, waits, Ended(document.get("end", "")))


def _load_activation(
    saved: dict[str, Any], others: dict[str, Activation], process_id: str
) -> Activation:
    key = saved["k"]
    parent = None if key == ROOT else _parent_of(key)
    process = process_id if parent is None else others[parent].inner
    loop = saved.get("loop")
    return Activation(
        key,
        saved["element"] if "element" in saved else _element_of(key),
        Role(saved["r"]),
        process,
        saved.get("p", process),
        parent,
        "e" in saved,
        "t" in saved,
        "i" in saved,
        _decode_entries(saved.get("v", _NOTHING)),
        saved.get("counters", {}),
        saved.get("joins", {}),
        saved.get("ends", []),
        loop and Loop(loop[0], loop[1], decode(loop[2]), decode(loop[3])),
        {name: _decode_entries(had) for name, had in saved.get("heard", _NOTHING).items()},
        _load_done(saved.get("done", [])),
        _load_done(saved["undo"]) if "undo" in saved else None,
    )


def _load_wait(saved: dict[str, Any]) -> Wait:
    key = saved["k"]
    due = saved.get("due")
    return Wait(
        WaitKind(saved["t"]),
        saved.get("o", key),
        saved["e"] if "e" in saved else _element_of(key),
        Listens(saved.get("l", Listens.SELF)),
        saved.get("name"),
        saved.get("correlation"),
        due and datetime.fromisoformat(due),
        _load_plan(saved.get("plan")),
        _load_trouble(saved.get("trouble")),
        saved.get("part"),
    )


def _load_plan(saved: list[Any] | None) -> Plan | None:
    if saved is None:
        return None
    return Plan(saved[0], datetime.fromisoformat(saved[1]), saved[2])


def _load_trouble(saved: list[Any] | None) -> Trouble | None:
    if saved is None:
        return None
    code, message, element, stage, data = saved
    return Trouble(code, message, element, Stage(stage), decode(data))


def _parent_of(key: str) -> str:
    """`a#1/b#2` lies in `a#1`, `b#2[3]` in `b#2`, `b#2` in the root."""
    if key.endswith("]"):
        return key[: key.rindex("[")]
    return key.rpartition("/")[0]


def _element_of(key: str) -> str:
    last = key.rpartition("/")[2]
    return last[: last.rindex("#")] if "#" in last else ""
