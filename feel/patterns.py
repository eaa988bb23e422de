"""Regular expressions that cannot run away.

Python's `re` backtracks: `(a+)+$` on forty letters takes longer than a working day. Patterns come
from analysts and texts from citizens, so patterns are run here as a set of threads over the text
(Thompson 1968, with captures as in Pike's `sam`): the work is at most length × size of the
pattern, and it is charged to the meter. Only a pattern with a back-reference cannot be run so: it
is tried way by way, and a text on which that takes too long spends the budget and gives null.

The language is that of XPath `fn:matches`, which FEEL names: literals, `.`, classes with ranges,
negation and subtraction, \\d \\w \\s \\i \\c and their negations, \\p{..} by general category,
groups, back-references to them, alternatives, greedy and reluctant quantifiers, `^` and `$`, and
the flags i, m, s, x and q.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from feel.errors import Fault
from feel.limits import Meter
from feel.pattern_classes import CharacterSet, parse_class, parse_escape

MAX_PATTERN = 500  # characters
MAX_PROGRAM = 2_000  # instructions, after {n,m} is written out
MAX_GROUPS = 20
MAX_DEPTH = 30

Spans = tuple[int, ...]
"""Start and end of the match, then of every group; -1 where a group took no part."""


class _Read(NamedTuple):
    accepts: CharacterSet


class _Split(NamedTuple):
    first: int
    second: int


class _Jump(NamedTuple):
    to: int


class _Save(NamedTuple):
    slot: int


class _Assert(NamedTuple):
    holds: Callable[[str, int], bool]


class _Back(NamedTuple):
    """The text of a group once more; a group that took no part is empty."""

    group: int
    fold: bool


class _Match(NamedTuple):
    pass


Instruction = _Read | _Split | _Jump | _Save | _Assert | _Back | _Match


@dataclass(frozen=True)
class Program:
    """A compiled pattern."""

    instructions: tuple[Instruction, ...]
    slots: int

    def search(self, text: str, start: int, meter: Meter) -> Spans | None:
        """Find the leftmost match from `start` on, in Perl's order of preference."""
        if any(type(instruction) is _Back for instruction in self.instructions):
            tries = (self._try(text, at, meter) for at in range(start, len(text) + 1))
            return next((spans for spans in tries if spans is not None), None)
        threads: list[tuple[int, Spans]] = []
        found: Spans | None = None
        for at in range(start, len(text) + 1):
            seen: set[int] = set()
            current: list[tuple[int, Spans]] = []
            for address, spans in threads:
                self._follow(address, spans, (text, at), seen, current)
            if found is None:
                self._follow(0, (-1,) * self.slots, (text, at), seen, current)
            meter.spend(1 + len(seen))
            found, threads = self._advance(current, text, at, found)
            if not threads and found is not None:
                break
        return found

    def _try(self, text: str, start: int, meter: Meter) -> Spans | None:  # noqa: C901 -- a match over the closed list of instructions
        """Match at `start` by trying one way after the other."""
        pending: list[tuple[int, int, Spans]] = [(0, start, (-1,) * self.slots)]
        been: set[tuple[int, int, Spans]] = set()  # a loop that reads nothing ends here
        while pending:
            state = pending.pop()
            if state in been:
                continue
            been.add(state)
            meter.spend(1 + self.slots // 8)
            address, at, spans = state
            match self.instructions[address]:
                case _Match():
                    return spans
                case _Jump(to):
                    pending.append((to, at, spans))
                case _Split(first, second):
                    pending += [(second, at, spans), (first, at, spans)]
                case _Save(slot):
                    marked = (*spans[:slot], at, *spans[slot + 1 :])
                    pending.append((address + 1, at, marked))
                case _Assert(holds):
                    if holds(text, at):
                        pending.append((address + 1, at, spans))
                case _Back(group, fold):
                    again = text[spans[2 * group] : spans[2 * group + 1]]
                    here = text[at : at + len(again)]
                    if here == again or (fold and here.casefold() == again.casefold()):
                        pending.append((address + 1, at + len(again), spans))
                case _Read(accepts):
                    if at < len(text) and accepts(text[at]):
                        pending.append((address + 1, at + 1, spans))
        return None

    def _advance(
        self, current: list[tuple[int, Spans]], text: str, at: int, found: Spans | None
    ) -> tuple[Spans | None, list[tuple[int, Spans]]]:
        following: list[tuple[int, Spans]] = []
        character = text[at] if at < len(text) else None
        for address, spans in current:
            instruction = self.instructions[address]
            if type(instruction) is _Match:
                # Threads are in order of preference: those behind this one have lost.
                return spans, following
            if character is not None and instruction.accepts(character):  # type: ignore[union-attr]
                following.append((address + 1, spans))
        return found, following

    def _follow(
        self,
        address: int,
        spans: Spans,
        place: tuple[str, int],
        seen: set[int],
        into: list[tuple[int, Spans]],
    ) -> None:
        """Add a thread, and all it becomes without reading a character, in order."""
        pending = [(address, spans)]
        while pending:
            address, spans = pending.pop()
            if address in seen:
                continue
            seen.add(address)
            match self.instructions[address]:
                case _Jump(to):
                    pending.append((to, spans))
                case _Split(first, second):
                    pending += [(second, spans), (first, spans)]
                case _Save(slot):
                    marked = (*spans[:slot], place[1], *spans[slot + 1 :])
                    pending.append((address + 1, marked))
                case _Assert(holds):
                    if holds(*place):
                        pending.append((address + 1, spans))
                case _:
                    into.append((address, spans))


@lru_cache(maxsize=256)
def compiled(pattern: str, flags: str) -> Program:
    """Compile `pattern`. Raises Fault with a sentence for what is not a pattern here."""
    if len(pattern) > MAX_PATTERN:
        raise Fault(f"Expected a pattern of at most {MAX_PATTERN} characters")
    unknown = set(flags) - set("imsxq")
    if unknown:
        raise Fault(f"Expected flags out of i, m, s, x, q, but got {''.join(sorted(unknown))!r}")
    return _Compiler(pattern, flags).program()


class _Compiler:
    """One reading of one pattern: recursive descent that emits instructions as it goes."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.literal = "q" in flags
        self.fold = "i" in flags
        self.multiline = "m" in flags
        self.dot_all = "s" in flags
        blanks = "x" in flags and not self.literal
        self.text = _without_blanks(pattern) if blanks else pattern
        self.at = 0
        self.groups = 0
        self.closed: set[int] = set()
        self.depth = 0
        self.code: list[Instruction] = []

    def program(self) -> Program:
        self.emit(_Save(0))
        if self.literal:
            for character in self.text:
                self.emit(_Read(CharacterSet.of(character, fold=self.fold)))
        else:
            self.alternatives()
            if self.at < len(self.text):
                raise self.refusal("no ')' without a '('")
        self.emit(_Save(1))
        self.emit(_Match())
        return Program(tuple(self.code), 2 * (self.groups + 1))

    def emit(self, instruction: Instruction) -> int:
        if len(self.code) >= MAX_PROGRAM:
            raise Fault("Expected a simpler pattern: its repetitions make it too large")
        self.code.append(instruction)
        return len(self.code) - 1

    def refusal(self, wanted: str) -> Fault:
        return Fault(f"Expected {wanted} in the pattern {self.text!r} at character {self.at + 1}")

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        character = self.peek()
        self.at += 1
        return character

    def alternatives(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.refusal(f"at most {MAX_DEPTH} groups inside each other")
        start = len(self.code)
        ends: list[int] = []
        self.branch()
        while self.peek() == "|":
            self.take()
            self.insert(start, _Split(start + 1, len(self.code) + 2))
            ends.append(self.emit(_Jump(0)))
            start = len(self.code)
            self.branch()
        for end in ends:
            self.code[end] = _Jump(len(self.code))
        self.depth -= 1

    def insert(self, place: int, instruction: Instruction) -> None:
        """Put an instruction in front of what begins at `place`, and move what jumps into it."""
        self.emit(instruction)
        tail = self.code[place:-1]
        self.code[place:] = [instruction, *(_moved(part, place) for part in tail)]

    def branch(self) -> None:
        while self.peek() not in {"", "|", ")"}:
            start = len(self.code)
            self.atom()
            self.quantifier(start)

    def atom(self) -> None:
        character = self.take()
        match character:
            case "(":
                self.group()
            case "^":
                self.emit(_Assert(_line_start if self.multiline else _text_start))
            case "$":
                self.emit(_Assert(_line_end if self.multiline else _text_end))
            case "\\" if self.peek() in set("123456789"):
                self.back_reference()
            case "*" | "+" | "?" | "{" | "}" | "]":
                self.at -= 1
                raise self.refusal(f"something to match before {character!r} (or \\{character})")
            case _:
                self.emit(_Read(self.character_set(character)))

    def back_reference(self) -> None:
        number = int(self.take())
        while self.peek().isdecimal() and number * 10 + int(self.peek()) <= self.groups:
            number = number * 10 + int(self.take())
        if number not in self.closed:
            raise self.refusal(f"a group {number} that is closed before \\{number}")
        self.emit(_Back(number, self.fold))

    def character_set(self, character: str) -> CharacterSet:
        if character == ".":
            return CharacterSet.anything() if self.dot_all else CharacterSet.of("\n\r").negated()
        if character == "[":
            found, self.at = parse_class(self.text, self.at, fold=self.fold)
            return found
        if character == "\\":
            found, self.at = parse_escape(self.text, self.at)
        else:
            return CharacterSet.of(character, fold=self.fold)
        return found.folded() if self.fold else found

    def group(self) -> None:
        slot = 0
        if self.text.startswith("?:", self.at):
            self.at += 2
        elif self.peek() == "?":
            raise self.refusal("'(?:' or a plain group (no look-around)")
        else:
            self.groups += 1
            slot = 2 * self.groups
            if self.groups > MAX_GROUPS:
                raise self.refusal(f"at most {MAX_GROUPS} groups")
            self.emit(_Save(slot))
        self.alternatives()
        if self.take() != ")":
            raise self.refusal("')' to close the group")
        if slot:
            self.emit(_Save(slot + 1))
            self.closed.add(slot // 2)

    def quantifier(self, start: int) -> None:
        if self.peek() not in {"*", "+", "?", "{"} or not self.peek():
            return
        least, most = self.bounds()
        greedy = self.peek() != "?"
        self.at += not greedy
        if self.peek() in {"*", "+", "?", "{"} and self.peek():
            raise self.refusal("only one quantifier after another part")
        body = [_moved(part, start, -start) for part in self.code[start:]]
        del self.code[start:]
        for _ in range(least):
            self.copy(body)
        if most is None:
            self.star(body, greedy=greedy)
        else:
            for _ in range(most - least):
                self.optional(body, greedy=greedy)

    def bounds(self) -> tuple[int, int | None]:
        match self.take():
            case "*":
                return 0, None
            case "+":
                return 1, None
            case "?":
                return 0, 1
        text, closing, _ = self.text[self.at :].partition("}")
        low, comma, high = text.partition(",")
        fits = low.isdecimal() and (not high or high.isdecimal()) and len(text) <= 9
        if not closing or not fits:
            raise self.refusal("{n}, {n,} or {n,m}")
        self.at += len(text) + 1
        least = int(low)
        most = (int(high) if high else None) if comma else least
        if max(least, most or 0) > MAX_PROGRAM or (most is not None and most < least):
            raise self.refusal("a smaller number first, and none too large,")
        return least, most

    def copy(self, body: list[Instruction]) -> None:
        here = len(self.code)
        for part in body:
            self.emit(_moved(part, 0, here))

    def star(self, body: list[Instruction], *, greedy: bool) -> None:
        here = len(self.code)
        after = here + len(body) + 2
        self.emit(_Split(here + 1, after) if greedy else _Split(after, here + 1))
        self.copy(body)
        self.emit(_Jump(here))

    def optional(self, body: list[Instruction], *, greedy: bool) -> None:
        here = len(self.code)
        after = here + len(body) + 1
        self.emit(_Split(here + 1, after) if greedy else _Split(after, here + 1))
        self.copy(body)


def _without_blanks(pattern: str) -> str:
    """Leave out blanks, as the flag x says; inside of a class they stand for themselves."""
    kept: list[str] = []
    depth, escaped = 0, False
    for character in pattern:
        if character.isspace() and not depth:
            continue
        kept.append(character)
        if not escaped and character in "[]":
            depth = max(0, depth + (1 if character == "[" else -1))
        escaped = character == "\\" and not escaped
    return "".join(kept)


def _moved(instruction: Instruction, place: int, by: int = 1) -> Instruction:
    """Shift the targets at or behind `place` by `by`."""
    match instruction:
        case _Jump(to):
            return _Jump(to + by if to >= place else to)
        case _Split(first, second):
            return _Split(
                first + by if first >= place else first,
                second + by if second >= place else second,
            )
    return instruction


def _text_start(_text: str, at: int) -> bool:
    return at == 0


def _text_end(text: str, at: int) -> bool:
    return at == len(text)


def _line_start(text: str, at: int) -> bool:
    # After a line break that ends the text no further line begins.
    return at == 0 or (text[at - 1] == "\n" and at < len(text))


def _line_end(text: str, at: int) -> bool:
    return at == len(text) or text[at] == "\n"


def parse_replacement(text: str, *, literal: bool) -> list[str | int]:
    """Cut a replacement into plain text and group numbers. Raises Fault for a stray $ or \\."""
    if literal:
        return [text]
    parts: list[str | int] = []
    characters = iter(text)
    for character in characters:
        following = next(characters, "") if character in {"$", "\\"} else ""
        if character == "$" and following.isdecimal():
            parts.append(int(following))
        elif character == "\\" and following in {"$", "\\"} and following:
            parts.append(following)
        elif character in {"$", "\\"}:
            raise Fault("Expected $ with a digit, or \\$ and \\\\ for the signs themselves")
        else:
            parts.append(character)
    return parts
