"""What legal time gives to notices: until when the office has to act, how that was counted, and
the office's hours where it says none in words."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, select

from engine import case_service, office_contacts
from engine.forms import Label
from engine.minguo import format_end
from engine.notice_values import Told
from sla.clock_rows import of_case
from sla.offices import HOURS, choices
from store.tables import cases, offices

FIELDS = ("due_on", "due_why")
_BRACKETS = {"zh-TW": ("（", "）", "；"), "en": (" (", ")", "; ")}


def limits(tx: Connection, case_id: UUID) -> Told:
    """`due_on` and `due_why` of the case's own clock that ends first, if one runs."""
    running = [
        clock
        for clock in of_case(tx, case_id)
        if clock.task_id is None and clock.status == "running" and clock.party == "office"
    ]
    told: Told = {"zh-TW": {}, "en": {}}
    if running:
        clock = min(running, key=lambda each: each.due_at)
        for language, (opens, closes, between) in _BRACKETS.items():
            explained = clock.explanation[language]
            facts = between.join(step["fact"] for step in explained["steps"][1:-1])
            told[language]["due_on"] = format_end(clock.due_at, language)
            # A limit of the office's own making rests on no article.
            article = explained["article"]
            ground = f"{opens.strip()}{article}{closes}" if article else ""
            told[language]["due_why"] = ground + facts
    return told


def collecting(tx: Connection, case_id: UUID) -> Told:
    """`collect_at` and `collect_hours`: the branch where papers are collected, else the office."""
    branch = case_service.of_case(tx, case_id).collect
    if branch is not None:
        name, contact = branch
    else:
        office = tx.execute(
            select(offices)
            .join(cases, cases.c.office_id == offices.c.id)
            .where(cases.c.id == case_id)
        ).one()
        name = Label(office.name_zh, office.name_en)
        contact = office_contacts.of_office(tx, office.id)
    usual = hours(tx, case_id) if branch is None else {"zh-TW": {}, "en": {}}
    found: Told = {}
    for language, place, address, opened in (
        ("zh-TW", name.zh, contact.address_zh, contact.open_zh),
        ("en", name.en, contact.address_en or contact.address_zh, contact.open_en),
    ):
        told = opened or contact.open_zh or usual[language].get("office_hours")
        found[language] = {"collect_at": f"{place} {address}".strip()}
        if told:
            found[language]["collect_hours"] = told
    return found


def hours(tx: Connection, case_id: UUID) -> Told:
    """The hours of the counter as the office has set them; its own words take precedence."""
    office_id = tx.scalar(select(cases.c.office_id).where(cases.c.id == case_id))
    chosen = next(each.value for each in choices(tx, str(office_id)) if each.name == HOURS)
    span = f"{chosen['opens']}–{chosen['closes']}"
    return {
        "zh-TW": {"office_hours": f"上班日 {span}"},
        "en": {"office_hours": f"working days {span}"},
    }
