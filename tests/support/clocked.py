"""A small process under clocks: checked, sent back for papers, decided."""

from __future__ import annotations

from tests.support.packages import diagram, flows, service_task, user_task

LADDER = """
ladders:
  standard:
    - {at: "0.5", do: warn, to: owner}
    - {at: "0.8", do: warn, to: owner+chief}
    - {at: due, do: escalate, to: chief}
    - {at: due+1wd, do: chase, to: chief}
    - {at: due+3wd, do: escalate, to: director}
"""
LIMITS = (
    """
clocks:
  processing: {rule: PROC_WORKDAY, length: 3, unit: working_day, pausable: true, ladder: standard}
"""
    + LADDER
)
_STEPS = (
    '<startEvent id="start"/>'
    + user_task("check", outcomes="complete,missing")
    + '<exclusiveGateway id="whole" default="whole_decide"/>'
    + service_task("pause", "clock.pause", clock="&quot;processing&quot;")
    + user_task("wait_papers", wait="true")
    + service_task("resume", "clock.resume", clock="&quot;processing&quot;")
    + user_task("decide", "reviewer")
    + '<endEvent id="end"/>'
    + flows("start>check", "check>whole", 'whole>pause:outcome = "missing"', "whole>decide")
    + flows("pause>wait_papers", "wait_papers>resume", "resume>check", "decide>end")
)
CLOCKED = diagram("CLOCKED", _STEPS)


def with_boundary(process_id: str, clock: str, point: str) -> bytes:
    """The same, with a reminder beside `decide` that waits for a point of a clock."""
    reminder = (
        '<boundaryEvent id="near" attachedToRef="decide" cancelActivity="false">'
        f'<timerEventDefinition hz:clock="{clock}" hz:point="{point}"/></boundaryEvent>'
        + user_task("hurry", "chief")
        + '<endEvent id="hurried"/>'
        + flows("near>hurry", "hurry>hurried")
    )
    return diagram(process_id, _STEPS + reminder)
