"""Data objects, inputs and outputs, as the standard draws them."""

from __future__ import annotations

from engine.bpmn import compile_definition
from tests.bpmn.diagrams import around, diagram
from tests.bpmn.element_cases import ASSIGNED, DATA, GIVES, IO, ITEMS, SETS, TAKES
from tests.support.instances import Instance

USER = 'hz:candidateGroups="counter" hz:form="f"'


def asked(takes: str, given: dict[str, object]) -> Instance:
    io = IO.format(SETS) + "</ioSpecification>"
    task = f'<userTask id="x" {USER}>{io}{takes}{GIVES}</userTask>'
    return Instance(compile_definition(diagram(DATA + around(task))), given)


def test_an_input_is_seen_inside_and_an_output_reaches_the_data_object() -> None:
    run = asked(TAKES.format(""), {"家戶": "F1"})
    assert run.value("who", run.keys("x")[0]) == "F1"

    run.complete("x", found=True, aside=1)

    assert run.value("結果") is True
    assert not run.has("aside")
    assert not run.has("who")


def test_assignments_map_part_by_part_and_a_transformation_computes() -> None:
    parts = ASSIGNED.format("家戶.id", "id") + ASSIGNED.format("家戶.size + 1", "size")
    run = asked(TAKES.format(parts), {"家戶": {"id": "F1", "size": 3}})
    assert (run.value("id", run.keys("x")[0]), run.value("size", run.keys("x")[0])) == ("F1", 4)

    run = asked(TAKES.format("<transformation>upper case(家戶)</transformation>"), {"家戶": "f1"})
    assert run.value("who", run.keys("x")[0]) == "F1"


def test_an_association_that_an_editor_draws_moves_nothing() -> None:
    drawn = (
        '<property id="p1" name="__targetRef_placeholder"/><dataInputAssociation>'
        "<sourceRef>q1</sourceRef><targetRef>gone</targetRef></dataInputAssociation>"
    )
    task = f'<userTask id="x" {USER}>{drawn}</userTask>'
    run = Instance(compile_definition(diagram(DATA + around(task))), {"家戶": "F1"})

    assert run.open() == ["x"]


def test_a_multi_instance_goes_over_a_data_object_and_collects_into_another() -> None:
    loop = f"<multiInstanceLoopCharacteristics>{ITEMS.format('o1')}"
    task = f'<userTask id="x" {USER}>{loop}</multiInstanceLoopCharacteristics></userTask>'
    run = Instance(compile_definition(diagram(DATA + around(task))), {"家戶": ["Lin", "Chen"]})

    assert [run.value("person", key) for key in run.keys("x")] == ["Lin", "Chen"]
    run.complete("x", 1, said="no")
    run.complete("x", said="yes")

    assert run.value("結果") == ["yes", "no"]
