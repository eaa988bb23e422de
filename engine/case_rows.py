"""A case as loaded for a step: its row, locked, and its personal data, opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, bindparam, select

from engine import keys
from engine.actors import Actor
from engine.bpmn.codec import decode, encode
from engine.errors import NotFound
from engine.events import CaseRef
from engine.keyring import CaseKey
from engine.permissions import CaseFacts, demand, may_see, not_active
from feel.values import to_feel
from store.prepared import Prepared
from store.tables import case_data, cases, data_keys


@dataclass(frozen=True, slots=True)
class Case:
    """One case in the version it was loaded. `data` is its personal data as FEEL values."""

    id: UUID
    number: str
    office_id: str
    receiving_office_id: str
    household_office_id: str
    definition_id: UUID
    package_id: str
    status: str
    version: int
    state: bytes
    filed_at: datetime
    data: Mapping[str, Any]
    data_version: int
    key: CaseKey
    confidential: bool = False
    filed_by: UUID | None = None

    @property
    def ref(self) -> CaseRef:
        """What listeners get, with the version a step from here writes."""
        return CaseRef(
            self.id,
            self.number,
            self.office_id,
            self.package_id,
            self.definition_id,
            self.version + 1,
        )

    @property
    def facts(self) -> CaseFacts:
        return CaseFacts(
            self.number,
            self.office_id,
            self.receiving_office_id,
            self.household_office_id,
            self.status,
            self.confidential,
            self.filed_by,
        )

    def demand_active(self) -> None:
        """Raise Conflict unless the case goes on."""
        if self.status != "active":
            not_active(self.number, self.status).raise_()


COLUMNS = (
    cases.c.id.label("case_id"),
    cases.c.number,
    cases.c.office_id.label("case_office_id"),
    cases.c.receiving_office_id,
    cases.c.household_office_id,
    cases.c.definition_id,
    cases.c.package_id,
    cases.c.status.label("case_status"),
    cases.c.version.label("case_version"),
    cases.c.state,
    cases.c.filed_at,
    cases.c.confidential,
    cases.c.filed_by,
    case_data.c.ciphertext,
    case_data.c.version.label("data_version"),
    data_keys.c.wrapped,
)
"""What `of_row` needs, for whoever joins a case to a row of its own."""

JOINED = cases.join(case_data, case_data.c.case_id == cases.c.id).join(
    data_keys, data_keys.c.case_id == cases.c.id
)


def of_row(row: Any) -> Case:
    """The case in a row of COLUMNS."""
    key = keys.current().unwrap(str(row.case_id), row.wrapped)
    return Case(
        id=row.case_id,
        number=row.number,
        office_id=row.case_office_id,
        receiving_office_id=row.receiving_office_id,
        household_office_id=row.household_office_id,
        definition_id=row.definition_id,
        package_id=row.package_id,
        status=row.case_status,
        version=row.case_version,
        state=row.state,
        filed_at=row.filed_at,
        data=open_data(key, row.ciphertext),
        data_version=row.data_version,
        key=key,
        confidential=row.confidential,
        filed_by=row.filed_by,
    )


def load(tx: Connection, case_id: UUID, actor: Actor, *, lock: bool = True) -> Case:
    """Load a case for a step, locked against other steps. Raises NotFound, also for a case of
    another office, and for one whose data was shredded."""
    row = (_LOCKED if lock else _UNLOCKED).first(tx, {"case": case_id})
    if row is None:
        raise _gone(tx, case_id, actor)
    case = of_row(row)
    demand(may_see(case.facts, actor))
    return case


def _gone(tx: Connection, case_id: UUID, actor: Actor) -> NotFound:
    """Why a case has no data. Strangers hear the same of what is elsewhere and what is nowhere."""
    row = tx.execute(_FACTS, {"case": case_id}).first()
    if row is None or may_see(CaseFacts(*row), actor) is not None:
        return NotFound("case.not_found", "There is no such case in your office")
    return NotFound("case.shredded", f"The personal data of case {row.number} was shredded")


def seal_data(key: CaseKey, data: Mapping[str, Any]) -> bytes:
    """Personal data as it is stored; dates, numbers and durations come back exactly."""
    return key.seal("case_data", orjson.dumps(encode(to_feel(data))))


def open_data(key: CaseKey, sealed: bytes) -> dict[str, Any]:
    opened: dict[str, Any] = decode(orjson.loads(key.open("case_data", sealed)))
    return opened


_FACTS = select(
    cases.c.number,
    cases.c.office_id,
    cases.c.receiving_office_id,
    cases.c.household_office_id,
    cases.c.status,
    cases.c.confidential,
    cases.c.filed_by,
).where(cases.c.id == bindparam("case"))
_SELECT = select(*COLUMNS).select_from(JOINED).where(cases.c.id == bindparam("case"))
# Not the stronger FOR UPDATE: rows that refer to the case may be added meanwhile.
_LOCKED = Prepared(_SELECT.with_for_update(key_share=True, of=(cases, case_data)))
_UNLOCKED = Prepared(_SELECT)


def office_of(tx: Connection, case_id: UUID) -> str:
    """The office that has the case now. Raises NotFound."""
    office_id: str | None = tx.scalar(_OFFICE, {"case": case_id})
    if office_id is None:
        raise NotFound("case.not_found", f"There is no case {case_id}")
    return office_id


_OFFICE = select(cases.c.office_id).where(cases.c.id == bindparam("case"))
