"""Proposals: a draft that waits for a second person, who sees what changed and decides.

What was proposed is stored as a version at once and never changes; the draft may go on. Nobody who
wrote any part of the draft approves it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from engine import deployments, package_drafts
from engine.actors import Actor
from engine.deployments import Deployed
from engine.errors import Conflict, NotFound, Rejected
from engine.packages import Library
from engine.permissions import Refusal, demand, may_approve
from store.tables import definitions, persons, proposals


@dataclass(frozen=True, slots=True)
class Proposing:
    """What is proposed: a version of a draft, made ready in `library` (`deployments.prepare`).

    `checks` is what lint and the scenarios said, for the second person to see.
    """

    draft_id: UUID
    number: int
    library: Library
    reason: str
    checks: Mapping[str, Any]


def propose(tx: Connection, asked: Proposing, actor: Actor, now: datetime) -> Deployed:
    """Store the draft as a version for somebody else to approve.

    Raises Conflict if the draft was saved since, or is what is active already; Rejected without a
    reason; DefinitionRefused for what lint calls an error.
    """
    if not asked.reason.strip():
        raise Rejected("proposal.reason", "Say what the version changes, and on what ground")
    found = package_drafts.draft(tx, asked.draft_id, actor)
    if found.newest != asked.number:
        raise Conflict(
            "proposal.stale",
            f"Expected to propose version {asked.number} of the draft, but it is at "
            f"{found.newest} now; look at what changed first",
            by=found.saved_by_name,
            number=found.newest,
        )
    former = active_id(tx, actor.office_id, found.package_id)
    deployed = deployments.propose(
        tx, asked.library, found.package_id, actor, now, asked.reason.strip()[:500]
    )
    if deployed.unchanged:
        raise Conflict(
            "proposal.unchanged", "The draft does what the active version does; nothing to propose"
        )
    tx.execute(
        insert(proposals).values(
            definition_id=deployed.definition_id,
            office_id=actor.office_id,
            package_id=found.package_id,
            draft_id=found.id,
            draft_number=found.number,
            former_id=former,
            checks=dict(asked.checks),
        )
    )
    return deployed


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the second person says. `seen_failing`: they know which scenarios fail."""

    why: str = ""
    seen_failing: bool = False


def approve(
    tx: Connection, definition_id: UUID, verdict: Verdict, actor: Actor, now: datetime
) -> None:
    """Put a proposed version into use. Running cases keep theirs. Its authors cannot."""
    demand(refusal(tx, definition_id, actor))
    proposal = find(tx, definition_id, actor)
    if proposal is not None:
        _demand_same_former(tx, proposal, actor)
        number = failing(proposal.checks)
        if number and not verdict.seen_failing:
            raise Rejected(
                "proposal.failing",
                f"{number} scenarios fail; say that you have seen which",
                n=number,
            )
    deployments.approve(tx, definition_id, actor, now)
    _decide(tx, definition_id, "approved", verdict.why, actor, now)


def failing(checks: Mapping[str, Any]) -> int:
    """How many scenarios failed when the version was proposed."""
    return sum(bool(each["failures"]) for each in checks.get("scenarios", ()))


def refuse(tx: Connection, definition_id: UUID, why: str, actor: Actor, now: datetime) -> None:
    """Send a proposed version back, saying why. Its authors cannot."""
    demand(refusal(tx, definition_id, actor))
    deployments.refuse(tx, definition_id, why, actor, now)
    _decide(tx, definition_id, "refused", why, actor, now)


def refusal(tx: Connection, definition_id: UUID, actor: Actor) -> Refusal | None:
    """Why the actor may not decide on the version; None: they may."""
    row = tx.execute(
        select(definitions.c.created_by, definitions.c.office_id).where(
            definitions.c.id == definition_id
        )
    ).first()
    if row is None or row.office_id != actor.office_id:
        return Refusal("definition.not_found", "There is no such version here", NotFound)
    found = may_approve(row.created_by, actor)
    proposal = find(tx, definition_id, actor)
    if found is not None or proposal is None:
        return found
    if actor.person_id in package_drafts.authors(tx, proposal.draft_id, proposal.draft_number):
        return Refusal(
            "definition.four_eyes", "A version is approved by somebody who wrote no part of it"
        )
    return None


def find(tx: Connection, definition_id: UUID, actor: Actor) -> Any:
    """The proposal of a version, with who decided; None for one that came from files."""
    return tx.execute(
        select(proposals, persons.c.display_name.label("decided_by_name"))
        .outerjoin(persons, persons.c.id == proposals.c.decided_by)
        .where(proposals.c.definition_id == definition_id, proposals.c.office_id == actor.office_id)
    ).first()


def version(tx: Connection, definition_id: UUID, actor: Actor) -> Any:
    """A version of the actor's office, with its author's name. Raises NotFound."""
    row = tx.execute(
        select(definitions, persons.c.display_name.label("author"))
        .outerjoin(persons, persons.c.id == definitions.c.created_by)
        .where(definitions.c.id == definition_id, definitions.c.office_id == actor.office_id)
    ).first()
    if row is None:
        raise NotFound("definition.not_found", "There is no such version here")
    return row


def waiting(tx: Connection, office_id: str) -> Sequence[Any]:
    """The versions of the office that wait for a second person, the oldest first."""
    return tx.execute(
        select(definitions, persons.c.display_name.label("author"), proposals.c.draft_id)
        .outerjoin(persons, persons.c.id == definitions.c.created_by)
        .outerjoin(proposals, proposals.c.definition_id == definitions.c.id)
        .where(definitions.c.office_id == office_id, definitions.c.state == "draft")
        .order_by(definitions.c.created_at)
        .limit(200)
    ).all()


def of_package(tx: Connection, office_id: str, package_id: str) -> Mapping[UUID, Any]:
    """The proposals of a package by version."""
    rows = tx.execute(
        select(proposals, persons.c.display_name.label("decided_by_name"))
        .outerjoin(persons, persons.c.id == proposals.c.decided_by)
        .where(proposals.c.office_id == office_id, proposals.c.package_id == package_id)
    )
    return {row.definition_id: row for row in rows}


def of_draft(tx: Connection, draft_id: UUID) -> Sequence[Any]:
    """What was proposed from a draft, the newest first."""
    return tx.execute(
        select(definitions, proposals.c.draft_number, proposals.c.decision)
        .join(proposals, proposals.c.definition_id == definitions.c.id)
        .where(proposals.c.draft_id == draft_id)
        .order_by(definitions.c.version.desc())
        .limit(50)
    ).all()


def active_id(tx: Connection, office_id: str, package_id: str) -> UUID | None:
    """The version of the office that new cases are filed with."""
    found: UUID | None = tx.scalar(
        select(definitions.c.id).where(
            definitions.c.office_id == office_id,
            definitions.c.package_id == package_id,
            definitions.c.state == "active",
        )
    )
    return found


def _demand_same_former(tx: Connection, proposal: Any, actor: Actor) -> None:
    # The second person judged the difference to a version that another proposal has replaced.
    if active_id(tx, actor.office_id, proposal.package_id) != proposal.former_id:
        raise Conflict(
            "proposal.outrun",
            "Another version became active after this one was proposed, so the difference is no "
            "longer what was shown; refuse it and propose it anew",
        )


def _decide(
    tx: Connection, definition_id: UUID, decision: str, why: str, actor: Actor, now: datetime
) -> None:
    tx.execute(
        update(proposals)
        .where(proposals.c.definition_id == definition_id, proposals.c.decision.is_(None))
        .values(
            decision=decision,
            decided_at=now,
            decided_by=actor.person_id,
            decided_why=why.strip()[:500],
        )
    )
