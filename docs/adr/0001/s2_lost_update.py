"""S2: the branch that reaches an AND-join last undoes what it never touched."""

from diagram import begin, chain, complete, task_of, users

BRANCHES = (
    '<startEvent id="start"/><parallelGateway id="fork"/><parallelGateway id="join"/>'
    '<endEvent id="end"/>'
    + users("a", "b", "after")
    + chain("start", "fork", "a", "join", "after", "end")
    + chain("fork", "b", "join")
)

workflow = begin(BRANCHES, {"status": "new"})
complete(workflow, "a", status="checked by a")
complete(workflow, "b", note="b never touches the status")
status = task_of(workflow, "after").data["status"]

print(f"a set status to 'checked by a', b only wrote a note; after the join it is {status!r}")
assert status == "new", "the fault is gone: see whether the ADR still holds"
print("=> a's edit is lost")
