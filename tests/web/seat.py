"""Somebody in front of a real browser window, with the pages served to it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from werkzeug.serving import make_server

from web.demo_office.office import LOGINS
from web.texts import catalogue

KEY = re.compile(
    r"(?<![\w./@-])(?:" + "|".join(sorted({key.split(".")[0] for key in catalogue("en")})) + r")"
    r"(?:\.[a-z_]+)+(?![\w.])"
)
SIZES = {"desk": (1366, 768), "telephone": (390, 844), "small telephone": (320, 640)}


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve the application on a free port of this machine. Gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join(timeout=5)
        server.server_close()


class Seat:
    """A window in a size, a language and a theme. What the browser complains of is kept."""

    def __init__(
        self,
        browser: Browser,
        address: str,
        size: str = "desk",
        lang: str = "zh-TW",
        *,
        scripts: bool = True,
    ) -> None:
        width, height = SIZES[size]
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            java_script_enabled=scripts,
        )
        self.context.add_cookies([{"name": "huzheng-lang", "value": lang, "url": address}])
        self.address, self.complaints = address, list[str]()
        self.page = self.another_page()

    def another_page(self) -> Page:
        """A further window of the same browser, whose complaints are kept too."""
        page: Page = self.context.new_page()
        page.on(
            "console",
            lambda said: self.complaints.append(told(said)) if said.type == "error" else None,
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def sign_in(self, login: str) -> None:
        self.page.goto(f"{self.address}/sign-in")
        self.page.locator(f'button[value="{login}"]').click()
        self.page.wait_for_url(lambda url: "sign-in" not in url)

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)
        islands = self.page.locator("[data-bpmn-viewer]:not(:has(ol + button, ol ~ button))")
        if islands.count():
            expect(self.page.locator("[data-bpmn-viewer][data-ready]")).to_be_attached()

    def wear(self, theme: str) -> None:
        """Turn the open page light or dark, as the cookie would."""
        self.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)

    def sideways(self) -> int:
        """By how many pixels the page is wider than the window."""
        root = "document.documentElement"
        return int(self.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth"))


def told(said: ConsoleMessage) -> str:
    """A line of the browser's console, with the address it is about where it names none."""
    return f"{said.text} {said.location.get('url', '')}".strip()


def untold(seat: Seat, path: str) -> list[str]:
    """Keys of texts that stand on the page in place of the text."""
    text = seat.page.evaluate(
        """() => { const body = document.body.cloneNode(true);
            body.querySelectorAll('.code, code, pre, [data-bpmn-viewer]').forEach(e => e.remove());
            return body.innerText; }"""
    )
    logins = {login.login for login in LOGINS}
    return [f"{path}: {key}" for key in KEY.findall(text) if key not in logins]
