"""Cost: a step of a rework loop gets dearer with every round, and prediction grows exponentially.

Counts calls rather than seconds, so that the load of the machine does not matter.
"""

import json
import sys

from diagram import begin, chain, complete, flow, users
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

REWORK = (
    '<startEvent id="start"/><exclusiveGateway id="again"/>'
    '<exclusiveGateway id="enough" default="back"/><endEvent id="end"/>'
    + users("check", "approve")
    + chain("start", "again", "check", "approve", "enough")
    + flow("enough", "end", "ok")
    + flow("enough", "again", name="back")
)


def calls(work) -> int:
    count = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    work()
    sys.setprofile(None)
    return count


def blocks(length: int) -> str:
    xml, names = "", ["start"]
    for at in range(length):
        fork, join = f"fork{at}", f"join{at}"
        xml += f'<parallelGateway id="{fork}"/><parallelGateway id="{join}"/>'
        for branch in range(3):
            name = f"t{at}_{branch}"
            xml += users(name) + chain(fork, name, join)
        xml += flow(names[-1], fork)
        names.append(join)
    return '<startEvent id="start"/><endEvent id="end"/>' + xml + flow(names[-1], "end")


workflow, costs, sizes = begin(REWORK), {}, {}
serializer = BpmnWorkflowSerializer()
for number in range(1, 61):
    complete(workflow, "check", ok=False)
    costs[number] = calls(lambda: complete(workflow, "approve", ok=False))
    sizes[number] = len(json.dumps(serializer.to_dict(workflow)))
print("rework loop, completing one user task:")
for number in (1, 10, 20, 40, 60):
    print(f"  round {number:2}: {costs[number]:7,} calls, {sizes[number]:9,} bytes of state")

print("3-way AND blocks in a row, tasks made at the start:")
counts = {length: len(begin(blocks(length)).tasks) for length in (2, 3, 4, 5)}
for length, count in counts.items():
    print(f"  {length} blocks: {count:5} tasks")

assert costs[60] > 10 * costs[1], "the fault is gone: see whether the ADR still holds"
assert counts[5] > 2 * counts[4]
print("=> the cost of a step depends on the age of the case and on the size of what lies ahead")
