"""The rules of legal time for everybody on staff: what holds, since when, by which article; and a
date counted by one of them with the calendar and the settings of one's office."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from engine.clock import legal_day
from sla import calendar_edits, golden, law_pages, rule_edits
from sla.benches import Bench, bench_of
from sla.errors import Refusal
from sla.law_tables import law_tables
from sla.rules import NATIONAL, Certainty, Kind, Roll, Rule, Starts, all_rules, plain, rule
from sla.spans import Unit
from sla.steps import Explained
from web.legal_dates import said, short
from web.pages import page
from web.policies import SIGNED_IN, Policy, policy
from web.visits import actor, lang, now, reading, say

blueprint = Blueprint("rules", __name__)
LONGEST_SEARCH = 60
KEEPING = Policy(rule_edits.KEEPERS)
"""Who proposes and approves new versions."""
_UNITS = [each for each in Unit if each is not Unit.DAYS_LATE]


@blueprint.get("/rules")
@policy(SIGNED_IN)
def index() -> ResponseReturnValue:
    """Every rule; found by words, cut down by kind."""
    return index_page({}, {})


def index_page(
    errors: Mapping[str, str], entered: Mapping[str, str], status: int = 200
) -> Response:
    """The list of rules; after a table that was not taken, with what was wrong."""
    words = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    kind = request.args.get("kind", "")
    known = [Kind(name) for name in dict.fromkeys(each["kind"] for each in law_pages.listed("en"))]
    with reading() as tx:
        listed = law_pages.listed(lang(), bench_of(tx, actor().office_id, now()).rules)
        may_keep = KEEPING.admits(actor())
        return page(
            tx,
            "rules.html",
            status=status,
            may_keep=may_keep,
            changes=calendar_edits.latest(tx, actor(), of_rules=True) if may_keep else (),
            errors=errors,
            entered=entered,
            rules=[each for each in listed if _fits(each, words) and kind in ("", each["kind"])],
            kinds=known,
            kind=kind,
            q=words,
            tables=_other_tables(),
            said=said,
            short=short,
        )


@blueprint.get("/rules/<rule_id>")
@policy(SIGNED_IN)
def show(rule_id: str) -> ResponseReturnValue:
    """One rule with its versions; with `start` a date is counted by it, step by step."""
    return rule_page(rule_id, {}, {})


def rule_page(
    rule_id: str, errors: Mapping[str, str], entered: Mapping[str, str], status: int = 200
) -> Response:
    """One rule; after a change that was not taken, with what was wrong and what was typed."""
    if rule_id not in all_rules():
        raise NotFound
    asked = {name: request.args.get(name, "").strip() for name in ("start", "length", "unit")}
    with reading() as tx:
        found, told = _counted(tx, rule_id, asked) if asked["start"] else (None, "")
        bench = bench_of(tx, actor().office_id, now())
        listed = law_pages.listed(lang(), bench.rules)
        last = all_rules()[rule_id][-1]
        may_keep = KEEPING.admits(actor()) and last.kind is not Kind.FINE
        return page(
            tx,
            "rule.html",
            status=422 if told else status,
            versions=[each for each in listed if each["id"] == rule_id],
            last=last,
            units=_units(last),
            may_keep=may_keep,
            errors=errors,
            entered={**_now(rule_id, bench, legal_day(now())), **entered} if may_keep else {},
            choices=_choices(bench) if may_keep else {},
            asked=asked,
            found=found.to_dict(lang()) if found else None,
            told=told,
            said=said,
            short=short,
        )


@blueprint.get("/tables/<file>/<decision>")
@policy(SIGNED_IN)
def table(file: str, decision: str) -> ResponseReturnValue:
    """Another table of law: fines, fees, dunning, processing limits of offices."""
    for each in law_tables():
        if (each.file, each.decision) == (file, decision):
            with reading() as tx:
                shown = law_pages.table_listed(each, lang())
                return page(
                    tx, "law_table.html", table=each, rows=shown["rows"], said=said, short=short
                )
    raise NotFound


def _now(rule_id: str, bench: Bench, today: date) -> dict[str, str]:
    """What a form for a new version begins with: the version of today; else the last there is."""
    try:
        version = rule(rule_id, today, bench.calendar.places, bench.rules)
    except Refusal:
        version = all_rules()[rule_id][-1]
    told = {name: value or "" for name, value in plain(version).items()}
    return {**told, "valid_from": "", "source": "", "reason": ""}


def _choices(bench: Bench) -> dict[str, list[tuple[str, str]]]:
    """What a row may have in the columns that are chosen: value and word."""
    places = (NATIONAL, *reversed(bench.calendar.places))
    return {
        "unit": [(each.value, say(f"rules.units.{each.replace('+', '_')}")) for each in _UNITS],
        "starts": [(each.value, say(f"rules.starts.{each}")) for each in Starts],
        "roll": [(each.value, say(f"rules.rolls.{each}")) for each in Roll],
        "jurisdiction": [(each, law_pages.place_text(each, lang())) for each in places],
        "certainty": [
            (each.value, law_pages.certainty_text(each.value, lang())) for each in Certainty
        ],
    }


def _fits(rule: dict[str, Any], words: str) -> bool:
    said = " ".join(str(rule[name]) for name in ("id", "title", "article", "place", "source"))
    return all(word in said.lower() for word in words.lower().split())


def _other_tables() -> list[Any]:
    return [each for each in law_tables() if each.decision != "legalLimit"]


def _units(rule: Rule) -> list[Unit]:
    """The units one may ask in, where the rule leaves its length to the matter."""
    if rule.length is not None or rule.unit is Unit.DAYS_LATE:
        return []
    others = (Unit.CALENDAR_DAY, Unit.WORKING_DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR)
    return [rule.unit, *(each for each in others if each is not rule.unit)]


def _counted(tx: Connection, rule_id: str, asked: dict[str, str]) -> tuple[Explained | None, str]:
    """The answer, or the sentence that says why there is none."""
    bench = bench_of(tx, actor().office_id, now())
    office = golden.Office(bench.calendar, bench.settings, bench.calendar.places, bench.rules)
    try:
        return golden.ask(rule_id, asked["start"], asked["length"], asked["unit"], "", office), ""
    except Refusal as refused:
        return None, refused.text(lang())
