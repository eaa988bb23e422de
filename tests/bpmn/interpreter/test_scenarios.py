"""The scenario runner: it believes what holds, and says in a sentence what does not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml

from engine.bpmn.definition import Definition
from engine.bpmn.environment import Environment
from engine.bpmn.scenario import (
    NoClocks,
    Result,
    ScenarioError,
    Surroundings,
    check_scenario,
    parse_scenario,
    unvisited,
)
from tests.support.processes import (
    after,
    error,
    message,
    process,
    signal,
    timer,
)


class ThreeDays(NoClocks):
    """Clocks that run three days from when they are started; pausing keeps what is left."""

    def __init__(self) -> None:
        self.due: dict[str, datetime] = {}
        self.left: dict[str, timedelta] = {}
        self.met: set[str] = set()

    def operate(
        self, operation: str, inputs: Mapping[str, Any], now: datetime
    ) -> Mapping[str, Any]:
        clock = inputs["clock"]
        match operation:
            case "clock.start":
                self.due[clock] = now + timedelta(days=3)
            case "clock.pause":
                self.left[clock] = self.due.pop(clock) - now
            case "clock.resume":
                self.due[clock] = now + self.left.pop(clock)
            case _:
                self.met.add(clock)
        return {"due": self.due.get(clock)}

    def reaches(self, clock: str, point: str) -> datetime | None:
        return self.due.get(clock)

    def statuses(self, now: datetime) -> Mapping[str, str]:
        return (
            dict.fromkeys(self.due, "running")
            | dict.fromkeys(self.left, "paused")
            | dict.fromkeys(self.met, "met")
        )


def registration() -> Definition:
    clock = {"clock": '"processing"'}
    return (
        process("P99")
        .start()
        .service("begin", "clock.start", inputs=clock)
        .user_task("check")
        .xor("complete")
        .when("missing = []")
        .user_task("enter", inputs={"channel": "case.channel", "who": "data.child.name"})
        .service("tell", "agency.notify", inputs={"agency": '"health"', "fields": "{a: 1}"})
        .xor("outcome")
        .when('status = "confirmed"')
        .service("letter", "notice.issue", inputs={"kind": '"result"'})
        .end("registered")
        .back_to("outcome")
        .otherwise()
        .end("refused")
        .back_to("complete")
        .otherwise()
        .service("pause", "clock.pause", inputs=clock)
        .user_task("wait_papers")
        .service("go_on", "clock.resume", inputs=clock)
        .to("check")
        .boundary("wait_papers", "too_long", after("P30D"))
        .end("dropped")
        .boundary("enter", "late", timer(clock="processing"), interrupting=False)
        .user_task("hurry")
        .boundary("tell", "down", error("AGENCY_FAILED"))
        .user_task("by_hand")
        .event_sub_process(
            "withdrawal", lambda s: s.start("asked", message("withdrawal")).end("withdrawn")
        )
        .build()
    )


def run(steps: str, definition: Definition | None = None, **more: Any) -> Result:
    document = yaml.safe_load(
        """
title: {zh-TW: 測試, en: Test}
at: 2026-03-02T09:00+08:00
file: {channel: counter, by: counter.lin, values: {missing: []}, data: {child: {name: 陳示範}}}
steps:
"""
        + steps
    )
    around = Surroundings(
        {"notice.issue": lambda inputs, now: {"notice_id": f"{inputs['kind']}-1"}},
        ThreeDays,
        {"agency.notify": {"status", "reference", "reason"}},
        **more,
    )
    return check_scenario(parse_scenario(document), definition or registration(), ENV, around)


ENV = Environment()


def test_a_happy_scenario_holds_and_tells_what_it_asked_for() -> None:
    result = run(
        """
  - expect: {tasks: [check], clocks: {processing: running}, status: active}
  - complete: check
    by: counter.lin
    values: {missing: []}
  - complete: enter
  - expect: {tasks: []}
  - agency: {operation: agency.notify, agency: health, answer: {status: confirmed, reference: A1}}
  - expect: {status: closed, ended_at: [registered], incidents: []}
  - expect: {variables: {notice_id: result-1, reason: null}}
"""
    )

    assert result.failures == ()
    assert [each.operation for each in result.performed] == [
        "clock.start",
        "agency.notify",
        "notice.issue",
    ]
    assert ("P99", "registered") in result.visited
    assert "P99/dropped" in unvisited([registration()], [result])
    assert "P99/check" not in unvisited([registration()], [result])
    ways = {flow.target: flow.id for flow in registration().elements["outcome"].outgoing}
    assert f"P99/{ways['refused']}" in unvisited([registration()], [result])
    assert f"P99/{ways['letter']}" not in unvisited([registration()], [result])


def test_time_passes_only_when_told_and_fires_what_is_due_on_the_way() -> None:
    result = run(
        """
  - complete: check
    values: {missing: [birth_certificate]}
  - expect: {tasks: [wait_papers], clocks: {processing: paused}}
  - pass: P29D
  - expect: {tasks: [wait_papers]}
  - pass: P1D
  - expect: {status: closed, ended_at: [dropped]}
"""
    )

    assert result.failures == ()


def test_a_timer_on_a_clock_follows_the_clock_when_it_is_moved() -> None:
    result = run(
        """
  - pass: P1D
  - complete: check
    values: {missing: [birth_certificate]}
  - pass: P9D
  - complete: wait_papers
  - complete: check
    values: {missing: []}
  - pass: P1D
  - expect: {tasks: [enter]}
  - pass: P1D
  - expect: {tasks: [enter, hurry]}
"""
    )

    assert result.failures == ()


def test_a_clock_can_be_taken_to_its_point() -> None:
    result = run(
        """
  - complete: check
  - clock: {name: processing, point: due}
  - expect: {tasks: [enter, hurry]}
"""
    )
    assert result.failures == ()

    result = run("  - clock: {name: statutory}")
    assert result.failures == (
        "Step 1 (clockreaches): expected a timer on clock statutory at due, but none waits",
    )


def test_an_agency_may_fail_and_all_may_be_answered() -> None:
    to_agency = """
  - complete: check
  - complete: enter
"""
    assert (
        run(to_agency + "  - agency: {all: confirmed}\n  - expect: {status: closed}").failures == ()
    )
    failed = run(
        to_agency
        + """
  - agency: {agency: health, error: AGENCY_FAILED, message: 介接服務停止}
  - expect: {tasks: [by_hand]}
"""
    )
    assert failed.failures == ()
    failed = run(
        to_agency
        + """
  - agency: {agency: health, failure: Broken for good}
  - expect: {incidents: [service.failed]}
  - retry: {element: tell}
  - agency: {all: confirmed}
  - expect: {status: closed, incidents: []}
"""
    )
    assert failed.failures == ()


def test_messages_and_withdrawal_arrive() -> None:
    assert (
        run(
            """
  - message: {name: withdrawal, values: {why: moved}}
  - expect: {status: closed, variables: {why: moved}}
"""
        ).failures
        == ()
    )
    assert (
        run(
            "  - withdraw: {reason: 申請人撤回}\n  - expect: {status: withdrawn, tasks: []}"
        ).failures
        == ()
    )


def test_signals_and_explicit_moments_arrive() -> None:
    definition = (
        process("P99")
        .start()
        .catch("typhoon", signal("typhoon"))
        .catch("monday", timer(date='date("2026-03-09")'))
        .end("done")
        .build()
    )
    result = run(
        """
  - signal: {name: typhoon}
  - at: 2026-03-08T23:59+08:00
  - expect: {status: active}
  - at: 2026-03-09T00:00+08:00
  - expect: {status: closed}
""",
        definition,
    )

    assert result.failures == ()


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (
            "expect: {tasks: [enter]}",
            "Step 1 (expect): expected open user tasks enter, but they are check",
        ),
        (
            "expect: {status: closed}",
            "Step 1 (expect): expected the case to be closed, but it is active",
        ),
        (
            "expect: {clocks: {processing: paused}}",
            "Step 1 (expect): expected clock processing to be paused, but it is running",
        ),
        (
            "expect: {variables: {missing: [x]}}",
            "Step 1 (expect): expected variable missing to be ['x'], but it is []",
        ),
        (
            "expect: {variables: {fee: 1}}",
            "Step 1 (expect): expected variable fee to be 1, but it is not there",
        ),
        (
            "expect: {ended_at: [registered]}",
            "Step 1 (expect): expected the case to have ended at registered, but it ended at none",
        ),
        (
            "complete: enter",
            "Step 1 (complete): expected user task enter to be open; open are: check",
        ),
        (
            "agency: {agency: tax, answer: {status: confirmed}}",
            "Step 1 (agencyanswer): expected agency.notify to wait for tax; waiting are: none",
        ),
        (
            "message: {name: paid}",
            "Step 1 (arrive): expected exactly one wait for message paid, but there are 0; "
            "awaited are: withdrawal (None)",
        ),
        (
            "retry: {element: enter}",
            "Step 1 (retry): expected an incident to retry, but there is none",
        ),
        (
            "at: 2026-03-01T00:00+08:00",
            "Step 1 (pass): expected a moment after 2026-03-02 09:00",
        ),
        (
            "complete: check\n    values: {_x: 1}",
            "Step 1 (complete): Expected a variable name of letters, digits and _ that begins "
            "with a letter, but got '_x'",
        ),
    ],
)
def test_what_does_not_hold_is_said_in_a_sentence(step: str, sentence: str) -> None:
    assert run(f"  - {step}").failures == (sentence,)


def test_an_incident_nobody_expected_fails_the_scenario() -> None:
    definition = process("P99").start().script("s", "x", "unheard").end().build()

    (failure,) = run("  - expect: {status: active}", definition).failures
    assert failure.startswith("At the end: nobody expected the incident feel.unknown-name at s")
    assert run("  - expect: {incidents: [feel.unknown-name]}", definition).failures == ()


def test_what_a_form_leaves_blank_is_null() -> None:
    definition = (
        process("P99")
        .start()
        .user_task("ask")
        .script("s", "x", 'if remark = null then "none" else remark')
        .end()
        .build()
    )
    steps = "  - complete: ask\n  - expect: {variables: {x: none}, incidents: []}"

    assert run(steps, definition, forms={"ask-form": ("remark",)}).failures == ()
    assert run(steps, definition).failures != ()


def test_a_process_that_asks_for_a_clock_it_does_not_have_says_so() -> None:
    definition = process("P99").start().service("c", "clock.start", inputs={"clock": '"x"'}).build()
    scenario = parse_scenario({"title": "x", "at": "2026-03-02T09:00+08:00", "file": {}})

    result = check_scenario(scenario, definition, ENV, Surroundings())

    assert result.failures == ("Filing: Expected no clocks, but the process asks for clock.start",)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ([], "The scenario"),
        ({"at": "2026-03-02T09:00"}, "with its zone"),
        ({"at": "yesterday"}, "yesterday"),
        ({"at": "2026-03-02T09:00+08:00", "colour": 1}, "colour"),
        ({"at": "2026-03-02T09:00+08:00", "file": {"chanel": "x"}}, "chanel"),
        ({"at": "2026-03-02T09:00+08:00", "steps": "x"}, "list of steps"),
        ({"at": "2026-03-02T09:00+08:00", "steps": ["x"]}, "Step 1"),
        ({"at": "2026-03-02T09:00+08:00", "steps": [{"click": "x"}]}, "exactly one of"),
        ({"at": "2026-03-02T09:00+08:00", "steps": [{"pass": "2 days"}]}, "ISO 8601"),
        ({"at": "2026-03-02T09:00+08:00", "steps": [{"expect": {"task": []}}]}, "task"),
        ({"at": "2026-03-02T09:00+08:00", "steps": [{"expect": {"tasks": "a"}}]}, "a list"),
        ({"at": "2026-03-02T09:00+08:00", "steps": [{"agency": {}}]}, "exactly one of answer"),
        ({"at": "2026-03-02T09:00+08:00", "steps": [{"message": {}}]}, "`name`"),
        ({"at": "2026-03-02T09:00+08:00", "steps": [{"complete": "a", "values": 1}]}, "names with"),
    ],
)
def test_a_document_that_is_no_scenario_is_refused(document: Any, says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        parse_scenario(document)
