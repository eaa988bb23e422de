"""Where an analyst sits in the tests of the studio: the draft at hand and its files."""

from __future__ import annotations

from tests.web.house import LIBRARY
from tests.web.visitor import Visitor

SCENARIOS = len(list((LIBRARY / "registration" / "move" / "scenarios").glob("*.yaml")))
"""How many the package has whose draft most tests begin."""


def draft_of(visitor: Visitor) -> str:
    """The address of the draft the visitor looks at."""
    return "/".join(visitor.path.split("?")[0].split("/")[:3])


def raw(visitor: Visitor, draft: str, path: str) -> bytes:
    return bytes(visitor.client.get(f"{draft}/raw/{path}").data)
