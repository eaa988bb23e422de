"""The data an incident of a process can be tried again with: its variables, put right by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.actors import Actor
from engine.bpmn.interpreter import load_state, variables
from engine.errors import NotFound, Rejected
from engine.minguo import DateError, parse_date
from engine.permissions import demand, may_mend
from store.tables import cases, incidents

MOST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class Given:
    """One variable as it is: its kind (text, number, boolean, date) and what a field shows of it.

    `kind` is `other` for lists and contexts, which no single field can put right.
    """

    name: str
    kind: str
    shown: str

    def typed(self, entered: Mapping[str, str]) -> Given:
        """The same, showing what somebody has entered instead."""
        return replace(self, shown=entered.get(self.name, self.shown))


def datum_of(tx: Connection, incident_id: UUID, actor: Actor) -> Sequence[Given]:
    """The variables that the incident's element sees, by name. Never personal data.

    Raises NotFound, and Forbidden for who may not mend it.
    """
    row = tx.execute(
        select(incidents.c.office_id, incidents.c.key, cases.c.state)
        .outerjoin(cases, cases.c.id == incidents.c.case_id)
        .where(incidents.c.id == incident_id)
    ).first()
    if row is None:
        raise NotFound("incident.not_found", "There is no such incident in your office")
    demand(may_mend(row.office_id, actor))
    if row.key is None or row.state is None:
        return ()
    seen = variables(load_state(row.state))
    return [_given(name, value) for name, value in sorted(seen.items()) if name != "case"]


def parsed(known: Sequence[Given], entered: Mapping[str, str]) -> dict[str, Any]:
    """What was changed, as values. Raises Rejected for what is no value of its kind."""
    changed: dict[str, Any] = {}
    for given in known:
        text = entered.get(given.name)
        if text is None or given.kind == "other" or text.strip() == given.shown:
            continue
        changed[given.name] = _value(given, text.strip())
    return changed


def _given(name: str, value: Any) -> Given:
    match value:
        case None:
            return Given(name, "text", "")
        case bool():
            return Given(name, "boolean", "true" if value else "false")
        case Decimal():
            return Given(name, "number", format(value, "f"))
        case date():
            return Given(name, "date", value.isoformat()[:10])
        case str():
            return Given(name, "text", value)
        case _:
            return Given(name, "other", "")


def _value(given: Given, text: str) -> Any:
    if not text:
        return None
    try:
        match given.kind:
            case "number":
                return _number(text)
            case "date":
                return parse_date(text)
            case "boolean":
                return text == "true"
    except (InvalidOperation, DateError) as error:
        raise Rejected(
            "incident.value",
            f"Expected a {given.kind} for {given.name}, got {text[:40]!r}",
            name=given.name,
        ) from error
    if len(text) > MOST_TEXT:
        raise Rejected("incident.value", f"{given.name} is too long", name=given.name)
    return text


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise InvalidOperation
    return number
