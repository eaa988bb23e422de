"""An instance in a test that is moved to another version, or whose tokens people move.

Every deed is done twice, on the state as it is and on the state saved and loaded: both must give
the same facts and the same bytes, and the given state must stay as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.bpmn import token_moves
from engine.bpmn.definition import Definition
from engine.bpmn.facts import Fact
from engine.bpmn.interpreter import dump_state, load_state
from engine.bpmn.migration import Instructions, Plan, Remark, Verdict, Versions, plan_move
from engine.bpmn.token_moves import CannotDo, Deed
from tests.support.instances import Instance, assert_alive

NOTHING_NAMED = Instructions()


class Moving(Instance):
    """An instance with the deeds of migration and operation."""

    def plan(
        self,
        new: Definition,
        *called: Definition,
        named: Instructions = NOTHING_NAMED,
        forms: Iterable[str] = (),
    ) -> Plan:
        return self._plan(new, called, named, frozenset(forms))

    def _plan(
        self,
        new: Definition,
        called: tuple[Definition, ...],
        named: Instructions,
        forms: frozenset[str],
    ) -> Plan:
        old = {**self.env.definitions, self.definition.process_id: self.definition}
        after = {each.process_id: each for each in (new, *called)}
        env = replace(self.env, definitions=after)
        before = dump_state(self.state)
        versions = Versions(old, after, forms)
        planned = plan_move(versions, named, self.state, self.now, env)
        assert dump_state(self.state) == before, "the given state was changed"

        again = plan_move(versions, named, load_state(before), self.now, env)
        assert (again.verdict, again.remarks) == (planned.verdict, planned.remarks)
        if planned.result is not None and again.result is not None:
            assert again.result[1] == planned.result[1]
            assert dump_state(again.result[0]) == dump_state(planned.result[0])
        return planned

    def move(
        self,
        new: Definition,
        *called: Definition,
        named: Instructions = NOTHING_NAMED,
        forms: Iterable[str] = (),
    ) -> tuple[Fact, ...]:
        """Move it, which must be possible; it runs on the new version from now on."""
        planned = self._plan(new, called, named, frozenset(forms))
        assert planned.verdict is not Verdict.CANNOT, [each.en for each in planned.remarks]
        state, told = planned.moved()
        assert_alive(state)
        self.state = load_state(dump_state(state))
        self.last = told
        self.facts.extend(told)
        self._assert_keys_are_unique()
        self.definition = new
        definitions = {each.process_id: each for each in (new, *called)}
        self.env = replace(self.env, definitions=definitions)
        return told

    def do(self, deed: Deed) -> tuple[Fact, ...]:
        before = dump_state(self.state)
        state, told = token_moves.do(self.definition, self.state, deed, self.now, self.env)
        assert dump_state(self.state) == before, "the given state was changed"
        again, told_again = token_moves.do(
            self.definition, load_state(before), deed, self.now, self.env
        )
        assert told_again == told
        assert dump_state(again) == dump_state(state)
        assert_alive(state)
        self.state, self.last = state, told
        self.facts.extend(told)
        self._assert_keys_are_unique()
        return told

    def refusal(self, deed: Deed) -> Remark:
        """The remark with which a deed is refused; it changes nothing."""
        before = dump_state(self.state)
        try:
            token_moves.do(self.definition, self.state, deed, self.now, self.env)
        except CannotDo as cannot:
            assert dump_state(self.state) == before
            _assert_said(cannot.remark)
            return cannot.remark
        raise AssertionError(f"{deed} was not refused")

    def key_of(self, element: str) -> str:
        """The key of the only activation of an element."""
        found = [a.key for a in self.state.activations.values() if a.element == element]
        assert len(found) == 1, f"{len(found)} activations of {element}"
        return found[0]


def codes(planned: Plan) -> list[str]:
    for remark in planned.remarks:
        _assert_said(remark)
    return [remark.code for remark in planned.remarks]


def _assert_said(remark: Remark) -> None:
    assert remark.zh
    assert remark.en
    assert "{" not in remark.zh + remark.en


def named(
    elements: Mapping[str, str] | None = None,
    flows: Mapping[str, str] | None = None,
    rearm: Iterable[str] = (),
    process_id: str = "p",
) -> Instructions:
    """What an analyst names, all of one process."""
    return Instructions(
        {process_id: elements or {}}, {process_id: flows or {}}, {process_id: frozenset(rearm)}
    )
