"""An edit of the calendar, or of a rule, waits for a second person, who sees what it would move,
and decides.

Whoever proposes a closure, a make-up day, a day off or a new version of a rule cannot enter it:
somebody else who may do the same does, and only then does it count and the open limits move
(`sla.closures`). The proposer may take it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, insert, select, update

from engine import person_notices
from engine.actors import Actor
from engine.clock import legal_day
from engine.errors import Conflict, Forbidden, NotFound, Rejected
from engine.history import Entry, append
from engine.minguo import format_date
from engine.person_notices import News
from sla import rule_edits
from sla.calendars import MAY_CLOSE, Closure, DayEntry, demand_change, demand_editor
from sla.closures import Entered, enter_closure, enter_working_day, recount
from sla.rules import Rule, of_row, plain
from store.tables import calendar_edits, memberships, offices, persons

CLOSURES = ("all", "morning", "afternoon")
PARTS = (*CLOSURES, "works", "rests")
LONGEST_REASON = 120  # as the calendar's column holds
PROPOSED, DECIDED = "calendar.proposed", "calendar.decided"
"""What people are told of: that an edit waits for one of them; what became of one's own."""


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants of a day: `part` is one of `PARTS`, `source` the announcement. Or new
    versions of `rules`: then `part` is `rule`, `day` the first from which one of them holds."""

    day: date
    part: str
    reason: str
    source: str
    rules: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        if self.part not in PARTS and not (self.part == rule_edits.RULE and self.rules):
            raise Rejected("calendar.part", f"Expected one of {', '.join(PARTS)}", part=self.part)
        if not self.reason.strip() or not self.source.strip():
            raise Rejected("calendar.source", "Expected a reason and the announcement it rests on")
        if len(self.reason) > LONGEST_REASON:
            raise Rejected(
                "calendar.reason_long",
                f"Expected a reason of at most {LONGEST_REASON} characters",
                most=LONGEST_REASON,
            )

    def closure(self, office_id: str) -> Closure | None:
        """The closure that this is; None for a day that is worked, or not, by order."""
        if self.part not in CLOSURES:
            return None
        return Closure(office_id, self.day, self.part, self.reason, self.source)

    def entry(self, office_id: str) -> DayEntry:
        return DayEntry(office_id, self.day, self.part == "works", self.reason, self.source)


def change_of_rules(rules: tuple[Rule, ...], reason: str, source: str, now: datetime) -> Change:
    """The change that these versions are. Raises Rejected where there are none."""
    if not rules:
        raise Rejected("rule.unchanged", "Expected at least one row that differs from what holds")
    first = min(each.valid_from or legal_day(now) for each in rules)
    return Change(first, rule_edits.RULE, reason, source, rules)


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edit as it stands: `proposed`, `entered` (with its `job_id`), `refused`, `withdrawn`."""

    id: UUID
    change: Change
    status: str
    proposed_by: UUID
    proposer: str
    proposed_at: datetime
    decider: str
    decided_at: datetime | None
    decided_why: str
    job_id: UUID | None


def propose(tx: Connection, change: Change, actor: Actor, now: datetime) -> UUID:
    """Keep the edit for somebody else to approve, and tell those who may. Returns its id.

    Raises Forbidden unless the actor may edit the calendar of their office; Rejected for a day
    the calendar does not hold, or that is so already; Conflict if an edit of the same half day or
    the same rule waits already: whose it is and what it says is told, and it is decided first.
    """
    _demand(actor, change)
    # Of two who propose at once the second waits here, and is told of the first.
    tx.execute(select(offices.c.id).where(offices.c.id == actor.office_id).with_for_update()).all()
    if change.rules:
        rule_edits.demand_new(tx, actor.office_id, change.rules, now)
    else:
        demand_change(tx, actor.office_id, change.day, change.part, now)
    _demand_no_rival(tx, change, actor.office_id)
    edit_id = uuid4()
    tx.execute(
        insert(calendar_edits).values(
            id=edit_id,
            office_id=actor.office_id,
            day=change.day,
            part=change.part,
            reason=change.reason.strip(),
            source=change.source.strip(),
            status="proposed",
            proposed_by=actor.person_id,
            proposed_at=now,
            decided_why="",
            rules=[plain(each) for each in change.rules] or None,
        )
    )
    _tell_history(tx, "edit_proposed", change, actor, now)
    others = [each for each in _editors(tx, actor.office_id, change) if each != actor.person_id]
    detail = {"edit": str(edit_id), "day": change.day.isoformat(), **_about(change)}
    news = News(PROPOSED, actor.office_id, None, edit_id, detail)
    person_notices.tell(tx, news, others, now)
    return edit_id


def _demand_no_rival(tx: Connection, change: Change, office_id: str) -> None:
    waiting = _PROPOSALS.where(
        calendar_edits.c.office_id == office_id,
        calendar_edits.c.status == "proposed",
        calendar_edits.c.part == rule_edits.RULE
        if change.rules
        else calendar_edits.c.day == change.day,
    )
    for rival in map(_proposal, tx.execute(waiting.order_by(calendar_edits.c.proposed_at))):
        if _clash(rival.change, change):
            zh, en = _said(rival.change)
            raise Conflict(
                "calendar.proposed_already",
                f"{rival.proposer} has proposed {en}; that is decided first",
                edit=str(rival.id),
                zh=f"{rival.proposer}已提出{zh}，待核准；請先決定那一項，或請提出人撤回後再提。",
                en=f"{rival.proposer} has proposed {en}, and it waits for approval. Decide on that "
                "first, or have it taken back, and propose again.",
            )


def _clash(one: Change, other: Change) -> bool:
    """Whether two edits are of the same rule, or of the same half of a day."""
    if one.rules or other.rules:
        return not set(rule_edits.ids_of(one.rules)).isdisjoint(rule_edits.ids_of(other.rules))
    return one.day == other.day and {one.part, other.part} != {"morning", "afternoon"}


def _said(change: Change) -> tuple[str, str]:
    """What an edit is, in Chinese and English, as parts of a sentence."""
    ids = rule_edits.ids_of(change.rules)
    if ids:
        which = "、".join(ids), ", ".join(ids)
        what = f"規則 {which[0]} 的新版本", f"a new version of the rule {which[1]}"
    else:
        zh, en = _PARTS_SAID[change.part]
        what = f"{format_date(change.day)}{zh}", f"{en} on {format_date(change.day, 'en')}"
    return f"{what[0]}（{change.reason}）", f"{what[1]} ({change.reason})"


_PARTS_SAID = {
    "all": ("停止上班全日", "a closure all day"),
    "morning": ("停止上班上午", "a closure in the morning"),
    "afternoon": ("停止上班下午", "a closure in the afternoon"),
    "works": ("上班", "a working day"),
    "rests": ("放假", "a day off"),
}


def approve(tx: Connection, edit_id: UUID, actor: Actor, now: datetime) -> Entered:
    """Enter a proposed edit: the day counts from now on, and open limits move in batches.

    Raises NotFound, Conflict for one that was decided, Forbidden for who proposed it or may not
    edit the calendar, Rejected where the day has become so by another edit meanwhile.
    """
    proposal = _decided_by(tx, edit_id, actor)
    entered = _enter(tx, proposal, actor, now)
    _decide(tx, proposal, _Decision("entered", job_id=entered.job_id), actor, now)
    return entered


def _enter(tx: Connection, proposal: Proposal, actor: Actor, now: datetime) -> Entered:
    change = proposal.change
    if change.rules:
        rule_edits.demand_new(tx, actor.office_id, change.rules, now)
        rule_edits.enter(tx, change.rules, change.source, str(proposal.id), actor, now)
        about = {
            "day": change.day.isoformat(),
            "part": rule_edits.RULE,
            "reason": change.reason,
            "rules": rule_edits.ids_of(change.rules),
        }
        return recount(tx, actor.office_id, about, actor, now)
    closure = change.closure(actor.office_id)
    if closure is None:
        return enter_working_day(tx, change.entry(actor.office_id), actor, now)
    return enter_closure(tx, closure, actor, now)


def refuse(tx: Connection, edit_id: UUID, why: str, actor: Actor, now: datetime) -> None:
    """Refuse a proposed edit, saying why. Raises as `approve`, and Rejected without a reason."""
    proposal = _decided_by(tx, edit_id, actor)
    if not why.strip():
        raise Rejected("calendar.refusal_reason", "Say why the edit is refused")
    _decide(tx, proposal, _Decision("refused", why.strip()), actor, now)


def withdraw(tx: Connection, edit_id: UUID, actor: Actor, now: datetime) -> None:
    """Take one's own proposal back. Raises NotFound, Conflict, or Forbidden for another's."""
    proposal = _waiting(tx, edit_id, actor)
    if proposal.proposed_by != actor.person_id:
        raise Forbidden("calendar.not_proposer", "Only who proposed an edit takes it back")
    _decide(tx, proposal, _Decision("withdrawn"), actor, now)


# --- reading ------------------------------------------------------------------------------------


def find(tx: Connection, edit_id: UUID, actor: Actor) -> Proposal:
    """An edit of the actor's office. Raises NotFound."""
    row = tx.execute(_PROPOSALS.where(calendar_edits.c.id == edit_id)).first()
    if row is None or row.office_id != actor.office_id:
        raise NotFound("calendar.no_edit", "There is no such edit of your calendar")
    return _proposal(row)


def latest(
    tx: Connection, actor: Actor, limit: int = 10, *, of_rules: bool = False
) -> Sequence[Proposal]:
    """All that waits for a second person, then the `limit` that were refused or taken back last,
    and of edits of rules those entered last; newest first."""
    kind = (
        calendar_edits.c.part == rule_edits.RULE
        if of_rules
        else calendar_edits.c.part != rule_edits.RULE
    )
    ours = _PROPOSALS.where(calendar_edits.c.office_id == actor.office_id, kind)
    newest_first = ours.order_by(calendar_edits.c.proposed_at.desc(), calendar_edits.c.id)
    waiting = newest_first.where(calendar_edits.c.status == "proposed")
    ended = ("entered", "refused", "withdrawn") if of_rules else ("refused", "withdrawn")
    over = newest_first.where(calendar_edits.c.status.in_(ended)).limit(limit)
    return [_proposal(row) for wanted in (waiting, over) for row in tx.execute(wanted)]


_proposer, _decider = persons.alias("proposer"), persons.alias("decider")
_PROPOSALS = (
    select(
        calendar_edits,
        _proposer.c.display_name.label("proposer"),
        _decider.c.display_name.label("decider"),
    )
    .join(_proposer, _proposer.c.id == calendar_edits.c.proposed_by)
    .outerjoin(_decider, _decider.c.id == calendar_edits.c.decided_by)
)


def _proposal(row: Any) -> Proposal:
    return Proposal(
        id=row.id,
        change=Change(row.day, row.part, row.reason, row.source, _rules(row.rules)),
        status=row.status,
        proposed_by=row.proposed_by,
        proposer=row.proposer,
        proposed_at=row.proposed_at,
        decider=row.decider or "",
        decided_at=row.decided_at,
        decided_why=row.decided_why,
        job_id=row.job_id,
    )


# --- deciding -----------------------------------------------------------------------------------


def _waiting(tx: Connection, edit_id: UUID, actor: Actor) -> Proposal:
    # Of two who decide at once the second waits here, and is told that it was decided.
    held = select(calendar_edits.c.id).where(calendar_edits.c.id == edit_id)
    tx.execute(held.with_for_update()).all()
    proposal = find(tx, edit_id, actor)
    if proposal.status != "proposed":
        raise _decided_already(proposal)
    return proposal


def _decided_by(tx: Connection, edit_id: UUID, actor: Actor) -> Proposal:
    proposal = _waiting(tx, edit_id, actor)
    _demand(actor, proposal.change)
    if proposal.proposed_by == actor.person_id:
        raise Forbidden(
            "calendar.four_eyes", "An edit is approved or refused by somebody else; ask a colleague"
        )
    return proposal


def _decided_already(proposal: Proposal) -> Conflict:
    zh, en = _said(proposal.change)
    done_zh, done_en = _DONE[proposal.status]
    return Conflict(
        "calendar.decided",
        f"The edit of {proposal.change.day} was decided already: {proposal.status}",
        zh=f"{zh}已由{proposal.decider}{done_zh}。",
        en=f"It was {done_en} by {proposal.decider} already: {en}.",
    )


_DONE = {
    "entered": ("核准登錄", "approved"),
    "refused": ("不予核准", "refused"),
    "withdrawn": ("撤回", "taken back"),
}


@dataclass(frozen=True, slots=True)
class _Decision:
    status: str
    why: str = ""
    job_id: UUID | None = None


def _decide(
    tx: Connection, proposal: Proposal, decision: _Decision, actor: Actor, now: datetime
) -> None:
    kept = tx.execute(
        update(calendar_edits)
        .where(calendar_edits.c.id == proposal.id, calendar_edits.c.status == "proposed")
        .values(
            status=decision.status,
            decided_by=actor.person_id,
            decided_at=now,
            decided_why=decision.why,
            job_id=decision.job_id,
        )
    )
    if kept.rowcount != 1:
        raise Conflict("calendar.decided", "Somebody else decided on the edit meanwhile")
    change = proposal.change
    person_notices.lapse(tx, proposal.id, _editors(tx, actor.office_id, change), now)
    if decision.status != "entered":  # the entry tells of itself
        _tell_history(tx, f"edit_{decision.status}", change, actor, now, decision.why)
    if decision.status != "withdrawn":
        detail = {
            "edit": str(proposal.id),
            "day": change.day.isoformat(),
            "status": decision.status,
            **_about(change),
        }
        # The proposer was not told of the proposal, so this is the first and only notice.
        news = News(DECIDED, actor.office_id, None, proposal.id, detail)
        person_notices.tell(tx, news, [proposal.proposed_by], now)


def _demand(actor: Actor, change: Change) -> None:
    if change.rules:
        rule_edits.demand_keeper(actor)
    else:
        demand_editor(actor, actor.office_id)


def _rules(kept: Sequence[dict[str, Any]] | None) -> tuple[Rule, ...]:
    return tuple(of_row(each) for each in kept or ())


def _about(change: Change) -> dict[str, str]:
    """What a notice says of an edit beside its day."""
    return {"rule": "、".join(rule_edits.ids_of(change.rules))} if change.rules else {}


def _editors(tx: Connection, office_id: str, change: Change) -> list[UUID]:
    """Who may make such an edit in an office, and works there."""
    may = rule_edits.KEEPERS if change.rules else MAY_CLOSE
    return list(
        tx.scalars(
            select(memberships.c.person_id)
            .join(persons, persons.c.id == memberships.c.person_id)
            .where(
                memberships.c.office_id == office_id,
                memberships.c.group_name.in_(sorted(may)),
                persons.c.office_id == office_id,
            )
            .distinct()
            .order_by(memberships.c.person_id)
        )
    )


def _tell_history(
    tx: Connection, action: str, change: Change, actor: Actor, now: datetime, why: str = ""
) -> None:
    detail = {
        "day": change.day.isoformat(),
        "part": change.part,
        "reason": why or change.reason,
        "source": change.source,
        **_about(change),
    }
    noun = "rule" if change.rules else "calendar"
    about = change.day.isoformat()
    append(tx, Entry(f"{noun}.{action}", actor, now, object_id=about, detail=detail))
