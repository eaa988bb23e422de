"""Who carries a year's plan: its steering group (推動小組) and task organisation (任務編組).

A line a person, as offices write it: role, name, work. They are kept with the case of the plan and
stand on the control table of the years it has items in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select

from store.tables import duty_periods, plan_members

MOST_MEMBERS = 60
_LONGEST = (60, 60, 120)
_PARTS = re.compile(r"[｜|\t]")


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the group: what they are in it, who, and what they do."""

    role: str
    name: str
    work: str


def read(text: str) -> tuple[list[Member], list[str]]:
    """The members that the lines name, and a sentence (in Chinese) for each line that is none."""
    members: list[Member] = []
    faults: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        parts = [part.strip() for part in _PARTS.split(line)]
        if not line.strip():
            continue
        if len(parts) != len(_LONGEST):
            faults.append(f"編組第 {number} 行：應有 3 欄，以「｜」分隔：職稱、姓名、工作")
        elif any(not 1 <= len(part) <= most for part, most in zip(parts, _LONGEST, strict=True)):
            faults.append(f"編組第 {number} 行：職稱、姓名各 1 至 60 字，工作 1 至 120 字")
        else:
            members.append(Member(*parts))
    if len(members) > MOST_MEMBERS:
        faults.append(f"編組超過 {MOST_MEMBERS} 人")
    return members, faults


def enter(
    tx: Connection, case_id: UUID, office_id: str, members: Sequence[Mapping[str, Any]]
) -> None:
    """Name the members of the case's plan, in place of those it had."""
    tx.execute(delete(plan_members).where(plan_members.c.case_id == case_id))
    for number, each in enumerate(members, start=1):
        person = asdict(Member(str(each["role"]), str(each["name"]), str(each["work"])))
        row = {"case_id": case_id, "office_id": office_id, "no": number, **person}
        tx.execute(insert(plan_members).values(row))


def of_year(tx: Connection, office_id: str, year: int) -> tuple[Member, ...]:
    """The members of the office's plans that have items in the year, in their order."""
    plans = select(duty_periods.c.case_id).where(
        duty_periods.c.office_id == office_id,
        duty_periods.c.due_on.between(date(year, 1, 1), date(year, 12, 31)),
        duty_periods.c.title.is_not(None),
    )
    rows = tx.execute(
        select(plan_members)
        .where(plan_members.c.office_id == office_id, plan_members.c.case_id.in_(plans))
        .order_by(plan_members.c.case_id, plan_members.c.no)
    )
    return tuple(Member(row.role, row.name, row.work) for row in rows)
