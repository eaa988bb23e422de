"""What a migration plan asks of the keeper of clocks, who sits above the engine.

A plan may be of a ladder: then no case runs on its versions, but clocks of cases have the rungs
that the former version drew. Which cases these are, what moving them would mean, and the move
itself is the keeper's to say. Of any other plan it tells how the named clocks would move.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Connection

from engine.actors import Actor
from engine.bpmn.migration import Plan, Remark
from engine.case_rows import Case
from engine.deployments import Loaded
from engine.packages import LADDER


@dataclass(frozen=True, slots=True)
class Found:
    """Cases of a plan, by id; the work goes on behind the case `after`, unless it is done."""

    cases: Sequence[UUID]
    after: UUID | None
    is_done: bool


@dataclass(frozen=True, slots=True)
class Versions:
    """From which version to which, and the clocks that a plan names."""

    former: Loaded
    target: Loaded
    clocks: frozenset[str] = frozenset()

    @property
    def are_ladders(self) -> bool:
        """Whether they draw rungs and no case runs on them."""
        return self.former.package.kind == LADDER


Finding: TypeAlias = Callable[[Connection, str, Loaded, UUID | None, int], Found]
"""Cases of an office with open clocks that a version drew, behind a case, at most so many."""
Judging: TypeAlias = Callable[[Connection, Case, Versions, datetime], Plan | None]
"""What moving the clocks of a case would mean; None if it has none of the former version."""
Moving: TypeAlias = Callable[[Connection, Case, Versions, Actor, datetime], None]
Telling: TypeAlias = Callable[[Connection, Case, Versions, datetime], tuple[Remark, ...]]
"""How the named clocks of a case would move with it. Raises EngineError where they cannot."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """The keeper's answers. Only `move` writes."""

    cases: Finding
    judge: Judging
    move: Moving
    told: Telling


_keepers: list[Keeper] = []


def keep_clocks_with(keeper: Keeper) -> None:
    """Name the keeper; `app.wire` does."""
    _keepers[:] = [keeper]


def keeper() -> Keeper:
    """Who keeps the clocks. Raises LookupError before the application is wired."""
    if not _keepers:
        raise LookupError("Expected a keeper of clocks; app.wire names it")
    return _keepers[0]


def told_of(tx: Connection, case: Case, versions: Versions, now: datetime) -> tuple[Remark, ...]:
    """How the clocks that a plan names would move; nothing where none is named."""
    return keeper().told(tx, case, versions, now) if versions.clocks else ()
