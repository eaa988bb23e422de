"""S5: an event sub-process that once started changes the specification for every later instance."""

from diagram import chain, complete, ready, specification, users
from SpiffWorkflow.bpmn import BpmnEvent
from SpiffWorkflow.bpmn.specs.event_definitions import SignalEventDefinition
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

TOP = '<signal id="sig" name="stop"/>'
RESCUED = (
    '<startEvent id="start"/><endEvent id="end"/>'
    + users("work")
    + chain("start", "work", "end")
    + '<subProcess id="rescue" triggeredByEvent="true">'
    '<startEvent id="begin"><signalEventDefinition id="sd" signalRef="sig"/></startEvent>'
    '<endEvent id="rescued"/>' + users("help") + chain("begin", "help", "rescued") + "</subProcess>"
)


def worked_off(spec: tuple) -> BpmnWorkflow:
    """An instance that hears nothing and whose only user task is completed."""
    workflow = BpmnWorkflow(*spec)
    workflow.do_engine_steps()
    complete(workflow, "work")
    return workflow


def open_parts(workflow: BpmnWorkflow) -> str:
    tasks = workflow.get_tasks(state=TaskState.NOT_FINISHED_MASK)
    return ", ".join(sorted(task.task_spec.name for task in tasks)) or "nothing"


shared = specification(RESCUED, TOP)
first = worked_off(shared)
print(f"before: an instance that heard nothing is completed: {first.is_completed()}")

disturbed = BpmnWorkflow(*shared)
disturbed.do_engine_steps()
disturbed.catch(BpmnEvent(SignalEventDefinition("stop"), None))
disturbed.do_engine_steps()
print(f"another instance hears the signal and opens: {', '.join(ready(disturbed))}")

later = worked_off(shared)
print(f"after: an instance that heard nothing is completed: {later.is_completed()}")
print(f"       still open in it: {open_parts(later)}")
assert first.is_completed()
assert not later.is_completed(), "the fault is gone: see whether the ADR still holds"
print("=> one signal to one case keeps every later case of the process from ending")
