"""The counter: choose the matter, fill in what its process asks, file it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select

from engine import cases, deployments, permissions
from engine.deployments import Loaded
from engine.errors import NotFound as MissingVersion
from engine.errors import Rejected
from engine.manifests import Manifest
from store.tables import definitions
from web import receipts
from web.deeds import settle
from web.errors import sentence, status_of
from web.forms import Sent, read, sheet
from web.pages import page
from web.policies import HANDLING, policy
from web.visits import actor, lang, reading

blueprint = Blueprint("counter", __name__)
AT_THE_COUNTER = ("counter", "post")
"""Channels on which a person files; the others come in by themselves."""
BLANK: Mapping[str, Any] = {"data": {}}


@dataclass(frozen=True, slots=True)
class Matter:
    """A process that can be filed; `refusal` is the code of why this person cannot."""

    package: Manifest
    version: int
    refusal: str | None


@blueprint.get("/counter")
@policy(HANDLING)
def choose() -> ResponseReturnValue:
    """What can be filed here, as cards: what the person may file first."""
    with reading() as tx:
        matters = _matters(tx)
        return page(tx, "counter.html", matters=matters)


@blueprint.get("/counter/<package_id>")
@policy(HANDLING)
def start(package_id: str) -> ResponseReturnValue:
    return _form(package_id)


@blueprint.post("/counter/<package_id>")
@policy(HANDLING)
def file(package_id: str) -> ResponseReturnValue:
    """File the case, or show the form again with what is wrong beside the fields."""
    with reading() as tx:
        loaded = deployments.active(tx, actor().office_id, package_id)
    form = loaded.forms[str(loaded.package.start_form)]
    sent = read(form, request.form, BLANK)
    if not sent.is_good:
        return _form(package_id, sent, status=200 if sent.wants_refresh else 422)
    channel = request.form.get("channel", "")
    command = cases.FileCase(package_id, channel, values=sent.entered)
    codes: dict[str, str] = {}

    def deed(tx: Connection, now: datetime) -> str:
        filed = cases.file(tx, command, actor(), now)
        codes[str(filed.id)] = filed.status_code
        return url_for("web.receipts.show", case_id=filed.id)

    try:
        answer = settle(deed, "counter.filed")
    except Rejected as refused:
        if refused.code == "form.errors":
            return _form(package_id, sent, status=422)
        return _form(package_id, sent, told=sentence(refused), status=status_of(refused))
    receipts.keep_codes(codes)
    return answer


def _form(
    package_id: str, sent: Sent | None = None, told: str | None = None, status: int = 200
) -> Response:
    with reading() as tx:
        loaded = deployments.active(tx, actor().office_id, package_id)
        channels = _channels(loaded.package)
        form = loaded.forms[str(loaded.package.start_form)]
        errors = sent.checked.errors if sent and not sent.wants_refresh else ()
        return page(
            tx,
            "file.html",
            status=status,
            package=loaded.package,
            sheet=sheet(form, BLANK, lang(), sent, errors),
            channels=channels,
            channel=request.form.get("channel") or (channels[0] if channels else ""),
            refusal=_refusal(loaded),
            told=told,
        )


def _matters(tx: Connection) -> list[Matter]:
    rows = tx.execute(
        select(definitions.c.package_id).where(definitions.c.state == "active").distinct()
    ).all()
    found = []
    for row in sorted(row.package_id for row in rows):
        try:
            loaded = deployments.active(tx, actor().office_id, row)
        except MissingVersion:
            continue  # active for another office only
        if _channels(loaded.package):
            found.append(Matter(loaded.package, loaded.version, _refusal(loaded)))
    return sorted(found, key=lambda matter: (matter.refusal is not None, matter.package.id))


def _channels(package: Manifest) -> Sequence[str]:
    return [channel for channel in AT_THE_COUNTER if channel in package.starts]


def _refusal(loaded: Loaded) -> str | None:
    package, channels = loaded.package, _channels(loaded.package)
    if not channels:
        return "case.channel"
    refusal = permissions.may_file(package.id, package.starts, package.groups, channels[0], actor())
    return refusal.code if refusal else None
