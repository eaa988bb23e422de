"""The diagram island in a real browser, under the strict content policy that our pages send."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.support.browser import running_browser

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
LIBRARY = HERE.parents[1] / "bpmn" / "registration"
BUNDLES = HERE.parents[1] / "web" / "static" / "dist"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'"
)

PAGE = """<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>diagram</title>
<link rel="stylesheet" href="/dist/{fonts}"><link rel="stylesheet" href="/dist/{css}">
<input type="search" data-search-shortcut aria-label="search">
<div data-bpmn-viewer data-xml-url="{xml}" data-state-url="/state.json"
     data-findings-url="/findings.json" data-label="出生登記">the steps as a list</div>
<script type="module" src="/dist/{page}"></script>
<script type="module" src="/dist/{viewer}"></script>"""


@dataclass
class Site:
    """What the little web site of a test answers: path -> (content type, body)."""

    address: str = ""
    answers: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def put(self, path: str, kind: str, body: str | bytes) -> None:
        self.answers[path] = (kind, body.encode() if isinstance(body, str) else body)

    def put_json(self, path: str, value: object) -> None:
        self.put(path, "application/json", json.dumps(value))

    def put_page(self, *, lang: str = "zh-Hant-TW", xml: str = "/birth.bpmn") -> None:
        names = json.loads(manifest().read_text())
        stems = {
            "fonts": "fonts.css",
            "css": "viewer.css",
            "page": "page.js",
            "viewer": "viewer.js",
        }
        files = {key: names[entry] for key, entry in stems.items()}
        self.put("/", "text/html", PAGE.format(lang=lang, xml=xml, **files))


def manifest() -> Path:
    """Find the bundles, which `make test` builds; they may be left out, but not in CI."""
    path = BUNDLES / "manifest.json"
    if not path.is_file():
        asked = os.environ.get("HUZHENG_UI_SKIP") == "1" and os.environ.get("CI") != "true"
        say = pytest.skip if asked else pytest.fail
        say("the browser parts are not built: python web/ui/frontend.py build")
    return path


class Handler(SimpleHTTPRequestHandler):
    """Serves the answers of a site, and the bundles under /dist/."""

    def __init__(self, *args: object, site: Site, **kwargs: object) -> None:
        self.site = site
        super().__init__(*args, directory=str(BUNDLES), **kwargs)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        if self.path.startswith("/dist/"):
            self.path = self.path.removeprefix("/dist")
            super().do_GET()
            return
        kind, body = self.site.answers.get(self.path, ("", b""))
        self.send_response(200 if kind else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        pass


class Server(ThreadingHTTPServer):
    """A page asks for a dozen parts at once; on a busy machine five places are not enough."""

    request_queue_size = 128


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    site.put("/birth.bpmn", "application/xml", (HERE / "birth.bpmn").read_bytes())
    site.put("/favicon.ico", "image/x-icon", b"")
    site.put_json("/state.json", {"active": ["review"], "done": [], "incidents": []})
    site.put_json("/findings.json", [])
    site.put_page()
    with Server(("127.0.0.1", 0), partial(Handler, site=site)) as server:
        site.address = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield site
        server.shutdown()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    # It asks for the site so that it is closed first: a site that goes while a page still loads
    # a font resets the connection, and the page complains.
    page = browser.new_page(viewport={"width": 1100, "height": 800})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.extend(_complaint(message)))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    assert complaints == [], "the browser complained"


def _complaint(message: ConsoleMessage) -> list[str]:
    # A file that a test leaves out on purpose is no complaint; a blocked style or script is.
    is_lost_on_purpose = message.location["url"].endswith("/lost.bpmn")
    return [message.text] if message.type == "error" and not is_lost_on_purpose else []


def open_diagram(page: Page, site: Site) -> None:
    page.goto(site.address)
    expect(page.locator("[data-bpmn-viewer][data-ready]")).to_be_visible()


def test_tokens_are_told_by_words_and_not_by_colour_alone(page: Page, site: Site) -> None:
    site.put_json(
        "/state.json",
        {
            "active": ["review", "review"],
            "done": ["filed", "check", "complete", "filed_check"],
            "incidents": ["notify"],
        },
    )

    open_diagram(page, site)

    expect(page.locator('[data-element-id="check"].state-done')).to_be_visible()
    expect(page.locator('[data-container-id="review"]')).to_have_text("▶ 進行中 ×2")
    expect(page.locator('[data-container-id="check"]')).to_have_text("✓ 已完成")
    expect(page.locator('[data-container-id="notify"]')).to_have_text("! 異常")
    expect(page.get_by_role("status")).to_have_text("進行中 2 · 已完成 3 · 異常 1")


OVERLAPS = """() => {
  const boxes = (found) => [...found].map((e) => [e, e.getBoundingClientRect()]);
  const marks = boxes(document.querySelectorAll('.bpmn-label'));
  const names = boxes(document.querySelectorAll('.djs-element[data-element-id$=_label] text'));
  const cut = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  return {
    marks: marks.length,
    names: names.length,
    hidden: marks.flatMap(([mark, m]) => names.filter(([, n]) => cut(m, n)).map(([name]) =>
      `${mark.closest('[data-container-id]').dataset.containerId}: ${name.textContent}`)),
  };
}"""


@pytest.mark.parametrize("process", ["birth", "move"])
@pytest.mark.parametrize("lang", ["zh-Hant-TW", "en"])
def test_what_is_done_hides_no_name(page: Page, site: Site, process: str, lang: str) -> None:
    diagram = (LIBRARY / process / f"{process}.bpmn").read_bytes()
    site.put("/birth.bpmn", "application/xml", diagram)
    drawn = re.findall(rb'BPMNShape id="[a-z_0-9]+" bpmnElement="([a-z_0-9]+)"', diagram)
    steps = [each.decode() for each in drawn]
    site.put_json("/state.json", {"active": [], "done": steps, "incidents": []})
    site.put_page(lang=lang)

    open_diagram(page, site)

    found = page.evaluate(OVERLAPS)
    assert found["marks"] >= 25
    assert found["names"] >= 25
    assert found["hidden"] == []


def test_findings_open_by_keyboard_and_say_what_is_wrong(page: Page, site: Site) -> None:
    site.put_json(
        "/findings.json",
        [
            {"element_id": "complete", "severity": "error", "message": "沒有預設流向"},
            {"element_id": "complete", "severity": "warning", "message": "沒有名稱"},
            {"element_id": "birth", "severity": "warning", "message": "沒有負責人"},
        ],
    )
    open_diagram(page, site)
    finding = page.locator('[data-container-id="complete"] summary')
    expect(finding).to_have_text("錯誤 2")

    finding.focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("錯誤：沒有預設流向")).to_be_visible()
    expect(page.locator(".bpmn-findings")).to_have_text("警告：沒有負責人")


def test_a_token_of_another_diagram_is_named(page: Page, site: Site) -> None:
    site.put_json("/state.json", {"active": ["elsewhere"], "done": [], "incidents": []})

    open_diagram(page, site)

    expect(page.get_by_role("status")).to_contain_text("不在本圖上的元件：elsewhere")


def test_an_english_page_speaks_english(page: Page, site: Site) -> None:
    site.put_page(lang="en")

    open_diagram(page, site)

    expect(page.locator('[data-container-id="review"]')).to_have_text("▶ Active")
    expect(page.get_by_role("button", name="Whole diagram")).to_be_visible()


@pytest.mark.parametrize("process", ["birth", "move"])
def test_an_english_page_draws_english_names_and_breaks_no_word(
    page: Page, site: Site, process: str
) -> None:
    xml = (LIBRARY / process / f"{process}.bpmn").read_bytes()
    site.put("/whole.bpmn", "application/xml", xml)
    site.put_page(lang="en", xml="/whole.bpmn")

    open_diagram(page, site)

    lines = page.locator(".djs-visual text tspan").all_text_contents()
    assert [line for line in lines if re.search("[\u3400-\u9fff]", line)] == []
    words = {word for line in lines for word in line.split()}
    named = {
        word for name in re.findall(r'hz:nameEn="([^"]+)"', xml.decode()) for word in name.split()
    }
    assert words <= named, words - named  # no "registrat" and "ion"

    site.put_page(xml="/whole.bpmn")
    open_diagram(page, site)
    assert "受理？" in page.locator(".djs-visual text").all_text_contents()


def test_a_diagram_that_is_not_there_leaves_the_list_and_says_why(page: Page, site: Site) -> None:
    site.put_page(xml="/lost.bpmn")

    page.goto(site.address)

    expect(page.get_by_role("alert")).to_have_text("流程圖無法顯示：/lost.bpmn 回應 404")
    expect(page.get_by_text("the steps as a list")).to_be_visible()


def test_the_bpmn_io_mark_stays_visible_and_uncovered(page: Page, site: Site) -> None:
    open_diagram(page, site)
    mark = page.locator("a.bjs-powered-by")
    expect(mark).to_be_visible()

    on_top = mark.evaluate(
        """mark => {
            const box = mark.getBoundingClientRect();
            const spots = [[0.1, 0.1], [0.9, 0.1], [0.1, 0.9], [0.9, 0.9], [0.5, 0.5]];
            return spots.every(([x, y]) => {
                const top = document.elementFromPoint(
                    box.x + x * box.width, box.y + y * box.height);
                return top !== null && mark.contains(top);
            });
        }"""
    )

    assert on_top


def test_labels_are_drawn_in_the_shipped_font(page: Page, site: Site) -> None:
    open_diagram(page, site)

    loaded = page.evaluate(
        "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)"
    )

    assert any("Noto Sans TC Variable" in family for family in loaded)
    family = page.locator('[data-element-id="review"] text').evaluate(
        "text => getComputedStyle(text).fontFamily"
    )
    assert family.startswith('"Noto Sans TC Variable"')


def test_slash_moves_to_the_search_box_but_can_still_be_typed(page: Page, site: Site) -> None:
    open_diagram(page, site)
    box = page.get_by_role("searchbox")

    page.keyboard.press("/")
    page.keyboard.press("/")

    expect(box).to_be_focused()
    expect(box).to_have_value("/")


def test_the_box_is_as_high_as_the_diagram_and_labels_can_be_read(page: Page, site: Site) -> None:
    open_diagram(page, site)

    box = page.locator(".bpmn-canvas").bounding_box()
    drawn = page.locator(".djs-container svg .viewport").first.bounding_box()
    label = page.locator('[data-element-id="review"] text').bounding_box()

    assert box is not None
    assert drawn is not None
    assert label is not None
    assert box["height"] <= max(drawn["height"] + 90, 180)
    assert label["height"] >= 10
    assert box["y"] < label["y"] < box["y"] + box["height"]


def test_a_diagram_is_moved_and_enlarged_by_keys_and_the_wheel_scrolls_the_page(
    page: Page, site: Site
) -> None:
    open_diagram(page, site)
    shape = page.locator('[data-element-id="review"] .djs-visual')
    page.locator(".bpmn-canvas").focus()
    before = shape.bounding_box()

    page.keyboard.press("ArrowRight")
    moved = shape.bounding_box()
    page.keyboard.press("+")
    larger = shape.bounding_box()
    page.mouse.move(400, 200)
    page.mouse.wheel(0, 120)
    after_wheel = shape.bounding_box()

    assert before is not None
    assert moved is not None
    assert larger is not None
    assert moved["x"] < before["x"]
    assert larger["width"] > moved["width"]
    assert after_wheel is not None
    assert after_wheel["width"] == larger["width"]


def test_a_small_window_keeps_the_list_and_draws_when_asked(page: Page, site: Site) -> None:
    kind, body = site.answers["/"]
    site.put("/", kind, body.replace(b"the steps as a list", b"<ol><li>one step</li></ol>"))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(site.address)
    expect(page.get_by_text("one step")).to_be_visible()
    expect(page.locator(".bpmn-canvas")).to_have_count(0)

    page.get_by_role("button", name="顯示流程圖").click()

    expect(page.locator("[data-bpmn-viewer][data-ready]")).to_be_visible()
    page.get_by_text("以清單列出步驟").click()
    expect(page.get_by_text("one step")).to_be_visible()
