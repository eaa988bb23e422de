"""The public pages of procedures: what to bring, how long it takes, what it costs, and the steps.

Made from the active versions of an office, for somebody nobody knows: no account, no JavaScript,
nothing personal. Caches may keep them; the address names the language.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, request, url_for
from sqlalchemy import Connection

from agencies.directory import DIRECTORY
from engine import procedures
from engine.errors import NotFound
from engine.procedures import OpenOffice, Procedure
from engine.public_words import Text
from sla import articles
from sla.procedures import Published, one_published, published
from web.pages import bare_page, in_language
from web.policies import PUBLIC, policy
from web.tries import WITHIN, Tries
from web.visits import as_stranger, context, lang, now, reading

blueprint = Blueprint("procedures", __name__)
TRIES = 120
"""Pages per address in five minutes, and in this process."""
KEPT_SECONDS = 60
LONGEST_SEARCH = 60
_CHOICES = ("q", "kind", "channel", "office", "lang")
_tries = Tries(TRIES)


def for_all(view: Callable[..., Response]) -> Callable[..., Response]:
    """Answer anybody, at a bounded rate, with a page that may be kept and compared by its tag."""

    @wraps(view)
    def answered(**ids: Any) -> Response:
        as_stranger(request.args.get("lang"))
        if not _tries.allow(request.remote_addr or "", context().wall_clock.now()):
            return _too_often()
        page = view(**ids)
        page.cache_control.public = True
        page.cache_control.max_age = KEPT_SECONDS
        page.cache_control.must_revalidate = True
        page.add_etag()
        page.make_conditional(request)
        return page

    return answered


@blueprint.get("/procedures")
@policy(PUBLIC)
@for_all
def index() -> Response:
    """What people can apply for, by kind; found by plain words, cut down by links."""
    words = request.args.get("q", "")[:LONGEST_SEARCH].strip()
    kind, channel = request.args.get("kind", ""), request.args.get("channel", "")
    with reading() as tx:
        offices, office = offices_of(tx)
        known = published(tx, office.id, now()) if office else []
    shown = [
        each
        for each in known
        if each.procedure.is_found_by(words)
        and kind in ("", each.procedure.kind)
        and channel in ("", *each.procedure.channels)
    ]
    return bare_page(
        "procedures.html",
        offices=offices,
        office=office,
        all_kinds=[
            each for each in procedures.KINDS if any(one.procedure.kind == each for one in known)
        ],
        kinds=[
            (each, found)
            for each in procedures.KINDS
            if (found := [one for one in shown if one.procedure.kind == each])
        ],
        channels=sorted({each for one in known for each in one.procedure.channels}),
        asked={"q": words, "kind": kind, "channel": channel},
        **words_for_all(),
    )


@blueprint.get("/procedures/<package_id>")
@policy(PUBLIC)
@for_all
def show(package_id: str) -> Response:
    """One procedure, on one page."""
    with reading() as tx:
        offices, office = offices_of(tx)
        if office is None:
            raise NotFound("procedure.not_found", f"Nobody applies for {package_id} here")
        found: Published = one_published(tx, office.id, package_id, now())
    return bare_page(
        "procedure.html",
        found=found,
        procedure=found.procedure,
        waivers=_waivers(found.procedure),
        offices=offices,
        office=office,
        **words_for_all(),
    )


def offices_of(tx: Connection) -> tuple[list[OpenOffice], OpenOffice | None]:
    """The offices one can choose, and the one that is meant: the address names it, else the first.

    Raises NotFound for one that is not there.
    """
    known = procedures.open_offices(tx)
    wanted = request.args.get("office")
    if wanted is None:
        return known, known[0] if known else None
    for office in known:
        if office.id == wanted:
            return known, office
    raise NotFound("office.not_found", f"There is no office {wanted} that takes applications")


def _waivers(procedure: Procedure) -> list[tuple[str, list[Text]]]:
    """The grounds on which some fee may be waived, by the article they rest on."""
    by_article: dict[str, list[Text]] = {}
    for fee in procedure.fees:
        for waiver in fee.waivers:
            reasons = by_article.setdefault(waiver.article, [])
            if waiver.reason not in reasons:
                reasons.append(waiver.reason)
    return list(by_article.items())


def words_for_all() -> dict[str, Any]:
    """What both templates use."""
    return {
        "say_text": lambda text: in_language(text.zh, text.en),
        "article": lambda reference: articles.render(reference, lang()),
        "agency": _agency,
        "here": _here,
    }


def _agency(agency_id: str) -> str:
    known = DIRECTORY.get(agency_id)
    return in_language(known.title_zh, known.title_en) if known else agency_id


def _here(**changes: str | None) -> str:
    """The present address with some of its choices changed; None or nothing takes one away."""
    asked = {**request.args.to_dict(), **changes}
    values: dict[str, Any] = {name: asked[name] for name in _CHOICES if asked.get(name)}
    return url_for(request.endpoint or "", **(request.view_args or {}), **values)


def _too_often() -> Response:
    page = bare_page("error.html", status=429, error_status=429, told=None, code=None)
    page.headers["Retry-After"] = str(int(WITHIN.total_seconds()))
    return page
