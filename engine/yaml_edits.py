"""Small edits of YAML that keep comments, order and layout: only the value that changes is written.

PyYAML says where each value stands; what is written is one scalar, one line, or one item.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TypeAlias

import yaml

from engine.errors import NotFound, Rejected
from engine.manifests import PackageError

Path: TypeAlias = Sequence[str | int]
Scalar: TypeAlias = str | bool | int
_PLAIN = re.compile(r"[A-Za-z_\u4e00-\u9fff][^:#\[\]{},&*!|>'\"%@`\n]*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def set_value(content: bytes, path: Path, value: Scalar | None) -> bytes:
    """The file with the value at `path` set; None takes the key (or the item) out.

    What stands between the last known mapping and the value is made as mappings.
    """
    text = _text(content)
    node, rest = _descend(_root(text), path)
    if value is None:
        return content if rest else _remove(text, path)
    if not rest:
        if isinstance(node, yaml.ScalarNode) and _same(node, value):
            return content
        return _cut(text, node.start_mark.index, _end(text, node), scalar(value))
    if not isinstance(node, yaml.MappingNode):
        raise Rejected("yaml.path", f"There is no mapping to put {rest[0]} into")
    return _add_key(text, node, rest, scalar(value))


def add_item(content: bytes, path: Path, item: str) -> bytes:
    """The file with one more item (YAML of one line) at the end of the list at `path`."""
    text = _text(content)
    node, rest = _descend(_root(text), path)
    if rest:
        if not isinstance(node, yaml.MappingNode):
            raise NotFound("yaml.path", f"There is no list {path[-1]}")
        return _add_key(text, node, rest, f"[{item}]")
    if not isinstance(node, yaml.SequenceNode):
        raise Rejected("yaml.path", f"{path[-1]} is no list")
    return insert_item(content, path, len(node.value), item)


def insert_item(content: bytes, path: Path, at: int, item: str) -> bytes:
    """The file with an item before the one at `at`, on a line of its own in a block list."""
    text = _text(content)
    node, rest = _descend(_root(text), path)
    if rest or not isinstance(node, yaml.SequenceNode):
        raise NotFound("yaml.path", f"There is no list {path[-1]}")
    if node.flow_style or not node.value:
        inner = text[node.start_mark.index + 1 : _end(text, node) - 1].strip()
        parts = [text[n.start_mark.index : _end(text, n)] for n in node.value] if inner else []
        parts.insert(at, item)
        return _cut(text, node.start_mark.index, _end(text, node), f"[{', '.join(parts)}]")
    column = node.start_mark.column
    lines = "".join(
        f"{' ' * column}{'- ' if i == 0 else '  '}{line}\n"
        for i, line in enumerate(item.splitlines())
    )
    if at < len(node.value):
        start = _line_start(text, node.value[at].start_mark.index)
        return _cut(text, start, start, lines)
    end = _line_end(text, _end(text, node.value[-1]))
    broken = "" if end == 0 or text[end - 1] == "\n" else "\n"
    return _cut(text, end, end, broken + lines)


def scalar(value: Scalar) -> str:
    """The value as YAML on one line; quoted wherever it could be read as something else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    plain = _PLAIN.fullmatch(value) and value.strip() == value and value.lower() not in _WORDS
    return value if plain else json.dumps(value, ensure_ascii=False)


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as broken:
        raise PackageError("file", "is not in UTF-8") from broken


def _root(text: str) -> yaml.Node:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as broken:
        mark = getattr(broken, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        raise PackageError(f"file{line}", f"this is not YAML: {broken}") from broken
    if not isinstance(node, yaml.MappingNode):
        raise PackageError("file", "expected a mapping of keys to values")
    return node


def _descend(node: yaml.Node, path: Path) -> tuple[yaml.Node, Path]:
    """The deepest node on the path, and what of the path is not there."""
    for depth, key in enumerate(path):
        below = _child(node, key)
        if below is None:
            return node, path[depth:]
        node = below
    return node, ()


def _child(node: yaml.Node, key: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for name, value in node.value if name.value == key), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        found: yaml.Node = node.value[key]
        return found
    return None


def _same(node: yaml.ScalarNode, value: Scalar) -> bool:
    told = yaml.safe_load(scalar(value))
    read = yaml.safe_load(node.value) if node.style is None else node.value
    return type(read) is type(told) and bool(read == told)


def _end(text: str, node: yaml.Node) -> int:
    """Where the value ends: the mark of a block lies behind the blanks and comments after it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(last, tuple) else last)
    end: int = node.end_mark.index
    while end > node.start_mark.index and text[end - 1] in " \n\t":
        end -= 1
    return end


def _cut(text: str, start: int, end: int, new: str) -> bytes:
    return (text[:start] + new + text[end:]).encode()


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    end = text.find("\n", index)
    return len(text) if end < 0 else end + 1


def _add_key(text: str, node: yaml.MappingNode, rest: Path, told: str) -> bytes:
    key, *deeper = (str(each) for each in rest)
    for each in reversed(deeper):
        told = f"{{{scalar(each)}: {told}}}"
    entry = f"{scalar(key)}: {told}"
    if node.flow_style:
        end = _end(text, node) - 1
        blank = text[node.start_mark.index + 1 : end].strip()
        return _cut(text, end, end, f", {entry}" if blank else entry)
    if not node.value:
        return _cut(text, node.start_mark.index, node.end_mark.index, entry + "\n")
    column = node.value[0][0].start_mark.column
    end = _line_end(text, _end(text, node))
    broken = "" if text[end - 1] == "\n" else "\n"
    return _cut(text, end, end, f"{broken}{' ' * column}{entry}\n")


def _remove(text: str, path: Path) -> bytes:
    holder, _ = _descend(_root(text), path[:-1])
    last = path[-1]
    if isinstance(holder, yaml.MappingNode):
        pairs = [(name, value) for name, value in holder.value]
        index = next(i for i, (name, _) in enumerate(pairs) if name.value == last)
        start, end = pairs[index][0].start_mark.index, _end(text, pairs[index][1])
    elif isinstance(holder, yaml.SequenceNode):
        pairs = [(each, each) for each in holder.value]
        index = int(last)
        start, end = pairs[index][0].start_mark.index, _end(text, pairs[index][1])
    else:
        return text.encode()
    if holder.flow_style:
        if index + 1 < len(pairs):
            end = pairs[index + 1][0].start_mark.index
        elif index:
            start = _end(text, pairs[index - 1][1])
        return _cut(text, start, end, "")
    if len(pairs) == 1 and len(path) > 1:
        return _cut(text, holder.start_mark.index, _end(text, holder), "{}")
    return _cut(text, _line_start(text, start), _line_end(text, end), "")
