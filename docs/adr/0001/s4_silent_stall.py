"""S4: at a depth of 1,000 tasks a loop stops, and the instance calls itself completed."""

from diagram import begin, chain, flow
from SpiffWorkflow.util.task import TaskState

COUNTING = (
    '<startEvent id="start"/><exclusiveGateway id="again"/>'
    '<scriptTask id="count"><script>n = n + 1</script></scriptTask>'
    '<exclusiveGateway id="enough" default="back"/><endEvent id="end"/>'
    + chain("start", "again", "count", "enough")
    + flow("enough", "end", "n == 3000")
    + flow("enough", "again", name="back")
)

workflow = begin(COUNTING, {"n": 0})
rounds = max(task.data.get("n", 0) for task in workflow.tasks.values())
left = [
    f"{task.task_spec.name} ({TaskState.get_name(task.state)})"
    for task in workflow.tasks.values()
    if task.state & (TaskState.READY | TaskState.WAITING | TaskState.FUTURE)
]

print(f"asked for 3000 rounds, got {rounds}; is_completed() says {workflow.is_completed()}")
print(f"still there and never reached again: {', '.join(left)}")
assert rounds < 3000, "the fault is gone: see whether the ADR still holds"
assert workflow.is_completed()
print("=> work is left, and nothing says so")
