"""Small processes that tell and ask agencies."""

from __future__ import annotations

from tests.support.packages import diagram, flows, service_task, user_task

FIELDS = "{case_number: case.number, name: data.applicant.name}"


def tell(element_id: str, agency: str = "tax", fields: str = FIELDS) -> str:
    return service_task(
        element_id,
        "agency.notify",
        agency=f"&quot;{agency}&quot;",
        kind="&quot;new_resident&quot;",
        basis="&quot;duty&quot;",
        fields=fields,
    )


START, END = '<startEvent id="start"/>', '<endEvent id="end"/>'
TELLS = diagram("TELLS", START + tell("send") + END + flows("start>send", "send>end"))
CATCHES = diagram(
    "CATCHES",
    START
    + tell("send")
    + '<boundaryEvent id="failed" attachedToRef="send"><errorEventDefinition errorRef="e"/>'
    + "</boundaryEvent>"
    + user_task("by_hand")
    + END
    + flows("start>send", "send>end", "failed>by_hand", "by_hand>end"),
    outside='<error id="e" name="agency failed" errorCode="AGENCY_FAILED"/>',
)
TWICE = diagram(
    "TWICE",
    START
    + '<parallelGateway id="fork"/>'
    + tell("first")
    + tell("second")
    + tell("other", "water")
    + '<parallelGateway id="join"/>'
    + END
    + flows("start>fork", "fork>first", "fork>second", "fork>other")
    + flows("first>join", "second>join", "other>join", "join>end"),
)
ASKS = diagram(
    "ASKS",
    START
    + service_task(
        "ask",
        "agency.look_up",
        agency="&quot;land&quot;",
        purpose="&quot;owner&quot;",
        subject="{case_number: case.number, id_number: data.applicant.id_number}",
    )
    + user_task("look")
    + END
    + flows("start>ask", "ask>look", "look>end"),
)
WAITS = diagram(
    "WAITS",
    START
    + tell("send")
    + '<boundaryEvent id="late" attachedToRef="send"><timerEventDefinition>'
    + "<timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent>"
    + user_task("by_hand")
    + END
    + flows("start>send", "send>end", "late>by_hand", "by_hand>end"),
)
FOREIGN = diagram(
    "FOREIGN",
    START
    + tell("send", "police", "{case_number: case.number, bank_account: &quot;1&quot;}")
    + END
    + flows("start>send", "send>end"),
)
NOTED = diagram(
    "NOTED",
    START + tell("send", fields="{name: note}") + END + flows("start>send", "send>end"),
)
ALL = {
    "NOTED": NOTED,
    "TELLS": TELLS,
    "CATCHES": CATCHES,
    "TWICE": TWICE,
    "ASKS": ASKS,
    "WAITS": WAITS,
    "FOREIGN": FOREIGN,
}
