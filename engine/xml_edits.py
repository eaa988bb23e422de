"""Small edits of XML that leave every other byte as it was.

Analysts get their files back as they wrote them: order of attributes, blanks, comments and what
other tools put there. So an edit replaces the bytes of one attribute or one text and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

from engine.manifests import PackageError

MAX_DEPTH = 200
_ATTRIBUTE = re.compile(rb"""\s+([^\s=/>"']+)\s*=\s*("[^"]*"|'[^']*')""")
_UTF8 = re.compile(rb"""^(\xef\xbb\xbf)?<\?xml[^>]*encoding=["'](?!utf-?8["'])""", re.IGNORECASE)


@dataclass(slots=True)
class Node:
    """One element by its bytes: `[start, inner)` is the start tag, `[inner, after)` content."""

    tag: str  # as written, prefix included
    name: str  # without the prefix
    start: int
    line: int
    parent: Node | None
    inner: int = 0
    after: int = 0  # where the end tag begins; the element's own end if it closes itself
    end: int = 0
    children: list[Node] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""  # its own characters, entities resolved

    @property
    def is_empty_tag(self) -> bool:
        return self.after == self.end

    def walk(self) -> Iterator[Node]:
        """The element and all below it, in the order of the document."""
        pending = [self]
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(node.children))

    def named(self, *names: str) -> list[Node]:
        """The children with one of these names."""
        return [child for child in self.children if child.name in names]

    def first(self, name: str) -> Node | None:
        return next((child for child in self.children if child.name == name), None)


def read(content: bytes, where: str = "file") -> Node:
    """The root of a document in UTF-8. Raises PackageError with the line of what is wrong."""
    if b"<!DOCTYPE" in content:
        raise PackageError(where, "has a DOCTYPE; remove it")
    if _UTF8.match(content):
        raise PackageError(where, "is not in UTF-8; save it as UTF-8 and bring it again")
    reader = _Reader(content)
    try:
        reader.parser.Parse(content, True)  # noqa: FBT003 — expat takes it by place
    except expat.ExpatError as broken:
        told = expat.ErrorString(broken.code)
        raise PackageError(f"{where} line {broken.lineno}", f"this is not XML: {told}") from broken
    except RecursionError as deep:
        raise PackageError(where, f"nests elements deeper than {MAX_DEPTH}") from deep
    return reader.root


def replace(content: bytes, *spans: tuple[int, int, bytes]) -> bytes:
    """The content with each `[start, end)` replaced; the spans must not overlap."""
    for start, end, new in sorted(spans, reverse=True):
        content = content[:start] + new + content[end:]
    return content


def set_text(content: bytes, node: Node, text: str) -> bytes:
    """The content with `text` inside the element, in place of all it held."""
    told = escaped(text).encode()
    if not node.is_empty_tag:
        return replace(content, (node.inner, node.after, told))
    tag = content[node.start : node.end].rstrip(b">").rstrip(b"/").rstrip()
    return replace(content, (node.start, node.end, tag + b">" + told + _end_tag(node)))


def set_attribute(content: bytes, node: Node, name: str, value: str | None) -> bytes:
    """The content with the attribute set, added behind the others, or (None) taken away."""
    for match in _attributes(content, node):
        if match[1] == name.encode():
            if value is None:
                return replace(content, (match.start(), match.end(), b""))
            return replace(content, (match.start(2), match.end(2), quoted(value).encode()))
    if value is None:
        return content
    at = node.start + 1 + len(node.tag.encode())
    for match in _attributes(content, node):
        at = match.end()
    return replace(content, (at, at, b" " + name.encode() + b"=" + quoted(value).encode()))


def remove(content: bytes, node: Node) -> bytes:
    """The content without the element, nor the line it stood on alone."""
    start, end = whole_lines(content, node)
    return replace(content, (start, end, b""))


def whole_lines(content: bytes, node: Node) -> tuple[int, int]:
    """The element with the blanks before it on its line and the line's end, if it is alone there;
    else only the element."""
    line = content.rfind(b"\n", 0, node.start) + 1
    end = content.find(b"\n", node.end)
    end = len(content) if end < 0 else end + 1
    if content[line : node.start].strip() or content[node.end : end].strip():
        return node.start, node.end
    return line, end


def indent(content: bytes, node: Node) -> bytes:
    """The blanks before the element on its line."""
    line = content.rfind(b"\n", 0, node.start) + 1
    before = content[line : node.start]
    return before if not before.strip() else b""


def prefix_of(node: Node) -> str:
    """`bpmn:` of `bpmn:userTask`; empty without one."""
    return node.tag.rpartition(":")[0] + ":" if ":" in node.tag else ""


def _attributes(content: bytes, node: Node) -> list[re.Match[bytes]]:
    at = node.start + 1 + len(node.tag.encode())
    stop = node.inner if not node.is_empty_tag else node.end
    found = []
    while match := _ATTRIBUTE.match(content, at, stop):
        found.append(match)
        at = match.end()
    return found


def _end_tag(node: Node) -> bytes:
    return f"</{node.tag}>".encode()


def quoted(value: str) -> str:
    """The value of an attribute with its quotation marks, of the kind that needs no escaping."""
    told = escape(value, {"\n": "&#10;", "\t": "&#9;"})
    if '"' in told and "'" not in told:
        return f"'{told}'"
    return '"' + told.replace('"', "&quot;") + '"'


def escaped(text: str) -> str:
    """Text as it stands inside an element."""
    return escape(text)


class _Reader:
    """Reads where each element begins and ends; expat knows, in bytes."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.root: Node
        self._open: list[Node] = []

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise RecursionError
        parent = self._open[-1] if self._open else None
        at = self.parser.CurrentByteIndex
        name = tag.rpartition(":")[2]
        node = Node(tag, name, at, self.parser.CurrentLineNumber, parent, attributes=attributes)
        node.inner = self._tag_end(at)
        if parent is None:
            self.root = node
        else:
            parent.children.append(node)
        self._open.append(node)

    def _tag_end(self, at: int) -> int:
        quote = 0
        for index in range(at, len(self.content)):
            byte = self.content[index]
            if quote:
                quote = 0 if byte == quote else quote
            elif byte in b"\"'":
                quote = byte
            elif byte == 0x3E:  # >
                return index + 1
        return len(self.content)

    def _end(self, _tag: str) -> None:
        node = self._open.pop()
        at = self.parser.CurrentByteIndex
        if at <= node.start or self.content[at : at + 2] != b"</":
            node.after = node.end = node.inner  # <empty/>
            return
        node.after = at
        node.end = self.content.index(b">", at) + 1

    def _text(self, data: str) -> None:
        self._open[-1].text += data
