"""What narrows a tab of the overdue desk: a section, an owner, a process, an agency waited for.

Each is a condition on a case, asked case by case along the limits that end first, or a set that is
made once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select

from engine.actors import Actor
from store.partial import among, unindexed
from store.tables import cases, memberships, outbox, persons, user_task_groups, user_tasks

NOBODY = "nobody"
"""In place of an owner: work that nobody has taken."""
_PROMISES = ("agency.notify", "agency.look_up")
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Filters:
    """`owner` is a person's id or `NOBODY`; `latest_first` turns the order of a tab round."""

    section: str = ""
    owner: str = ""
    package: str = ""
    agency: str = ""
    latest_first: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Filters:
        """What an address or a stored view says; what is none of these, or no owner, is left."""
        return cls(
            _text(given, "section"),
            owner_of(_text(given, "owner")),
            _text(given, "package"),
            _text(given, "agency"),
            _text(given, "order") == "latest",
        )

    def written(self) -> dict[str, str]:
        """As an address carries them; nothing for what does not narrow."""
        all_ = {
            "section": self.section,
            "owner": self.owner,
            "package": self.package,
            "agency": self.agency,
            "order": "latest" if self.latest_first else "",
        }
        return {name: value for name, value in all_.items() if value}

    @property
    def narrows(self) -> bool:
        return bool(self.section or self.owner or self.package or self.agency)


NO_FILTERS = Filters()


def owner_of(text: str) -> str:
    """A person's id or `NOBODY`; empty for anything else."""
    if text == NOBODY:
        return text
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def _text(given: Mapping[str, Any], name: str) -> str:
    return str(given.get(name) or "").strip()[:_LONGEST]


def narrowed(
    wanted: Filters, actor: Actor, case_id: ColumnElement[UUID], *, is_bounded: bool = False
) -> Iterator[ColumnElement[bool]]:
    """The conditions on a case of the actor's office.

    Asked of a bounded number of cases each is looked up; else what is one person's, or waits for
    one agency, is a set that is made once, however few or many of the late cases are in it.
    """
    if wanted.section:
        yield _open_task(actor, case_id, of_section(actor, wanted.section))
    if wanted.owner == NOBODY:
        yield _open_task(actor, case_id, user_tasks.c.assignee_id.is_(None))
    elif wanted.owner and is_bounded:
        yield _open_task(actor, case_id, user_tasks.c.assignee_id == _person(wanted.owner))
    elif wanted.owner:
        yield unindexed(case_id).in_(claimed_by(actor, wanted.owner))
    if wanted.package:
        yield (
            select(cases.c.id)
            .where(cases.c.id == unindexed(case_id), cases.c.package_id == wanted.package)
            .exists()
        )
    if wanted.agency:
        asked = unanswered(actor).where(outbox.c.peer == wanted.agency)
        if is_bounded:
            yield asked.where(outbox.c.case_id == case_id).exists()
        else:
            yield unindexed(case_id).in_(asked)


def claimed_by(actor: Actor, person_id: str) -> Select[tuple[UUID]]:
    """The cases whose work a person has, along the index of each person's own tasks."""
    return select(user_tasks.c.case_id).where(
        user_tasks.c.assignee_id == _person(person_id),
        user_tasks.c.office_id == actor.office_id,
        among(user_tasks.c.status, "claimed"),
    )


def _person(person_id: str) -> ColumnElement[UUID]:
    return literal(UUID(person_id), user_tasks.c.assignee_id.type)


def unanswered(actor: Actor) -> Select[tuple[UUID | None]]:
    """The cases that wait for another agency's answer."""
    return select(outbox.c.case_id).where(
        outbox.c.office_id == actor.office_id,
        outbox.c.operation.in_(_PROMISES),
        outbox.c.key.is_not(None),
        outbox.c.answered_at.is_(None),
        outbox.c.status.in_(("queued", "sending", "sent")),
        outbox.c.case_id.is_not(None),
    )


def open_tasks(actor: Actor) -> Select[tuple[UUID]]:
    """The cases of the office's open tasks."""
    return select(user_tasks.c.case_id).where(
        user_tasks.c.office_id == actor.office_id,
        among(user_tasks.c.status, "unclaimed", "claimed"),
    )


def of_section(actor: Actor, section: Any) -> ColumnElement[bool]:
    """Somebody of the section has the task, or nobody yet and the section may take it."""
    people = select(persons.c.id).where(
        persons.c.office_id == actor.office_id, persons.c.section == section
    )
    groups = select(memberships.c.group_name).where(
        memberships.c.office_id == actor.office_id, memberships.c.person_id.in_(people)
    )
    theirs = (
        select(user_task_groups.c.task_id)
        .where(user_task_groups.c.task_id == user_tasks.c.id)
        .where(user_task_groups.c.group_name.in_(groups))
        .exists()
    )
    return or_(
        user_tasks.c.assignee_id.in_(people), and_(user_tasks.c.assignee_id.is_(None), theirs)
    )


def _open_task(
    actor: Actor, case_id: ColumnElement[UUID], which: ColumnElement[bool]
) -> ColumnElement[bool]:
    return open_tasks(actor).where(user_tasks.c.case_id == case_id, which).exists()
