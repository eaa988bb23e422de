"""Where everything of an instance stands in another version: judged, and written down as a state.

Nothing runs here. Each activation, join counter and record of what was completed is found again by
its element's id (or the one the analyst named), or there is a remark that refuses. Waits are the
business of `migration_waits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from engine.bpmn.definition import Definition, Element, Kind
from engine.bpmn.migration_comparison import Definitions, Instructions, facets, flow_of
from engine.bpmn.migration_outlook import (
    apart,
    arrival,
    concurrent,
    is_join,
    net_of,
    unforeseen,
)
from engine.bpmn.migration_sentences import Remark, Weight
from engine.bpmn.state import ROOT, Activation, Done, Role, Stage, State, Wait, WaitKind

_NOT_BEGUN: Final = frozenset({Stage.ENTER, Stage.ARM, Stage.BEGIN})
_NEVER_BEGUN: Final = frozenset({Kind.BOUNDARY_EVENT, Kind.START_EVENT, Kind.EVENT_SUB_PROCESS})
_SEEN, _TOKENS = "+", "="


class Places:
    """One state on its way into another version. `remarks` grow; `activations` are the new ones."""

    def __init__(
        self, old: Definitions, new: Definitions, named: Instructions, state: State
    ) -> None:
        self.old, self.new, self.named, self.state = old, new, named, state
        self.remarks: list[Remark] = []
        self.activations: dict[str, Activation] = {}
        self._lost: set[str] = set()  # keys whose own element was not found; nothing inside is

    def say(self, code: str, place: Activation, element_id: str = "", **facts: str) -> None:
        """Add a remark about an activation's element, or another one beside it."""
        key = "" if place.role is Role.ROOT else place.key
        self.remarks.append(
            Remark(code, place.process, element_id or place.element, key, dict(facts))
        )

    @property
    def is_refused(self) -> bool:
        return any(remark.weight is Weight.REFUSED for remark in self.remarks)

    def find_all(self) -> None:
        """Find every activation, outermost first, then what its scope counts and remembers."""
        if self.state.process_id not in self.new:
            self.remarks.append(Remark("process.other", facts={"process": self.state.process_id}))
            return
        for activation in self.state.activations.values():
            if activation.parent in self._lost:
                self._lost.add(activation.key)
                continue
            if activation.role is not Role.ROOT and not self._find(activation):
                self._lost.add(activation.key)
                continue
            self._found(activation)

    # One activation

    def _found(self, activation: Activation) -> None:
        moved = activation.copy()
        self.activations[activation.key] = moved
        if activation.role is not Role.ROOT:
            moved.element = self.named.element(activation.process, activation.element)
            if moved.element != activation.element:
                self.say("element.renamed", activation, moved.element, before=activation.element)
        old, new = self.old[activation.inner], self.new[activation.inner]
        named = self.named.element
        moved.joins = self._joins(activation, old, new)
        moved.done = self._records(activation, activation.done, activation.inner)
        if activation.undo is not None:
            moved.undo = self._records(activation, activation.undo, activation.inner)
        moved.ends = [named(activation.inner, each) for each in activation.ends]
        moved.heard = {
            named(self._process_of_event(activation, each), each): had
            for each, had in activation.heard.items()
        }
        self._note_renamed_runs(activation, moved)

    def _process_of_event(self, owner: Activation, element_id: str) -> str:
        """A boundary event lies beside its activity, an event sub-process's start inside."""
        is_beside = element_id in self.old[owner.process].elements
        return owner.process if is_beside else owner.inner

    def _note_renamed_runs(self, activation: Activation, moved: Activation) -> None:
        """Count the runs of an element under its new id as well, so that no key is used twice."""
        for element_id, runs in activation.counters.items():
            new_id = self.named.element(activation.inner, element_id)
            moved.counters[new_id] = max(runs, moved.counters.get(new_id, 0))

    def _find(self, activation: Activation) -> bool:
        element = self.old[activation.process].elements[activation.element]
        new_id = self.named.element(activation.process, element.id)
        found = self.new[activation.process].elements.get(new_id)
        if found is None:
            self.say("element.gone", activation)
            return False
        before = len(self.remarks)
        self._judge_kind(activation, element, found)
        self._judge_scope(activation, element, found)
        self._judge_call(activation, element, found)
        self._judge_items(activation, element, found)
        return not any(each.weight is Weight.REFUSED for each in self.remarks[before:])

    def _judge_kind(self, activation: Activation, old: Element, new: Element) -> None:
        if old.kind is new.kind or (
            self._has_not_begun(activation) and new.kind not in _NEVER_BEGUN
        ):
            return
        self.say("element.other-kind", activation, before=str(old.kind), after=str(new.kind))

    def _has_not_begun(self, activation: Activation) -> bool:
        """It stopped with an incident before it did what it is for, and will begin anew."""
        troubles = [
            trouble
            for key in activation.waits
            if (trouble := self.state.waits[key].trouble) is not None
        ]
        return activation.role is Role.LEAF and any(t.stage in _NOT_BEGUN for t in troubles)

    def _judge_scope(self, activation: Activation, old: Element, new: Element) -> None:
        scope = old.scope and self.named.element(activation.process, old.scope)
        if new.scope != scope:
            self.say("element.other-scope", activation)

    def _judge_call(self, activation: Activation, old: Element, new: Element) -> None:
        if activation.role is not Role.CALL:
            return
        if old.called != new.called:
            called = {"before": old.called or "", "after": new.called or ""}
            self.say("call.other-process", activation, **called)
        elif activation.inner not in self.new:
            self.say("call.gone", activation, process=activation.inner)

    def _judge_items(self, activation: Activation, old: Element, new: Element) -> None:
        if activation.role is not Role.MULTI:
            return
        wrong = _items_differ(old, new)
        if wrong is not None:
            self.say("items.other", activation, what=wrong[1], what_zh=wrong[0])

    # What a scope counts

    def _joins(self, scope: Activation, old: Definition, new: Definition) -> dict[str, int]:
        moved: dict[str, int] = {}
        for name, count in scope.joins.items():
            if name.startswith(_TOKENS):
                found = self._gathering(scope, new, name.removeprefix(_TOKENS))
            elif name.startswith(_SEEN):
                flow = self._waiting(scope, old, new, name.removeprefix(_SEEN))
                found = flow and f"{_SEEN}{flow}"
            else:
                found = self._waiting(scope, old, new, name)
            if found is not None:
                moved[found] = moved.get(found, 0) + count
        return moved

    def _gathering(self, scope: Activation, new: Definition, element_id: str) -> str | None:
        new_id = self.named.element(scope.inner, element_id)
        if new_id not in new.elements:
            self._say_inside(scope, "element.gone", element_id)
            return None
        return f"{_TOKENS}{new_id}"

    def _waiting(
        self, scope: Activation, old: Definition, new: Definition, flow_id: str
    ) -> str | None:
        """Return the flow on which the token waits in the new diagram, at the same join."""
        old_flow = flow_of(old, flow_id)
        join = old.elements[old_flow.target] if old_flow else None
        new_flow = flow_of(new, self.named.flow(scope.inner, flow_id))
        join_id = join.id if join else flow_id
        if join is None or new_flow is None:
            self._say_inside(scope, "join.flow-gone", join_id, flow=flow_id)
            return None
        expected = self.named.element(scope.inner, join_id)
        if new_flow.target != expected:
            told = {"flow": new_flow.id, "after": new_flow.target}
            self._say_inside(scope, "join.flow-moved", join_id, **told)
            return None
        target = new.elements[expected]
        if target.kind is not join.kind:
            kinds = {"before": str(join.kind), "after": str(target.kind)}
            self._say_inside(scope, "join.other-kind", join_id, **kinds)
            return None
        return new_flow.id

    def _say_inside(self, scope: Activation, code: str, element_id: str, **facts: str) -> None:
        self.remarks.append(Remark(code, scope.inner, element_id, scope.key, dict(facts)))

    # What was completed

    def _records(self, scope: Activation, records: list[Done], process_id: str) -> list[Done]:
        # Sub-processes nest as deep as the diagram is drawn, so recursion is bounded by its depth.
        return [
            found
            for record in records
            if (found := self._record(scope, record, process_id)) is not None
        ]

    def _record(self, scope: Activation, record: Done, process_id: str) -> Done | None:
        old = self.old[process_id].elements[record.element]
        new_id = self.named.element(process_id, old.id)
        new = self.new[process_id].elements.get(new_id)
        if new is None or new.kind is not old.kind or new.called != old.called:
            self._say_record("compensation.gone", scope, process_id, old.id)
            return None
        inside = old.called or process_id
        if inside not in self.new:
            self._say_record("compensation.gone", scope, process_id, old.id)
            return None
        if _can_be_made_good(self.old, old, process_id) and not _can_be_made_good(
            self.new, new, process_id
        ):
            self._say_record("compensation.lost", scope, process_id, old.id)
            return None
        return record._replace(element=new_id, inner=self._records(scope, record.inner, inside))

    def _say_record(self, code: str, scope: Activation, process_id: str, element_id: str) -> None:
        self.remarks.append(Remark(code, process_id, element_id, scope.key))

    # The whole

    def judge_markings(self) -> None:
        """Refuse where the new diagram would go wrong with tokens that stand as they do."""
        for activation in self.activations.values():
            if activation.role in (Role.ROOT, Role.SCOPE, Role.CALL):
                self._judge_marking(activation)

    def _judge_marking(self, scope: Activation) -> None:
        definition = self.new[scope.inner]
        scope_id = scope.element if scope.role is Role.SCOPE else None
        if scope.undo is not None or _is_ad_hoc(definition, scope_id):
            return
        if self._is_drawn_as_before(scope, scope_id):
            return
        marking = marking_of(definition, self.activations, self.state.waits, scope)
        net = net_of(definition, scope_id)
        pair = apart(net, marking, concurrent(definition, scope_id))
        if pair is not None:
            one, other = (_named_place(definition, place) for place in pair)
            self._say_inside(scope, "tokens.apart", one, other=other)
        elif marking and unforeseen(definition, scope_id, marking):
            told = ", ".join(_named_place(definition, place) for place in marking)
            self._say_inside(scope, "join.starved", told)

    def _is_drawn_as_before(self, scope: Activation, scope_id: str | None) -> bool:
        before = self.state.activations[scope.key]
        old = net_of(self.old[before.inner], before.element if before.role is Role.SCOPE else None)
        return old == net_of(self.new[scope.inner], scope_id)

    def note_changes(self) -> None:
        """Tell what else differs at the elements that are active."""
        for key, moved in self.activations.items():
            before = self.state.activations[key]
            if before.role in (Role.ROOT, Role.ITEM, Role.UNDO) or not before.entered:
                continue
            old = self.old[before.process].elements[before.element]
            new = self.new[moved.process].elements[moved.element]
            names = {each.name for each in facets(moved.process, old, new, self.named)}
            if "inputs" in names and old.kind is new.kind:
                self.say("inputs.kept", moved)
            if "boundary" in names and _has_handler(self.new[moved.process], new):
                self._note_compensation(moved, old, new)

    def _note_compensation(self, moved: Activation, old: Element, new: Element) -> None:
        runs = self.activations[moved.parent or ROOT].counters.get(new.id, 0)
        if runs > 1 and not _has_handler(self.old[moved.process], old):
            self.say("compensation.new", moved)

    # The state

    def state_with(self, waits: Mapping[str, Wait]) -> State:
        return replace(self.state, activations=self.activations, waits=waits)


def _items_differ(old: Element, new: Element) -> tuple[str, str] | None:
    """Say in both languages what keeps items that are open from going on, or None."""
    if (old.loop is None) != (new.loop is None):
        return "迴圈", "its loop"
    before, after = old.multi_instance, new.multi_instance
    if (before is None) != (after is None):
        return "多項", "multi-instance or not"
    if before is None or after is None:
        return None
    if before.sequential != after.sequential:
        return "依序或同時", "one after the other or all at once"
    if before.element_variable != after.element_variable:
        return "項目變數", "the variable of an item"
    if (before.output_collection is None) != (after.output_collection is None):
        return "結果集合", "whether results are collected"
    return None


def _has_handler(definition: Definition, element: Element) -> bool:
    return any(definition.elements[each].handler for each in element.boundary)


def _can_be_made_good(version: Definitions, element: Element, process_id: str) -> bool:
    """Say whether the element itself has a handler or a compensation event sub-process."""
    definition = version[process_id]
    if _has_handler(definition, element):
        return True
    inside = version[element.called] if element.called else definition
    scope = inside.scopes.get(None if element.called else element.id)
    if scope is None:
        return False
    starts = [inside.scopes[each].start_events[0] for each in scope.event_sub_processes]
    events = [inside.elements[each].event for each in starts]
    return any(event is not None and event.kind == "compensation" for event in events)


def _is_ad_hoc(definition: Definition, scope_id: str | None) -> bool:
    return scope_id is not None and definition.elements[scope_id].ad_hoc is not None


def _named_place(definition: Definition, place: str) -> str:
    """Return the element a place belongs to: of a flow, the join it leads to."""
    if place.startswith(">"):
        flow = flow_of(definition, place[1:])
        return flow.target if flow else place[1:]
    return place.removeprefix(_TOKENS)


def marking_of(
    definition: Definition,
    activations: Mapping[str, Activation],
    waits: Mapping[str, Wait],
    scope: Activation,
) -> list[str]:
    """Return the places of all tokens of a scope. Event sub-processes are no tokens of it."""
    marking: list[str] = []
    for key in scope.children:
        child = activations[key]
        element = definition.elements[child.element]
        if (child.role is Role.UNDO and not child.entered) or _is_stuck(child, waits):
            continue  # beside the flow: its tokens are counted elsewhere
        if element.kind is not Kind.EVENT_SUB_PROCESS:
            marking.append(_place_of(definition, waits, child, element))
    for name, count in scope.joins.items():
        if not name.startswith(_SEEN):
            marking += [_counted_place(definition, name)] * count
    return marking


def _counted_place(definition: Definition, name: str) -> str:
    if name.startswith(_TOKENS):
        element = definition.elements[name.removeprefix(_TOKENS)]
        return name if element.start_quantity > 1 else element.id
    flow = flow_of(definition, name)
    return arrival(definition, flow) if flow else f">{name}"


def _is_stuck(child: Activation, waits: Mapping[str, Wait]) -> bool:
    troubles = (wait.trouble for key in child.waits if (wait := waits.get(key)) is not None)
    return any(trouble is not None and trouble.stage is Stage.STUCK for trouble in troubles)


def _place_of(
    definition: Definition, waits: Mapping[str, Wait], child: Activation, element: Element
) -> str:
    """An element; of a token that could not even arrive at its join, the flow it came along."""
    if is_join(element) and not child.entered:
        for key in child.waits:
            wait = waits.get(key)
            if wait is not None and wait.kind is WaitKind.INCIDENT and wait.trouble is not None:
                flow = flow_of(definition, str(wait.trouble.data))
                if flow is not None and wait.trouble.stage is Stage.ENTER:
                    return arrival(definition, flow)
    return element.id
