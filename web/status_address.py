"""The address at which a citizen asks how the matter stands, and its QR code for paper."""

from __future__ import annotations

import segno
from flask import request
from markupsafe import Markup

from engine import status_codes
from web.visits import context


def address_of(code: str) -> str:
    """The public address of a receipt's code, such as `https://office.example/status/7K2M-9QXA`."""
    # What the installation says of itself, where it does, and never a visitor's Host header.
    return below(context().public_url or request.url_root, code)


def below(root: str, code: str) -> str:
    """The same below a given address of the installation."""
    return f"{root.rstrip('/')}/status/{status_codes.grouped(code)}"


def drawn(content: str) -> Markup:
    """A QR code as SVG; error correction M survives a fold through a printed one."""
    made = segno.make(content, error="m", micro=False)
    return Markup(made.svg_inline(border=2, omitsize=True, svgclass="qr"))  # noqa: S704 — our own
