"""Pools and message flows that make sense are passed over without a word."""

from __future__ import annotations

import pytest

from engine.bpmn import lint
from tests.bpmn.diagrams import diagram, path
from tests.bpmn.lint_cases import lanes, pools

NODES = (
    '<startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent>'
    '<intermediateThrowEvent id="t"><messageEventDefinition messageRef="m"/>'
    '</intermediateThrowEvent><intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>'
    'P1D</timeDuration></timerEventDefinition></intermediateCatchEvent><exclusiveGateway id="g"/>'
    '<task id="x"/><endEvent id="e"/>' + path("s", "t", "w", "x", "g", "e")
)


def between(source: str, target: str) -> set[str]:
    collaboration = (
        '<message id="m" name="Paper"/><collaboration id="c"><participant id="us" processRef="p"/>'
        '<participant id="them"/>'
        f'<messageFlow id="mf" sourceRef="{source}" targetRef="{target}"/></collaboration>'
    )
    found = lint(diagram(NODES, collaboration))
    return {one.rule for one in found if one.rule.startswith("message-flow")}


@pytest.mark.parametrize(
    ("source", "target"),
    [("us", "them"), ("them", "us"), ("x", "them"), ("them", "x"), ("them", "s"), ("t", "them")],
)
def test_a_message_goes_between_two_pools(source: str, target: str) -> None:
    assert between(source, target) == set()


@pytest.mark.parametrize(
    ("source", "target"),
    [
        *(("s", "them"), ("them", "t"), ("them", "e"), ("e", "them")),
        *(("g", "them"), ("them", "w"), ("them", "g")),
    ],
)
def test_what_cannot_send_or_receive_is_no_end_of_a_message_flow(source: str, target: str) -> None:
    assert between(source, target) == {"message-flow.bad-end"}


@pytest.mark.parametrize(("source", "target"), [("us", "x"), ("x", "us"), ("t", "x")])
def test_a_message_does_not_stay_in_its_pool(source: str, target: str) -> None:
    assert between(source, target) == {"message-flow.same-pool"}


def test_lanes_that_share_nothing_are_passed_over() -> None:
    assert lint(lanes("x", "s")) == []
    assert lint(pools("x", "them")) == []
