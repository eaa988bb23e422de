"""Generated models: moved at any moment to a diagram with one task more, they end as they should.

The models are those of the differential tests. The added task lies on a flow whose target keeps
it, so no token waits on a flow that leads elsewhere: whatever refuses a move here is a fault.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn import compile_definition
from engine.bpmn.definition import Definition
from engine.bpmn.interpreter import dump_state
from engine.bpmn.migration import Instructions, Verdict, Versions, plan_move
from tests.differential.drawing import for_us
from tests.differential.models import Dice, Model
from tests.differential.running import NOW, Ours, run

SEEDS = st.integers(0, 1_000_000)
ADDED = "added"
FLOW = re.compile(r'<sequenceFlow id="([^"]+)" sourceRef="([^"]+)" targetRef="([^"]+)"></seq')


class Moved(Ours):
    """Runs a model, and moves it before one of its steps."""

    def __init__(self, model: Model, new: dict[str, Definition], at: int) -> None:
        super().__init__(model)
        self.new, self.at, self.steps = new, at, 0
        self.was_moved = False
        self._move_if_due()

    def complete(self, name: str, values: Mapping[str, int]) -> None:
        super().complete(name, values)
        self.steps += 1
        self._move_if_due()

    def _move_if_due(self) -> None:
        if self.steps != self.at or self.is_ended():
            return
        old = dict(self.env.definitions)
        self.env = type(self.env)(definitions=self.new)
        planned = plan_move(Versions(old, self.new), Instructions(), self.state, NOW, self.env)
        assert planned.verdict is Verdict.CAN, [each.en for each in planned.remarks]
        self.definition = self.new["main"]
        self.saved = dump_state(planned.moved()[0])
        self.told += planned.moved()[1]
        self.was_moved = True


class WithoutAdded(Moved):
    """As the model's driver sees it: the added task is done as soon as it is open."""

    def open(self) -> list[str]:
        while ADDED in (found := super().open()):
            Ours.complete(self, ADDED, {})
        return found


def with_a_task_more(model: Model, dice: random.Random) -> dict[str, Definition] | None:
    """Put a user task in front of what a flow without a condition leads to."""
    texts = {name: text.decode() for name, text in for_us(model).items()}
    places = [
        (name, found)
        for name, text in sorted(texts.items())
        for found in FLOW.finditer(text)
        if not _decides(text, found[2])
    ]
    if not places:
        return None
    name, found = dice.choice(places)
    flow, source, target = found.groups()
    drawn = (
        f'<userTask id="{ADDED}" name="{ADDED}" hz:candidateGroups="counter" hz:form="f"/>'
        f'<sequenceFlow id="to_{ADDED}" sourceRef="{source}" targetRef="{ADDED}"></sequenceFlow>'
        f'<sequenceFlow id="{flow}" sourceRef="{ADDED}" targetRef="{target}"></sequenceFlow>'
    )
    whole = f"{found[0]}uenceFlow>"
    texts[name] = texts[name].replace(whole, drawn, 1)
    return {each: compile_definition(text.encode()) for each, text in texts.items()}


def _decides(text: str, source: str) -> bool:
    return f'<exclusiveGateway id="{source}"' in text


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(0, 6))
def test_a_model_moved_to_a_task_more_ends_as_it_would(seed: int, at: int) -> None:
    model = Dice(seed).model()
    new = with_a_task_more(model, random.Random(seed))
    if new is None:
        return

    plain = run(model, Ours(model), seed)
    moving = WithoutAdded(model, new, at)
    moved = run(model, moving, seed)

    assert moved.ended == plain.ended
    assert moved.opened == plain.opened
    assert moved.completed == plain.completed
    assert moved.data == plain.data


class Unmoved(Ours):
    """Runs a model, and moves it after every step to the same under another hash."""

    def complete(self, name: str, values: Mapping[str, int]) -> None:
        super().complete(name, values)
        if self.is_ended():
            return
        old = self.env.definitions
        new = {each: replace(one, hash=f"{one.hash}'", memo={}) for each, one in old.items()}
        planned = plan_move(Versions(old, new), Instructions(), self.state, NOW, self.env)
        state, told = planned.moved()
        assert (planned.remarks, told) == ((), ())
        assert dump_state(state) == self.saved


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_moving_to_the_same_changes_nothing(seed: int) -> None:
    model = Dice(seed).model()

    assert run(model, Unmoved(model), seed).ended == run(model, Ours(model), seed).ended
