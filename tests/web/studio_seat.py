"""Where an analyst sits in the tests of the studio: the draft at hand and its files."""

from __future__ import annotations

from tests.web.visitor import Visitor


def draft_of(visitor: Visitor) -> str:
    """The address of the draft the visitor looks at."""
    return "/".join(visitor.path.split("?")[0].split("/")[:3])


def raw(visitor: Visitor, draft: str, path: str) -> bytes:
    return bytes(visitor.client.get(f"{draft}/raw/{path}").data)
