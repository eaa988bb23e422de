"""Damaged diagrams: real ones with parts dropped, doubled, rewired and renamed.

Whatever the diagram: a definition or a refusal by name; and what is compiled starts, goes on with
any trigger, and always either ends or waits for something.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from bench.fuzz_expressions import NOW, ROOT, Writer
from engine.bpmn import DefinitionRefused, Severity, advance, compile_definition, lint, start
from engine.bpmn.definition import Definition
from engine.bpmn.environment import DecisionOutcome, Environment
from engine.bpmn.interpreter import BadValues, State, dump_state, is_ended, load_state
from engine.bpmn.state import WaitKind
from engine.bpmn.triggers import (
    CompleteServiceTask,
    CompleteUserTask,
    FailServiceTask,
    FireTimer,
    ReceiveMessage,
    ReceiveSignal,
    RetryIncident,
    Terminate,
    Trigger,
)
from engine.bpmn.vocabulary import ATTRIBUTES, BPMN, ELEMENTS, HZ

TRIGGERS = 8  # at most, for each diagram that compiles
_REFERENCES = ("sourceRef", "targetRef", "attachedToRef", "default", "messageRef", "calledElement")
_TAGS = [f"{{{BPMN}}}{name}" for name in ELEMENTS]
_ATTRIBUTES = sorted({name for _, name in ATTRIBUTES if ":" not in name})


def sources(*further: bytes) -> list[bytes]:
    """The diagrams of our own processes and of the tests."""
    files = sorted([*ROOT.glob("bpmn/**/*.bpmn"), *ROOT.glob("tests/**/*.bpmn")])
    return [*(file.read_bytes() for file in files), *further]


class Wrecker:
    """Damages one diagram after another."""

    def __init__(self, chance: random.Random, diagrams: list[bytes]) -> None:
        self.chance = chance
        self.diagrams = diagrams
        self.writer = Writer(chance)

    def diagram(self) -> bytes:
        root = etree.fromstring(self.chance.choice(self.diagrams))
        for _ in range(self.chance.choice([1, 1, 1, 2, 3, 6])):
            self.chance.choice(_DAMAGES)(self, root)
        return etree.tostring(root)

    def element(self, root: Any) -> Any:
        """An element of the process, not of its drawing."""
        found = [
            node
            for node in root.iter(f"{{{BPMN}}}*", f"{{{HZ}}}*")
            if node is not root and not _is_drawing(node)
        ]
        return self.chance.choice(found or [root])

    def id(self, root: Any) -> str:
        ids = [node.get("id") for node in root.iter() if isinstance(node.tag, str)]
        return self.chance.choice([each for each in ids if each] or ["nobody"])

    def drop(self, root: Any) -> None:
        node = self.element(root)
        if node.getparent() is not None:
            node.getparent().remove(node)

    def double(self, root: Any) -> None:
        node = self.element(root)
        if node.getparent() is not None and len(list(node.iter())) < 300:
            twin = copy.deepcopy(node)
            if self.chance.random() < 0.7:
                for each in twin.iter():
                    if each.get("id"):
                        each.set("id", each.get("id") + "_twin")
            node.addnext(twin)

    def move(self, root: Any) -> None:
        node, place = self.element(root), self.element(root)
        if node.getparent() is not None and node not in (place, *place.iterancestors()):
            place.append(node)

    def rewire(self, root: Any) -> None:
        name = self.chance.choice(_REFERENCES)
        holders = [node for node in root.iter() if isinstance(node.tag, str) and node.get(name)]
        if holders:
            self.chance.choice(holders).set(name, self.id(root))

    def rename(self, root: Any) -> None:
        self.element(root).set(
            "id", self.chance.choice([self.id(root), "", "1 x", "戶籍", "x" * 300])
        )

    def retag(self, root: Any) -> None:
        self.element(root).tag = self.chance.choice(_TAGS)

    def unset(self, root: Any) -> None:
        node = self.element(root)
        if node.attrib:
            del node.attrib[self.chance.choice(list(node.attrib))]

    def set(self, root: Any) -> None:
        node = self.element(root)
        name = self.chance.choice([*_ATTRIBUTES, *node.attrib])
        words = ["true", "false", "", "-1", "0", "999999999999", "None", "All", self.id(root)]
        node.set(name, self.chance.choice(words))

    def retext(self, root: Any) -> None:
        node = self.element(root)
        holders = [each for each in root.iter() if isinstance(each.tag, str) and _is_text(each)]
        target = self.chance.choice(holders or [node])
        target.text = "".join(each for each in self.writer.text() if "\x20" <= each <= "\ud7ff")

    def swap(self, root: Any) -> None:
        one, other = self.element(root), self.element(root)
        one.attrib.update({k: v for k, v in other.attrib.items() if k not in ("id",)})


_DAMAGES: tuple[Callable[[Wrecker, Any], None], ...] = (
    *(Wrecker.drop, Wrecker.drop, Wrecker.double, Wrecker.move, Wrecker.rewire, Wrecker.rewire),
    *(Wrecker.rename, Wrecker.retag, Wrecker.unset, Wrecker.set, Wrecker.retext, Wrecker.swap),
)


def _is_drawing(node: Any) -> bool:
    return any(
        not str(each.tag).startswith((f"{{{BPMN}", f"{{{HZ}")) for each in node.iterancestors()
    )


def _is_text(node: Any) -> bool:
    return len(node) == 0 and bool((node.text or "").strip())


# --- running ---------------------------------------------------------------------------------


class Broken(AssertionError):
    """Something that must hold whatever the diagram, and does not."""


def run(xml: bytes, chance: random.Random, *, linted: bool) -> bool:
    """Compile, and run what compiles; True if it did. Raises what should never be raised."""
    refused: DefinitionRefused | None = None
    definition: Definition | None = None
    try:
        definition = compile_definition(xml)
    except DefinitionRefused as refusal:
        refused = refusal
    if linted:
        errors = [one for one in lint(xml) if one.severity is Severity.ERROR]
        if bool(errors) is not (refused is not None):
            raise Broken("lint and compilation disagree")
        if any(not one.message_zh or not one.message_en for one in errors):
            raise Broken("a finding without a sentence")
    if definition is not None:
        _play(definition, chance)
    return definition is not None


def _decide(_context: Mapping[str, Any]) -> DecisionOutcome:
    return DecisionOutcome(value=1, version="v")


def _play(definition: Definition, chance: random.Random) -> None:
    env = Environment(
        definitions={definition.process_id: definition},
        decisions=dict.fromkeys(definition.decisions, _decide),
        step_budget=120,
    )
    for begun_by in _beginnings(definition):
        try:
            state, _ = start(definition, {"n": 1}, NOW, env, start_event=begun_by)
        except ValueError as refusal:
            if "start event" not in str(refusal):
                raise
            continue
        _go_on(definition, state, env, chance)


def _beginnings(definition: Definition) -> Iterable[str | None]:
    return (None, *definition.scopes[None].start_events[:2])


def _go_on(definition: Definition, state: State, env: Environment, chance: random.Random) -> None:
    for _ in range(TRIGGERS):
        if is_ended(state) or len(state.waits) > 300:
            break
        if not state.waits:
            raise Broken("it has not ended and waits for nothing")
        if load_state(dump_state(state)) is None:
            raise Broken("a state that cannot be loaded")
        try:
            state, _ = advance(definition, state, _trigger(state, chance), NOW, env)
        except BadValues:
            break
    if not is_ended(state):
        state, _ = advance(definition, state, Terminate("enough"), NOW, env)
        if not is_ended(state):
            raise Broken("terminated and not ended")


def _trigger(state: State, chance: random.Random) -> Trigger:
    key = chance.choice(list(state.waits))
    wait = state.waits[key]
    values = chance.choice([{}, {"n": 2}, {"items": [1, None]}, {"decision": "approve"}])
    match wait.kind:
        case WaitKind.USER:
            return CompleteUserTask(key, values)
        case WaitKind.SERVICE:
            code = chance.choice([None, "E1"])
            return chance.choice([CompleteServiceTask(key), FailServiceTask(key, "no", code)])
        case WaitKind.TIMER:
            return FireTimer(key)
        case WaitKind.MESSAGE:
            return ReceiveMessage(key, values)
        case WaitKind.SIGNAL:
            return ReceiveSignal(wait.name or "", values)
        case _:
            return RetryIncident(key, values)


def reproduce(folder: Path, xml: bytes, number: int) -> Path:
    """Keep a diagram that broke something, for a test of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"broken-{number}.bpmn"
    file.write_bytes(xml)
    return file
