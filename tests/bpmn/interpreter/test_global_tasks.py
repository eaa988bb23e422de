"""Global tasks: what a call activity calls may be a task that stands outside of the process."""

from __future__ import annotations

from engine.bpmn import compile_definition, lint
from engine.bpmn.definition import Kind
from tests.bpmn.diagrams import around, diagram, path
from tests.support.instances import Instance

TASKS = (
    '<globalTask id="any"/><globalUserTask id="look" name="Look" hz:candidateGroups="counter" '
    'hz:form="f"/><globalManualTask id="stamp" hz:candidateGroups="counter"/>'
    '<globalScriptTask id="add" scriptLanguage="feel" hz:resultVariable="n"><script>n + 1</script>'
    '</globalScriptTask><globalBusinessRuleTask id="rule" hz:decision="fine" '
    'hz:resultVariable="r"/>'
)


def call(name: str, called: str, inside: str = "", attributes: str = "") -> str:
    return (
        f'<callActivity id="{name}" calledElement="{called}" {attributes}>{inside}</callActivity>'
    )


def test_a_call_of_a_global_task_is_that_task() -> None:
    names = ("a", "b", "c", "d", "f")
    calls = zip(names, ("any", "look", "stamp", "add", "rule"), strict=True)
    body = "".join(call(name, called) for name, called in calls)
    definition = compile_definition(
        diagram(
            f'<startEvent id="s"/>{body}<endEvent id="e"/>{path("s", *names, "e")}',
            TASKS,
        )
    )

    assert [definition.elements[name].kind for name in names] == [
        Kind.TASK,
        Kind.USER_TASK,
        Kind.MANUAL_TASK,
        Kind.SCRIPT_TASK,
        Kind.BUSINESS_RULE_TASK,
    ]
    assert definition.calls == frozenset()
    assert definition.elements["b"].name == "Look"


def test_one_global_task_serves_many_places_each_with_its_own_loop_and_boundary() -> None:
    many = (
        "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>"
        "</multiInstanceLoopCharacteristics>"
    )
    body = (
        '<startEvent id="s"/>'
        + call("first", "add")
        + call("looks", "look", many)
        + call("last", "look", attributes='name="Again"')
        + '<boundaryEvent id="late" attachedToRef="last"><timerEventDefinition><timeDuration>P1D'
        "</timeDuration></timerEventDefinition></boundaryEvent>"
        '<endEvent id="e"/><endEvent id="l"/>'
        + path("s", "first", "looks", "last", "e")
        + path("late", "l")
    )
    run = Instance(compile_definition(diagram(body, TASKS)), {"n": 1})

    assert run.open() == ["looks", "looks"]
    run.complete("looks")
    run.complete("looks")
    assert run.definition.elements["last"].name == "Again"
    run.pass_time(days=2)

    assert run.completed_at() == ("l",)
    assert run.value("n") == 2


def test_what_is_wrong_with_a_global_task_is_told_where_it_is_called() -> None:
    xml = diagram(around(call("x", "g")), '<globalUserTask id="g" hz:form="f"/>')

    assert {(one.rule, one.element_id) for one in lint(xml)} == {("task.no-group", "x")}
