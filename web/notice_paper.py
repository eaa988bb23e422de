"""The paper of a notice as HTML, on the screen and for the press. For the API as well, which gets
`printed` from the application: pages and API are strangers."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, render_template
from markupsafe import Markup

from engine.notice_papers import Paper
from web import assets, pdf
from web.pdf_press import ADDRESS
from web.status_address import drawn
from web.texts import HTML_LANG, text
from web.visits import EXTENSION

STYLES = ("frame.css", "look.css", "paper.css")


def sheet_values(paper: Paper) -> dict[str, Any]:
    """What the sheet needs beside the paper itself."""
    qr: Markup | str = drawn(paper.address) if paper.address else ""
    return {"paper": paper, "qr": qr, "paper_lang": HTML_LANG[paper.language]}


def html(paper: Paper) -> str:
    """The whole page for the press, in the language of the paper."""
    fonts = assets.bundle("fonts.css")
    names = [fonts, *STYLES] if fonts else list(STYLES)
    return render_template(
        "notice_paper.html",
        style_sheets=[ADDRESS + name for name in names],
        banner=text(paper.language, "demo.banner") if _is_demo() else "",
        **sheet_values(paper),
    )


def printed(paper: Paper) -> bytes:
    """The paper as a tagged PDF with its fonts in it. Raises as `pdf.Press.print` does."""
    return pdf.PRESS.print(html(paper), every_letter=True)


def printed_in(app: Flask, paper: Paper) -> bytes:
    """The same for whoever is no page: the API has an application of its own."""
    with app.app_context():
        return printed(paper)


def _is_demo() -> bool:
    return bool(current_app.extensions[EXTENSION].demo)
