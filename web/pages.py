"""Rendering: what every template may use, and the frame around it (menu, counts, bell, clock)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, make_response, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from sqlalchemy import Connection, select

from engine.clock import legal_day
from engine.incident_words import title
from store.tables import offices
from web import assets, dates
from web.counts import counts_for
from web.deeds import new_key
from web.due import Pill, pill
from web.menu import Desk, desks_of
from web.news import row_mark
from web.step_names import steps
from web.texts import HTML_LANG, LANGUAGES, has_text
from web.visits import Visit, actor, lang, now, say, visit

THEME_COOKIE, KEYS_COOKIE = "huzheng-theme", "huzheng-keys"
THEMES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the page of somebody signed in."""

    desks: tuple[Desk, ...]
    counts: Mapping[str, int]
    office_name: str
    place: str  # the blueprint of the page, to mark its desk


def page(
    tx: Connection, template: str, *, status: int = 200, live: str = "", **values: Any
) -> Response:
    """Render a page of somebody signed in, with the menu and its counts.

    `live` names the list of `web.live` whose news the page tells while it stands open.
    """
    values.setdefault("step", steps(tx))
    values.setdefault("live_address", lambda: _live_address(live))
    return bare_page(template, status=status, frame=_frame(tx), **values)


def bare_page(template: str, *, status: int = 200, **values: Any) -> Response:
    """Render a page without the menu: sign-in, errors before anybody is known."""
    values.setdefault("frame", None)
    response = make_response(render_template(template, **_words(visit()), **values), status)
    response.headers["Content-Language"] = HTML_LANG[lang()]
    response.vary.update(("Cookie", "Accept-Language"))
    return response


def in_language(zh: str, en: str) -> str:
    """The one of two wordings that the reader's language asks for; the other if it is empty."""
    wanted, other = (zh, en) if lang().startswith("zh") else (en, zh)
    return wanted or other


def worded(key: str, fallback: str) -> str:
    """A text whose key comes from data (a channel, a group), or the word of the data itself."""
    return say(key) if has_text(lang(), key) else fallback


def _frame(tx: Connection) -> Frame:
    who = actor()
    office = tx.execute(select(offices).where(offices.c.id == who.office_id)).first()
    name = in_language(office.name_zh, office.name_en) if office else who.office_id
    place = (request.endpoint or "").removeprefix("web.").partition(".")[0]
    return Frame(tuple(desks_of(who)), counts_for(tx, who, now()), name, place)


def _live_address(wanted: str) -> str:
    """Where an open page asks for news. Only the first page of a list has any."""
    asked = request.args.to_dict() if request.method == "GET" else {}
    asked |= {name: str(value) for name, value in (request.view_args or {}).items()}
    is_first = not ({"cursor", "after"} & asked.keys())
    address = url_for("web.live.news")
    return f"{address}?{urlencode({**asked, 'list': wanted})}" if wanted and is_first else address


def _theme() -> str:
    wanted = request.cookies.get(THEME_COOKIE, "")
    return wanted if wanted in THEMES else THEMES[0]


def _words(guest: Visit) -> dict[str, Any]:
    """Names that templates may use anywhere."""
    return {
        "t": say,
        "word": worded,
        "either": in_language,
        "lang": guest.lang,
        "html_lang": HTML_LANG[guest.lang],
        "languages": LANGUAGES,
        "theme": _theme(),
        "themes": THEMES,
        "keys_on": request.cookies.get(KEYS_COOKIE) != "off",
        "now": guest.now,
        "today": legal_day(guest.now),
        "demo": guest.context.demo,
        "me": guest.signed_in.actor if guest.signed_in else None,
        "pill": _pill,
        "pill_word": _pill_word,
        "day": _day,
        "short_day": _short_day,
        "moment": _moment,
        "near": _near,
        "until": _until,
        "until_moment": _until_moment,
        "csrf_token": generate_csrf,
        "new_key": new_key,
        "row_mark": row_mark,
        "incident_title": _incident_title,
        "asset": _asset,
        "stylesheet": _stylesheet,
    }


def _pill(
    due_at: datetime | None,
    status: str | None = None,
    party: str = "office",
    target_at: datetime | None = None,
) -> Pill:
    return pill(due_at, now(), status, party, target_at)


def _pill_word(shown: Pill) -> str:
    facts = dict(shown.facts)
    if isinstance(at := facts.get("at"), datetime):
        facts["at"] = dates.until_time(at)
    return say(shown.key, **facts)


def _day(value: date | None) -> Markup:
    return dates.day(value, lang())


def _short_day(value: date | None) -> Markup:
    return dates.short_day(value, lang())


def _moment(value: datetime | None) -> Markup:
    return dates.moment(value, lang())


def _near(value: datetime | None) -> Markup:
    return dates.near(value, now(), lang())


def _until(value: datetime | None) -> Markup:
    return dates.until(value, now(), lang())


def _until_moment(value: datetime | None) -> Markup:
    return dates.until_moment(value, lang())


def _incident_title(code: str) -> str:
    return in_language(*title(code))


def _asset(name: str) -> str | None:
    file = assets.bundle(name)
    return None if file is None else url_for("web.assets.static", filename=file)


def _stylesheet(name: str) -> str:
    return url_for("web.assets.static", filename=name, v=assets.version(name))
