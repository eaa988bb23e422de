"""The values of a notice's fields, in both languages, as they stand at its issue.

They are kept with the notice (sealed): what a paper said does not change when the office moves or
the officer does. `provide` is how packages above give fields that the engine cannot know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from engine import deployments, status_codes
from engine.actors import system
from engine.clock import legal_day
from engine.errors import EngineError
from engine.minguo import format_date
from engine.notice_papers import Value
from engine.wordings import LANGUAGES, TO, Field, Text, Wording, fields_in, words
from store.prepared import Prepared
from store.tables import cases, offices, persons

Told: TypeAlias = dict[str, dict[str, Value]]
"""Language → field → value."""
Provider: TypeAlias = Callable[[Connection, UUID], Told]
_providers: dict[str, Provider] = {}


def provide(name: str, provider: Provider) -> None:
    """Give the field `name` its value: the whole of what `provider` tells is taken over, and it is
    asked only where a text names the field. The same name again replaces it."""
    _providers[name] = provider


@dataclass(frozen=True, slots=True)
class Issue:
    """What is being written: its case, number, content, and the case's personal data if at hand."""

    case_id: UUID
    office_id: str
    number: str
    content: Mapping[str, Any]
    data: Mapping[str, Any]
    by: UUID | None
    issued_at: datetime


def gather(tx: Connection, wording: Wording, text: Text, issue: Issue) -> Told:
    """Every value a text of the kind may ask for; what it does not name is not looked up."""
    named = {name for body in text.body.values() for name in fields_in(body)}
    told: Told = {language: {} for language in LANGUAGES}
    for name in sorted(named & _providers.keys()):
        _take_over(told, _providers[name](tx, issue.case_id))
    _take_over(told, _common(tx, issue))
    if wording.kept:
        for values in told.values():
            values.update(recipient="", recipient_address="")
    if named & {"status_code", "status_address"}:
        code = _code(tx, issue)
        _take_over(told, {language: {"status_code": code} for language in LANGUAGES})
    for name, field in wording.fields.items():
        if name in issue.content and issue.content[name] is not None:
            for language in LANGUAGES:
                told[language][name] = shown(issue.content[name], field, language)
    return told


def shown(value: Any, field: Field, language: str) -> Value:
    """A value of a diagram or a form as it is printed."""
    if isinstance(value, list | tuple):
        return [_one(each, field, language) for each in value]
    return _one(value, field, language)


def _one(value: Any, field: Field, language: str) -> str:
    if isinstance(value, Mapping):
        return line(value, language)
    if isinstance(value, datetime):
        return format_date(legal_day(value), language)
    if isinstance(value, date):
        return format_date(value, language)
    text = str(value).strip()
    if field.kind == "day":
        return _day(text, language)
    if field.kind == "number":
        return _number(text)
    named = words().get(field.words, {}).get(text) if field.words else None
    return named[language] if named else text


def line(value: Mapping[str, Any], language: str) -> str:
    """A context as a line: what it is called, how many, and what it costs."""
    own = value.get("label_en") if language == "en" else None
    name = str(own or value.get("label") or value.get("name") or value.get("item") or "")
    named = words()["document"].get(name)
    parts = [named[language] if named else name]
    if quantity := value.get("quantity"):
        parts.append(f"× {_number(str(quantity))}")
    if value.get("amount") is not None:
        parts.append(f"NT$ {_number(str(value['amount']))}")
    return " ".join(part for part in parts if part)


def _day(text: str, language: str) -> str:
    try:
        return format_date(date.fromisoformat(text[:10]), language)
    except ValueError:
        return text


def _number(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return f"{number.normalize():,f}" if number.is_finite() else text


_COMMON = Prepared(
    select(
        cases.c.number.label("case_number"),
        cases.c.definition_id,
        cases.c.subject_label,
        offices,
        persons.c.display_name,
        persons.c.latin_name,
    )
    .select_from(cases)
    .join(offices, offices.c.id == bindparam("office"))
    .outerjoin(persons, persons.c.id == bindparam("by"))
    .where(cases.c.id == bindparam("case"))
)


def _common(tx: Connection, issue: Issue) -> Told:
    who = {"case": issue.case_id, "office": issue.office_id, "by": issue.by}
    row = _COMMON.first(tx, who)
    package = deployments.definition(tx, row.definition_id).package
    recipient, address = addressee(issue, package.subject_name)
    same = {
        "number": issue.number,
        "case_number": row.case_number,
        "recipient": recipient or row.subject_label or "",
        "recipient_address": address,
        "office_telephone": row.telephone,
    }
    zh, en = LANGUAGES
    day = legal_day(issue.issued_at)
    return {
        zh: {
            **same,
            "issued_on": format_date(day, zh),
            "matter": package.title.zh,
            "officer": row.display_name or "",
            "office_name": row.name_zh,
            "office_address": row.address_zh,
            "office_hours": row.open_zh,
        },
        en: {
            **same,
            "issued_on": format_date(day, en),
            "matter": package.title.en,
            "officer": row.latin_name or row.display_name or "",
            "office_name": row.name_en,
            "office_address": row.address_en or row.address_zh,
            "office_hours": row.open_en,
        },
    }


def addressee(issue: Issue, subject_name: str) -> tuple[str, str]:
    """Name and address of whom a notice is for, each empty where the case does not say.

    The diagram names a group of the personal data by `to` in the content (`obliged`, `head`); what
    names none, or one the case has not, goes to the applicant, else to whom the duty binds, else to
    the case's subject at `subject_name`. A demand must not go to whom the case is about: of a
    reported death that is the deceased.
    """
    for who in (str(issue.content.get(TO) or "applicant"), "applicant", "obliged"):
        if name := _at(issue.data, f"data.{who}.name"):
            place = _at(issue.data, f"data.{who}.mailing_address")
            return name, place or _at(issue.data, f"data.{who}.address")
    return _at(issue.data, subject_name), ""


def _at(data: Mapping[str, Any], path: str) -> str:
    """The text at a path such as `data.mother.name`, empty where there is none."""
    found: Any = data
    for part in path.removeprefix("data.").split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else ""


def _code(tx: Connection, issue: Issue) -> str:
    try:
        code = status_codes.of_case(tx, issue.case_id, system(issue.office_id))
    except EngineError:  # a case of the first release, or a shredded one: the paper goes without
        return ""
    return status_codes.grouped(code) if code else ""


def _take_over(told: Told, more: Told) -> None:
    for language, values in more.items():
        told[language].update({name: value for name, value in values.items() if value})
