"""S1: an AND-join inside a rework loop fires early from the second round on."""

from diagram import begin, chain, complete, flow, ready, users

REWORK = (
    '<startEvent id="start"/><exclusiveGateway id="again"/>'
    '<parallelGateway id="fork"/><parallelGateway id="join"/>'
    '<exclusiveGateway id="enough" default="back"/><endEvent id="end"/>'
    + users("legal", "medical", "approve")
    + chain("start", "again", "fork", "legal", "join", "approve", "enough")
    + chain("fork", "medical", "join")
    + flow("enough", "end", "ok")
    + flow("enough", "again", name="back")
)

workflow = begin(REWORK)
complete(workflow, "legal")
print(f"round 1: only `legal` is completed; open are {', '.join(ready(workflow))}")
complete(workflow, "medical")
complete(workflow, "approve", ok=False)

complete(workflow, "medical")
opened = ready(workflow)
print(f"round 2: only `medical` is completed; open are {', '.join(opened)}")
assert "approve" in opened, "the fault is gone: see whether the ADR still holds"
print("=> the join counted the token that `legal` sent in round 1 once more")
