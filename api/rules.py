"""The rules of legal time: what holds for the office, and new versions that two people enter."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from uuid import UUID

from api.blueprints import blueprint as noun
from api.calendar_days import (
    CalendarEnteredShape,
    CalendarPreviewShape,
    CalendarRefusalShape,
    PreviewQuery,
    Refusing,
    Which,
    previewed,
    work_of,
)
from api.doors import Call, read, write
from api.rule_shapes import (
    Amending,
    RuleChangeRequestShape,
    RuleChangeShape,
    RuleChangesShape,
    RulesShape,
)
from engine.clock import legal_day
from engine.errors import NotFound
from sla import calendar_edits, closure_previews, rule_edits
from sla.articles import render
from sla.benches import Bench, bench_of
from sla.calendar_edits import Change, Proposal
from sla.rule_edits import KEEPERS
from sla.rules import Rule, all_rules

blueprint = noun("rules", "The rules that set limits, and new versions of them")


@blueprint.get("/rules")
@read()
@blueprint.response(200, RulesShape)
def index(call: Call) -> Any:
    """Every version of every rule: the released table's, then what your office and those above it
    have entered, of which the last counts."""
    entered = _bench(call).rules
    listed = [
        version
        for rule_id, versions in all_rules().items()
        for version in (*versions, *(each for each in entered if each.id == rule_id))
    ]
    return {"items": [_rule(each) for each in listed], "next": None}


@blueprint.get("/rules/<rule_id>")
@read()
@blueprint.response(200, RulesShape)
def show(call: Call, rule_id: str) -> Any:
    """The versions of one rule, in the same order."""
    released = all_rules().get(rule_id)
    if released is None:
        raise NotFound("rule.unknown", "There is no such rule")
    entered = (each for each in _bench(call).rules if each.id == rule_id)
    return {"items": [_rule(each) for each in (*released, *entered)], "next": None}


@blueprint.post("/rules/changes")
@write(*KEEPERS)
@blueprint.arguments(RuleChangeRequestShape)
@blueprint.response(201, RuleChangeShape)
def propose(call: Call, given: Amending) -> Any:
    """Propose new versions of rules for your office and those below it. Nothing counts by them
    until somebody else approves."""
    bench = _bench(call)
    rows = tuple(
        rule_edits.amended(
            each.rule, each.valid_from, {"source": given.source, **each.values}, bench
        )
        for each in given.rows
    )
    change = calendar_edits.change_of_rules(rows, given.reason, given.source, call.now)
    change_id = calendar_edits.propose(call.tx, change, call.actor, call.now)
    return _shown(call, _found(call, change_id), bench)


@blueprint.get("/rules/changes")
@read(*KEEPERS)
@blueprint.response(200, RuleChangesShape)
def changes(call: Call) -> Any:
    """What waits for a second person, then what was decided last."""
    bench = _bench(call)
    found = calendar_edits.latest(call.tx, call.actor, of_rules=True)
    return {"items": [_shown(call, each, bench) for each in found], "next": None}


@blueprint.get("/rules/changes/<uuid:change_id>")
@read(*KEEPERS)
@blueprint.response(200, RuleChangeShape)
def change(call: Call, change_id: UUID) -> Any:
    """A change; once entered, with how far its work has come and what it has moved."""
    return _shown(call, _found(call, change_id), _bench(call))


@blueprint.get("/rules/changes/<uuid:change_id>/preview")
@read(*KEEPERS)
@blueprint.arguments(PreviewQuery, location="query")
@blueprint.response(200, CalendarPreviewShape)
def preview(call: Call, wanted: Which, change_id: UUID) -> Any:
    """Which open limits a proposed change would move, before and after, page by page."""
    proposed: Change = _found(call, change_id).change
    found = closure_previews.preview(
        call.tx, call.actor.office_id, proposed, call.now, wanted.cursor
    )
    return previewed(found)


@blueprint.post("/rules/changes/<uuid:change_id>/approve")
@write(*KEEPERS)
@blueprint.response(200, CalendarEnteredShape)
def approve(call: Call, change_id: UUID) -> Any:
    """Enter what somebody else proposed. Open limits follow in batches; the answer lists the
    first; matters of earlier days keep the rule they have."""
    _found(call, change_id)
    entered = calendar_edits.approve(call.tx, change_id, call.actor, call.now)
    return {"id": change_id, "is_done": entered.is_done, "moved": entered.moved}


@blueprint.post("/rules/changes/<uuid:change_id>/refuse")
@write(*KEEPERS)
@blueprint.arguments(CalendarRefusalShape)
@blueprint.response(200, RuleChangeShape)
def refuse(call: Call, given: Refusing, change_id: UUID) -> Any:
    """Refuse what somebody else proposed, saying why."""
    _found(call, change_id)
    calendar_edits.refuse(call.tx, change_id, given.reason, call.actor, call.now)
    return _shown(call, _found(call, change_id), _bench(call))


@blueprint.post("/rules/changes/<uuid:change_id>/withdraw")
@write(*KEEPERS)
@blueprint.response(200, RuleChangeShape)
def withdraw(call: Call, change_id: UUID) -> Any:
    """Take back what you proposed."""
    _found(call, change_id)
    calendar_edits.withdraw(call.tx, change_id, call.actor, call.now)
    return _shown(call, _found(call, change_id), _bench(call))


def _found(call: Call, change_id: UUID) -> Proposal:
    """A change of rules of the caller's office; an edit of its calendar is none."""
    proposal = calendar_edits.find(call.tx, change_id, call.actor)
    if not proposal.change.rules:
        raise NotFound("calendar.no_edit", "There is no such edit of your calendar")
    return proposal


def _bench(call: Call) -> Bench:
    return bench_of(call.tx, call.actor.office_id, call.now)


def _shown(call: Call, proposal: Proposal, bench: Bench) -> dict[str, Any]:
    made, today = proposal.change, legal_day(call.now)
    rows = [(rule_edits.before(each, bench, today), each) for each in made.rules]
    return {
        "id": proposal.id,
        "status": proposal.status,
        "day": made.day,
        "reason": made.reason,
        "source": made.source,
        "rows": [
            {"before": None if former is None else _rule(former), "after": _rule(new)}
            for former, new in rows
        ],
        "proposed_by": proposal.proposer,
        "proposed_at": proposal.proposed_at,
        "decided_by": proposal.decider,
        "decided_at": proposal.decided_at,
        "decided_why": proposal.decided_why,
        "work": work_of(call, proposal.job_id),
    }


def _rule(version: Rule) -> dict[str, Any]:
    told = {field.name: getattr(version, field.name) for field in fields(version)}
    return {
        **told,
        "title": {"zh": version.title_zh, "en": version.title_en},
        "article": {lang: render(version.article, lang) for lang in ("zh", "en")},
        "entered": bool(version.edit),
    }
