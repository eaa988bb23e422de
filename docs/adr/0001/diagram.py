"""What the scripts share: a diagram from its inner XML, and SpiffWorkflow's stock engine on it."""

from __future__ import annotations

from itertools import pairwise

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def flow(source: str, target: str, condition: str = "", name: str = "") -> str:
    inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    flow_id = name or f"{source}_to_{target}"
    return (
        f'<sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">{inner}'
        "</sequenceFlow>"
    )


def chain(*names: str) -> str:
    return "".join(flow(a, b) for a, b in pairwise(names))


def users(*names: str) -> str:
    return "".join(f'<userTask id="{name}" name="{name}"/>' for name in names)


def specification(inner: str, top: str = "") -> tuple[BpmnProcessSpec, dict]:
    parser = BpmnParser()
    text = (
        f'<definitions xmlns="{BPMN}" id="d" targetNamespace="urn:adr">{top}'
        f'<process id="p" isExecutable="true">{inner}</process></definitions>'
    )
    parser.add_bpmn_str(text.encode())
    return parser.get_spec("p"), parser.get_subprocess_specs("p")


def begin(inner: str, data: dict | None = None) -> BpmnWorkflow:
    workflow = BpmnWorkflow(*specification(inner))
    for task in workflow.get_tasks(state=TaskState.READY):
        task.data.update(data or {})
    workflow.do_engine_steps()
    return workflow


def ready(workflow: BpmnWorkflow) -> list[str]:
    tasks = workflow.get_tasks(state=TaskState.READY, manual=True)
    return sorted(task.task_spec.bpmn_id for task in tasks)


def task_of(workflow: BpmnWorkflow, name: str):
    tasks = workflow.get_tasks(state=TaskState.READY, manual=True)
    return next(task for task in tasks if task.task_spec.bpmn_id == name)


def complete(workflow: BpmnWorkflow, name: str, **values: object) -> None:
    task = task_of(workflow, name)
    task.data.update(values)
    task.run()
    workflow.do_engine_steps()
