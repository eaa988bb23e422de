"""States as bytes: what comes back is exactly what went in."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.codec import decode, encode
from engine.bpmn.interpreter import StateFormatError, dump_state, load_state
from engine.bpmn.state import State
from feel.values import Range, YearsMonths
from tests.support.instances import Instance
from tests.support.processes import after, each, message, process, signal, timer

ZONES = st.sampled_from(
    [
        None,
        UTC,
        timezone(timedelta(hours=8)),
        timezone(-timedelta(hours=3, minutes=30)),
        ZoneInfo("Asia/Taipei"),
        ZoneInfo("Europe/Riga"),
    ]
)
FOLDS = st.integers(0, 1)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.text(),
    DECIMALS,
    st.integers().map(Decimal),
    st.dates(),
    st.builds(lambda t, z, f: t.replace(tzinfo=z, fold=f), st.times(), ZONES, FOLDS),
    st.builds(lambda t, z, f: t.replace(tzinfo=z, fold=f), st.datetimes(), ZONES, FOLDS),
    st.timedeltas(),
    st.integers(-9999, 9999).map(YearsMonths),
    st.builds(Range, DECIMALS, DECIMALS, st.booleans(), st.booleans()),
    st.builds(Range, st.none(), st.dates()),
)
KEYS = st.one_of(st.text(), st.sampled_from(["$", "$date", "$number", "$context"]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


def exact(value: Any) -> Any:
    """What `==` overlooks: types, zones, folds, the digits of a number, the order of keys."""
    if isinstance(value, dict):
        return [(key, exact(each)) for key, each in value.items()]
    if isinstance(value, list):
        return [exact(each) for each in value]
    if isinstance(value, Range):
        return (exact(value.start), exact(value.end), value.start_included, value.end_included)
    if isinstance(value, datetime | time):
        return (value.replace(tzinfo=None), repr(value.tzinfo), value.fold)
    if isinstance(value, Decimal):
        return value.as_tuple()
    return (type(value), value)


@settings(max_examples=400, deadline=None)
@given(VALUES)
def test_every_value_comes_back_exactly(value: Any) -> None:
    through_json = json.loads(json.dumps(encode(value)))

    assert exact(decode(through_json)) == exact(value)


def test_whole_numbers_stay_plain_in_the_bytes() -> None:
    assert encode({"n": Decimal(3), "s": "x"}) == {"n": 3, "s": "x"}
    assert encode(Decimal("3.0")) == {"$number": "3.0"}
    assert encode(date(2026, 3, 2)) == {"$date": "2026-03-02"}


def test_what_is_no_feel_value_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        encode(object())
    with pytest.raises(TypeError, match="set"):
        encode([{1}])


def busy_state() -> State:
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .user_task("ask", multi_instance=each("list", item="x", into="out", result="x"))
        .boundary("ask", "nag", timer(cycle="R/PT1H"), interrupting=False)
        .back_to("fork")
        .user_task("one", multi_instance=each("list", item="x", sequential=True))
        .back_to("fork")
        .service("notify")
        .back_to("fork")
        .script("broken", "y", "missing")
        .back_to("fork")
        .first_event("race")
        .catch("paid", message("paid", '"A"'))
        .back_to("race")
        .catch("alarm", signal("s"))
        .back_to("fork")
        .user_task("half")
        .parallel("join")
        .back_to("fork")
        .to("join")
        .event_sub_process("rescue", lambda s: s.start("begin", after("P9D")).user_task("r"))
        .build()
    )
    return Instance(definition, {"list": [1, date(2026, 1, 1), {"$x": Decimal("1.50")}]}).state


def test_a_state_comes_back_whole() -> None:
    state = busy_state()

    loaded = load_state(dump_state(state))

    assert loaded == state
    assert dump_state(loaded) == dump_state(state)


@pytest.mark.parametrize(
    ("saved", "says"),
    [
        (b"", "not JSON"),
        (b"[]", "format None"),
        (b'{"v":4}', "format 4"),
        (b'{"v":"1"}', "format '1'"),
        (b'{"v":1}', "damaged"),
        (b'{"v":1,"p":"p","a":[{"k":"","r":"?"}],"w":[]}', "damaged"),
        (b'{"v":1,"p":"p","a":[{"k":"a/b#1","r":"l"}],"w":[]}', "damaged"),
        (b'{"v":1,"p":"p","a":[{"k":"","r":"r","v":{"x":{"$new":1}}}],"w":[]}', r"\$new"),
        (b'{"v":1,"p":"p","a":[{"k":"","r":"r","v":{"x":{"$number":"x"}}}],"w":[]}', "damaged"),
    ],
)
def test_bytes_that_are_no_state_are_refused_with_a_sentence(saved: bytes, says: str) -> None:
    with pytest.raises(StateFormatError, match=says):
        load_state(saved)


def test_every_cut_of_a_state_is_refused() -> None:
    saved = dump_state(busy_state())

    for length in range(0, len(saved), 7):
        with pytest.raises(StateFormatError):
            load_state(saved[:length])
