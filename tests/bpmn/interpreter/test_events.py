"""Timers, messages, signals, errors, escalations, terminate, and the event-based gateway."""

from __future__ import annotations

import pytest

from engine.bpmn import facts
from engine.bpmn.state import WaitKind
from tests.support.instances import Instance, with_boundary
from tests.support.processes import (
    message,
    process,
    signal,
)

# Messages


def test_a_message_is_awaited_by_name_and_key_and_brings_its_payload() -> None:
    definition = process("p").start().catch("wait", message("paid", "number")).end().build()
    run = Instance(definition, {"number": "A-1"})

    assert run.told(facts.MessageAwaited) == [
        facts.MessageAwaited("wait#1", "p", "wait", "paid", "A-1")
    ]
    run.receive("wait", amount=30)

    assert run.value("amount") == 30
    assert facts.MessageReceived("wait#1") in run.last


def test_a_payload_passes_through_the_output_mappings_of_its_event() -> None:
    definition = (
        process("p").start().receive("wait", "paid", outputs={"fee": "amount * 2"}).end().build()
    )
    run = Instance(definition)

    run.receive("wait", amount=30, extra=1)

    assert run.value("fee") == 60
    assert not run.has("extra")


def test_a_number_may_correlate_and_null_may_not() -> None:
    definition = process("p").start().catch("wait", message("paid", "number")).end().build()

    run = Instance(definition, {"number": 100})
    assert run.told(facts.MessageAwaited)[0].correlation_key == "100"

    run = Instance(definition, {"number": None})
    assert run.incident_codes() == ["message.no-correlation-key"]
    run.retry(number="A")
    assert run.told(facts.MessageAwaited)[0].correlation_key == "A"


def test_a_non_interrupting_message_boundary_hears_again_under_a_new_key() -> None:
    run = with_boundary(message("news"), interrupting=False)

    run.receive("b", n=1)
    run.receive("b", n=2)

    assert [each.key for each in run.told(facts.MessageAwaited)] == ["b#1", "b#2", "b#3"]
    assert run.open() == ["a", "handle", "handle"]
    run.complete("a")
    assert facts.MessageWaitCancelled("b#3") in run.last


def test_a_thrown_message_leaves_with_the_inputs_of_its_event() -> None:
    definition = (
        process("p")
        .start()
        .send("tell", "moved", "number", inputs={"to": '"x"'})
        .end("end", message("closed"))
        .build()
    )

    run = Instance(definition, {"number": "A-1"})

    assert run.told(facts.MessageThrown) == [
        facts.MessageThrown("tell#1", "p", "tell", "moved", "A-1", {"to": "x"}),
        facts.MessageThrown("end#1", "p", "end", "closed", None, {}),
    ]


def test_an_instance_may_begin_with_a_message() -> None:
    definition = (
        process("p")
        .start("plain")
        .user_task("usual")
        .start("by_message", message("report"))
        .user_task("special")
        .build()
    )

    run = Instance(definition, start_event="by_message", payload={"who": "x"})
    assert run.open() == ["special"]
    assert run.value("who") == "x"
    assert Instance(definition).open() == ["usual"]
    with pytest.raises(ValueError, match="by_message"):
        Instance(definition, start_event="nowhere")


def test_a_process_that_only_starts_by_message_does_not_start_plainly() -> None:
    definition = process("p").start("m", message("report")).end().build()

    with pytest.raises(ValueError, match="only starts with one of m"):
        Instance(definition)


# Signals


def test_a_signal_reaches_every_wait_for_it_and_no_other() -> None:
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .catch("one", signal("s"))
        .user_task("after_one")
        .back_to("fork")
        .catch("two", signal("s"))
        .user_task("after_two")
        .back_to("fork")
        .catch("other", signal("t"))
        .build()
    )
    run = Instance(definition)

    run.signal("s", level=3)

    assert run.open() == ["after_one", "after_two"]
    assert run.open(WaitKind.SIGNAL) == ["other"]
    assert run.value("level") == 3
    assert run.signal("unheard") == ()


def test_a_signal_thrown_inside_interrupts_before_the_thrower_goes_on() -> None:
    definition = (
        process("p")
        .start()
        .sub_process(
            "sub",
            lambda s: (
                s.start("s1")
                .throw("shout", signal("stop"), inputs={"why": '"typhoon"'})
                .user_task("never")
            ),
        )
        .boundary("sub", "heard", signal("stop"))
        .user_task("stopped")
        .build()
    )

    run = Instance(definition)

    assert run.open() == ["stopped"]
    assert "never" not in run.visited()
    assert run.value("why") == "typhoon"
    assert run.told(facts.SignalThrown) == [
        facts.SignalThrown("sub#1/shout#1", "p", "shout", "stop", {"why": "typhoon"})
    ]
