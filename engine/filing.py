"""Filing: a citizen's matter becomes a case with a number, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from engine import (
    case_numbers,
    case_service,
    deployments,
    events,
    keys,
    runtime,
    status_codes,
    subjects,
)
from engine.actors import Actor
from engine.case_rows import Case, seal_data
from engine.clock import TAIPEI, legal_day
from engine.errors import Rejected
from engine.form_values import Checked, check
from engine.history import Entry
from engine.ids import new_case_id
from engine.manifests import expression
from engine.permissions import demand, may_file
from store.prepared import Prepared
from store.tables import case_data, cases, offices

DEFAULT_PRIORITY = 50


@dataclass(frozen=True, slots=True)
class FileCase:
    """What somebody files. `values` are case variables, `data` personal data, nested (`{"child":
    {"name": …}}`); both as the start form has them. `household_office_id` is the office that keeps
    the household; by default what the package says, else the receiving one. `received_at` (aware
    UTC) is when it was handed in on paper because the system was down: it counts as filed then.
    `wish` is how it is to be served."""

    package_id: str
    channel: str
    values: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    household_office_id: str | None = None
    priority: int | None = None
    parent_case_id: UUID | None = None
    received_at: datetime | None = None
    wish: case_service.Wish = case_service.NO_WISH


@dataclass(frozen=True, slots=True)
class Filed:
    """The receipt. The status code is told once; later `status_codes.of_case` has it."""

    id: UUID
    number: str
    status_code: str


def file(tx: Connection, command: FileCase, actor: Actor, now: datetime) -> Filed:
    """File a case in the actor's office and let its process begin.

    Raises NotFound (no active version), Forbidden, Rejected (`form.errors` with the FieldErrors as
    `errors`).
    """
    return _Filing(tx, command, actor, now).file()


class _Filing:
    """One filing at work."""

    def __init__(self, tx: Connection, command: FileCase, actor: Actor, now: datetime) -> None:
        self._tx, self._command, self._actor, self._now = tx, command, actor, now
        self._loaded = deployments.active(tx, actor.office_id, command.package_id)
        self._package = self._loaded.package
        self._filed_at = now if command.received_at is None else command.received_at
        if self._filed_at > now:
            raise Rejected("filing.received_later", "Expected papers that were handed in before")

    def file(self) -> Filed:
        package, command = self._package, self._command
        demand(may_file(package.id, package.starts, package.groups, command.channel, self._actor))
        values, data = self._checked()
        status_code = status_codes.new_code()
        case = self._insert(values, data, status_code)
        subjects.enter(self._tx, case.office_id, case.id, package, data)
        variables = {**values, "case": self._case_facts(case)}
        # Before the process begins, so its first operations find the clocks that filing starts.
        filed = events.CaseFiled(case.ref, self._actor, self._filed_at, variables, data, case.key)
        events.announce(self._tx, filed, self._now)
        served = case_service.enter(self._tx, case, command.wish, self._actor, self._now)
        deed = runtime.Deed(self._actor, [self._entry(case), *served])
        runtime.start(self._tx, case, variables, deed, self._now)
        return Filed(case.id, case.number, status_code)

    def _checked(self) -> tuple[dict[str, Any], dict[str, Any]]:
        if self._package.start_form is None:
            # Only the system files such a package (`may_file`); it says what the process needs.
            return dict(self._command.values), dict(self._command.data)
        form = self._loaded.forms[self._package.start_form]
        checked = check(form, self._command.values, self._command.data, {"data": {}})
        demand_no_errors(checked)
        return checked.values, checked.data

    def _household_office(self, values: Mapping[str, Any], data: Mapping[str, Any]) -> str:
        wanted: Any = self._command.household_office_id
        if wanted is None and self._package.household_office:
            where = f"{self._package.id}: household_office"
            wanted = expression(self._package.household_office, where)({**values, "data": data})
        if wanted is None or wanted == "":
            return self._actor.office_id
        if self._tx.scalar(_OFFICE_CODE, {"office": str(wanted)}) is None:
            raise Rejected(
                "case.household_office", "The household office is no office of this system"
            )
        return str(wanted)

    def _insert(self, values: Mapping[str, Any], data: Mapping[str, Any], status_code: str) -> Case:
        office_id = self._actor.office_id
        case_id = new_case_id(self._now)
        household = self._household_office(values, data)
        confidential = self._is_confidential(values, data)
        key, wrapped = keys.current().new_case_key(str(case_id))
        row = {
            "id": case_id,
            "number": case_numbers.next_number(self._tx, office_id, self._now),
            "office_id": office_id,
            "receiving_office_id": office_id,
            "household_office_id": household,
            "definition_id": self._loaded.id,
            "package_id": self._package.id,
            "status": "active",
            "version": 0,  # the first step makes it 1
            "state": b"",
            "channel": self._command.channel,
            "priority": DEFAULT_PRIORITY
            if self._command.priority is None
            else self._command.priority,
            "parent_case_id": self._command.parent_case_id,
            **status_codes.columns(key, status_code),
            "filed_at": self._filed_at,
            "filed_by": self._actor.person_id,
            "confidential": confidential,
            **subjects.subject_columns(self._package, data),
        }
        _ADD_CASE.run(self._tx, row)
        keys.keep_case_key(self._tx, case_id, office_id, wrapped, self._now)
        self._insert_data(case_id, key, data)
        return Case(
            id=case_id,
            number=row["number"],
            office_id=office_id,
            receiving_office_id=office_id,
            household_office_id=household,
            definition_id=self._loaded.id,
            package_id=self._package.id,
            status="active",
            version=0,
            state=b"",
            filed_at=self._filed_at,
            data=data,
            data_version=1,
            key=key,
            confidential=confidential,
            filed_by=self._actor.person_id,
        )

    def _is_confidential(self, values: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
        """By its package, always or for what was filed, or because it is about a case that is: a
        chase of it, what follows."""
        above, asked = self._command.parent_case_id, self._package.confidential_when
        if asked is not None:
            where = f"{self._package.id}: confidential_when"
            if expression(asked, where)({**values, "data": data}) is True:
                return True
        return self._package.confidential or (
            above is not None and bool(self._tx.scalar(_IS_CONFIDENTIAL, {"parent": above}))
        )

    def _insert_data(self, case_id: UUID, key: keys.CaseKey, data: Mapping[str, Any]) -> None:
        row = {
            "case_id": case_id,
            "office_id": self._actor.office_id,
            "ciphertext": seal_data(key, data),
            "version": 1,
            "updated_at": self._now,
        }
        _ADD_DATA.run(self._tx, row)

    def _case_facts(self, case: Case) -> dict[str, Any]:
        """What expressions see as `case`. No personal data."""
        return {
            "number": case.number,
            "filed_at": self._filed_at.astimezone(TAIPEI),
            "filed_on": legal_day(self._filed_at),
            "channel": self._command.channel,
            "process": self._loaded.definition.process_id,
            "office": case.office_id,
            "household_office": case.household_office_id,
            "receiving_office": case.receiving_office_id,
        }

    def _entry(self, case: Case) -> Entry:
        return Entry(
            "case.filed",
            self._actor,
            self._now,
            case_id=case.id,
            step=1,
            detail={
                "number": case.number,
                "channel": self._command.channel,
                "package": self._package.id,
                "version": self._loaded.version,
            },
        )


def demand_no_errors(checked: Checked) -> None:
    """Raise Rejected (`form.errors`) if a form was not filled in rightly."""
    if checked.errors:
        paths = ", ".join(error.path for error in checked.errors)
        raise Rejected(
            "form.errors",
            f"{len(checked.errors)} fields are not filled in rightly: {paths}",
            errors=checked.errors,
        )


_OFFICE_CODE = select(offices.c.code).where(offices.c.id == bindparam("office"))
_ADD_CASE = Prepared(insert(cases))
_IS_CONFIDENTIAL = select(cases.c.confidential).where(cases.c.id == bindparam("parent"))
_ADD_DATA = Prepared(insert(case_data))
