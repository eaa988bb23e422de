"""A desk of the served office: somebody in front of a real browser, in one of the two languages.

Whoever looks at a page asks all that every page owes: that the browser complains of nothing, that
no text is missing or in the other language, and that axe finds no fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browser import axe
from tests.support.http_driver import NEWCOMER, DemoOffice, Person
from tests.web.seat import Seat, untold
from web.demo_office.office import LOGINS, PASSWORD, REACHED
from web.texts import has_text, text

PATIENT = 60_000
"""Milliseconds that a busy machine of two cores may take to show something."""
LIBRARY = Path(__file__).resolve().parents[2] / "bpmn"
OF_THE_OFFICE = frozenset(
    {
        NEWCOMER,
        *(login.name for login in LOGINS),
        *(login.section for login in LOGINS),
        *(told for reached in REACHED.values() for told in reached.values()),
    }
)
"""What people of the office entered: names, sections, addresses."""
MASKED = re.compile(r"[\u4e00-\u9fff]+[○〇]+[\u4e00-\u9fff]*")
HAN = re.compile(r"[\u3400-\u9fff]+")
OF_A_PAPER = re.compile(r"\w+字第\d+號")  # a paper has the same number (文號) in all languages
REFUSED = "status of 422 (UNPROCESSABLE ENTITY)"
READ = """() => {
    const body = document.body.cloneNode(true);
    const data = '.code, code, pre, script, style, template, svg, [data-bpmn-viewer], [lang|=zh]';
    body.querySelectorAll(data).forEach((each) => each.remove());
    const spoken = ['aria-label', 'placeholder', 'title', 'alt'];
    const told = [...body.querySelectorAll(spoken.map((name) => `[${name}]`).join())]
        .flatMap((each) => spoken.map((name) => each.getAttribute(name)));
    return [document.title, body.textContent, ...told].filter(Boolean).join('\\n');
}"""


class Desk(Seat):
    """`lang` is zh-TW or en; without `scripts` the browser runs no JavaScript at all."""

    def __init__(
        self,
        browser: Browser,
        office: DemoOffice,
        lang: str,
        *,
        size: str = "desk",
        scripts: bool = True,
    ) -> None:
        super().__init__(browser, office.served.url, size, lang, scripts=scripts)
        self.office, self.lang, self.scripts = office, lang, scripts
        self.typed = set[str]()

    def another_page(self) -> Page:
        page = super().another_page()
        page.set_default_timeout(PATIENT)
        return page

    # --- doing ----------------------------------------------------------------------------------

    def sign_in(self, login: str) -> None:
        """By the form, as in an office that is no demo."""
        person = self.office.people.get(login, Person(self.office.served, login))
        self.open("/sign-in")
        self.enter({"login": login, "password": person.password or PASSWORD})
        self.press("sign_in.in")
        expect(self.page).not_to_have_url(re.compile("sign-in"))

    def enter(self, values: Mapping[str, Any], within: Locator | None = None) -> None:
        """Fill in fields by their names: text, a choice's value, or True to tick a box."""
        place = within or self.page.locator("main")
        for name, value in values.items():
            fields = place.locator(f'[name="{name}"]:not([type=hidden])')
            expect(fields.first).to_be_visible()
            self._enter(fields, value)

    def _enter(self, fields: Locator, value: Any) -> None:
        kind = fields.first.evaluate("each => each.type")
        if kind.startswith("select"):
            fields.first.select_option(str(value))
        elif kind == "radio":
            fields.and_(self.page.locator(f'[value="{value}"]')).check()
        elif kind == "checkbox":
            for each in [value] if isinstance(value, (str, bool)) else value:
                chosen = "true" if each is True else each
                fields.and_(self.page.locator(f'[value="{chosen}"]')).check()
        else:
            fields.first.fill(str(value))
            self.typed.add(str(value))

    def press(self, key: str, within: Locator | None = None) -> None:
        """The first button that says this text, given by its key."""
        place = within or self.page
        place.get_by_role("button", name=self.words(key), exact=True).first.click()

    def follow(self, key: str, within: Locator | None = None) -> None:
        place = within or self.page
        place.get_by_role("link", name=self.words(key), exact=True).first.click()

    def go_to(self, desk: str) -> None:
        """By the menu, where a figure may stand beside the name."""
        name = re.compile(f"^{re.escape(self.words(f'desk.{desk}'))}")
        self.page.locator("nav.rail").get_by_role("link", name=name).click()

    def decide(self, outcome: str) -> None:
        self.page.locator(f'button[name="outcome"][value="{outcome}"]').click()

    # --- looking --------------------------------------------------------------------------------

    def words(self, key: str, **facts: Any) -> str:
        """A text of the product in this desk's language."""
        assert has_text(self.lang, key), key
        return text(self.lang, key, **facts)

    def sees(self, key: str, **facts: Any) -> None:
        expect(self.page.locator("body")).to_contain_text(self.words(key, **facts))

    def reads(self, told: str) -> None:
        expect(self.page.locator("main")).to_contain_text(told)

    def look(self) -> None:
        """Judge the page that is open."""
        where = self.page.url.removeprefix(self.address)
        assert self.page.locator("html").get_attribute("lang") == (
            "en" if self.lang == "en" else "zh-Hant-TW"
        )
        told = list[str]()
        if self.scripts:
            told += axe(self.page) + untold(self, where)
            told += [f"{where}: Chinese {word}" for word in self._strange()]
        told += [f"{where}: wider by {by} px" for by in [self.sideways()] if by > 0]
        told += self.objections()
        assert not told, "\n".join(told)

    def objections(self) -> list[str]:
        """What the browser complained of, but for its line on a form that was refused: that a
        wrong form is answered with 422 is meant."""
        return [each for each in self.complaints if REFUSED not in each]

    def _strange(self) -> list[str]:
        """Chinese on an English page that is neither a name of a package nor entered by people."""
        if self.lang != "en":
            return []
        left = OF_A_PAPER.sub(" ", MASKED.sub(" ", str(self.page.evaluate(READ))))
        for known in sorted({*self.typed, *OF_THE_OFFICE, *_named()}, key=len, reverse=True):
            left = left.replace(known, " ")
        return sorted(set(HAN.findall(left)))


@contextmanager
def seated(browser: Browser, office: DemoOffice, lang: str, **how: Any) -> Iterator[Desk]:
    desk = Desk(browser, office, lang, **how)
    try:
        yield desk
        assert not desk.objections(), "\n".join(desk.objections())
    finally:
        desk.page.close()  # before its context, so that no half-loaded font is reset
        desk.context.close()


@cache
def _named() -> frozenset[str]:
    """What the packages name their elements, lanes and processes."""
    return frozenset(
        name.strip()
        for file in LIBRARY.rglob("*.bpmn")
        for name in etree.parse(file).xpath("//@name")
        if HAN.search(name)
    )
