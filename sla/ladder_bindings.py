"""Which version of a drawn ladder a clock takes: the one in force when it starts.

Supervision is no part of the process a case was filed with: a ladder that an analyst has changed
and somebody else approved holds for every clock that starts from then on, also in cases filed
before. Running clocks keep the rungs they began with. An office that has no ladder of that name
in force takes the one its process was deployed with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from engine import decisions, deployments, functions
from engine.bpmn import Definition
from engine.bpmn.environment import Environment
from engine.decisions import Decision
from engine.deployments import Loaded
from engine.errors import NotFound
from engine.events import CaseRef
from engine.incidents import raise_incident
from engine.recent import Recent
from sla.ladder_diagrams import Asked, Drawn, LadderFault, rungs_of
from sla.limits import ClockPlan, LadderVersion, RungPlan
from sla.rules import Rule

_OF_THE_MOMENT = frozenset({"now", "today"})
_KEPT = 128
_drawn = Recent[tuple[str, str], Drawn](_KEPT)


def bound(tx: Connection, case: CaseRef, plan: ClockPlan, law: Rule, now: datetime) -> ClockPlan:
    """The plan with the rungs its ladder draws for it; a plan that lists its own is as it was.

    `law` is the version of the rule that the clock starts with. Where the ladder cannot be found or
    played the clock starts all the same, without rungs, and an incident says why.
    """
    try:
        return played(tx, case, plan, law)
    except LadderFault as fault:
        return _without(tx, case, plan, now, fault.en)


def played(tx: Connection, case: CaseRef, plan: ClockPlan, law: Rule) -> ClockPlan:
    """As `bound`, writing nothing. Raises LadderFault where the ladder cannot be played."""
    if plan.drawn is None:
        return plan
    loaded = _in_force(tx, case, plan.drawn)
    if plan.drawn not in loaded.definitions:
        raise LadderFault(
            "", "本機關沒有這個階梯的上線版本", "no version of it is deployed for the office"
        )
    rungs = rungs_of(_drawing(loaded, plan.drawn), Asked.of(plan, law, case.package_id))
    origin = LadderVersion(plan.drawn, _number(loaded, plan.drawn))
    return replace(plan, ladder=rungs, drawn_version=origin)


def rungs_by(loaded: Loaded, asked: Asked) -> tuple[RungPlan, ...]:
    """The rungs that a version of a ladder draws. Raises LadderFault where it cannot be played."""
    return rungs_of(_drawing(loaded, loaded.package.id), asked)


def drawn(
    key: str, definition: Definition, tables: Mapping[str, Decision], package_id: str
) -> Drawn:
    """A drawing, ready to be played: its tables, and every function that asks for no moment."""
    given = {
        name: function
        for name, function in functions.given(datetime.min.replace(tzinfo=UTC)).items()
        if name not in _OF_THE_MOMENT
    }
    environment = Environment(
        definitions={definition.process_id: definition},
        decisions=decisions.bound(tables, given),
        functions=given,
    )
    return Drawn(f"{key}/{package_id}", definition, environment)


def _in_force(tx: Connection, case: CaseRef, ladder: str) -> Loaded:
    try:
        return deployments.active(tx, case.office_id, ladder)
    except NotFound:
        return deployments.definition(tx, case.definition_id)


def _drawing(loaded: Loaded, ladder: str) -> Drawn:
    key = (loaded.closure_hash, ladder)
    known = _drawn.get(key)
    if known is None:
        known = drawn(loaded.closure_hash, loaded.definitions[ladder], loaded.decisions, ladder)
        _drawn.put(key, known)
    return known


def _number(loaded: Loaded, ladder: str) -> int | None:
    """The version in force; None for the one the case's process brought along."""
    return loaded.version if loaded.package.id == ladder else None


def _without(tx: Connection, case: CaseRef, plan: ClockPlan, now: datetime, why: str) -> ClockPlan:
    raise_incident(
        tx,
        now,
        office_id=case.office_id,
        case_id=case.id,
        source="engine",
        code="ladder.not_drawn",
        message=f"The clock {plan.name!r} runs without the rungs of ladder {plan.drawn}: {why}",
    )
    return plan
