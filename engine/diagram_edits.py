"""The elements of a diagram with what an analyst may set on them, read and changed in place.

A value has a key. `name`, `hz:form` and the like are attributes of the element itself; `event.…`
those of its event definition, `loop.…` of its multi-instance; the rest are listed in `_TEXTS`.
Mappings and variables are told as lines, `target = source`. Whatever else the file holds stays as
it is, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine import xml_edits as xml
from engine.bpmn.vocabulary import GLOBAL_TASKS, HZ, NAMED
from engine.errors import NotFound, Rejected
from engine.xml_edits import Node

LEGAL_BASIS = "text/x-legal-basis"
"""The textFormat of the <documentation> that holds an element's ground in law."""
LOOP = "multiInstanceLoopCharacteristics"
_SHOWN = (NAMED - GLOBAL_TASKS) | {"textAnnotation", "message"}
TIMERS = ("timeDuration", "timeDate", "timeCycle")


@dataclass(frozen=True, slots=True)
class Element:
    """One element of the diagram. `event` is its event definition, such as `timer`."""

    id: str
    type: str
    name: str
    line: int
    values: Mapping[str, str]
    event: str = ""
    is_loop: bool = False

    @property
    def documentation(self) -> str:
        return self.values.get("documentation", "")


def elements(content: bytes, where: str = "diagram") -> list[Element]:
    """Every element with an id that people know, in the order of the document."""
    root = xml.read(content, where)
    prefix = _hz(root)
    return [
        _element(node, prefix)
        for node in root.walk()
        if node.name in _SHOWN and node.attributes.get("id")
    ]


def lines(content: bytes) -> dict[str, int]:
    """The line on which each id stands, for findings; empty for what is not XML."""
    try:
        root = xml.read(content)
    except Rejected:
        return {}
    return {node.attributes["id"]: node.line for node in root.walk() if "id" in node.attributes}


def edit(content: bytes, element_id: str, values: Mapping[str, str]) -> bytes:
    """The diagram with these values on the element; an empty one takes the attribute away.

    Raises NotFound; Rejected for a line that is no mapping.
    """
    for key, value in values.items():
        root = xml.read(content, "diagram")
        node = _find(root, element_id)
        if _element(node, _hz(root)).values.get(key, "") != value.strip():
            content = _set(content, root, node, key, value.strip())
    return content


# --- reading ------------------------------------------------------------------------------------


def _find(root: Node, element_id: str) -> Node:
    for node in root.walk():
        if node.attributes.get("id") == element_id and node.name in _SHOWN:
            return node
    raise NotFound("diagram.no_element", f"There is no element {element_id} in the diagram")


def _hz(root: Node) -> str:
    """The prefix of our namespace, with its colon."""
    for name, value in root.attributes.items():
        if value == HZ and name.startswith("xmlns:"):
            return f"{name.removeprefix('xmlns:')}:"
    return "hz:"


def _element(node: Node, hz: str) -> Element:
    definition, loop = _definition(node), node.first(LOOP)
    values = {
        _plain(name, hz): value
        for name, value in node.attributes.items()
        if name not in ("id", "xmlns") and not name.startswith("xmlns:")
    }
    for part, prefix in ((definition, "event."), (loop, "loop.")):
        if part is not None:
            values.update({prefix + _plain(n, hz): v for n, v in part.attributes.items()})
    values.update({key: read(node) for key, read in _TEXTS.items() if read(node)})
    return Element(
        id=node.attributes["id"],
        type=node.name,
        name=node.attributes.get("name", ""),
        line=node.line,
        values=values,
        event=definition.name.removesuffix("EventDefinition") if definition else "",
        is_loop=loop is not None,
    )


def _plain(name: str, hz: str) -> str:
    return f"hz:{name.removeprefix(hz)}" if name.startswith(hz) else name


def _definition(node: Node) -> Node | None:
    return next((each for each in node.children if each.name.endswith("EventDefinition")), None)


def _documentation(node: Node, *, legal: bool) -> Node | None:
    for each in node.named("documentation"):
        if (each.attributes.get("textFormat") == LEGAL_BASIS) is legal:
            return each
    return None


def _timer(node: Node) -> Node | None:
    definition = _definition(node)
    return next(iter(definition.named(*TIMERS)), None) if definition else None


def _text(node: Node | None) -> str:
    return "" if node is None else node.text.strip()


def _of_loop(node: Node, name: str) -> str:
    loop = node.first(LOOP)
    return "" if loop is None else _text(loop.first(name))


def _mappings(node: Node, name: str) -> str:
    holder = node.first("extensionElements")
    found = holder.named(name) if holder else []
    return "\n".join(
        f"{each.attributes.get('target', '')} = {each.attributes.get('source', '')}"
        for each in found
    )


def _variables(node: Node) -> str:
    holder = node.first("extensionElements")
    found = holder.named("variable") if holder else []
    return "\n".join(each.attributes.get("name", "") for each in found)


_TEXTS: Mapping[str, Callable[[Node], str]] = {
    "documentation": lambda node: _text(_documentation(node, legal=False)),
    "legalBasis": lambda node: _text(_documentation(node, legal=True)),
    "script": lambda node: _text(node.first("script")),
    "condition": lambda node: _text(node.first("conditionExpression")),
    "timer": lambda node: _text(_timer(node)),
    "timerKind": lambda node: (_timer(node) or node).name if _timer(node) else "",
    "cardinality": lambda node: _of_loop(node, "loopCardinality"),
    "completion": lambda node: _of_loop(node, "completionCondition"),
    "inputs": lambda node: _mappings(node, "input"),
    "outputs": lambda node: _mappings(node, "output"),
    "variables": _variables,
}


# --- writing ------------------------------------------------------------------------------------


def _set(content: bytes, root: Node, node: Node, key: str, value: str) -> bytes:
    part, _, name = key.partition(".")
    if name and part in ("event", "loop"):
        owner = _definition(node) if part == "event" else node.first(LOOP)
        return _set_attribute(content, root, owner, name, value)
    if key in ("inputs", "outputs", "variables"):
        return _set_extensions(content, root, node, key, value)
    if key in _TEXTS:
        return _set_inner(content, root, node, key, value)
    return _set_attribute(content, root, node, key, value)


def _set_inner(content: bytes, root: Node, node: Node, key: str, value: str) -> bytes:
    bpmn = xml.prefix_of(node)
    match key:
        case "documentation" | "legalBasis":
            return _set_documentation(content, node, value, legal=key == "legalBasis")
        case "script":
            return _set_child(content, node, f"{bpmn}script", value)
        case "condition":
            return _set_condition(content, root, node, value)
        case "timer" | "timerKind":
            return _set_timer(content, node, key, value)
        case _:
            name = "loopCardinality" if key == "cardinality" else "completionCondition"
            return _set_child(content, _demanded(node.first(LOOP), key), f"{bpmn}{name}", value)


def _demanded(node: Node | None, key: str) -> Node:
    if node is None:
        raise Rejected("diagram.no_part", f"The element has nothing that {key} could be set on")
    return node


def _set_attribute(content: bytes, root: Node, node: Node | None, key: str, value: str) -> bytes:
    found = _demanded(node, key)
    name = f"{_hz(root)}{key.removeprefix('hz:')}" if key.startswith("hz:") else key
    content = xml.set_attribute(content, found, name, value or None)
    return _declare(content) if key.startswith("hz:") and value else content


def _declare(content: bytes) -> bytes:
    root = xml.read(content)
    if HZ in (v for n, v in root.attributes.items() if n.startswith("xmlns:")):
        return content
    return xml.set_attribute(content, root, "xmlns:hz", HZ)


def _set_documentation(content: bytes, node: Node, value: str, *, legal: bool) -> bytes:
    found = _documentation(node, legal=legal)
    if found is not None:
        return xml.set_text(content, found, value) if value else xml.remove(content, found)
    if not value:
        return content
    told = f' textFormat="{LEGAL_BASIS}"' if legal else ""
    after = _documentation(node, legal=False) if legal else None
    return _insert(content, node, f"{xml.prefix_of(node)}documentation", told, value, after)


def _set_child(content: bytes, node: Node, tag: str, value: str, told: str = "") -> bytes:
    found = node.first(tag.rpartition(":")[2])
    if found is not None:
        return xml.set_text(content, found, value) if value else xml.remove(content, found)
    if not value:
        return content
    after = node.children[-1] if node.children else None
    return _insert(content, node, tag, told, value, after)


def _set_condition(content: bytes, root: Node, node: Node, value: str) -> bytes:
    xsi = "http://www.w3.org/2001/XMLSchema-instance"
    bpmn = xml.prefix_of(node)
    declared = any(
        n == "xmlns:xsi" and v == xsi for n, v in root.attributes.items() if n.startswith("xmlns:")
    )
    told = f' xsi:type="{bpmn}tFormalExpression"'
    told = told if declared else f' xmlns:xsi="{xsi}"{told}'
    return _set_child(content, node, f"{bpmn}conditionExpression", value, told)


def _set_timer(content: bytes, node: Node, key: str, value: str) -> bytes:
    definition = _demanded(_definition(node), key)
    found = _timer(node)
    bpmn = xml.prefix_of(definition)
    if key == "timer":
        tag = found.tag if found else f"{bpmn}timeDuration"
        return _set_child(content, definition, tag, value)
    if value not in TIMERS or found is None:
        return content
    text = found.text
    content = xml.remove(content, found)
    again = next(
        each
        for each in xml.read(content).walk()
        if each.start == definition.start and each.name == definition.name
    )
    return _insert(content, again, f"{bpmn}{value}", "", text, None)


def _set_extensions(content: bytes, root: Node, node: Node, key: str, value: str) -> bytes:
    name, hz = {"inputs": "input", "outputs": "output", "variables": "variable"}[key], _hz(root)
    rows = list(_rows(key, value))
    holder = node.first("extensionElements")
    if holder is not None:
        for old in sorted(holder.named(name), key=lambda each: -each.start):
            content = xml.remove(content, old)
        node = _find(xml.read(content), node.attributes["id"])
        holder = node.first("extensionElements")
    for row in rows:
        told = "".join(f" {n}={xml.quoted(v)}" for n, v in row)
        if holder is None:
            after = next(iter(reversed(node.named("documentation"))), None)
            tag = f"{xml.prefix_of(node)}extensionElements"
            content = _insert(content, node, tag, "", None, after)
        else:
            last = next(iter(reversed(holder.named(name))), None)
            if last is None and name == "output" and holder.children:
                last = holder.children[-1]
            content = _insert(content, holder, f"{hz}{name}", told, "", last)
        node = _find(xml.read(content), node.attributes["id"])
        if holder is None:
            holder = _demanded(node.first("extensionElements"), key)
            content = _insert(content, holder, f"{hz}{name}", told, "", None)
            node = _find(xml.read(content), node.attributes["id"])
        holder = node.first("extensionElements")
    return _declare(content) if rows else content


def _rows(key: str, value: str) -> Iterator[list[tuple[str, str]]]:
    for line in filter(None, (each.strip() for each in value.splitlines())):
        if key == "variables":
            yield [("name", line)]
            continue
        target, found, source = line.partition("=")
        if not found or not target.strip() or not source.strip():
            raise Rejected(
                "diagram.mapping", f"`{line[:80]}` is no mapping; write `target = source`"
            )
        yield [("source", source.strip()), ("target", target.strip())]


def _insert(
    content: bytes, node: Node, tag: str, told: str, text: str | None, after: Node | None
) -> bytes:
    """The content with a new child of `node`, behind `after` or as its first. Without text it is
    an empty element; None: one that something will be put into."""
    step = xml.indent(content, node) + b"  "
    if text is None:
        body = f"<{tag}{told}>\n{step.decode()}</{tag}>"
    else:
        body = f"<{tag}{told}>{xml.escaped(text)}</{tag}>" if text else f"<{tag}{told} />"
    line = b"\n" + step + body.encode()
    if after is not None:
        return xml.replace(content, (after.end, after.end, line))
    if not node.is_empty_tag:
        closing = b"" if b"\n" in content[node.inner : node.after] else b"\n" + step[:-2]
        return xml.replace(content, (node.inner, node.inner, line + closing))
    tag_open = content[node.start : node.end].rstrip(b">").rstrip(b"/").rstrip() + b">"
    whole = tag_open + line + b"\n" + step[:-2] + f"</{node.tag}>".encode()
    return xml.replace(content, (node.start, node.end, whole))


__all__ = ["LEGAL_BASIS", "TIMERS", "Element", "edit", "elements", "lines"]
