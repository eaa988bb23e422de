"""The rules of legal time for everybody on staff: what holds, since when, by which article; and a
date counted by one of them with the calendar and the settings of one's office."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from sla import golden, law_pages
from sla.benches import bench_of
from sla.errors import Refusal
from sla.law_tables import law_tables
from sla.rules import Kind, Rule, all_rules
from sla.spans import Unit
from sla.steps import Explained
from web.legal_dates import said, short
from web.pages import page
from web.policies import SIGNED_IN, policy
from web.visits import actor, lang, now, reading

blueprint = Blueprint("rules", __name__)
LONGEST_SEARCH = 60


@blueprint.get("/rules")
@policy(SIGNED_IN)
def index() -> ResponseReturnValue:
    """Every rule; found by words, cut down by kind."""
    words = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    kind = request.args.get("kind", "")
    found = [
        each
        for each in law_pages.listed(lang())
        if _fits(each, words) and kind in ("", each["kind"])
    ]
    known = [Kind(name) for name in dict.fromkeys(each["kind"] for each in law_pages.listed("en"))]
    with reading() as tx:
        return page(
            tx,
            "rules.html",
            rules=found,
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
    if rule_id not in all_rules():
        raise NotFound
    versions = [each for each in law_pages.listed(lang()) if each["id"] == rule_id]
    asked = {name: request.args.get(name, "").strip() for name in ("start", "length", "unit")}
    with reading() as tx:
        found, told = _counted(tx, rule_id, asked) if asked["start"] else (None, "")
        return page(
            tx,
            "rule.html",
            status=422 if told else 200,
            versions=versions,
            last=all_rules()[rule_id][-1],
            units=_units(all_rules()[rule_id][-1]),
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
    office = golden.Office(bench.calendar, bench.settings, bench.calendar.places)
    try:
        return golden.ask(rule_id, asked["start"], asked["length"], asked["unit"], "", office), ""
    except Refusal as refused:
        return None, refused.text(lang())
