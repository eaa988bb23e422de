"""S3: branches and completed history share nested values, so an edit in one shows in the others."""

from diagram import begin, chain, complete, task_of, users
from SpiffWorkflow.util.task import TaskState

BRANCHES = (
    '<startEvent id="start"/><parallelGateway id="fork"/><parallelGateway id="join"/>'
    '<endEvent id="end"/>'
    + users("first", "a", "b")
    + chain("start", "first", "fork", "a", "join", "end")
    + chain("fork", "b", "join")
)

workflow = begin(BRANCHES, {"person": {"tags": []}})
complete(workflow, "first")
task_of(workflow, "a").data["person"]["tags"].append("edited in branch a")
in_b = task_of(workflow, "b").data["person"]["tags"]
completed = workflow.get_tasks(state=TaskState.COMPLETED, spec_name="first")[0]
in_history = completed.data["person"]["tags"]

print(f"branch a appended to a list; branch b sees {in_b}, completed `first` holds {in_history}")
assert in_b, "the fault is gone: see whether the ADR still holds"
assert in_history, "the fault is gone: see whether the ADR still holds"
print("=> one branch edits the other, and the past")
