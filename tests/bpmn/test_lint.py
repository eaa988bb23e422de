"""Lint: every rule has a diagram that breaks it, and blames the element that is to be mended."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn import DefinitionRefused, Library, Severity, compile_definition, lint
from engine.bpmn.lint_sentences import SENTENCES
from tests.bpmn.diagrams import around, chain, diagram, path
from tests.bpmn.lint_cases import BARE, CASES, GLOBALS, LIBRARY, boundary, on, script, timer


def clock_operation(source: str) -> bytes:
    task = (
        '<serviceTask id="x" hz:operation="clock.stop"><extensionElements>'
        f"<hz:input source='{source}' target=\"clock\"/></extensionElements></serviceTask>"
    )
    return on(task)


@pytest.mark.parametrize("rule", CASES)
def test_a_broken_rule_is_found_where_it_is_broken(rule: str) -> None:
    xml, element_id = CASES[rule]

    found = [finding for finding in lint(xml, library=LIBRARY) if finding.rule == rule]

    assert found, [str(finding) for finding in lint(xml, library=LIBRARY)]
    assert element_id in {finding.element_id for finding in found}
    for finding in found:
        assert finding.message_zh
        assert finding.message_en
        assert "{" not in finding.message_en + finding.message_zh + finding.mend_en
        assert finding.severity is Severity.NOTE or (finding.mend_zh and finding.mend_en)


def test_there_is_a_diagram_for_every_rule() -> None:
    assert SENTENCES.keys() - CASES.keys() == {"spiff.disagrees"}


@pytest.mark.parametrize("rule", CASES)
def test_errors_refuse_the_deployment_and_nothing_else_does(rule: str) -> None:
    xml, _ = CASES[rule]
    findings = lint(xml, library=LIBRARY)
    wrong = [finding for finding in findings if finding.severity is Severity.ERROR]

    if not wrong:
        assert compile_definition(xml, library=LIBRARY).properties["spiff"] == "agrees"
        return
    with pytest.raises(DefinitionRefused) as refused:
        compile_definition(xml, library=LIBRARY)
    assert list(refused.value.findings) == findings
    assert refused.value.code == "definition.refused"
    assert wrong[0].message_en in str(refused.value)


def test_a_clean_diagram_has_nothing_to_be_said_about_it() -> None:
    assert lint(chain(3), library=LIBRARY) == []


def test_errors_come_first() -> None:
    xml = diagram(BARE + '<manualTask id="x"/><task id="y" colour="red"/>')

    severities = [finding.severity for finding in lint(xml)]

    assert severities == sorted(severities, key=list(Severity).index)
    assert severities[0] is Severity.ERROR


def test_a_process_that_is_not_marked_executable_is_not_compiled() -> None:
    xml = diagram(BARE).replace(b'isExecutable="true"', b"")

    assert {finding.rule for finding in lint(xml)} == {"process.not-executable", "process.none"}


@pytest.mark.parametrize(
    ("xml", "what"),
    [
        (on('<callActivity id="x" calledElement="C99"/>'), "calledElement"),
        (on('<userTask id="x" hz:candidateGroups="counter" hz:form="none"/>'), "hz:form"),
        (
            on('<userTask id="x" hz:candidateGroups="nobody" hz:form="f"/>'),
            "hz:candidateGroups",
        ),
        (
            on('<userTask id="x" hz:candidateGroups="counter" hz:form="f" hz:limit="none"/>'),
            "hz:limit",
        ),
        (on('<serviceTask id="x" hz:operation="magic"/>'), "hz:operation"),
        (
            on('<businessRuleTask id="x" hz:decision="none" hz:resultVariable="r"/>'),
            "hz:decision",
        ),
        (timer("", 'hz:clock="sundial"'), "hz:clock"),
        (clock_operation('"sundial"'), "clock"),
    ],
)
def test_references_are_checked_when_a_library_is_given(xml: bytes, what: str) -> None:
    with_library = [finding for finding in lint(xml, library=LIBRARY) if what in finding.message_en]

    assert [finding.rule for finding in with_library] == ["reference.unknown"]
    assert with_library[0].element_id == "x"
    assert lint(xml) == []


@pytest.mark.parametrize(
    "text",
    ["amount > 1", "r", "case.number", "data.child.name", "for v in [1] return v + amount"],
)
def test_known_names_are_not_complained_of(text: str) -> None:
    assert lint(script(text.replace(">", "&gt;")), library=LIBRARY) == []


def test_names_are_not_judged_where_a_message_may_bring_anything() -> None:
    body = around('<receiveTask id="x" messageRef="m"/>').replace(
        '<endEvent id="e"/>',
        '<scriptTask id="y" scriptFormat="feel" hz:resultVariable="r"><script>unheard_of</script>'
        '</scriptTask><endEvent id="e"/>',
    )
    xml = diagram(body.replace('targetRef="e"', 'targetRef="y"') + path("y", "e"), GLOBALS)

    assert lint(xml, library=LIBRARY) == []


def test_the_place_in_a_broken_expression_is_told() -> None:
    (finding,) = lint(script("1 +\n  * 2"))

    assert finding.rule == "expression.syntax"
    assert "line 2, column 3" in finding.message_en
    assert "line 2, column 3" in finding.message_zh


def test_an_interrupting_boundary_event_is_a_choice_too() -> None:
    """The task ends or its timer fires, never both: a join of the two waits for ever."""
    body = (
        '<startEvent id="s"/><task id="x"/><boundaryEvent id="b" attachedToRef="x">'
        "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
        '</boundaryEvent><parallelGateway id="j"/><endEvent id="e"/>'
        + path("s", "x", "j", "e")
        + path("b", "j")
    )

    assert [finding.rule for finding in lint(diagram(body))] == ["join.starves"]
    waiting = body.replace('attachedToRef="x"', 'attachedToRef="x" cancelActivity="false"')
    assert lint(diagram(waiting)) == []


def test_an_error_boundary_makes_sense_on_service_tasks() -> None:
    host = '<serviceTask id="x" hz:operation="agency.notify"/>'

    assert lint(boundary('<errorEventDefinition errorRef="err"/>', host=host)) == []


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_lint_never_raises_for_what_is_uploaded(content: bytes) -> None:
    findings = lint(content)

    assert findings[0].severity is Severity.ERROR


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_lint_never_raises_for_a_mutilated_diagram(data: st.DataObject) -> None:
    """Cut a stretch out of a diagram, or write something else over it."""
    xml = data.draw(st.sampled_from([case[0] for case in CASES.values() if len(case[0]) < 5_000]))
    start = data.draw(st.integers(0, len(xml)))
    end = data.draw(st.integers(start, min(len(xml), start + 60)))
    patch = data.draw(st.sampled_from([b"", b"x", b'"', b"<task/>", b'id="s"', b"<!-- -->", b"="]))

    lint(xml[:start] + patch + xml[end:], library=LIBRARY)


def test_a_library_that_knows_nothing_judges_nothing() -> None:
    assert lint(on('<serviceTask id="x" hz:operation="magic"/>'), library=Library()) == []


@pytest.mark.parametrize("prefix", ["", "b:"])
def test_the_schema_blames_the_element_whatever_its_prefix(prefix: str) -> None:
    declared = f"xmlns{':b' if prefix else ''}"
    xml = (
        f'<{prefix}definitions {declared}="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        f'targetNamespace="t"><{prefix}process id="p" isExecutable="true"><{prefix}task id="x">'
        f"<{prefix}outgoing>f</{prefix}outgoing><{prefix}documentation>late</{prefix}documentation>"
        f"</{prefix}task></{prefix}process></{prefix}definitions>"
    )

    blamed = [one.element_id for one in lint(xml.encode()) if one.rule == "xml.schema"]

    assert blamed == ["x"]


def test_a_clock_that_is_known_or_computed_is_not_complained_of() -> None:
    assert lint(clock_operation('"processing"'), library=LIBRARY) == []
    assert lint(clock_operation("amount"), library=LIBRARY) == []


def test_many_threads_lint_at_once() -> None:
    """The schema is shared, and keeps the errors of its last validation in itself."""
    wrong, right = CASES["xml.schema"][0], chain(30)

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lint, [wrong, right] * 100))

    assert [len(findings) for findings in found] == [1, 0] * 100
