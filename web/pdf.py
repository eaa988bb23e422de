"""Print pages as PDF: the same template on paper (`paper.html`), through a program of its own.

WeasyPrint needs Pango, a library of the system. Where it is missing the reader is told so, and
has the page for their own printer as before.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import structlog
from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine.errors import Unavailable
from web.assets import STATIC
from web.pages import page
from web.pdf_press import ADDRESS
from web.visits import say

log = structlog.get_logger()
MEDIA_TYPE = "application/pdf"
PAPER = "paper.html"
LONGEST = 60.0
MOST_WAITING = 3
"""How many may wait for the press, or have it: each holds a thread of the web server meanwhile."""
COMMAND = (sys.executable, "-I", str(Path(__file__).with_name("pdf_press.py")), str(STATIC))


class PangoMissing(Unavailable):
    """This host cannot make PDF files."""


class LettersMissing(Unavailable):
    """No font of this host has some letters of the page."""


def on_paper(tx: Connection, template: str, **values: Any) -> str:
    """The page that becomes a PDF, once the transaction that reads it is over (`answer`)."""
    rendered = page(tx, template, base=PAPER, **values).get_data(as_text=True)
    static = url_for("web.assets.static", filename="")
    return rendered.replace(f'"{static}', f'"{ADDRESS}')


def answer(
    html: str, name: str, instead: str, *, every_letter: bool = False
) -> ResponseReturnValue:
    """The page as a PDF called `name`; without Pango a sentence above the page at `instead`.

    With `every_letter` also where a letter of the page is in no font: a name with a box in it is
    no name.
    """
    try:
        content = PRESS.print(html, every_letter=every_letter)
    except PangoMissing:
        flash(say("pdf.no_pango"), "refused")
        return redirect(instead, 303)
    except LettersMissing as missing:
        flash(say("pdf.no_letters", letters=missing.facts["letters"]), "refused")
        return redirect(instead, 303)
    response = Response(content, mimetype=MEDIA_TYPE)
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def with_query(address: str) -> str:
    """The address with the arguments of the present one."""
    query = request.query_string.decode()
    return f"{address}?{query}" if query else address


class Press:
    """The program that prints, started when somebody wants the first page. One page at a time."""

    def __init__(self, command: Sequence[str] = COMMAND, longest: float = LONGEST) -> None:
        self._command, self._longest = tuple(command), longest
        self._places = threading.BoundedSemaphore(MOST_WAITING)
        self._lock = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None

    def print(self, html: str, *, every_letter: bool = False) -> bytes:
        """The page as a PDF.

        Raises `PangoMissing` where the host lacks the library, with `every_letter` `LettersMissing`
        where no font has one of the page; `Unavailable` where too many wait, it takes too long or
        cannot be done.
        """
        if not self._places.acquire(blocking=False):
            raise Unavailable("pdf.busy", "Others wait for a PDF already; try again in a moment")
        try:
            with self._lock:
                return self._printed({"html": html, "letters": every_letter})
        finally:
            self._places.release()

    def close(self) -> None:
        """End the program, if it runs."""
        with self._lock:
            self._end()

    def _printed(self, wanted: dict[str, Any]) -> bytes:
        order = json.dumps(wanted).encode() + b"\n"
        # It may just have ended by itself, for want of work: then a new one is asked.
        for is_last in (False, True):
            told = self._asked(order)
            if told is not None or is_last:
                break
        if isinstance(told, bytes):
            return told
        if told is not None and "letters" in told:
            letters = told["letters"]
            raise LettersMissing(
                "pdf.no_letters", f"No font of this host has: {letters}", letters=letters
            )
        self._end()
        if told is not None and "missing" in told:
            log.warning("no Pango for PDF", action="pdf.no_pango", error=told["missing"])
            raise PangoMissing("pdf.no_pango", "PDF files need Pango, which this host lacks")
        log.error("PDF failed", action="pdf.failed", error=(told or {}).get("failed", "no answer"))
        raise Unavailable("pdf.failed", "The PDF could not be made; print the page instead")

    def _asked(self, order: bytes) -> bytes | dict[str, Any] | None:
        """What the program says: the PDF, or why not; None if it ended without a word."""
        running = self._started()
        alarm = threading.Timer(self._longest, running.kill)
        alarm.daemon = True
        alarm.start()
        try:
            _stream(running.stdin).write(order)
            _stream(running.stdin).flush()
            return _heard(_stream(running.stdout))
        except BrokenPipeError:
            return _heard(_stream(running.stdout))
        finally:
            alarm.cancel()
            if running.poll() is not None:
                self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._running is None or self._running.poll() is not None:
            self._end()
            self._running = subprocess.Popen(  # noqa: S603  our own program
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        return self._running

    def _end(self) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        running.kill()
        _stream(running.stdout).close()
        with contextlib.suppress(BrokenPipeError):  # of what it did not read any more
            _stream(running.stdin).close()
        running.wait()


def _stream(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise RuntimeError("Expected the press to have been started with pipes")
    return pipe


def _heard(said: IO[bytes]) -> bytes | dict[str, Any] | None:
    line = said.readline()
    if not line.endswith(b"\n"):
        return None
    told: dict[str, Any] = json.loads(line)
    if "bytes" not in told:
        return told
    content = said.read(told["bytes"])
    return content if len(content) == told["bytes"] else None


PRESS = Press()
"""One of the process: it costs half a second to start and some memory to keep."""
atexit.register(PRESS.close)
