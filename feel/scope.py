"""What the compiler knows while it compiles: which names are bound where."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from feel.runtime import Compiled
from feel.syntax import Node
from feel.type_names import Types


@dataclass
class Unit:
    """One text being compiled, and what is learnt about it on the way."""

    handlers: Mapping[type[Node], Callable[[Any, Scope], Compiled]]
    functions: Mapping[str, Callable[..., Any]]
    known: Collection[str]
    types: Types
    names_used: set[str] = field(default_factory=set)
    maybe_used: set[str] = field(default_factory=set)
    paths_used: set[str] = field(default_factory=set)
    functions_used: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Binding:
    """Where a name is found: `hops` are depths of filters whose item may have such an entry;
    `depth` is the frame that binds it, None for the context of the evaluation."""

    hops: tuple[int, ...]
    depth: int | None


class Scope:
    """One static scope. In a `filter`, every name may be an entry of the item."""

    def __init__(
        self,
        unit: Unit,
        parent: Scope | None = None,
        names: Collection[str] = (),
        *,
        filter_item: bool = False,
    ) -> None:
        self.unit = unit
        self.names = set(names)
        self.parent = parent
        self.filter_item = filter_item

    def compile(self, node: Node) -> Compiled:
        return self.unit.handlers[type(node)](node, self)

    def inner(self, names: Collection[str], *, filter_item: bool = False) -> Scope:
        return Scope(self.unit, self, names, filter_item=filter_item)

    def find(self, name: str) -> Binding:
        hops: list[int] = []
        depth = 0
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return Binding(tuple(hops), depth)
            if scope.filter_item:
                hops.append(depth)
            # The outermost scope has no frame of its own unless it binds names.
            scope = scope.parent
            depth += 1
        return Binding(tuple(hops), None)

    def read(self, name: str, path: str | None = None) -> None:
        """Record that the text reads `name` (and `path`) from the context of the evaluation."""
        binding = self.find(name)
        if binding.depth is not None:
            return
        if binding.hops and name not in self.unit.known:
            self.unit.maybe_used.add(name)
            return
        self.unit.names_used.add(name)
        self.unit.paths_used.add(path or name)
