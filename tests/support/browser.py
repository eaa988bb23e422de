"""A real Chromium for tests: Debian's, found on the PATH; and axe to judge a page by."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
AXE = Path(__file__).resolve().parents[2] / "web/ui/node_modules/axe-core/axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


def chromium_or_skip() -> str:
    """Find Chromium; without one skip the test and say so, but fail it in CI (CI=true)."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        reason = f"no Chromium on the PATH (looked for {', '.join(NAMES)})"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}, and CI does not skip browser tests")
        pytest.skip(reason)
    return found


_running: list[Browser] = []


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Chromium without a window, ended with the block; within another block, that block's.

    A thread has one Playwright: a second one beside it is refused.
    """
    if _running:
        yield _running[0]
        return
    executable = chromium_or_skip()
    with sync_playwright() as playwright:
        # Chromium's own sandbox refuses to run as root, which is what CI containers are.
        browser = playwright.chromium.launch(
            executable_path=executable, chromium_sandbox=os.geteuid() != 0
        )
        _running.append(browser)
        try:
            yield browser
        finally:
            _running.clear()
            browser.close()


def axe(page: Page, within: str | None = None) -> list[str]:
    """Judge the open page, or what `within` selects, by WCAG 2.1 A and AA and axe's best practices.

    One sentence per element at fault: the rule, where it is, what is wrong with it.
    """
    page.evaluate(_axe_source())  # not as a script of the page: its content policy would refuse it
    found = page.evaluate(
        """([context, tags]) => axe.run(context ?? document, {
            runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'], iframes: false,
        }).then(result => result.violations)""",
        [within, AXE_TAGS],
    )
    return [
        f"{page.url}: {violation['id']} at {' '.join(map(str, node['target']))}: "
        + " ".join(str(node["failureSummary"]).split())
        for violation in found
        for node in violation["nodes"]
    ]


@cache
def _axe_source() -> str:
    if not AXE.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail(
                f"{AXE} is not there, and CI does not skip: npm ci --ignore-scripts in web/ui"
            )
        pytest.skip("axe is not installed: npm ci --ignore-scripts in web/ui")
    return AXE.read_text(encoding="utf-8")
