"""Draws random block-structured processes, and knows which ones SpiffWorkflow cannot be trusted
with.

A model is a tree of blocks. What the oracle's known faults would spoil is not drawn; each time the
dice wanted it, it is counted, so that the test can say how much it left out:

S1  an AND block directly inside a loop (its join fires early): drawn inside a sub-process instead
S2  a branch of an AND block that writes what exists already (lost update): writes a name of its
    own; in a loop even that exists in the second round, so it is neither read later nor compared
S3  edits in place of nested values (aliasing): scripts are expressions, so there are none to leave
    out
S4  more than a thousand tasks in one run (silent stall): loops and models are small
S5  event sub-processes (they poison the shared specification): not drawn, see the scenarios
S6  many AND blocks in a row (exponential prediction): at most two in a scope
S7  a multi-instance in a loop (refused at run time: its output is there already): moved outside
S8  items of a multi-instance completed out of order (results in the order of completion): the
    driver completes them by index
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

SHARED = ("x", "y")  # there from the start, written outside AND blocks
LIST = "out"  # names that begin so hold lists, which no arithmetic may read


@dataclass
class Block:
    """`kind` is seq, user, script, xor, and, loop, sub, call, mi_user or mi_script."""

    kind: str
    name: str = ""
    parts: list[Block] = field(default_factory=list)
    variable: str = ""
    expression: str = ""
    conditions: list[str] = field(default_factory=list)
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    sequential: bool = False


@dataclass
class Model:
    main: Block
    called: dict[str, Block]
    start: dict[str, Any]
    left_out: Counter[str]
    spoiled: frozenset[str]
    written: frozenset[str]  # what is surely there in the end


@dataclass
class Place:
    """Where the drawing stands: what is written for certain, and what must not be drawn."""

    known: set[str]
    depth: int
    in_loop: bool = False
    is_repeated: bool = False
    in_and: bool = False
    and_blocks: int = 0
    written: set[str] = field(default_factory=set)

    def inner(self, **changes: Any) -> Place:
        values = {
            "known": set(self.known),
            "depth": self.depth - 1,
            "in_loop": self.in_loop,
            "is_repeated": self.is_repeated,
            "in_and": self.in_and,
        }
        return Place(**(values | changes))


class Dice:
    """Draws one model from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.count = 0
        self.called: dict[str, Block] = {}
        self.left_out: Counter[str] = Counter()
        self.spoiled: set[str] = set()

    def model(self) -> Model:
        start = {"x": self.random.randint(0, 5), "y": self.random.randint(0, 5)}
        place = Place(set(SHARED), depth=3)
        main = self.sequence(place, at_least=2)
        written = place.written | set(SHARED)
        return Model(
            main, self.called, start, self.left_out, frozenset(self.spoiled), frozenset(written)
        )

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def sequence(self, place: Place, at_least: int = 1) -> Block:
        length = self.random.randint(at_least, 3)
        return Block("seq", parts=[self.block(place) for _ in range(length)])

    def block(self, place: Place) -> Block:
        kinds = ["user", "user", "script", "script"]
        if place.depth > 0:
            kinds += ["xor", "xor", "and", "and", "loop", "sub", "call", "mi_user", "mi_script"]
        kind = self.random.choice(kinds)
        if kind == "and" and place.in_loop:
            self.left_out["S1"] += 1
            return Block(
                "sub", self.name("sub"), [self.parallel(place, place.inner(in_loop=False))]
            )
        if kind == "and" and place.and_blocks >= 2:
            self.left_out["S6"] += 1
            kind = "user"
        if kind.startswith("mi") and place.is_repeated:
            self.left_out["S7"] += 1
            kind = "script"
        draw = getattr(self, {"and": "parallel_here"}.get(kind, kind))
        block: Block = draw(place)
        return block

    def target(self, place: Place) -> str:
        """Choose what to write: something new, or outside AND blocks perhaps something shared."""
        if self.random.random() < 0.5:
            if not place.in_and:
                return self.random.choice(SHARED)
            self.left_out["S2"] += 1
        return self.name("v")

    def wrote(self, place: Place, variable: str) -> None:
        place.written.add(variable)
        if not variable.startswith(LIST):
            place.known.add(variable)
        if place.in_and and place.is_repeated:
            self.left_out["S2"] += 1
            self.spoiled.add(variable)

    def read(self, place: Place) -> str:
        return self.random.choice(sorted(place.known))

    def user(self, place: Place) -> Block:
        """The driver completes it with a number under `variable`."""
        variable = self.target(place)
        self.wrote(place, variable)
        return Block("user", self.name("user"), variable=variable)

    def script(self, place: Place) -> Block:
        operand = f"{self.read(place)} {self.random.choice('+-*')} {self.random.randint(0, 3)}"
        variable = self.target(place)
        self.wrote(place, variable)
        return Block("script", self.name("script"), variable=variable, expression=operand)

    def condition(self, place: Place) -> str:
        test = f"{self.read(place)} {self.random.choice(['<', '>', '<=', '>='])} "
        return test + str(self.random.randint(0, 6))

    def xor(self, place: Place) -> Block:
        conditions = [self.condition(place) for _ in range(self.random.randint(1, 2))]
        branches, places = [], []
        for _ in range(len(conditions) + 1):  # the last one is the default
            inner = place.inner()
            branches.append(self.sequence(inner))
            places.append(inner)
        place.known |= set.intersection(*(each.known for each in places))
        place.written |= set.intersection(*(each.written for each in places))
        return Block("xor", self.name("xor"), branches, conditions=conditions)

    def parallel_here(self, place: Place) -> Block:
        return self.parallel(place, place.inner())

    def parallel(self, place: Place, inner: Place) -> Block:
        place.and_blocks += 1
        branches, written = [], set()
        for _ in range(self.random.randint(2, 3)):
            branch = place.inner(in_and=True, in_loop=inner.in_loop)
            branches.append(self.sequence(branch))
            written |= branch.written
        place.written |= written
        place.known |= {n for n in written - self.spoiled if not n.startswith(LIST)}
        return Block("and", self.name("and"), branches)

    def loop(self, place: Place) -> Block:
        """A body that runs one to three times, counted by a variable of its own."""
        counter = self.name("n")
        self.wrote(place, counter)
        inner = place.inner(in_loop=True, is_repeated=True)
        body = self.sequence(inner)
        place.known |= inner.known
        place.written |= inner.written
        again = f"{counter} < {self.random.randint(1, 3)}"
        return Block("loop", self.name("loop"), [body], variable=counter, conditions=[again])

    def sub(self, place: Place) -> Block:
        inner = place.inner(in_loop=False)
        body = self.sequence(inner)
        place.known |= inner.known
        place.written |= inner.written
        return Block("sub", self.name("sub"), [body])

    def call(self, place: Place) -> Block:
        """A called process sees what is mapped in; what is surely there then is mapped out."""
        process_id = self.name("called")
        inputs = tuple(sorted(place.known))
        inner = place.inner(in_loop=False)
        body = self.sequence(inner)
        self.called[process_id] = body
        place.known |= inner.known
        place.written |= inner.written
        written = inner.written if place.in_and else inner.written | set(SHARED)
        return Block("call", process_id, [body], inputs=inputs, outputs=tuple(sorted(written)))

    def mi_user(self, place: Place) -> Block:
        return self._multi_instance(place, "mi_user")

    def mi_script(self, place: Place) -> Block:
        return self._multi_instance(place, "mi_script")

    def _multi_instance(self, place: Place, kind: str) -> Block:
        block = Block(
            kind,
            self.name(kind.replace("_", "")),
            variable=self.name(LIST),
            expression=f"[{', '.join(str(self.random.randint(0, 9)) for _ in range(3))}]",
            sequential=self.random.random() < 0.5,
        )
        self.wrote(place, block.variable)
        return block


def walk(block: Block) -> Iterator[Block]:
    yield block
    for part in block.parts:
        yield from walk(part)
