"""Every page that somebody can reach by links, judged by axe: in Chinese light, in English dark.

The links are followed as a visitor without JavaScript would; each kind of page is then opened in a
real browser: by the first role that comes to it, and by others if they see anything else on it.
In English every second kind; all with `HUZHENG_ALL_SCENARIOS`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urljoin, urlsplit
from zlib import crc32

import pytest
from playwright.sync_api import Browser
from werkzeug.exceptions import HTTPException

from tests.support.browser import axe, running_browser
from tests.web.house import ANALYST, CHIEF, COUNTER, OPERATOR, REVIEWER, House
from tests.web.seat import Seat, served, untold
from tests.web.visitor import Visitor
from web import assets

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROLES = (COUNTER, REVIEWER, CHIEF, ANALYST, OPERATOR)
FILES = (".pdf", ".odt", ".ods", ".zip")
ALL = bool(os.environ.get("HUZHENG_ALL_SCENARIOS"))
MOST_PAGES = 90
"""Per role: more are not another kind of page, but a loop."""
Part = tuple[str, ...]
_judged: dict[tuple[str, str], set[Part]] = {}  # by language and kind of page: its parts so far


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if assets.bundle("page.js") is None:
        pytest.skip("the browser parts are not built")
    with running_browser() as browser:
        yield browser


def busy(house: House) -> None:
    """Cases new, claimed, sent on and late; so that lists have rows and acts."""
    late = house.file()
    house.claim(late, COUNTER)
    house.pass_days(9)
    house.file()
    house.complete(house.file(), COUNTER, "missing", reason="缺證明")


@pytest.mark.parametrize("login", ROLES)
@pytest.mark.parametrize(("lang", "theme"), [("zh-TW", "light"), ("en", "dark")])
def test_a_role_reaches_only_pages_without_fault(
    house: House, browser: Browser, login: str, lang: str, theme: str
) -> None:
    busy(house)
    kinds = reachable(house, house.sign_in(login))
    paths = [
        reached.path
        for kind, reached in kinds.items()
        if is_wanted(lang, kind) and has_news((lang, kind), reached)
    ]
    found: list[str] = []
    with served(house.app) as address:
        seat = Seat(browser, address, lang=lang)
        seat.sign_in(login)
        for path in paths:
            seat.open(path)
            found += [*faults(seat, path, theme), *untold(seat, path), *too_wide(seat, path)]
        seat.context.close()

    assert len(kinds) >= 6
    found += seat.complaints
    assert not found, "\n".join(sorted(set(found)))


@pytest.mark.parametrize(("lang", "theme"), [("zh-TW", "light"), ("en", "dark")])
def test_a_stranger_reaches_only_pages_without_fault(
    house: House, browser: Browser, lang: str, theme: str
) -> None:
    kinds = reachable(house, house.visitor().open("/sign-in"))
    paths = [reached.path for reached in kinds.values()]
    found: list[str] = []
    with served(house.app) as address:
        seat = Seat(browser, address, lang=lang)
        for path in paths:
            seat.open(path)
            found += [*faults(seat, path, theme), *untold(seat, path), *too_wide(seat, path)]
        seat.context.close()

    assert len(paths) >= 4
    assert [path for path in paths if path.startswith("/procedures/")]
    found += seat.complaints
    assert not found, "\n".join(sorted(set(found)))


def test_axe_finds_what_is_wrong_and_where(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<html lang='en'><title>t</title><main><h1>h</h1><img src='x'></main>")

    found = axe(page)

    assert [fault for fault in found if "image-alt at img" in fault]
    page.close()


def faults(seat: Seat, path: str, theme: str) -> list[str]:
    """What axe finds, folded parts included."""
    seat.page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
    seat.wear(theme)
    return [f"{path} ({theme}): {fault}" for fault in axe(seat.page)]


def too_wide(seat: Seat, path: str) -> list[str]:
    """Where the page scrolls sideways on a telephone, and what sticks out."""
    found = []
    for width in (390, 320):
        seat.page.set_viewport_size({"width": width, "height": 844})
        if (by := seat.sideways()) > 0:
            found.append(f"{path} at {width}: {by} px, {widest(seat)}")
        found += [f"{path} at {width}: spilled by {each}" for each in spilling(seat)]
    seat.page.set_viewport_size({"width": 1366, "height": 768})
    return found


def spilling(seat: Seat) -> list[str]:
    """Sheets and panels that something inside sticks out of, which only luck keeps on the page."""
    return list(
        seat.page.evaluate(
            """() => [...document.querySelectorAll('main article, main section, main .panel')]
                .filter(e => getComputedStyle(e).overflowX === 'visible')
                .filter(e => e.scrollWidth > e.clientWidth + 1)
                .map(e => `${e.tagName.toLowerCase()}.${e.className}`
                    + ` ${e.scrollWidth - e.clientWidth} px`)"""
        )
    )


def widest(seat: Seat) -> str:
    """The element that sticks out farthest, to be found and mended."""
    return str(
        seat.page.evaluate(
            """() => { const far = e => e.getBoundingClientRect().right;
                const all = [...document.querySelectorAll('body *')];
                const most = all.reduce((a, b) => far(b) > far(a) ? b : a);
                return `${most.tagName.toLowerCase()}.${most.className}`; }"""
        )
    )


@dataclass(frozen=True)
class Reached:
    """A page by its address and the kinds of elements that it is made of."""

    path: str
    parts: frozenset[Part]


def is_wanted(lang: str, kind: str) -> bool:
    """Every kind in Chinese; in English every second, unless all are asked for."""
    return lang == "zh-TW" or ALL or crc32(kind.encode()) % 2 == 0


def has_news(seen: tuple[str, str], reached: Reached) -> bool:
    """Whether the page has an element that its kind did not have for those who came before."""
    known = _judged.setdefault(seen, set())
    new = reached.parts - known
    known |= new
    return bool(new)


def parts_of(visitor: Visitor) -> frozenset[Part]:
    telling = ("class", "type", "role", "scope", "aria-live")
    return frozenset(
        (str(each.tag), *(each.get(name, "") for name in telling))
        for each in visitor.page.iter("*")
        if not each.xpath("ancestor-or-self::nav | ancestor-or-self::head")
    )


def reachable(house: House, visitor: Visitor) -> dict[str, Reached]:
    """One address for each kind of page that links lead to, from the page the visitor is on."""
    kinds = dict[str, Reached]()
    waiting = [visitor.path]
    while waiting and len(kinds) < MOST_PAGES:
        path = waiting.pop(0)
        kind = kind_of(house, path)
        if kind is None or kind in kinds:
            continue
        visitor.open(path)
        if visitor.response.mimetype != "text/html" or visitor.status != 200:
            continue
        kinds[kind] = Reached(visitor.path, parts_of(visitor))
        waiting += links(visitor)
    assert len(kinds) < MOST_PAGES, sorted(kinds)
    return kinds


def links(visitor: Visitor) -> list[str]:
    targets = [urlsplit(urljoin(visitor.path, href)) for href in visitor.page.xpath("//a/@href")]
    return [f"{t.path}{'?' if t.query else ''}{t.query}" for t in targets if not t.netloc]


def kind_of(house: House, path: str) -> str | None:
    """The view and the choices in the address; what it is about (a case, a row) does not count.
    None for what is no page, such as a file to take home."""
    parts = urlsplit(path)
    if parts.path.endswith(FILES):
        return None
    try:
        endpoint, arguments = house.app.url_map.bind("localhost").match(parts.path)
    except HTTPException:
        return None
    if endpoint == "web.assets.static":
        return None
    asked = [each for each in sorted(parse_qsl(parts.query)) if each[0] in ("tab", "view")]
    return f"{endpoint} {sorted(arguments)} {asked}"
