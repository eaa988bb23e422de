"""BPMN texts for tests: a body becomes a whole file, and a definition becomes comparable."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from itertools import pairwise
from typing import Any

from engine.bpmn.definition import Definition
from feel import Expression

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:hz="urn:huzheng:bpmn:1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'targetNamespace="urn:test">'
)


def diagram(body: str, global_elements: str = "", process: str = "") -> bytes:
    """A file with one executable process `p`; `process` are further attributes of it."""
    return (
        f'{HEAD}{global_elements}<process id="p" isExecutable="true" {process}>{body}</process>'
        "</definitions>"
    ).encode()


def flow(flow_id: str, source: str, target: str, condition: str | None = None) -> str:
    inside = "" if condition is None else f"<conditionExpression>{condition}</conditionExpression>"
    ends = f'sourceRef="{source}" targetRef="{target}"'
    return f'<sequenceFlow id="{flow_id}" {ends}>{inside}</sequenceFlow>'


def path(*ids: str) -> str:
    """Sequence flows from each id to the next, named `a-b`."""
    return "".join(flow(f"{a}-{b}", a, b) for a, b in pairwise(ids))


def around(node: str, node_id: str = "x") -> str:
    """`node` between a start event `s` and an end event `e`."""
    return f'<startEvent id="s"/>{node}<endEvent id="e"/>{path("s", node_id, "e")}'


def chain(length: int) -> bytes:
    ids = [f"t{at}" for at in range(length)]
    tasks = "".join(f'<task id="{task}"/>' for task in ids)
    return diagram(f'<startEvent id="s"/>{tasks}<endEvent id="e"/>{path("s", *ids, "e")}')


def carried(part: Any) -> Any:
    """What a definition carries, as plain data: expressions by their text, its hash left out."""
    match part:
        case Expression():
            return part.text
        case Definition():
            kept = [field.name for field in fields(part) if field.name not in ("hash", "memo")]
            return {name: carried(getattr(part, name)) for name in kept}
        case _ if is_dataclass(part):
            return {field.name: carried(getattr(part, field.name)) for field in fields(part)}
        case tuple() | list():
            return [carried(one) for one in part]
        case _ if hasattr(part, "items"):
            return {key: carried(one) for key, one in part.items()}
    return part
