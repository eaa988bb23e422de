"""Notices: the paper of each, as page, PDF and ODT; its service, return, sending again, voiding and
making again; and those an officer makes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import case_rows, minguo, notice_acts, notice_odt, notice_reads, notices, wordings
from engine.errors import EngineError, Rejected
from engine.notice_papers import Paper
from engine.permissions import demand, may_handle
from web import pdf as presses
from web.deeds import settle
from web.errors import sentence, status_of
from web.notice_paper import html, sheet_values
from web.pages import page
from web.policies import HANDLING, policy
from web.status_address import address_of
from web.visits import actor, context, lang, now, reading

blueprint = Blueprint("notices", __name__)
NAMES = {"zh-TW": "中文", "en": "English"}
_VALUE = "v."


@blueprint.get("/notices/<uuid:notice_id>")
@policy(HANDLING)
def show(notice_id: UUID) -> ResponseReturnValue:
    """The paper as it was issued, in the reader's language or that asked for; what to do next."""
    return _show(notice_id)


@blueprint.get("/notices/<uuid:notice_id>.pdf")
@policy(HANDLING)
def pdf(notice_id: UUID) -> ResponseReturnValue:
    """The paper to be printed: tagged, its fonts in it."""
    paper = _paper(notice_id)
    back = url_for("web.notices.show", notice_id=notice_id, language=paper.language)
    return presses.answer(html(paper), paper.file_name, back, every_letter=True)


@blueprint.get("/notices/<uuid:notice_id>.odt")
@policy(HANDLING)
def odt(notice_id: UUID) -> ResponseReturnValue:
    """The paper to be written on."""
    paper = _paper(notice_id)
    answer = Response(notice_odt.odt(paper), mimetype=notice_odt.MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{paper.file_name}.odt"'
    return answer


@blueprint.post("/notices/<uuid:notice_id>/serve")
@policy(HANDLING)
def serve(notice_id: UUID) -> ResponseReturnValue:
    """Enter the day a notice was served, how, and the proof."""

    def deed(tx: Connection, at: datetime) -> None:
        form = request.form
        served_on = _day("served_on")
        serving = notices.Serving(served_on, form.get("proof", ""), form.get("method") or None)
        notices.serve(tx, notice_id, serving, actor(), at)

    return _act(notice_id, deed, "serve", "notice.entered")


@blueprint.post("/notices/<uuid:notice_id>/returned")
@policy(HANDLING)
def returned(notice_id: UUID) -> ResponseReturnValue:
    """Enter that a notice came back."""

    def deed(tx: Connection, at: datetime) -> None:
        day = _day("returned_on")
        notice_acts.returned(tx, notice_id, day, _reason(), actor(), at)

    return _act(notice_id, deed, "returned", "notice.returned_entered")


@blueprint.post("/notices/<uuid:notice_id>/send-again")
@policy(HANDLING)
def send_again(notice_id: UUID) -> ResponseReturnValue:
    """Send the same notice once more, with its number."""

    def deed(tx: Connection, at: datetime) -> None:
        channel = request.form.get("channel", "")
        notice_acts.send_again(tx, notice_id, channel, _reason(), actor(), at)

    return _act(notice_id, deed, "again", "notice.sent_again")


@blueprint.post("/notices/<uuid:notice_id>/void")
@policy(HANDLING)
def void(notice_id: UUID) -> ResponseReturnValue:
    """Make a notice void; it stays readable."""

    def deed(tx: Connection, at: datetime) -> None:
        notice_acts.void(tx, notice_id, _reason(), actor(), at)

    return _act(notice_id, deed, "void", "notice.voided")


@blueprint.post("/notices/<uuid:notice_id>/make-again")
@policy(HANDLING)
def make_again(notice_id: UUID) -> ResponseReturnValue:
    """Make it again with what was wrong put right: a new number, the old one void."""

    def deed(tx: Connection, at: datetime) -> str:
        before = notice_reads.view(tx, notice_id, actor(), lang()).entered
        changed = {
            name: typed for name, typed in _values().items() if typed != before.get(name, "")
        }
        made = notice_acts.make_again(tx, notice_id, changed, _reason(), actor(), at)
        return url_for("web.notices.show", notice_id=made)

    try:
        return settle(deed, "notice.made_again")
    except EngineError as refused:
        return _show(notice_id, "anew", refused)


@blueprint.get("/cases/<uuid:case_id>/notices/new")
@policy(HANDLING)
def new(case_id: UUID) -> ResponseReturnValue:
    """The form for a notice that an officer makes; first its kind is chosen."""
    return _new(case_id, request.args.get("kind", ""))


@blueprint.post("/cases/<uuid:case_id>/notices/new")
@policy(HANDLING)
def make(case_id: UUID) -> ResponseReturnValue:
    """Make the notice and show its paper."""
    kind, channel = request.form.get("kind", ""), request.form.get("channel", "")

    def deed(tx: Connection, at: datetime) -> str:
        draft = notice_acts.Draft(kind, channel, _values())
        made = notice_acts.make(tx, case_id, draft, actor(), at)
        return url_for("web.notices.show", notice_id=made)

    try:
        return settle(deed, "notice.made")
    except EngineError as refused:
        return _new(case_id, kind, refused)


def _act(
    notice_id: UUID, verb: Callable[[Connection, datetime], None], name: str, done: str
) -> ResponseReturnValue:
    """Do it and come back to the notice, with the refusal beside its form if there is one."""

    def deed(tx: Connection, at: datetime) -> str:
        verb(tx, at)
        return url_for("web.notices.show", notice_id=notice_id)

    try:
        return settle(deed, done)
    except EngineError as refused:
        return _show(notice_id, name, refused)


def _show(notice_id: UUID, refused: str = "", why: EngineError | None = None) -> Response:
    paper = _paper(notice_id)
    with reading() as tx:
        found = notice_reads.view(tx, notice_id, actor(), lang())
        return page(
            tx,
            "notice.html",
            status=status_of(why) if why else 200,
            view=found,
            row=found.row,
            refused=refused,
            told=_told(why) if why else "",
            methods=notices.METHODS,
            channels=_channels(),
            other_languages=[each for each in NAMES.items() if each[0] != paper.language],
            **sheet_values(paper),
        )


def _new(case_id: UUID, kind: str, why: EngineError | None = None) -> Response:
    kinds = [each for each in wordings.shipped().values() if each.by_hand]
    with reading() as tx:
        case = case_rows.load(tx, case_id, actor(), lock=False)
        demand(may_handle(case.facts, actor()))
        return page(
            tx,
            "notice_new.html",
            status=status_of(why) if why else 200,
            case_id=case_id,
            case_number=case.number,
            kinds=kinds,
            wording=next((each for each in kinds if each.kind == kind), None),
            channels=_channels(),
            told=_told(why) if why else "",
        )


def _told(why: EngineError) -> str:
    """The refusal; one about a field of a notice with the field's name before it."""
    label = why.facts.get("label_zh" if lang().startswith("zh") else "label_en")
    return f"{label}：{sentence(why)}" if label else sentence(why)


def _channels() -> list[str]:
    return [each for each in notices.CHANNELS if each not in ("email", "sms")]


def _paper(notice_id: UUID) -> Paper:
    """The paper, and that it was opened is written down."""
    with context().db.transaction() as tx:
        paper = notice_reads.paper(tx, notice_id, actor(), _language(), address_of)
        notice_reads.note(tx, paper, actor(), now())
        return paper


def _language() -> str:
    asked = request.args.get("language", "")
    return asked if asked in wordings.LANGUAGES else lang()


def _reason() -> str:
    return request.form.get("reason", "")


def _values() -> dict[str, Any]:
    return {
        name.removeprefix(_VALUE): typed.replace("\r\n", "\n").strip()
        for name, typed in request.form.items()
        if name.startswith(_VALUE)
    }


def _day(name: str) -> date:
    try:
        return minguo.parse_date(request.form.get(name, ""))
    except minguo.DateError as wrong:
        raise Rejected("notice.served_on", wrong.en, zh=wrong.zh, en=wrong.en) from wrong
