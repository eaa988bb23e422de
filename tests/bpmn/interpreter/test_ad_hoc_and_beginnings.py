"""Work without a drawn order, and instances that begin with an event that is no start event."""

from __future__ import annotations

from engine.bpmn import compile_definition
from tests.bpmn.diagrams import diagram, path
from tests.bpmn.element_cases import BEGUN, GLOBALS
from tests.support.instances import Instance
from tests.support.processes import Builder, error, process


def three(s: Builder) -> Builder:
    return s.user_task("a").back_to(None).user_task("b").back_to(None).user_task("c")


def ad_hoc(until: str | None = None, *, sequential: bool = False, cancels: bool = True) -> Instance:
    drawn = process("p").start().ad_hoc("x", three, until, sequential=sequential, cancels=cancels)
    return Instance(drawn.end().build())


def test_everything_is_offered_and_may_be_done_in_any_order() -> None:
    run = ad_hoc()
    assert run.open() == ["a", "b", "c"]

    for name in ("c", "a", "b"):
        run.complete(name)

    assert run.completed_at() == ("end",)


def test_it_ends_by_its_condition_and_ends_what_is_open() -> None:
    run = ad_hoc("enough = true")

    run.complete("b", enough=False)
    assert run.open() == ["a", "c"]
    run.complete("a", enough=True)

    assert run.completed_at() == ("end",)


def test_what_is_open_may_be_waited_for() -> None:
    run = ad_hoc("enough = true", cancels=False)

    run.complete("b", enough=True)
    assert run.open() == ["a", "c"]
    run.complete("a")
    run.complete("c")

    assert run.completed_at() == ("end",)


def test_one_after_the_other_when_it_says_so() -> None:
    run = ad_hoc(sequential=True)

    for name in ("a", "b", "c"):
        assert run.open() == [name]
        run.complete(name)

    assert run.completed_at() == ("end",)


def test_it_is_offered_again_until_it_is_enough() -> None:
    run = ad_hoc("n >= 2", sequential=True)

    for name in ("a", "b", "c"):
        run.complete(name, n=1)
    assert run.open() == ["a"]
    run.complete("a", n=2)

    assert run.completed_at() == ("end",)


def test_a_condition_that_cannot_be_asked_is_an_incident_and_nothing_is_lost() -> None:
    run = ad_hoc("enough")

    run.complete("a")
    assert run.incident_codes() == ["feel.unknown-name"]
    run.retry(enough=True)

    assert run.completed_at() == ("end",)


def test_flows_inside_are_followed() -> None:
    body = lambda s: s.user_task("a").user_task("then").back_to(None).user_task("b")  # noqa: E731
    run = Instance(process("p").start().ad_hoc("x", body).end().build())

    run.complete("b")
    run.complete("a")
    assert run.open() == ["then"]
    run.complete("then")

    assert run.completed_at() == ("end",)


def test_an_instance_begins_with_either_event_behind_its_gateway() -> None:
    definition = compile_definition(diagram(BEGUN, GLOBALS))

    run = Instance(definition, {}, start_event="b", payload={"page": 2})

    assert run.completed_at() == ("e",)
    assert run.value("page") == 2
    assert "a" not in run.visited()


def test_a_parallel_gateway_waits_for_the_others_too() -> None:
    body = BEGUN.replace('instantiate="true"', 'instantiate="true" eventGatewayType="Parallel"')
    definition = compile_definition(diagram(body, GLOBALS))

    run = Instance(definition, {}, start_event="a")
    run.receive("b")

    assert run.visited() == ["a", "e", "b", "e"]


def test_an_instance_begins_with_a_receive_task() -> None:
    body = '<receiveTask id="r" messageRef="m1" instantiate="true"/><endEvent id="e"/>' + path(
        "r", "e"
    )
    definition = compile_definition(diagram(body, GLOBALS))

    assert Instance(definition, {}, start_event="r").completed_at() == ("e",)


def test_a_script_that_fails_is_an_error_of_the_model_where_the_model_says_so() -> None:
    drawn = process("p").start().script("s", "n", "1 + unknown", failure="BAD").end()
    caught = drawn.boundary("s", "on_bad", error("BAD"), outputs={"why": "message"}).end("mended")

    run = Instance(caught.build())

    assert run.completed_at() == ("mended",)
    assert "unknown" in run.value("why")
    silent = process("p").start().script("s", "n", "1 + unknown", failure="BAD").end().build()
    assert Instance(silent).incident_codes() == ["feel.unknown-name"]
