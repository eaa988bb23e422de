"""Name by name: what the vocabulary calls executed arrives in the definition.

Each case compiles a diagram twice, with the element or attribute and without it (or with another
value), and both must be accepted and carry different things. A case that proves nothing fails.
"""

from __future__ import annotations

import pytest

from engine.bpmn import compile_definition, lint, vocabulary
from engine.bpmn.definition import EventKind, Kind, MissedTimer, TimerKind
from engine.bpmn.vocabulary import Treatment
from tests.bpmn.diagrams import around, carried, diagram, path
from tests.bpmn.element_cases import (
    CASES,
    EXTENSION,
    GLOBALS,
    WITH_OTHER_GLOBALS,
    ended,
    guarded,
    listening,
    timed,
)

NOT_BY_DIFFERENCE = {
    "definitions",  # the file itself
    "process",  # its id, name and versionTag: see the test below
    "process.isExecutable",  # without it there is no definition: see test_lint
    "process.hz:versionTag",
    "incoming",  # held against the flows: see test_lint
    "scriptTask.scriptFormat",  # must be FEEL: see test_lint
    "globalScriptTask.scriptLanguage",  # likewise, by the name it has there
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_executed_is_carried_by_the_definition(name: str) -> None:
    one, other = (compile_definition(diagram(body, GLOBALS)) for body in CASES[name])

    assert carried(one) != carried(other)
    assert one.hash != other.hash


@pytest.mark.parametrize("name", WITH_OTHER_GLOBALS)
def test_what_is_said_on_global_elements_is_carried(name: str) -> None:
    body, before, after = WITH_OTHER_GLOBALS[name]

    one = compile_definition(diagram(body, GLOBALS))
    other = compile_definition(diagram(body, GLOBALS.replace(before, after)))

    assert carried(one) != carried(other)
    assert one.hash != other.hash


def test_there_is_a_case_for_everything_that_the_vocabulary_calls_executed() -> None:
    executed = {
        name for name, entry in vocabulary.ELEMENTS.items() if entry.treatment is Treatment.EXECUTED
    }
    executed |= {
        f"{element}.{name}"
        for (element, name), entry in vocabulary.ATTRIBUTES.items()
        if entry.treatment is Treatment.EXECUTED
    }
    executed |= {
        f"{element}.hz:{name}"
        for element, names in vocabulary.HZ_ATTRIBUTES.items()
        if element != "manualTask"  # the same as on user tasks
        for name in names
    }
    executed |= {f"hz:{name}" for name in vocabulary.HZ_ELEMENTS}

    assert executed - CASES.keys() - WITH_OTHER_GLOBALS.keys() == NOT_BY_DIFFERENCE


def test_the_process_brings_its_id_name_label_and_words() -> None:
    xml = diagram(
        "<documentation>戶籍法 §48</documentation>" + ended(""),
        process='name="出生登記" hz:versionTag="2026-1"',
    )

    definition = compile_definition(xml)

    assert definition.process_id == "p"
    assert definition.name == "出生登記"
    assert definition.version_tag == "2026-1"
    assert definition.documentation == "戶籍法 §48"


def test_names_come_in_english_too() -> None:
    body = (
        '<startEvent id="s" name="開始" hz:nameEn="Start"/>'
        '<callActivity id="g" calledElement="global"/>'
        '<callActivity id="own" name="自己的" calledElement="global"/><endEvent id="e"/>'
        '<sequenceFlow id="f" sourceRef="s" targetRef="g" name="是" hz:nameEn=" Yes "/>'
        + path("g", "own", "e")
    )
    task = '<globalTask id="global" name="共用" hz:nameEn="Shared"/>'
    lanes = '<laneSet id="ls"><lane id="l" name="櫃檯" hz:nameEn="Counter"/></laneSet>'

    definition = compile_definition(
        diagram(lanes + body, task, process='name="出生" hz:nameEn="Birth"')
    )

    assert definition.name_en == "Birth"
    assert {each.id: each.name_en for each in definition.elements.values()} == {
        "s": "Start",
        "g": "Shared",
        "own": "",  # its own name goes before that of the global task, in every language
        "e": "",
    }
    assert definition.elements["s"].outgoing[0].name_en == "Yes"


def test_an_english_name_stands_only_where_there_is_a_name() -> None:
    xml = diagram(around('<task id="x"><standardLoopCharacteristics hz:nameEn="x"/></task>'))

    assert "hz.unknown-attribute" in {finding.rule for finding in lint(xml)}


def test_a_definition_lists_what_it_needs_from_elsewhere() -> None:
    body = (
        '<startEvent id="s"/><userTask id="u" hz:candidateGroups="counter" hz:form="f"/>'
        '<serviceTask id="o" hz:operation="agency.notify"/><callActivity id="c" '
        'calledElement="C01"/><businessRuleTask id="d" hz:decision="fine" hz:resultVariable="r"/>'
        '<sendTask id="m" messageRef="m1"/><endEvent id="e"/>'
        + path("s", "u", "o", "c", "d", "m", "e")
    )

    definition = compile_definition(diagram(body, GLOBALS))

    assert definition.forms == {"f"}
    assert definition.operations == {"agency.notify"}
    assert definition.calls == {"C01"}
    assert definition.decisions == {"fine"}
    assert definition.messages == {"Paper"}


def test_a_timer_that_waits_for_a_clock_has_no_time_of_its_own() -> None:
    definition = compile_definition(
        diagram(timed("", 'hz:clock="processing" hz:point="0.8"'), GLOBALS)
    )

    event = definition.elements["x"].event
    assert event is not None
    assert event.timer is not None
    assert (event.timer.clock, event.timer.point) == ("processing", "0.8")
    assert event.timer.expression is None


def test_timers_say_what_kind_they_are_and_what_to_do_with_missed_turns() -> None:
    definition = compile_definition(
        diagram(timed("<timeCycle>R3/PT1H</timeCycle>", 'hz:missed="skip"'))
    )

    event = definition.elements["x"].event
    assert event is not None
    assert event.kind is EventKind.TIMER
    assert event.timer is not None
    assert event.timer.kind is TimerKind.CYCLE
    assert event.timer.missed is MissedTimer.SKIP
    assert event.timer.expression is not None
    assert event.timer.expression({}) == "R3/PT1H"


def test_boundary_events_are_known_at_both_ends() -> None:
    body = guarded('cancelActivity="false"', '<signalEventDefinition signalRef="s1"/>')

    definition = compile_definition(diagram(body, GLOBALS))

    assert definition.elements["x"].boundary == ("b",)
    assert definition.elements["b"].attached_to == "x"
    event = definition.elements["b"].event
    assert event is not None
    assert not event.interrupting


def test_scopes_know_their_starts_listeners_and_declared_variables() -> None:
    inner = (
        EXTENSION.format('<hz:variable name="kept_here"/>')
        + '<startEvent id="is"/><endEvent id="ie"/>'
        + path("is", "ie")
    )
    body = listening("", '<signalEventDefinition signalRef="s1"/>').replace(
        '<task id="x"/>', f'<subProcess id="x">{inner}</subProcess>'
    )

    definition = compile_definition(diagram(body, GLOBALS))

    assert definition.scopes[None].start_events == ("s",)
    assert definition.scopes[None].event_sub_processes == ("l",)
    assert definition.scopes["x"].declares == ("kept_here",)
    assert definition.elements["l"].kind is Kind.EVENT_SUB_PROCESS
    assert definition.elements["is"].scope == "x"


def test_a_manual_task_of_nobody_is_passed_through() -> None:
    definition = compile_definition(diagram(around('<manualTask id="x"/>')))

    assert definition.elements["x"].kind is Kind.TASK
    assert definition.elements["x"].user is None
