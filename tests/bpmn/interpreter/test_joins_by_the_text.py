"""Joins never go on early and never wait for ever, held against the standard's own words.

The reference below is the token game of BPMN 2.0.2, chapter 13.4, word by word and slow: a join is
judged by looking at every path there is. Graphs are drawn at random, with loops; the interpreter
must open the same tasks after every step, end when the reference ends, and say that it is stuck
when the reference is.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from engine.bpmn.definition import Definition, Element, Flow, Kind
from engine.bpmn.environment import Environment
from engine.bpmn.interpreter import is_ended
from tests.support.instances import Instance
from tests.support.processes import Builder, process

GATEWAYS = ("parallel", "inclusive", "xor")
STEPS = 14
MANY = 40  # open tasks; a graph that multiplies its tokens is left there


# --- the reference ---------------------------------------------------------------------------


@dataclass
class TokenGame:
    """Where the tokens are: on flows, and in tasks that are open."""

    definition: Definition
    wanted: frozenset[str] = frozenset()
    on: Counter[str] = field(default_factory=Counter)
    open: Counter[str] = field(default_factory=Counter)
    stuck: bool = False

    def begin(self) -> None:
        (start,) = self.definition.scopes[None].start_events
        self._send(self.definition.elements[start].outgoing)
        self.play()

    def complete(self, task: str, wanted: frozenset[str]) -> None:
        self.wanted = wanted
        self.open[task] -= 1
        self._send(self.definition.elements[task].outgoing)
        self.play()

    @property
    def ended(self) -> bool:
        return not +self.on and not +self.open

    def play(self) -> None:
        """Move until only tasks are open: what needs no patience first, then one patient join."""
        while self._move() or self._be_patient() or self._break_circle():
            pass
        self.stuck = bool(+self.on) and not +self.open

    def _move(self) -> bool:
        return any(self._fire(element) for element in self.definition.elements.values())

    def _fire(self, element: Element) -> bool:
        """13.4.1 and 13.4.2: a parallel gateway needs a token on each flow, all else on one."""
        marked = [flow for flow in element.incoming if self.on[flow]]
        if element.kind is Kind.PARALLEL_GATEWAY:
            if not marked or len(marked) < len(element.incoming):
                return False
            self.on.subtract(marked)
            self._send(element.outgoing)
            return True
        if not marked or (element.kind is Kind.INCLUSIVE_GATEWAY and len(element.incoming) > 1):
            return False
        self.on[marked[0]] -= 1
        match element.kind:
            case Kind.USER_TASK:
                self.open[element.id] += 1
            case Kind.EXCLUSIVE_GATEWAY:
                self._send(self._true(element)[:1])
            case Kind.INCLUSIVE_GATEWAY:
                self._send(self._true(element))
        return True

    def _true(self, element: Element) -> tuple[Flow, ...]:
        held = tuple(flow for flow in element.outgoing if self._holds(flow))
        return held or tuple(flow for flow in element.outgoing if flow.default)

    def _holds(self, flow: Flow) -> bool:
        if flow.condition is None:
            return not flow.default
        (name,) = re.findall(r'"(.*)"', flow.condition.text)
        return name in self.wanted

    def _send(self, flows: tuple[Flow, ...]) -> None:
        self.on.update(flow.id for flow in flows)

    def _patient(self) -> Iterator[Element]:
        for element in self.definition.elements.values():
            if element.kind is Kind.INCLUSIVE_GATEWAY and len(element.incoming) > 1:
                yield element

    def _be_patient(self) -> bool:
        for element in self._patient():
            if self._is_activated(element):
                self._join(element)
                return True
        return False

    def _is_activated(self, gateway: Element) -> bool:
        """13.4.3: at least one flow has a token; and whatever token could still come along a flow
        that has none could also come along one that has."""
        marked = [flow for flow in gateway.incoming if self.on[flow]]
        bare = [flow for flow in gateway.incoming if not self.on[flow]]
        return bool(marked) and not any(
            self._leads_any(token, bare, gateway) and not self._leads_any(token, marked, gateway)
            for token in self._tokens()
        )

    def _leads_any(self, token: tuple[str, ...], to: list[str], gateway: Element) -> bool:
        return any(self._leads(flow, to, gateway) for flow in token)

    def _tokens(self) -> Iterator[tuple[str, ...]]:
        """Each token by the flows it stands on, or may leave its task by."""
        for flow, count in self.on.items():
            if count:
                yield (flow,)
        for task, count in self.open.items():
            if count:
                yield tuple(flow.id for flow in self.definition.elements[task].outgoing)

    def _leads(self, first: str, to: list[str], gateway: Element) -> bool:
        """Is there a path from the flow to one of these that does not visit the gateway?"""
        targets = {
            flow: element
            for element in self.definition.elements.values()
            for flow in element.incoming
        }
        seen, waiting = {first}, [first]
        while waiting:
            flow = waiting.pop()
            if flow in to:
                return True
            element = targets[flow]
            if element.id != gateway.id:
                waiting += [each.id for each in element.outgoing if each.id not in seen]
                seen.update(each.id for each in element.outgoing)
        return False

    def _join(self, element: Element) -> None:
        self.on.subtract([flow for flow in element.incoming if self.on[flow]])
        self._send(self._true(element))

    def _break_circle(self) -> bool:
        """Nothing but joins that wait for each other: the text leaves them there, we do not."""
        if +self.open:
            return False
        waiting = (e for e in self._patient() if any(self.on[flow] for flow in e.incoming))
        element = next(waiting, None)
        if element is not None:
            self._join(element)
        return element is not None


# --- graphs ----------------------------------------------------------------------------------


def graph(seed: int) -> Definition:
    """A random graph: forwards along a row of nodes, and back only out of a task."""
    chance = random.Random(seed)
    kinds = ["task"] + [
        chance.choice(("task", "parallel", *GATEWAYS)) for _ in range(chance.randint(3, 9))
    ]
    names = [f"{kind}{at}" for at, kind in enumerate(kinds)]
    drawn = process("p").start("start")
    before = "start"
    for name, kind in [*zip(names, kinds, strict=True), ("end", "end")]:
        if before in {"inclusive", "xor"}:
            drawn.otherwise()  # the flow out of a choice to the next node is its default
        _add(drawn, kind, name)
        before = kind
    for at, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        for target in _targets(chance, at, kind, [*names, "end"]):
            drawn.back_to(name)
            if kind in {"inclusive", "xor"}:
                drawn.when(f'list contains(wanted, "{target}")')
            drawn.to(target)
    return drawn.build()


def _add(drawn: Builder, kind: str, name: str) -> None:
    match kind:
        case "task":
            drawn.user_task(name)
        case "parallel":
            drawn.parallel(name)
        case "inclusive":
            drawn.inclusive(name)
        case "xor":
            drawn.xor(name)
        case _:
            drawn.end(name)


def _targets(chance: random.Random, at: int, kind: str, names: list[str]) -> list[str]:
    """Further nodes that a flow goes to, beside the next one in the row."""
    forwards = names[at + 2 :]
    found = chance.sample(forwards, min(len(forwards), chance.choice([0, 1, 1, 2])))
    if kind == "task":
        found = [names[chance.randint(0, at)]] if chance.random() < 0.15 else []
    return found


def walk(seed: int) -> tuple[Instance, TokenGame]:
    """Play one graph in both, step by step, and compare after every step."""
    definition, chance = graph(seed), random.Random(seed)
    run = Instance(definition, {"wanted": []}, env=Environment(step_budget=500))
    game = TokenGame(definition)
    game.begin()
    for _ in range(STEPS):
        assert Counter(run.open()) == +game.open, seed
        assert is_ended(run.state) == game.ended, seed
        assert ("instance.stuck" in run.incident_codes()) == game.stuck, seed
        if not +game.open or game.open.total() > MANY:
            break
        task = chance.choice(sorted((+game.open).elements()))
        wanted = frozenset(name for name in definition.elements if chance.random() < 0.5)
        run.complete(task, wanted=sorted(wanted))
        game.complete(task, wanted)
    return run, game


@pytest.mark.parametrize("block", range(8))
def test_random_graphs_join_as_the_text_says(block: int) -> None:
    joined = Counter[str]()
    for seed in range(block * 50, block * 50 + 50):
        run, game = walk(seed)
        joined.update(
            kind
            for name in run.visited()
            for kind in GATEWAYS
            if name.startswith(kind) and len(game.definition.elements[name].incoming) > 1
        )
        joined["ended"] += game.ended

    assert min(joined[name] for name in (*GATEWAYS, "ended")) > 2, joined


def test_the_reference_is_not_the_interpreter_in_other_clothes() -> None:
    """A join that goes on early, or waits too long, is seen by the comparison."""
    early = late = 0
    for seed in range(120):
        definition = graph(seed)
        for flaw in (_hasty, _stubborn):
            game = TokenGame(definition)
            game._is_activated = flaw(game)  # type: ignore[method-assign]
            differs = _differs(definition, game, seed)
            early += differs and flaw is _hasty
            late += differs and flaw is _stubborn

    assert early > 0
    assert late > 0


def _hasty(game: TokenGame):  # type: ignore[no-untyped-def]
    return lambda gateway: any(game.on[flow] for flow in gateway.incoming)


def _stubborn(game: TokenGame):  # type: ignore[no-untyped-def]
    return lambda gateway: all(game.on[flow] for flow in gateway.incoming)


def _differs(definition: Definition, game: TokenGame, seed: int) -> bool:
    chance = random.Random(seed)
    run = Instance(definition, {"wanted": []}, env=Environment(step_budget=500))
    game.begin()
    for _ in range(STEPS):
        if Counter(run.open()) != +game.open:
            return True
        if not +game.open or game.open.total() > MANY:
            return False
        task = chance.choice(sorted((+game.open).elements()))
        wanted = frozenset(name for name in definition.elements if chance.random() < 0.5)
        run.complete(task, wanted=sorted(wanted))
        game.complete(task, wanted)
    return False
