"""What can become of the tokens of one scope: judges a marking that no run from the start made.

A scope is read as a net. Its places are elements at which a token is at work (`review`), flows on
which one waits for a join (`>f3`), and activities that gather several (`=print`). Two questions:

- may these tokens be active at the same time (`apart`)? By Kovalyov's relation: two places are
  concurrent if a run from the start can mark both. It errs on the side of yes.
- can the scope end, and could a join wait for ever (`outlook`)? By playing on. Only one token at a
  time is played, with all its choices: tokens of different places do not take each other's, so no
  end is lost. Conditions are not evaluated; every way they could choose is tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from engine.bpmn.definition import Definition, Element, EventKind, Flow, Kind

MOST_MARKINGS: Final = 4_000
MOST_TOKENS: Final = 100
"""Where playing stops, by markings seen and by tokens in one: then only what was seen is known."""
_PATIENT: Final = frozenset({Kind.INCLUSIVE_GATEWAY, Kind.COMPLEX_GATEWAY})
_JOINS: Final = _PATIENT | {Kind.PARALLEL_GATEWAY}
_CLEARING: Final = frozenset({EventKind.TERMINATE, EventKind.ERROR, EventKind.CANCEL})

Marking = tuple[str, ...]
"""Places, sorted; one that holds two tokens stands twice."""
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """Tokens go from `takes` to `gives`. `clears`: everything else in the scope ends."""

    takes: Marking
    gives: Marking
    clears: bool = False


@dataclass(frozen=True, slots=True)
class Net:
    """One scope. `patient` are the flows into each gateway that goes on with what it has."""

    changes: tuple[Change, ...]
    patient: dict[str, Marking]
    starts: tuple[Marking, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """`stuck` is a marking in which joins wait for ever, if one can be reached; `can_end` whether
    the scope can end at all; `is_whole` whether everything was tried."""

    stuck: Marking | None
    can_end: bool
    is_whole: bool


# The net


def net_of(definition: Definition, scope_id: str | None) -> Net:
    """Return the net of a scope; worked out once for each definition."""
    name = f"net of {scope_id or ''}"
    known: Net | None = definition.memo.get(name)
    if known is None:
        known = definition.memo[name] = _net(definition, scope_id)
    return known


def _net(definition: Definition, scope_id: str | None) -> Net:
    scope = definition.scopes[scope_id]
    elements = [
        definition.elements[each]
        for each in scope.elements
        if each not in scope.event_sub_processes
    ]
    changes = [change for element in elements for change in _changes(definition, element)]
    patient = {
        element.id: tuple(f">{flow}" for flow in element.incoming)
        for element in elements
        if element.kind in _PATIENT and is_join(element)
    }
    return Net(tuple(changes), patient, tuple(_starts(definition, scope.start_events)))


def is_join(element: Element) -> bool:
    return element.kind in _JOINS and len(element.incoming) > 1


def arrival(definition: Definition, flow: Flow) -> str:
    """Where a token rests that came along `flow`."""
    target = definition.elements[flow.target]
    if is_join(target):
        return f">{flow.id}"
    return f"={target.id}" if target.start_quantity > 1 else target.id


def _changes(definition: Definition, element: Element) -> Iterator[Change]:
    at = (element.id,)
    if is_join(element) and element.kind is Kind.PARALLEL_GATEWAY:
        yield Change(tuple(sorted(f">{flow}" for flow in element.incoming)), at)
    elif not is_join(element) and element.start_quantity > 1:
        yield Change((f"={element.id}",) * element.start_quantity, at)
    if element.kind is Kind.END_EVENT and _clears(element):
        yield Change(at, (), clears=True)
        return
    for flows in _choices(element):
        gives = [arrival(definition, flow) for flow in flows] * element.completion_quantity
        yield Change(at, tuple(sorted(gives)))
    for boundary_id in element.boundary:
        boundary = definition.elements[boundary_id]
        if boundary.handler is None:
            is_ending = boundary.event is None or boundary.event.interrupting
            yield Change(at, (boundary_id,) if is_ending else tuple(sorted((*at, boundary_id))))


def _clears(element: Element) -> bool:
    event = element.event
    return event is not None and any(part.kind in _CLEARING for part in event.parts or (event,))


def _choices(element: Element) -> Iterable[tuple[Flow, ...]]:
    flows = element.outgoing
    if element.kind in (Kind.EXCLUSIVE_GATEWAY, Kind.EVENT_BASED_GATEWAY):
        return [(flow,) for flow in flows]
    is_plain = all(flow.condition is None and not flow.default for flow in flows)
    if is_plain or element.kind is Kind.PARALLEL_GATEWAY:
        return [flows]
    # Any of them may be true: one, two, or all; more is only more of the same.
    return dict.fromkeys([*((flow,) for flow in flows), *combinations(flows, 2), flows])


def _starts(definition: Definition, start_events: tuple[str, ...]) -> Iterator[Marking]:
    plain = tuple(
        each
        for each in start_events
        if (event := definition.elements[each].event) is None or event.kind is EventKind.NONE
    )
    if plain:
        yield tuple(sorted(plain))
    for each in start_events:
        if each not in plain:
            yield tuple(sorted({each, *_awaited_with(definition, each)}))


def _awaited_with(definition: Definition, begun_by: str) -> Iterator[str]:
    for gateway in definition.elements.values():
        targets = [flow.target for flow in gateway.outgoing]
        if gateway.instantiates and gateway.all_events and begun_by in targets:
            yield from targets


# May they be active together?


def apart(net: Net, marking: Iterable[str], related: frozenset[Pair]) -> Pair | None:
    """Return two places of `marking` that no run from the start marks at once, or None."""
    known = {place for change in net.changes for place in (*change.takes, *change.gives)}
    held = [place for place in marking if place in known]
    return next(
        (pair for pair in combinations(sorted(held), 2) if pair not in related),
        None,
    )


def concurrent(definition: Definition, scope_id: str | None) -> frozenset[Pair]:
    """Return the pairs of places (sorted) that can be marked at once, worked out once."""
    name = f"concurrent in {scope_id or ''}"
    known: frozenset[Pair] | None = definition.memo.get(name)
    if known is None:
        known = definition.memo[name] = _concurrent(net_of(definition, scope_id))
    return known


def _concurrent(net: Net) -> frozenset[Pair]:
    using: dict[str, list[Change]] = {}
    changes = [*net.changes, *_single_arrivals(net)]
    for change in changes:
        for place in set(change.takes):
            using.setdefault(place, []).append(change)
    related: set[Pair] = set()
    waiting = [pair for start in net.starts for pair in combinations(start, 2)]
    waiting += [pair for change in changes for pair in combinations(change.gives, 2)]
    while waiting:
        pair = waiting.pop()
        if pair in related:
            continue
        related.add(pair)
        for moving, staying in (pair, pair[::-1]):
            for change in using.get(moving, ()):
                if all(_pair(staying, place) in related for place in set(change.takes)):
                    waiting.extend(_pair(staying, place) for place in change.gives)
    return frozenset(related)


def _single_arrivals(net: Net) -> Iterator[Change]:
    """A patient gateway may go on with any one of its flows."""
    for gateway, flows in net.patient.items():
        for flow in flows:
            yield Change((flow,), (gateway,))


def _pair(one: str, other: str) -> Pair:
    return (one, other) if one <= other else (other, one)


# Can it end?


def outlook(net: Net, marking: Iterable[str]) -> Outlook:
    """Play on from `marking` and say how it can end."""
    leaving: dict[str, list[Change]] = {}
    joining: list[Change] = []
    for change in net.changes:
        if len(change.takes) == 1:
            leaving.setdefault(change.takes[0], []).append(change)
        else:
            joining.append(change)
    first = tuple(sorted(marking))
    seen, waiting = {first}, [first]
    stuck: Marking | None = None
    can_end = False
    while waiting:
        at = waiting.pop()
        if len(seen) > MOST_MARKINGS or len(at) > MOST_TOKENS:
            return Outlook(stuck, can_end, is_whole=False)
        following = _next(net, leaving, joining, at)
        if not following:
            can_end = can_end or not at
            stuck = stuck or at or None
        for each in following:
            if each not in seen:
                seen.add(each)
                waiting.append(each)
    return Outlook(stuck, can_end, is_whole=True)


def _next(
    net: Net, leaving: dict[str, list[Change]], joining: list[Change], at: Marking
) -> list[Marking]:
    working = [place for place in at if place in leaving]
    if working:
        # What only moves on goes first: a token that stays and gives others would flood the net.
        place = min(working, key=lambda each: any(each in c.gives for c in leaving[each]))
        return [_applied(at, change) for change in leaving[place]]
    held = Counter(at)
    for change in joining:
        if not Counter(change.takes) - held:
            return [_applied(at, change)]
    for gateway, flows in net.patient.items():
        present = tuple(flow for flow in flows if flow in held)
        if present:
            return [_applied(at, Change(present, (gateway,)))]
    return []


def _applied(at: Marking, change: Change) -> Marking:
    if change.clears:
        return ()
    left = list(at)
    for place in change.takes:
        left.remove(place)
    return tuple(sorted((*left, *change.gives)))


def unforeseen(definition: Definition, scope_id: str | None, marking: Iterable[str]) -> bool:
    """Say whether the scope could not end from `marking`, or could wait for ever at a join though
    it never does when it is run from its start."""
    net = net_of(definition, scope_id)
    found = outlook(net, marking)
    if found.is_whole and not found.can_end:
        return True
    if found.stuck is None:
        return False
    return all((fresh := outlook(net, start)).is_whole and not fresh.stuck for start in net.starts)
