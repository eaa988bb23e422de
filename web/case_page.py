"""Rendering the page of a case, with what was just shown in clear or refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy import Connection

from agencies.directory import DIRECTORY
from engine import (
    attachments,
    case_links,
    case_service,
    list_view,
    ownership,
    purposes,
    queries,
    transfers,
)
from engine.errors import EngineError
from engine.permissions import HANDLERS
from sla import case_clocks, doubtful, extension_requests
from web import case_diagram, people
from web.case_story import KINDS, story_of
from web.dates import time_text
from web.errors import sentence, status_of
from web.forms import written
from web.pages import page
from web.visits import actor, lang, now, reading


@dataclass(frozen=True, slots=True)
class Shown:
    """`clear` are values by path, for this one view; `refused` is the act that was refused, with
    why, and `about` what it was about (a notice)."""

    clear: dict[str, str] = field(default_factory=dict)
    refused: str = ""
    why: EngineError | None = None
    about: UUID | None = None


NOTHING = Shown()


def case_page(case_id: UUID, shown: Shown = NOTHING, *, printing: bool = False) -> Response:
    """The page, or the version for paper."""
    with reading() as tx:
        view = queries.case_view(tx, case_id, actor(), now())
        return page(
            tx,
            "case_print.html" if printing else "case.html",
            status=status_of(shown.why) if shown.why else 200,
            case=view,
            row=view.row,
            serving=case_service.of_case(tx, case_id),
            owner=ownership.seen(tx, case_id, actor(), now()),
            doubtful=doubtful.refusal(tx, case_id, actor()),
            clear=shown.clear,
            refused=shown.refused,
            about=shown.about,
            told=sentence(shown.why) if shown.why else "",
            clocks=_clocks(tx, view, now()),
            masked=[
                (item, item.word.text(lang()) if item.word else written(item.masked, lang()))
                for item in view.data
            ],
            agencies=DIRECTORY,
            handlers=HANDLERS,
            purpose_choices=purpose_choices(),
            files=attachments.of_case(tx, case_id, actor()),
            lists=list_view.of_seen(tx, case_id),
            colleagues=people.colleagues(tx, actor().office_id),
            destinations=_destinations(tx, view),
            link_kinds=case_links.KINDS,
            story=story_of(view.timeline, whole=printing),
            story_kinds=KINDS,
            printing=printing,
            time_of=time_text,
            **({} if printing else _diagram(tx, case_id)),
        )


def purpose_choices() -> list[tuple[str, str]]:
    """The purposes to choose from, worded."""
    is_zh = lang().startswith("zh")
    return [(code, words[0] if is_zh else words[1]) for code, words in purposes.WORDS.items()]


def _diagram(tx: Connection, case_id: UUID) -> dict[str, Any]:
    tabs = case_diagram.process_tabs(tx, case_id)
    wanted = request.args.get("process")
    chosen = next((tab.process_id for tab in tabs if tab.process_id == wanted), None)
    here = next((tab.process_id for tab in tabs if tab.is_active), tabs[0].process_id)
    return {"tabs": tabs, "process_id": chosen or here}


def _destinations(tx: Connection, view: queries.CaseView) -> Sequence[tuple[str, Any]]:
    """Where the case can be handed over to, for who may do that."""
    return () if view.refusals["transfer"] else transfers.destinations(tx, actor())


@dataclass(frozen=True, slots=True)
class ClockShown:
    """A clock with how its date came about, in the reader's language."""

    row: queries.ClockRow
    detail: case_clocks.ClockDetail
    title: str
    steps: list[dict[str, Any]]
    requests: list[AskedFor]


@dataclass(frozen=True, slots=True)
class AskedFor:
    """An extension that was asked for; `may_decide`: the reader may grant or refuse it."""

    request: extension_requests.Request
    is_own: bool
    may_decide: bool


def _clocks(tx: Connection, view: queries.CaseView, at: datetime) -> list[ClockShown]:
    chosen = "zh-TW" if lang().startswith("zh") else "en"
    details = case_clocks.details_of_case(tx, view.row.case_id, at)
    asked = extension_requests.of_case(tx, view.row.case_id)
    return [
        ClockShown(
            clock,
            details[clock.id],
            clock.explanation[chosen]["title"],
            clock.explanation[chosen]["steps"],
            [_asked(view, each) for each in asked if each.clock_id == clock.id],
        )
        for clock in view.clocks
    ]


def _asked(view: queries.CaseView, request: extension_requests.Request) -> AskedFor:
    is_own = request.asked_by == actor().person_id
    is_here = view.row.office_id == actor().office_id
    able = is_here and not is_own and bool(actor().groups & set(request.approvers))
    return AskedFor(request, is_own and is_here, able and request.status == "asked")
