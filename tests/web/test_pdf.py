"""PDF files: the letters that were written, tagged, with nothing from outside the static files."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.errors import Unavailable
from sla.clock_rows import of_case
from tests.web.house import CHIEF, COUNTER, House
from web import assets, pdf
from web.pdf import COMMAND, PangoMissing, Press
from web.pdf_press import ADDRESS, Slices, read_static

FACES = """
@font-face{font-family:Noto Sans TC Variable;src:url("./a.woff2");unicode-range:U+4E00,U+4E8C-4E8E}
@font-face{font-family:Noto Sans TC Variable;src:url("./b.woff2");unicode-range:U+5317}
@font-face{font-family:Noto Sans TC Variable;src:url("./c.woff2");unicode-range:U+0000-00FF}
"""


def has_pango() -> bool:
    """Whether WeasyPrint loads here; CI installs what it needs (.ci/install-chromium)."""
    code = [sys.executable, "-c", "import weasyprint"]
    return subprocess.run(code, check=False, capture_output=True).returncode == 0


needs_pango = pytest.mark.skipif(
    not has_pango(), reason="no Pango here: apt-get install libpango-1.0-0 libpangoft2-1.0-0"
)


@pytest.fixture
def press() -> Iterator[Press]:
    press = Press()
    yield press
    press.close()


def page(text: str, head: str = "") -> str:
    fonts = assets.bundle("fonts.css")
    css = f'<link rel="stylesheet" href="{ADDRESS}{fonts}">' if fonts else ""
    style = f'<link rel="stylesheet" href="{ADDRESS}frame.css">'
    return (
        f'<!doctype html><html lang="zh-Hant-TW"><head><title>清單</title>{css}{style}{head}</head>'
        f"<body><h1>{text}</h1></body></html>"
    )


def unpacked(content: bytes) -> bytes:
    """A PDF with what is compressed in it in plain."""
    parts = [content]
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        with contextlib.suppress(zlib.error):
            parts.append(zlib.decompress(packed))
    return b"\n".join(parts)


def letters(content: bytes) -> str:
    """Every letter that the fonts in a PDF say they print (ToUnicode)."""
    maps = re.findall(rb"beginbfchar(.*?)endbfchar", unpacked(content), re.DOTALL)
    codes = re.findall(rb"<[0-9a-fA-F]+> <([0-9a-fA-F]+)>", b"".join(maps))
    return "".join(bytes.fromhex(code.decode()).decode("utf-16-be") for code in codes)


def fonts(content: bytes) -> int:
    return len(re.findall(rb"/FontFile[23]? ", unpacked(content)))


@needs_pango
def test_a_page_is_printed_tagged_with_its_letters(press: Press) -> None:
    content = press.print(page("逾期案件清單 Overdue"))

    assert content.startswith(b"%PDF-")
    assert set("逾期案件清單Overdue") <= set(letters(content))
    for part in (b"/StructTreeRoot", b"/Lang", b"pdfuaid"):
        assert part in unpacked(content)


@needs_pango
def test_each_slice_of_the_font_keeps_its_own_letters(press: Press) -> None:
    """Under one name WeasyPrint takes all slices for one font, and prints letters of the first."""
    if assets.bundle("fonts.css") is None:
        pytest.skip("the browser parts are not built")

    content = press.print(page("逾期案件清單全部承辦人示範市南區戶政事務所"))

    assert fonts(content) >= 4


@needs_pango
@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://127.0.0.1:9/a.css",
        "https://example.com/a.css",
        f"{ADDRESS}../pdf.py",
        f"{ADDRESS}%2e%2e/pdf.py",
        "data:text/css,h1{content:'x'}",
    ],
)
def test_a_page_reaches_nothing_else(press: Press, address: str) -> None:
    head = f'<link rel="stylesheet" href="{address}"><link rel="attachment" href="{address}">'
    content = press.print(page("甲", head + f'<style>h1{{background:url("{address}")}}</style>'))

    assert b"/EmbeddedFile" not in unpacked(content)
    assert "甲" in letters(content)


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", f"{ADDRESS}../pdf.py", f"{ADDRESS}../../pyproject.toml", ""]
)
def test_an_address_outside_the_static_files_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="Expected"):
        read_static(assets.STATIC, address, Slices(""))


def test_only_slices_with_a_letter_of_the_page_are_read() -> None:
    slices = Slices("二 a")

    chosen = slices.choose(FACES)

    assert re.findall(r"\./(\w)\.woff2", chosen) == ["a", "c"]
    assert slices.spread('h1 { font-family: "Noto Sans TC Variable", serif }') == (
        'h1 { font-family: "Noto Sans TC Variable 0", "Noto Sans TC Variable 1", serif }'
    )


@needs_pango
def test_the_press_that_ended_for_want_of_work_is_started_again(press: Press) -> None:
    press.print(page("甲"))
    running = press._running
    assert running is not None
    running.kill()
    running.wait()

    assert "乙" in letters(press.print(page("乙")))


@needs_pango
def test_a_page_that_takes_too_long_is_given_up() -> None:
    press = Press(longest=0.05)

    with pytest.raises(Unavailable, match="could not be made"):
        press.print(page("甲"))

    assert press._running is None


def test_who_comes_when_others_wait_is_told_so() -> None:
    press = Press(("sleep", "60"), longest=30)

    def wait() -> None:
        with contextlib.suppress(Unavailable):
            press.print("")

    waiting = [threading.Thread(target=wait) for _ in "123"]
    for each in waiting:
        each.start()
    while press._places._value or press._running is None:  # type: ignore[attr-defined]
        threading.Event().wait(0.01)

    with pytest.raises(Unavailable, match="Others wait"):
        press.print(page("甲"))

    while any(each.is_alive() for each in waiting):
        if press._running is not None:
            press._running.kill()
        threading.Event().wait(0.01)


# --- without Pango ------------------------------------------------------------------------------

WITHOUT_PANGO = """
import runpy, sys
from cffi import FFI
def dlopen(self, name, flags=0):
    raise OSError(f"cannot load library {name!r}")
FFI.dlopen = dlopen
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""The same program on a host where no library of the system is found."""


@pytest.fixture
def no_pango(monkeypatch: pytest.MonkeyPatch) -> Iterator[Press]:
    press = Press((sys.executable, "-I", "-c", WITHOUT_PANGO, *COMMAND[-2:]))
    monkeypatch.setattr(pdf, "PRESS", press)
    yield press
    press.close()


def test_without_pango_the_press_says_so(no_pango: Press) -> None:
    with pytest.raises(PangoMissing, match="Pango"):
        no_pango.print(page("甲"))


@pytest.mark.usefixtures("no_pango")
def test_without_pango_the_page_to_print_stands_below_the_reason(house: House) -> None:
    case = house.file()
    house.clock.move(timedelta(days=7))
    chief = house.sign_in(CHIEF)

    chief.open("/overdue/list.pdf?view=office")

    assert chief.path.startswith("/overdue/print?view=office")
    assert "沒有 Pango 程式庫" in chief.main
    assert case.number in chief.main


# --- the doors ----------------------------------------------------------------------------------


@needs_pango
def test_the_list_is_downloaded_as_it_is_printed(house: House) -> None:
    case = house.file()
    house.clock.move(timedelta(days=7))

    answer = house.sign_in(CHIEF).open("/overdue/list.pdf?view=office").response

    assert answer.mimetype == "application/pdf"
    assert 'filename="overdue-office-20260309.pdf"' in answer.headers["Content-Disposition"]
    assert set(case.number + "逾期案件清單") <= set(letters(answer.data))


@needs_pango
def test_why_a_limit_ends_that_day_is_downloaded_for_the_file(house: House) -> None:
    case = house.file()
    with house.reading() as tx:
        clock = of_case(tx, case.id)[0]

    answer = house.sign_in(COUNTER).open(f"/cases/{case.id}/clocks/{clock.id}.pdf").response

    assert answer.mimetype == "application/pdf"
    assert set(case.number + "期限") <= set(letters(answer.data))


def test_the_press_stands_where_the_wheel_has_it() -> None:
    program, static = map(Path, COMMAND[-2:])
    assert program.is_file()
    assert (static / "paper.css").is_file()
