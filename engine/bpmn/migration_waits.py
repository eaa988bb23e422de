"""What an instance waits for, in another version: kept, ended, begun, or begun anew.

A wait keeps its key, its due time and its correlation. What the new diagram no longer has ends,
what it has in addition begins, and an event that waits for something else is refused unless the
analyst named it to be armed anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.bpmn import facts
from engine.bpmn import interpreter_joins as joins
from engine.bpmn.definition import Element, EventKind, EventSpec, Kind, TimerKind, UserWork
from engine.bpmn.interpreter_activities import PLAIN_PRIORITY
from engine.bpmn.interpreter_events import listen, prepare
from engine.bpmn.interpreter_incidents import retry
from engine.bpmn.interpreter_run import Blocked, Run, Step
from engine.bpmn.interpreter_tokens import is_inside_item
from engine.bpmn.interpreter_variables import view, whole_number
from engine.bpmn.migration_comparison import facets, flow_of, said_of
from engine.bpmn.migration_places import Places
from engine.bpmn.migration_sentences import Remark
from engine.bpmn.state import (
    ROOT,
    Activation,
    Listens,
    Role,
    Stage,
    Wait,
    WaitKind,
    upwards,
)

_SCOPES = (Role.ROOT, Role.SCOPE, Role.CALL)


class Waits:
    """The waits of one state on its way: judged by `find_all`, then changed by `carry_out`."""

    def __init__(self, places: Places, forms: frozenset[str]) -> None:
        self.places = places
        self.forms = forms  # ids of forms with other content in the new version
        self.kept: dict[str, Wait] = {}
        self.ending: list[str] = []  # keys; of waits that are still in `kept` until then
        self.anew: dict[tuple[str, str, Listens], None] = {}  # owner, new element, for whom
        self.tasks: list[tuple[str, Element]] = []  # changed user tasks: key, new element

    def find_all(self) -> None:
        """Judge every wait. Raises nothing; what cannot be kept is a remark."""
        for key, wait in self.places.state.waits.items():
            owner = self.places.activations.get(wait.owner)
            if owner is not None:
                self._find(key, wait, owner)

    def _find(self, key: str, wait: Wait, owner: Activation) -> None:
        places = self.places
        process = _process_for(wait.listens, owner)
        new_id = places.named.element(process, wait.element)
        self.kept[key] = replace(wait, element=new_id)
        new = places.new[process].elements.get(new_id)
        if wait.kind is WaitKind.INCIDENT:
            self._find_incident(key, wait, owner, process)
            return
        if new is None or not self._listens_there(wait, owner, new):
            self.ending.append(key)
            self._say_event("wait.ends", wait, process, wait.element, {})
            return
        old = places.old[process].elements[wait.element]
        match wait.kind:
            case WaitKind.USER:
                self._find_task(key, wait, (old, new), owner)
            case WaitKind.SERVICE:
                self._find_service(old, new, owner)
            case _:
                self._find_event(wait, process, old, new)

    def _listens_there(self, wait: Wait, owner: Activation, new: Element) -> bool:
        definition = self.places.new[owner.process]
        match wait.listens:
            case Listens.BOUNDARY:
                return new.attached_to == owner.element
            case Listens.SCOPE:
                inside = self.places.new[owner.inner].scopes[_scope_id(owner)]
                return new.scope in inside.event_sub_processes
            case Listens.GATEWAY:
                targets = [flow.target for flow in definition.elements[owner.element].outgoing]
                return new.id in targets
        return True

    # Work

    def _find_task(
        self, key: str, wait: Wait, sides: tuple[Element, Element], owner: Activation
    ) -> None:
        old, new = sides
        work = new.user or UserWork(())
        found = {each.name for each in facets(owner.process, old, new)} & _OF_TASKS.keys()
        if work.form_key in self.forms:
            found.add("form_key")
        if found:
            self.tasks.append((key, new))
        self.kept[key] = replace(self.kept[key], name=_limit_begun_with(wait, old, new))
        if found:
            names = [name for name in _OF_TASKS if name in found]
            told = {
                "what_zh": "、".join(_OF_TASKS[name][0] for name in names),
                "what": ", ".join(_OF_TASKS[name][1] for name in names),
            }
            self.places.say("task.changed", owner, name=new.name or new.id, **told)

    def _find_service(self, old: Element, new: Element, owner: Activation) -> None:
        before = old.service.operation if old.service else ""
        after = new.service.operation if new.service else ""
        if before != after:
            self.places.say("service.other-operation", owner, before=before, after=after)

    def _find_incident(self, key: str, wait: Wait, owner: Activation, process: str) -> None:
        """Keep the step that could not be done, with what it needs, in the new diagram's ids."""
        trouble = wait.trouble
        if trouble is None:
            return
        places = self.places
        inside = owner.inner if owner.role is Role.ROOT else process
        element = places.named.element(inside, trouble.element)
        data = trouble.data
        if trouble.stage is Stage.ENTER and data is not None:
            flow = flow_of(places.new[process], places.named.flow(process, str(data)))
            if flow is None or flow.target != owner.element:
                places.say("join.flow-gone", owner, flow=str(data))
                return
            data = flow.id
        elif trouble.stage is Stage.OPEN and data is not None:
            begun_by = places.named.element(owner.inner, data[0])
            if begun_by not in places.new[owner.inner].elements:
                places.say("element.gone", owner, data[0])
                return
            data = [begun_by, data[1]]
        kept = trouble._replace(element=element, data=data)
        self.kept[key] = replace(self.kept[key], element=element, trouble=kept)

    # Events

    def _find_event(self, wait: Wait, process: str, old: Element, new: Element) -> None:
        places = self.places
        if places.named.arms_anew(process, new.id):
            self.anew[wait.owner, new.id, wait.listens] = None
            return
        was, now = _heard_by(old, wait.part), _heard_by(new, wait.part)
        code = _difference(wait, old, new, was, now)
        if code is not None:
            told = {"before": said_of(was), "after": said_of(now)}
            self._say_event(code, wait, process, new.id, told if code == "event.other" else {})

    def _say_event(
        self, code: str, wait: Wait, process: str, element_id: str, told: dict[str, str]
    ) -> None:
        self.places.remarks.append(Remark(code, process, element_id, wait.owner, told))

    # Doing it

    def carry_out(self, run: Run) -> None:
        """End, begin and change waits in a run that stands in the new version. Raises Blocked."""
        for key in self.ending:
            self._forget_heard(run, run.waits[key])
            run.cancel_wait(key)
        for owner_key, element_id, listens in self.anew:
            self._arm_anew(run, run.activations[owner_key], element_id, listens)
        for activation in list(run.activations.values()):
            self._begin_new(run, activation)
        for key, element in self.tasks:
            run.emit(_changed_task(run, key, element))
        self._demand_events_behind_gateways(run)
        go_on_at_joins(run)

    def _forget_heard(self, run: Run, wait: Wait) -> None:
        run.activations[wait.owner].heard.pop(wait.element, None)

    def _arm_anew(self, run: Run, owner: Activation, element_id: str, listens: Listens) -> None:
        for key in list(owner.waits):
            wait = run.waits[key]
            if wait.element == element_id and wait.listens is listens:
                self._forget_heard(run, wait)
                run.cancel_wait(key)
        self._listen(run, owner, element_id, listens)
        process = _process_for(listens, owner)
        self.places.remarks.append(Remark("wait.rearmed", process, element_id, owner.key))

    def _listen(self, run: Run, owner: Activation, element_id: str, listens: Listens) -> None:
        process = _process_for(listens, owner)
        element = run.definition(process).elements[element_id]
        counting = owner if listens is Listens.SCOPE else run.parent(owner)
        seen = view(run, run.parent(owner) if listens is Listens.BOUNDARY else owner)
        for wait in prepare(run, owner, element, listens, seen):
            listen(run, run.next_key(counting, element.id), wait)

    def _begin_new(self, run: Run, activation: Activation) -> None:
        for element_id, listens in self._new_events(run, activation):
            before = len(run.waits)
            self._listen(run, activation, element_id, listens)
            if len(run.waits) > before:
                process = _process_for(listens, activation)
                self.places.remarks.append(
                    Remark("wait.begins", process, element_id, activation.key)
                )

    def _new_events(self, run: Run, activation: Activation) -> Iterator[tuple[str, Listens]]:
        """Yield what the new diagram lets listen at an activation and the old one did not have."""
        stages = self._trouble_stages(activation)
        is_armed = activation.entered and not stages & {Stage.ENTER, Stage.ARM}
        if is_armed and activation.role not in (Role.ROOT, Role.ITEM, Role.UNDO):
            yield from self._new_beside(run, activation)
        is_open = not stages & {Stage.OPEN, Stage.LEAVE, Stage.ITEM, Stage.ROUTE}
        is_ending = activation.interrupted or activation.undo is not None
        if activation.role in _SCOPES and is_open and not is_ending:
            for each in self._added_starts(run, activation):
                yield each, Listens.SCOPE

    def _new_beside(self, run: Run, activation: Activation) -> Iterator[tuple[str, Listens]]:
        if not is_inside_item(run, activation):
            for each in self._added(activation, "boundary"):
                yield each, Listens.BOUNDARY
        if run.element(activation).kind is Kind.EVENT_BASED_GATEWAY and not self._trouble_stages(
            activation
        ):
            for each in self._added(activation, "targets"):
                yield each, Listens.GATEWAY

    def _trouble_stages(self, activation: Activation) -> set[Stage]:
        waits = (self.places.state.waits.get(key) for key in activation.waits)
        return {wait.trouble.stage for wait in waits if wait is not None and wait.trouble}

    def _added(self, activation: Activation, what: str) -> list[str]:
        places = self.places
        before = places.state.activations[activation.key]
        old = places.old[before.process].elements[before.element]
        new = places.new[activation.process].elements[activation.element]
        named = {places.named.element(before.process, each) for each in _beside(old, what)}
        return [each for each in _beside(new, what) if each not in named]

    def _added_starts(self, run: Run, scope: Activation) -> list[str]:
        places = self.places
        before = places.state.activations[scope.key]
        old = places.old[before.inner]
        inside = before.element if before.role is Role.SCOPE else None
        named = {
            places.named.element(before.inner, old.scopes[each].start_events[0])
            for each in old.scopes[inside].event_sub_processes
        }
        new = run.definition(scope.inner)
        starts = [new.scopes[each].start_events[0] for each in run.scope(scope).event_sub_processes]
        return [each for each in starts if each not in named]

    def _demand_events_behind_gateways(self, run: Run) -> None:
        for activation in run.activations.values():
            if activation.role is not Role.LEAF or not activation.entered or activation.waits:
                continue
            if run.element(activation).kind is Kind.EVENT_BASED_GATEWAY:
                self.places.say("gateway.no-event", activation)


_OF_TASKS = {
    "name": ("名稱", "its name"),
    "form_key": ("表單", "its form"),
    "candidate_groups": ("承辦群組", "who may do it"),
    "outcomes": ("處理結果", "its outcomes"),
    "duty": ("職務", "its duty"),
    "limit": ("時限（已起算的照舊）", "its limit (a clock that runs is kept)"),
    "priority": ("優先順序", "its priority"),
    "wait": ("等待他人", "whether it waits for somebody outside"),
    "kind": ("種類", "its kind"),
}
"""What a person notices of an open task when it differs, in both languages."""


def declare_new(run: Run) -> Iterator[tuple[Activation, list[str]]]:
    """Give scopes the names they declare now, with the values seen there; yield which."""
    for scope in run.activations.values():
        if scope.role not in _SCOPES:
            continue
        added = [name for name in run.scope(scope).declares if name not in scope.variables]
        for name in added:
            scope.variables[name] = _seen_value(run, scope, name)
        if added:
            yield scope, added


def _seen_value(run: Run, scope: Activation, name: str) -> object:
    for activation in upwards(run.activations, scope):
        if name in activation.variables:
            return activation.variables[name]
    return None


def go_on_at_joins(run: Run) -> None:
    """Let joins go on that have all they need in the new diagram, and look again at stuck ones."""
    for scope in list(run.activations.values()):
        if not scope.joins:
            continue
        for element_id in run.scope(scope).elements:
            element = run.definition(scope.inner).elements[element_id]
            while _is_satisfied(scope, element):
                _take_tokens(scope, element)
                run.push_all([Step(Stage.ENTER, run.open(scope, element.id))])
    for key, wait in list(run.waits.items()):
        if wait.trouble is not None and wait.trouble.stage is Stage.STUCK:
            retry(run, key, {})


def _is_satisfied(scope: Activation, element: Element) -> bool:
    if 0 < element.start_quantity <= scope.joins.get(f"={element.id}", 0):
        return True
    is_parallel = element.kind is Kind.PARALLEL_GATEWAY and bool(element.incoming)
    return is_parallel and all(flow in scope.joins for flow in element.incoming)


def _take_tokens(scope: Activation, element: Element) -> None:
    name = f"={element.id}"
    if name in scope.joins:
        scope.joins[name] -= element.start_quantity
        if not scope.joins[name]:
            del scope.joins[name]
        return
    joins.take(scope.joins, element.incoming)


def _scope_id(activation: Activation) -> str | None:
    return activation.element if activation.role is Role.SCOPE else None


def _process_for(listens: Listens, owner: Activation) -> str:
    return owner.inner if listens is Listens.SCOPE else owner.process


def _beside(element: Element, what: str) -> tuple[str, ...]:
    if what == "boundary":
        return element.boundary
    return tuple(flow.target for flow in element.outgoing)


def _heard_by(element: Element, part: int | None) -> EventSpec | None:
    """What a wait of the element hears: its event, one part of it, or a receive task's message."""
    if element.message is not None:
        return EventSpec(EventKind.MESSAGE, message=element.message)
    event = element.event
    if event is None or part is None:
        return event
    return event.parts[part] if part < len(event.parts) else None


def _difference(
    wait: Wait, old: Element, new: Element, was: EventSpec | None, now: EventSpec | None
) -> str | None:
    """Say what to remark of an event that waits, or None if it hears the same as before."""
    if was is None or now is None or was.kind is not now.kind or _shape(old) != _shape(new):
        return "event.other"
    match wait.kind:
        case WaitKind.TIMER:
            is_cycle = now.timer is not None and now.timer.kind is TimerKind.CYCLE
            if is_cycle != (wait.plan is not None):
                return "event.other"
            return "timer.kept" if said_of(was.timer) != said_of(now.timer) else None
        case WaitKind.MESSAGE:
            return "event.other" if said_of(was.message) != said_of(now.message) else None
        case WaitKind.SIGNAL:
            return "event.other" if was.code != now.code else None
        case _:
            is_other = said_of(was.condition) != said_of(now.condition)
            return "condition.other" if is_other else None


def _shape(element: Element) -> tuple[str, ...]:
    event = element.event
    return () if event is None else (event.kind, *(part.kind for part in event.parts))


def _limit_begun_with(wait: Wait, old: Element, new: Element) -> str | None:
    """The limit whose clock may run for the task, where the new version has another one."""
    begun_with = wait.name or (old.user.limit if old.user else None)
    return None if new.user is not None and new.user.limit == begun_with else begun_with


def _changed_task(run: Run, key: str, element: Element) -> facts.UserTaskChanged:
    activation = run.activations[run.waits[key].owner]
    work = element.user or UserWork(())
    priority = PLAIN_PRIORITY
    if work.priority is not None:
        priority = whole_number(
            run, work.priority, view(run, activation), "a priority as a whole number"
        )
    return facts.UserTaskChanged(
        key,
        activation.process,
        element.id,
        element.name,
        work.candidate_groups,
        work.form_key,
        work.duty,
        work.outcomes,
        priority,
        work.wait,
    )


def told_of(blocked: Blocked, key: str = ROOT) -> Remark:
    """An expression that moving needs and that has no value."""
    return Remark("expression.fails", "", blocked.element or "", key, {"message": blocked.message})
