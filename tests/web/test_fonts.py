"""The text font is ours, cut into slices: kept by browsers, and only the slices a page needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser import running_browser
from tests.web.house import COUNTER, House
from tests.web.seat import Seat, served
from web import assets

MOST_SLICES = 45
"""Of 108; common characters lie together, so a page of Chinese needs about a third."""


@pytest.fixture(scope="module")
def sheet() -> str:
    name = assets.bundle("fonts.css")
    if name is None:
        pytest.skip("the browser parts are not built")
    return (assets.STATIC / name).read_text(encoding="utf-8")


def test_every_slice_is_shipped_named_by_its_characters_and_shows_text_meanwhile(
    sheet: str,
) -> None:
    faces = re.findall(r"@font-face\{([^}]*)\}", sheet)
    files = [re.search(r'url\("?\./([^")]+\.woff2)', face) for face in faces]

    assert len(faces) > 100
    assert all("unicode-range:" in face and "font-display:swap" in face for face in faces)
    assert all(file and (assets.DIST / file[1]).is_file() for file in files)


def test_a_slice_is_kept_for_ever_and_never_asked_for_again(house: House, sheet: str) -> None:
    name = re.search(r"\./([^\")]+\.woff2)", sheet)
    assert name is not None

    answer = house.visitor().client.get(f"/static/dist/{name[1]}")

    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "font/woff2"
    answer.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.mark.browser
def test_a_page_loads_only_the_slices_it_needs(house: House, browser: Browser, sheet: str) -> None:
    house.file()
    loaded: list[str] = []
    with served(house.app) as address:
        seat = Seat(browser, address)
        seat.page.on(
            "request", lambda sent: loaded.append(sent.url) if ".woff2" in sent.url else None
        )
        seat.sign_in(COUNTER)
        seat.open("/worklist?tab=group")
        seat.page.evaluate("document.fonts.ready.then(() => true)")
        family = seat.page.evaluate("getComputedStyle(document.body).fontFamily")
        drawn = seat.page.evaluate("document.fonts.check('15px \"Noto Sans TC Variable\"', '戶')")
        seat.context.close()

    assert family.startswith('"Noto Sans TC Variable"')
    assert drawn
    assert 1 < len(set(loaded)) <= MOST_SLICES
