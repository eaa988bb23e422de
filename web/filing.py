"""Filing a matter: its ground first, then the papers and the fields that matter for it; drafts.

What is typed is kept on the server while it is typed (with JavaScript) and by a button (without).
A window names itself and the version it saw, so that what a second window saved is never lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from engine import cases, clock, deployments, filing_drafts, intake, manifests, notice_reads
from engine.errors import Conflict, EngineError, Rejected
from engine.forms import Form, Label
from web import dates, matters, service_wishes
from web.deeds import new_key, settle
from web.draft_windows import ACT, Shown, Window, case_of, compare, is_ours, save
from web.errors import sentence, status_of
from web.filing_ties import own_page, ties_of
from web.forms import REFRESH, Sent, Setting, Sheet, led_by, read, sheet
from web.pages import page
from web.policies import HANDLING, policy
from web.visits import actor, lang, now, reading, say

blueprint = Blueprint("filing", __name__)
BLANK: Mapping[str, Any] = {"data": {}}
FILE, NOTIFY, LATER, SAVE = "file", "notify", "later", "save"
"""What the buttons do: file with all papers there; file and tell at once what is missing; file and
check the papers later; keep the draft."""


@blueprint.get("/counter/<package_id>")
@policy(HANDLING)
def start(package_id: str) -> ResponseReturnValue:
    """A blank form, or with `?draft=…` one's own draft where one left it."""
    if (elsewhere := own_page(package_id)) is not None:
        return redirect(elsewhere, 303)
    wanted = request.args.get("draft")
    if wanted is None:
        return _page(package_id, None, Shown(Window.fresh()))
    try:
        draft_id = UUID(wanted)
    except ValueError:
        return redirect(url_for("web.filing.start", package_id=package_id), 303)
    try:
        with reading() as tx:
            draft = filing_drafts.find(tx, draft_id, actor())
    except Conflict as ended:
        return _page(
            package_id, None, Shown(Window.fresh(), told=sentence(ended), **case_of(ended))
        )
    window = Window(draft.id, draft.version, new_key())
    typed = MultiDict[str, str](
        (name, each) for name, all_ in draft.fields.items() for each in all_
    )
    return _page(package_id, typed, Shown(window, draft.saved_at))


@blueprint.post("/counter/<package_id>")
@policy(HANDLING)
def file(package_id: str) -> ResponseReturnValue:
    act = request.form.get(ACT, FILE)
    if act == SAVE:
        return _save_by_button(package_id)
    with reading() as tx:
        loaded = deployments.active(tx, actor().office_id, package_id)
    sent = read(loaded.forms[str(loaded.package.start_form)], request.form, BLANK)
    shown = Shown(Window.sent())
    if not sent.is_good:
        return _page(package_id, request.form, shown, status=200 if sent.wants_refresh else 422)
    missing = _missing(loaded.package, sent)
    if act == FILE and missing:
        return _page(package_id, request.form, Shown(shown.window, missing=missing), status=422)
    return _file(package_id, sent, act)


# --- filing -------------------------------------------------------------------------------------


def _file(package_id: str, sent: Sent, act: str) -> ResponseReturnValue:
    channel, wish = request.form.get("channel", ""), service_wishes.wished()
    command = cases.FileCase(package_id, channel, values=sent.entered, wish=wish)
    window = Window.sent()

    def deed(tx: Connection, at: datetime) -> str:
        filed = ties_of(request.form).filed(tx, command, at)
        _end_draft(tx, window, filed.id, at)
        if act != LATER:
            offered = request.form.getlist("offered")
            checked = intake.check(tx, filed.id, offered, _present(), actor(), at)
            if checked.missing:
                notice_id = notice_reads.latest(tx, filed.id, "one_time_notice")
                return url_for("web.notices.show", notice_id=notice_id)
        return url_for("web.receipts.show", case_id=filed.id)

    try:
        return settle(deed, "counter.filed")
    except filing_drafts.Moved as moved:
        return compare(package_id, moved, act)
    except (Rejected, Conflict) as refused:
        told = None if refused.code == "form.errors" else sentence(refused)
        shown = Shown(window, told=told, **case_of(refused))
        status = 422 if refused.code == "form.errors" else status_of(refused)
        return _page(package_id, request.form, shown, status=status)


def _end_draft(tx: Connection, window: Window, case_id: UUID, at: datetime) -> None:
    """Shred the draft. What this very window saved while it was being sent is no conflict."""
    try:
        filing_drafts.filed(tx, window.draft_id, window.version, case_id, actor(), at)
    except filing_drafts.Moved as moved:
        if not is_ours(moved.saved, window):
            raise
        filing_drafts.filed(tx, moved.saved.id, moved.saved.version, case_id, actor(), at)


def _missing(package: manifests.Manifest, sent: Sent) -> tuple[manifests.Paper, ...]:
    """What the matter needs, was not ticked, and no agency can be asked for."""
    present = _present()
    return tuple(
        paper
        for paper in intake.papers(package, sent.checked.values)
        if not paper.replaced_by and paper.id not in present
    )


def _present() -> set[str]:
    if "papers_all" in request.form:
        return set(request.form.getlist("offered"))
    return set(request.form.getlist("paper"))


# --- drafts -------------------------------------------------------------------------------------


def _save_by_button(package_id: str) -> ResponseReturnValue:
    def deed(tx: Connection, _: datetime) -> str:
        saved = save(tx, package_id, Window.sent())
        return url_for("web.filing.start", package_id=package_id, draft=saved.id)

    try:
        return settle(deed, "draft.saved")
    except filing_drafts.Moved as moved:
        return compare(package_id, moved, SAVE)
    except EngineError as refused:
        shown = Shown(Window.sent(), told=sentence(refused), **case_of(refused))
        return _page(package_id, request.form, shown, status=status_of(refused))


# --- the page -----------------------------------------------------------------------------------


def _page(
    package_id: str,
    typed: MultiDict[str, str] | None,
    shown: Shown,
    status: int = 200,
) -> Response:
    ties = ties_of(typed)
    with reading() as tx:
        loaded = deployments.active(tx, actor().office_id, package_id)
        package, form = loaded.package, loaded.forms[str(loaded.package.start_form)]
        channels = matters.channels_of(package)
        sent = _reopened(form, typed) if typed is not None else None
        drawn = _sheet(package, form, sent, shown)
        return page(
            tx,
            "file.html",
            status=status,
            package=package,
            sheet=drawn,
            papers=intake.papers(package, drawn.values),
            present=_ticked(typed),
            all_present=typed is not None and "papers_all" in typed,
            channels=channels,
            channel=_channel(typed, channels),
            refusal=matters.refusal_of(loaded),
            reentry=ties.paper(tx, package_id),
            booked=ties.booked(tx, package_id),
            service=service_wishes.offered(tx, typed) if _serves(package, form) else None,
            near_text=lambda moment: dates.near_text(moment, now(), lang()),
            shown=shown,
            time=dates.time_text,
        )


def _reopened(form: Form, typed: MultiDict[str, str]) -> Sent:
    """What was typed. A draft that is opened again is not told what it still lacks."""
    if request.method == "POST":
        return read(form, typed, BLANK)
    return read(form, MultiDict([*typed.items(multi=True), (REFRESH, "1")]), BLANK)


def _sheet(package: manifests.Manifest, form: Form, sent: Sent | None, shown: Shown) -> Sheet:
    errors = sent.checked.errors if sent and not sent.wants_refresh else ()
    leads = intake.grounds(form, package)
    label = Label(say("filing.ground"), say("filing.ground"))
    day = clock.legal_day(now())
    drawn = sheet(led_by(form, leads, label), BLANK, lang(), sent, errors, Setting(day, leads))
    return drawn if shown.missing else drawn.focused()


def _serves(package: manifests.Manifest, form: Form) -> bool:
    """Whether somebody stands at the counter for it: an office's own work has no applicant."""
    asked = (str(field.key) for field in form.inputs())
    return package.kind != "shared" or any(key.startswith("data.applicant.") for key in asked)


def _channel(typed: MultiDict[str, str] | None, channels: Sequence[str]) -> str:
    chosen = typed.get("channel", "") if typed is not None else ""
    return chosen or (channels[0] if channels else "")


def _ticked(typed: MultiDict[str, str] | None) -> Sequence[str]:
    return typed.getlist("paper") if typed is not None else ()
