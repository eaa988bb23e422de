"""Make the pictures of README and of docs/guide/: `screenshots.py [PART OF A FILE NAME]`.

docs/pictures.yaml is the table of them. The demo office is made anew in a folder that is thrown
away, as it was on one morning; the clock then stands still, so that the same commit gives the same
pictures (query codes aside, which are drawn by lot). Needs Chromium and the browser parts.
"""

from __future__ import annotations

import logging
import secrets
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import yaml
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import update
from werkzeug.serving import WSGIRequestHandler, make_server

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import app as application  # noqa: E402 - the checkout is no package of its own
import web  # noqa: E402
from agencies.transports import Endpoint  # noqa: E402
from engine import keys, logs  # noqa: E402
from engine.installation import install  # noqa: E402
from engine.keyring import Keyring  # noqa: E402
from store.database import Database, open_database  # noqa: E402
from store.tables import accounts  # noqa: E402
from tests.support.browser import running_browser  # noqa: E402
from tests.support.clock import GivenClock  # noqa: E402
from web.demo_office.seed import Seeding, seed_demo  # noqa: E402

TABLE = ROOT / "docs" / "pictures.yaml"
MORNING = datetime(2026, 3, 12, 1, 30, tzinfo=UTC)  # a Thursday, half past nine in Taipei
CASES = 200
LARGEST = 300_000  # bytes
PORT = 8765  # given, because a receipt shows its address
SIZES = {"desk": (1366, 768), "telephone": (390, 844)}


@dataclass(frozen=True, slots=True)
class Picture:
    """A line of the table. `then` are acts after opening, see docs/pictures.yaml."""

    file: str
    open: str
    role: str = ""
    lang: str = "zh-TW"
    size: str = "desk"
    theme: str = "light"
    then: list[str] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return ROOT / "docs" / self.file


def main() -> None:
    wanted = [each for each in table() if all(part in each.file for part in sys.argv[1:])]
    if not wanted:
        sys.exit(f"No picture of {TABLE} has {sys.argv[1:]} in its name")
    with (
        tempfile.TemporaryDirectory() as folder,
        office(Path(folder)) as address,
        running_browser() as browser,
    ):
        too_large = [each.file for each in wanted if not take(browser, address, each)]
    if too_large:
        sys.exit(f"Larger than {LARGEST // 1000} kB, so show less: {', '.join(too_large)}")


def table() -> list[Picture]:
    """Raises TypeError for a line with a word that is not known."""
    lines: list[Mapping[str, Any]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return [Picture(**line) for line in lines]


@contextmanager
def office(folder: Path) -> Iterator[str]:
    """Serve the demo office of that morning. Gives its address."""
    logs.configure(level=logging.WARNING)
    application.wire()
    keys.use(Keyring.for_demo())
    db = open_database(f"sqlite:///{folder / 'demo.db'}")
    db.upgrade()
    install(db, "demo", MORNING)
    agencies = Endpoint("http://127.0.0.1:9/", b"a secret of the pictures")
    seed_demo(db, Seeding(application.LIBRARY, CASES, MORNING), agencies, application.WAYS, told)
    with db.transaction() as tx:  # nobody is asked for a new password on a picture
        tx.execute(update(accounts).values(password_changed_at=MORNING, must_change_password=False))
    with served(pages(db)) as address:
        yield address
    db.close()


def pages(db: Database) -> Flask:
    """The pages at the time when the clock stopped; no worker changes anything meanwhile."""
    clock = GivenClock(MORNING)
    site = Flask("pictures", static_folder=None)
    site.secret_key = secrets.token_hex()
    context = web.WebContext(
        db=db, clock=clock, wall_clock=clock, library=application.LIBRARY, demo=True, https=False
    )
    web.create_pages(site, context)
    return site


@contextmanager
def served(site: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", PORT, site, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join(timeout=5)
        server.server_close()


class Silent(WSGIRequestHandler):
    def log(self, kind: str, message: str, *arguments: object) -> None:
        pass


def take(browser: Browser, address: str, picture: Picture) -> bool:
    """Make one picture. Says whether it is small enough."""
    context = seat(browser, address, picture)
    page = context.new_page()
    if picture.role:
        page.goto(f"{address}/sign-in")
        page.locator(f'button[value="{picture.role}"]').click()
        page.wait_for_url(lambda url: "sign-in" not in url)
    page.goto(address + picture.open)
    for act in picture.then:
        do(page, address, act)
    settle(page)
    picture.path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=picture.path)
    context.close()
    size = picture.path.stat().st_size
    told(f"docs/{picture.file} {size // 1000} kB")
    return size <= LARGEST


def seat(browser: Browser, address: str, picture: Picture) -> BrowserContext:
    width, height = SIZES[picture.size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    cookies = {"huzheng-lang": picture.lang, "huzheng-theme": picture.theme}
    context.add_cookies([{"name": n, "value": v, "url": address} for n, v in cookies.items()])
    return context


def do(page: Page, address: str, act: str) -> None:
    """`follow CSS`, `click CSS`, `fill CSS = TEXT`, `press KEY` or `look CSS`."""
    deed, _, rest = act.partition(" ")
    match deed:
        case "follow":
            page.goto(address + str(page.locator(rest).first.get_attribute("href")))
        case "click":
            page.locator(rest).first.click()
        case "fill":
            place, _, text = rest.rpartition(" = ")
            page.locator(place).first.fill(text)
        case "press":
            page.keyboard.press(rest)
        case "look":
            page.locator(rest).first.evaluate("e => e.scrollIntoView({block: 'start'})")
        case _:
            sys.exit(f"Expected follow, click, fill, press or look in {TABLE}, got {act!r}")


def settle(page: Page) -> None:
    """Wait until fonts and diagrams are there."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")
    if page.locator(".bpmn-canvas").count():
        page.locator("[data-bpmn-viewer][data-ready]").wait_for()


def told(text: str) -> None:
    click.echo(text)


if __name__ == "__main__":
    main()
