"""Versions of the rules of legal time that an office enters beside the table of the release.

A version is a whole row of `legal-limits.dmn`: length, way of counting, whose it is, the days it
holds for, source. It is proposed with what it would move and entered by a second person, as an edit
of the calendar is (`sla.calendar_edits`); then it counts for the office and those below it, for
matters from its first day on, and the open limits it concerns are counted anew in batches. Entered
versions are kept as settings of the office (`law.` and the rule's id), so that they are read with
them. A row of the table is never changed: a matter of an earlier day keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from engine.actors import OFFICE_KEEPERS, Actor
from engine.errors import Forbidden, Rejected
from engine.history import Entry, append
from feel import dmn
from feel.errors import FeelError
from sla import decisions
from sla.benches import Bench, bench_of, lawful
from sla.calendars import LAW
from sla.errors import Refusal
from sla.rules import NATIONAL, UNNAMED, Kind, Rule, all_rules, of_row, plain, rule, versions
from sla.spans import Unit, parse_fixed_day
from store.tables import office_settings

KEEPERS = OFFICE_KEEPERS | {"analyst"}
"""Who proposes a version and who approves it, each another person."""
RULE = "rule"
"""The `part` of an edit that is one of rules."""
MOST_ROWS = 50
LONGEST_TABLE = 2_000_000  # bytes; ours has 270,000


def demand_keeper(actor: Actor) -> None:
    """Raise Forbidden unless the actor may change rules of their office."""
    if not actor.is_system and not actor.groups & KEEPERS:
        raise Forbidden(
            "rule.not_yours", "Only an analyst, an operator or the director changes a rule"
        )


def demand_new(tx: Connection, office_id: str, given: Sequence[Rule], now: datetime) -> None:
    """Raise Rejected for versions that cannot count, or that hold in the office already."""
    if not given:
        raise Rejected("rule.unchanged", "Expected at least one row that differs from what holds")
    if len(given) > MOST_ROWS:
        raise Rejected(
            "rule.too_many",
            f"Expected at most {MOST_ROWS} changed rows at once, got {len(given)}",
            most=MOST_ROWS,
        )
    held = _by_place(held_in(bench_of(tx, office_id, now)))
    for each in given:
        lawful(lambda each=each: _judge(each))  # type: ignore[misc]
        if not _differs(each, held.get(_place(each))):
            raise Rejected("rule.unchanged", f"Rule {each.id} holds so already", rule=each.id)


def _judge(version: Rule) -> None:
    known = versions(version.id)  # refuses an unknown id
    if version.kind is not known[-1].kind or version.computed_by is not known[-1].computed_by:
        raise _refusal(version, "種類與計算依據須與原規則相同", "its kind and way of counting stay")
    if version.kind is Kind.FINE or version.unit is Unit.DAYS_LATE:
        raise _refusal(version, "罰鍰級距不在此修改", "fines are not changed here")
    if version.jurisdiction.partition(":")[0] not in (NATIONAL, *UNNAMED):
        raise _refusal(
            version, "適用範圍須為全國、縣市或機關", "it is the nation's, a city's or an office's"
        )
    if version.valid_from and version.valid_to and version.valid_to < version.valid_from:
        raise _refusal(version, "適用末日早於起日", "it ends before it begins")
    if version.unit is Unit.FIXED_DAY:
        parse_fixed_day(version.length or "")
    elif version.length is not None and version.unit is not Unit.MONTH_END:
        version.spans()


def _refusal(version: Rule, zh: str, en: str) -> Refusal:
    return Refusal("rule.version", zh=f"規則 {version.id}：{zh}。", en=f"Rule {version.id}: {en}.")


# --- from a page, from a table ------------------------------------------------------------------


def amended(rule_id: str, first: date, values: dict[str, Any], bench: Bench) -> Rule:
    """A new version of a rule from the day `first` on, by the fields of a page; what they do not
    tell stays as it is on that day. Raises Rejected where no rule is so."""
    former = lawful(lambda: rule(rule_id, first, bench.calendar.places, bench.rules))
    told = {"validFrom": first.isoformat(), "edit": ""}
    return lawful(lambda: of_row({**plain(former), "validTo": None, **values, **told}))


def written(given: Iterable[Rule]) -> str:
    """Versions as text, for a page that is sent back with them."""
    return orjson.dumps([plain(each) for each in given]).decode()


def read(text: str) -> tuple[Rule, ...]:
    """The versions that were `written`. Raises Rejected for any other text."""
    try:
        given = [{**each, "edit": ""} for each in orjson.loads(text)]
    except (orjson.JSONDecodeError, TypeError) as wrong:
        raise Rejected("rule.rows", "Expected the rows of the page before") from wrong
    return lawful(lambda: tuple(of_row(each) for each in given))


def before(version: Rule, bench: Bench, today: date) -> Rule | None:
    """What a matter of the first day of a version is counted by without it; None: by nothing."""
    others = tuple(each for each in bench.rules if replace(each, edit="") != version)
    place = () if version.jurisdiction == NATIONAL else (version.jurisdiction,)
    try:
        return rule(version.id, version.valid_from or today, place, others)
    except Refusal:
        return None


def of_table(content: bytes, bench: Bench) -> tuple[Rule, ...]:
    """The rows of an uploaded `legal-limits.dmn` that differ from the released table, and from what
    holds on a bench: who changes one row of the released table takes back none that was entered.

    Raises Rejected for a file that is no such table, or that lacks a row: a rule is ended by its
    last day, never taken out.
    """
    if len(content) > LONGEST_TABLE:
        raise Rejected("rule.table_long", "The table is larger than two megabytes")
    try:
        model = dmn.parse(content, strict=True)
    except FeelError as wrong:
        raise Rejected("rule.no_table", f"This is no decision table: {wrong}") from wrong
    given = lawful(
        lambda: [of_row(row) for row in decisions.rows_of(model, "legal-limits", "legalLimit")]
    )
    released = _by_place(each for rows in all_rules().values() for each in rows)
    lost = released.keys() - {_place(each) for each in given}
    if lost:
        name = min(lost)[0]
        raise Rejected(
            "rule.row_lost",
            f"The uploaded table lacks a row of rule {name}; end a rule by its last day instead",
            rule=name,
        )
    held = _by_place(held_in(bench))
    mine = (each for each in given if each != released.get(_place(each)))
    return tuple(each for each in mine if _differs(each, held.get(_place(each))))


def _differs(given: Rule, held: Rule | None) -> bool:
    return held is None or given != replace(held, edit="")


def held_in(bench: Bench) -> Iterable[Rule]:
    """Every version that counts for some day on a bench: the table's, and over them the entered."""
    released = (each for rows in all_rules().values() for each in rows)
    return _by_place((*released, *bench.rules)).values()


def _by_place(given: Iterable[Rule]) -> dict[tuple[str, str, date], Rule]:
    return {_place(each): each for each in given}


def _place(version: Rule) -> tuple[str, str, date]:
    """What a version stands in the place of: rule, whose, from when."""
    return version.id, version.jurisdiction, version.valid_from or date.min


# --- entering -----------------------------------------------------------------------------------


def ids_of(given: Iterable[Rule]) -> list[str]:
    return sorted({each.id for each in given})


def changed(bench: Bench, office_id: str, given: Sequence[Rule], nearer: Set[str]) -> Bench:
    """A bench as it would be with these versions entered in `office_id`: behind those of the
    offices above, before those of the `nearer`, which are the offices below it."""
    own = tuple(each for each in bench.rules if _owner(each) == office_id)
    below = tuple(each for each in bench.rules if _owner(each) in nearer)
    above = tuple(each for each in bench.rules if each not in own and each not in below)
    mine = [replace(each, edit=f"{office_id}/") for each in given]
    return replace(bench, rules=(*above, *by_first_day(own, mine), *below))


def _owner(version: Rule) -> str:
    return version.edit.partition("/")[0]


def enter(
    tx: Connection, given: Sequence[Rule], source: str, edit: str, actor: Actor, now: datetime
) -> None:
    """Keep the versions as the office's; those of the same first day and place are replaced."""
    for rule_id in ids_of(given):
        mine = [
            replace(each, edit=f"{actor.office_id}/{edit}") for each in given if each.id == rule_id
        ]
        name = f"{LAW}{rule_id}"
        here = (office_settings.c.office_id == actor.office_id, office_settings.c.name == name)
        held = tx.scalar(select(office_settings.c.value).where(*here)) or []
        value = [plain(each) for each in by_first_day([of_row(row) for row in held], mine)]
        row = {
            "value": value,
            "source": source,
            "changed_by": actor.person_id,
            "changed_at": now,
        }
        if tx.execute(update(office_settings).where(*here).values(**row)).rowcount == 0:
            tx.execute(insert(office_settings).values(office_id=actor.office_id, name=name, **row))
        for each in mine:
            detail = {"rule": rule_id, "from": _iso(each.valid_from), "source": source}
            append(tx, Entry("rule.entered", actor, now, object_id=rule_id, detail=detail))


def by_first_day(held: Sequence[Rule], given: Sequence[Rule]) -> tuple[Rule, ...]:
    """One office's versions by their first days, so that the last in force is the latest."""
    known = _by_place((*held, *given)).values()
    return tuple(sorted(known, key=lambda each: each.valid_from or date.min))


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
