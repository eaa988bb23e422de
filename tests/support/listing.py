"""Two small processes: one has a list of persons, the other is the case of each of them."""

from __future__ import annotations

from pathlib import Path

from tests.support.packages import diagram, flows, service_task, user_task, write_package

HEADING = "姓名,統一編號,說明\n"


def people(count: int) -> list[str]:
    """ID numbers that are right, one after the other."""
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1)
    found = []
    for n in range(count):
        digits = f"1{n:07}"
        total = 1 * weights[0] + 0 * weights[1]
        total += sum(int(d) * w for d, w in zip(digits, weights[2:], strict=True))
        found.append(f"A{digits}{-total % 10}")
    return found


GOOD = people(5)


def lists_of(process_id: str = "LISTED") -> bytes:
    """A process that waits for a file, files its rows, and asks for another where it is no list."""
    return diagram(
        process_id,
        '<startEvent id="start"/>'
        + user_task("add")
        + service_task(
            "import",
            "list.import",
            package="&quot;EACH&quot;",
            values="{amount: 7}",
        )
        + '<boundaryEvent id="no_list" attachedToRef="import"><errorEventDefinition '
        'id="no_list_e" errorRef="refused"/></boundaryEvent>'
        + service_task("count", "list.tally")
        + user_task("read", outcomes="again,done")
        + '<exclusiveGateway id="more" default="more_end"/>'
        + '<endEvent id="end"/>'
        + flows(
            "start>add",
            "add>import",
            "import>count",
            "count>read",
            "read>more",
            "more>end",
            "no_list>add",
        )
        + flows('more>add:outcome = "again"'),
        outside='<error id="refused" name="refused" errorCode="LIST_REFUSED"/>',
    )


EACH = diagram(
    "EACH",
    '<startEvent id="start"/>'
    + user_task("check")
    + '<endEvent id="end"/>'
    + flows("start>check", "check>end"),
)


def write_packages(root: Path) -> None:
    """LISTED, which imports lists, and EACH, which their rows become."""
    write_package(root, "EACH", EACH, starts=("message",))
    write_package(root, "LISTED", lists_of())
