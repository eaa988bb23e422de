"""The hash of a definition: what counts as a change and what does not."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from engine.bpmn.normalise import Diagram, local
from engine.bpmn.vocabulary import FLOW_NODES

FORMAT: Final = "hz-definition-1"
"""Goes into every hash. Raise it when a diagram compiles into something that runs otherwise."""


def fingerprint(diagram: Diagram) -> str:
    """Hash what the definition carries, sha256 in hex.

    It covers the normal form: every element that is executed with its attributes and texts, names
    and documentation included because people see them. Layout, lanes, pools, annotations, comments,
    prefixes, white space around texts and the order of elements in the file do not count; the order
    of outgoing flows does, because conditions are tried in it.
    """
    lines = [[FORMAT, local(diagram.process), _attributes(diagram.process)]]
    lines += sorted(_lines_of(element) for element in diagram.global_elements.values())
    own = [child for child in diagram.process if local(child) not in _COUNTED_APART]
    lines += [_lines_of(child) for child in own]
    for node in sorted(diagram.nodes.values(), key=lambda node: node.id):
        order = [flow.id for flow in node.outgoing]
        lines.append([node.id, node.tag, node.scope or "", order, _attributes(node.xml)])
        lines += [[node.handlers]] if node.handlers else []
        lines += [_lines_of(child) for child in node.xml if local(child) not in _COUNTED_APART]
    lines += [_lines_of(diagram.flows[flow_id].xml) for flow_id in sorted(diagram.flows)]
    text = json.dumps(lines, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


_COUNTED_APART: Final = FLOW_NODES | {"incoming", "outgoing", "sequenceFlow"}


def _lines_of(element: Any) -> list[Any]:
    return [
        [local(part), _attributes(part), (part.text or "").strip(), (part.tail or "").strip()]
        for part in element.iter()
    ]


def _attributes(element: Any) -> list[list[str]]:
    return sorted([name, value] for name, value in element.attrib.items())
