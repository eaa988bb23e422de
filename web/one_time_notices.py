"""The one-time notice (一次告知單) as a sheet of paper: everything that is missing, told once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select

from engine import deployments, notices, office_contacts, status_codes
from engine.clock import legal_day
from engine.errors import NotFound
from engine.manifests import Manifest
from sla.offices import HOURS, choices
from store.tables import cases, offices, persons
from store.tables import notices as notice_rows
from web.pages import in_language, page
from web.policies import HANDLING, policy
from web.status_address import address_of, drawn
from web.visits import actor, reading

blueprint = Blueprint("one_time_notices", __name__)
KIND = "one_time_notice"


@dataclass(frozen=True, slots=True)
class Missing:
    """One paper that is missing; `agency` where the office can look it up instead."""

    zh: str
    en: str


@blueprint.get("/notices/<uuid:notice_id>/paper")
@policy(HANDLING)
def show(notice_id: UUID) -> ResponseReturnValue:
    """The notice to hand over: what, where, how and until when. Raises NotFound for other kinds."""
    with reading() as tx:
        row = _row(tx, notice_id)
        content = notices.content(tx, notice_id, actor())
        package = deployments.definition(tx, row.definition_id).package
        code = status_codes.of_case(tx, row.case_id, actor())
        last_day, rolled_from = _until(row, content)
        return page(
            tx,
            "one_time_notice.html",
            notice=row,
            contact=office_contacts.of_office(tx, row.office_id),
            hours=_hours(tx, row.office_id),
            missing=_missing(package, content.get("missing") or ()),
            last_day=last_day,
            rolled_from=rolled_from,
            days=content.get("term_days"),
            matter=in_language(package.title.zh, package.title.en),
            code=status_codes.grouped(code) if code else None,
            address=address_of(code) if code else None,
            qr=drawn(address_of(code)) if code else None,
        )


def of_case(tx: Connection, case_id: UUID) -> UUID:
    """The one-time notice of a case. Raises NotFound where there is none."""
    found: UUID | None = tx.scalar(
        select(notice_rows.c.id)
        .where(notice_rows.c.case_id == case_id, notice_rows.c.kind == KIND)
        .order_by(notice_rows.c.issued_at.desc())
        .limit(1)
    )
    if found is None:
        raise NotFound("notice.unknown", "The case has no one-time notice")
    return found


def _row(tx: Connection, notice_id: UUID) -> Any:
    row = tx.execute(
        select(
            notice_rows.c.number,
            notice_rows.c.issued_at,
            notice_rows.c.case_id,
            cases.c.number.label("case_number"),
            cases.c.subject_label,
            cases.c.definition_id,
            cases.c.channel,
            notice_rows.c.office_id,
            persons.c.display_name.label("officer"),
            offices.c.name_zh,
            offices.c.name_en,
        )
        .join(cases, cases.c.id == notice_rows.c.case_id)
        .join(offices, offices.c.id == notice_rows.c.office_id)
        .outerjoin(persons, persons.c.id == notice_rows.c.issued_by)
        .where(
            notice_rows.c.id == notice_id,
            notice_rows.c.kind == KIND,
            notice_rows.c.office_id == actor().office_id,
        )
    ).first()
    if row is None:
        raise NotFound("notice.unknown", "There is no such notice in this office")
    return row


def _hours(tx: Connection, office_id: str) -> str:
    """The hours of the counter as the office has set them, `08:00–17:00`."""
    chosen = next(each.value for each in choices(tx, office_id) if each.name == HOURS)
    return f"{chosen['opens']}–{chosen['closes']}"


def _missing(package: Manifest, labels: Sequence[str]) -> list[Missing]:
    """The papers in both languages; the notice itself holds the words it was issued with."""
    english = {paper.title.zh: paper.title.en for paper in package.papers}
    return [Missing(label, english.get(label, label)) for label in labels]


def _until(row: Any, content: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """The last day to bring the papers as the notice says it, and the rest day it was moved from.

    The day of the notice is not counted (APA 48(2), (4)).
    """
    days, last_day = content.get("term_days"), content.get("last_day")
    if last_day is None or days is None:
        return None, None
    until = date.fromisoformat(last_day)
    counted = legal_day(row.issued_at) + timedelta(days=int(days))
    return until, counted if until != counted else None
