"""New versions of the rules of legal time: weighed, proposed, and entered by a second person, as an
edit of the calendar is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine.errors import EngineError
from engine.minguo import DateError, parse_date
from sla import calendar_edits, decisions, rule_edits
from sla.benches import bench_of
from sla.calendar_edits import Change
from sla.rules import Rule
from web.deeds import settle
from web.errors import sentence, status_of
from web.policies import policy, takes_files
from web.rule_change_page import edit_page, weighed
from web.rules import KEEPING, index_page, rule_page
from web.visits import actor, lang, now, reading, say

blueprint = Blueprint("rule_changes", __name__)
ASKED = ("length", "unit", "starts", "roll", "jurisdiction", "article", "source", "certainty")
"""The columns of a row that a page asks for; the others stay as they are."""
RELEASED = "legal-limits.dmn"


@blueprint.post("/rules/<rule_id>/changes")
@policy(KEEPING)
def weigh(rule_id: str) -> ResponseReturnValue:
    """What a new version of one rule would move."""
    entered = {name: value.strip() for name, value in request.form.items()}
    errors = {
        name: say("form.required")
        for name in ("valid_from", "source", "reason")
        if not entered.get(name)
    }
    first = None
    if "valid_from" not in errors:
        try:
            first = parse_date(entered["valid_from"])
        except DateError as wrong:
            errors["valid_from"] = wrong.zh if lang().startswith("zh") else wrong.en
    if errors or first is None:
        return rule_page(rule_id, errors, entered, 422)
    values: dict[str, Any] = {name: entered.get(name) for name in ASKED}
    values["length"] = entered.get("length") or None
    try:
        with reading() as tx:
            bench = bench_of(tx, actor().office_id, now())
        version = rule_edits.amended(rule_id, first, values, bench)
        return weighed(_change((version,), entered))
    except EngineError as refused:
        return rule_page(rule_id, {"length": sentence(refused)}, entered, status_of(refused))


@blueprint.post("/rules/table")
@policy(KEEPING)
@takes_files
def upload() -> ResponseReturnValue:
    """What another version of the whole table would move: its rows that differ."""
    given = request.files.get("table")
    entered = {name: request.form.get(name, "").strip() for name in ("source", "reason")}
    errors = {name: say("form.required") for name, value in entered.items() if not value}
    if given is None or not given.filename:
        errors["table"] = say("form.required")
    if errors or given is None:
        return index_page(errors, entered, 422)
    try:
        with reading() as tx:
            bench = bench_of(tx, actor().office_id, now())
        rows = rule_edits.of_table(given.read(rule_edits.LONGEST_TABLE + 1), bench)
        return weighed(_change(rows, entered))
    except EngineError as refused:
        return index_page({"table": sentence(refused)}, entered, status_of(refused))


@blueprint.get("/rules/table")
@policy(KEEPING)
def download() -> ResponseReturnValue:
    """The released table, to be changed and uploaded."""
    answer = Response((decisions.FOLDER / RELEASED).read_bytes(), mimetype="application/xml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{RELEASED}"'
    return answer


@blueprint.post("/rules/changes")
@policy(KEEPING)
def propose() -> ResponseReturnValue:
    def deed(tx: Connection, at: datetime) -> str:
        edit_id = calendar_edits.propose(tx, change, actor(), at)
        return url_for("web.rule_changes.show", edit_id=edit_id)

    change = _change(rule_edits.read(request.form.get("rows", "")), request.form)
    return settle(deed, "calendar.proposed")


@blueprint.get("/rules/changes/<uuid:edit_id>")
@policy(KEEPING)
def show(edit_id: UUID) -> ResponseReturnValue:
    """A proposed edit with what it would move, or an entered one with what it moved."""
    return edit_page(edit_id)


@blueprint.post("/rules/changes/<uuid:edit_id>/approve")
@policy(KEEPING)
def approve(edit_id: UUID) -> ResponseReturnValue:
    return _decided(edit_id, "rules.change.entered", calendar_edits.approve)


@blueprint.post("/rules/changes/<uuid:edit_id>/refuse")
@policy(KEEPING)
def refuse(edit_id: UUID) -> ResponseReturnValue:
    why = request.form.get("why", "")
    return _decided(
        edit_id,
        "calendar.refused",
        lambda tx, edit, who, at: calendar_edits.refuse(tx, edit, why, who, at),
    )


@blueprint.post("/rules/changes/<uuid:edit_id>/withdraw")
@policy(KEEPING)
def withdraw(edit_id: UUID) -> ResponseReturnValue:
    return _decided(edit_id, "calendar.withdrawn", calendar_edits.withdraw)


def _decided(edit_id: UUID, done: str, verb: Callable[..., Any]) -> ResponseReturnValue:
    """Decide, and tell a refusal beside the proposal."""

    def deed(tx: Connection, at: datetime) -> str:
        verb(tx, edit_id, actor(), at)
        return url_for("web.rule_changes.show", edit_id=edit_id)

    try:
        return settle(deed, done)
    except EngineError as refused:
        return edit_page(edit_id, {"why": sentence(refused)}, status_of(refused))


def _change(rows: tuple[Rule, ...], given: Mapping[str, str]) -> Change:
    told = given.get("reason", ""), given.get("source", "")
    return calendar_edits.change_of_rules(rows, *told, now())
