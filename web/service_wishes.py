"""What the counter asks beside the matter: language, needs, and where papers are collected.

Asked only where the office has a desk for it; the answers stand beside the form's own fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import request
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from engine import case_service, desks
from engine.case_service import Wish
from web.visits import actor, say

LANGUAGE, NEED, COLLECT, DESK = "service_language", "service_need", "collect_at", "service_desk"
"""The fields. `DESK` is one that was found before, when the matter was booked."""
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Offered:
    """What may be chosen, each with its word, and what is; nothing where no desk is for it."""

    languages: Choices
    needs: Choices
    branches: Sequence[desks.Desk]
    language: str
    ticked: Sequence[str]
    collect: str
    desk: str

    @property
    def is_empty(self) -> bool:
        return not (self.languages or self.needs or self.branches)


def offered(tx: Connection, typed: MultiDict[str, str] | None) -> Offered:
    """What the office offers. At a branch its own people have it chosen already."""
    found = desks.open_at(tx, actor().office_id)
    spoken = {each for desk in found for each in desk.languages}
    met = {each for desk in found for each in desk.needs}
    branches = [desk for desk in found if desk.is_branch]
    here = desks.branch_of(tx, actor()) if branches and typed is None else None
    answers = typed if typed is not None else MultiDict[str, str]()
    return Offered(
        [(each, say(f"service.language.{each}")) for each in desks.LANGUAGES if each in spoken],
        [(each, say(f"service.need.{each}")) for each in desks.NEEDS if each in met],
        branches,
        answers.get(LANGUAGE, ""),
        answers.getlist(NEED),
        str(here.id) if here is not None else answers.get(COLLECT, ""),
        answers.get(DESK, ""),
    )


def wished() -> Wish:
    """What the form that is sent asks for."""
    return Wish(
        request.form.get(LANGUAGE) or None,
        tuple(request.form.getlist(NEED)),
        _id(request.form.get(COLLECT)),
        desk_id=_id(request.form.get(DESK)),
    )


def carried(tx: Connection, case_id: UUID) -> Mapping[str, list[str]]:
    """How an appointment is served, as fields of the form of what it was booked for."""
    known = case_service.answers_of(tx, case_id)
    fields = {LANGUAGE: known.language, COLLECT: known.collect_id, DESK: known.desk_id}
    return {name: [str(value)] for name, value in fields.items() if value is not None}


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
