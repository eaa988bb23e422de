"""The press: a program of its own that turns pages into PDF, so that no request waits for it.

Started by `web.pdf` with the folder of the static files. A line of JSON `{"html": …}` comes in; out
go a line of JSON, `{"bytes": n}`, `{"failed": sentence}` or `{"missing": sentence}`, and n bytes.
With `"letters": true` in the order, a page with letters that no font here has is not printed: the
answer is `{"letters": "𠀀…"}`.
It ends when its input does, when nothing came for a while, or after some pages.

The page reaches nothing but the static files: no other file, no address of the network. Its fonts
are the slices that browsers get; of the hundred only those with a letter of the page are read,
which takes a second instead of six. Each goes by a name of its own, since WeasyPrint takes two
files of one name for the same font and would print other letters than were written.
"""

from __future__ import annotations

import json
import logging
import os
import re
import select
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ADDRESS = "https://huzheng.invalid/static/"
FONTS = re.compile(r"dist/fonts-[^/]*\.css")
KINDS = {".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml", ".png": "image/png"}
IDLE = 300
MOST_PAGES = 50
_FACE = re.compile(r"@font-face\s*{[^}]*}")
_FAMILY = re.compile(r"font-family:\s*([^;}]*)")
_RANGE = re.compile(r"unicode-range:\s*([^;}]*)")


class Slices:
    """The fonts that a page needs, each under a name of its own."""

    def __init__(self, text: str) -> None:
        self._letters = {ord(letter) for letter in text}
        self._names: dict[str, list[str]] = {}

    def choose(self, style_sheet: str) -> str:
        """Only the faces with a letter of the page."""
        return "".join(map(self._named, filter(self._is_needed, _FACE.findall(style_sheet))))

    def spread(self, style_sheet: str) -> str:
        """Every slice of a family in place of the family's name."""
        for family, names in self._names.items():
            together = ", ".join(f'"{name}"' for name in names)
            style_sheet = style_sheet.replace(f'"{family}"', together)
        return style_sheet

    def _is_needed(self, face: str) -> bool:
        found = _RANGE.search(face)
        return found is None or not self._letters.isdisjoint(_letters(found[1].split(",")))

    def _named(self, face: str) -> str:
        found = _FAMILY.search(face)
        family = found[1].strip("\"' ") if found else ""
        names = self._names.setdefault(family, [])
        names.append(f"{family} {len(names)}")
        return _FAMILY.sub(f'font-family:"{names[-1]}"', face, count=1)


def _letters(ranges: Iterable[str]) -> set[int]:
    found: set[int] = set()
    for part in ranges:
        first, _, last = part.strip().upper().removeprefix("U+").partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return found


class Unprinted(logging.Handler):
    """The letters that were drawn as an empty box, for want of a font."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.letters: dict[str, None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Take the letter from the warning; all other warnings are of no concern on paper."""
        if ".notdef" in str(record.msg) and isinstance(record.args, tuple) and record.args:
            self.letters[str(record.args[0])] = None


def read_static(folder: Path, address: str, slices: Slices) -> tuple[bytes, str]:
    """A static file and its media type. Raises ValueError for any other address."""
    name = address.removeprefix(ADDRESS).partition("?")[0]
    path = (folder / name).resolve()
    if not address.startswith(ADDRESS) or not path.is_relative_to(folder.resolve()):
        raise ValueError(f"Expected an address below {ADDRESS}, but got {address[:200]!r}")
    if path.suffix not in KINDS:
        raise ValueError(f"Expected one of {sorted(KINDS)}, but got {path.name!r}")
    content = path.read_bytes()
    if FONTS.fullmatch(name):
        content = slices.choose(content.decode()).encode()
    elif path.suffix == ".css":
        content = slices.spread(content.decode()).encode()
    return content, KINDS[path.suffix]


def printed(weasyprint: Any, folder: Path, html: str) -> bytes:
    """The page as a tagged PDF (PDF/UA-1), without anything from outside the folder."""
    urls = weasyprint.urls
    slices = Slices(html)

    def fetch(_: object, url: str, headers: object = None) -> Any:
        content, kind = read_static(folder, url, slices)
        return urls.URLFetcherResponse(url, content, {"Content-Type": kind})

    shelf = type("Shelf", (urls.URLFetcher,), {"fetch": fetch})()
    page = weasyprint.HTML(string=html, base_url=ADDRESS, url_fetcher=shelf)
    content: bytes = page.write_pdf(pdf_variant="pdf/ua-1")
    return content


def run(folder: Path) -> None:
    """Print what comes in until nothing more does."""
    os.nice(10)  # whoever waits for a page of the desks comes first
    try:
        import weasyprint  # type: ignore[import-untyped]
    except (ImportError, OSError) as missing:  # it loads Pango, which a host may lack
        _answer({"missing": str(missing)})
        return
    # Of each property of our style sheets that paper does not have, it would tell at length.
    told = logging.getLogger("weasyprint")
    told.propagate = False
    told.handlers.clear()
    for _ in range(MOST_PAGES):
        waiting, _, _ = select.select([sys.stdin], [], [], IDLE)
        line = sys.stdin.buffer.readline() if waiting else b""
        if not line:
            return
        order = json.loads(line)
        unprinted = Unprinted()
        told.addHandler(unprinted)
        try:
            content = printed(weasyprint, folder, order["html"])
        except Exception as problem:  # whatever it is, the next page may do better
            _answer({"failed": f"{type(problem).__name__}: {problem}"})
        else:
            if order.get("letters") and unprinted.letters:
                _answer({"letters": "".join(unprinted.letters)})
            else:
                _answer({"bytes": len(content)}, content)
        told.removeHandler(unprinted)


def _answer(told: dict[str, Any], content: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + content)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    run(Path(sys.argv[1]))
