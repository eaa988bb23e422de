"""docs/lifecycles.md tells every closed list of the schema, word for word."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import CheckConstraint

from store.tables import metadata
from tests.architecture.checkout import ROOT

PAGE = (ROOT / "docs" / "lifecycles.md").read_text(encoding="utf-8")
LISTED = re.compile(r"^(\w+) IN \((.+)\)$")


def closed_lists() -> dict[str, frozenset[str]]:
    """`table.column` of every closed list in the schema, with its words."""
    found = {}
    for table in metadata.tables.values():
        for rule in table.constraints:
            if isinstance(rule, CheckConstraint) and (told := LISTED.match(str(rule.sqltext))):
                words = frozenset(re.findall(r"'([^']+)'", told[2]))
                found[f"{table.name}.{told[1]}"] = words
    return found


def told_of(name: str) -> frozenset[str]:
    """The words the page has for a list: of its diagram, else of the line that begins with it."""
    diagram = re.search(rf"^## {re.escape(name)}\n+```mermaid\n(.+?)```", PAGE, re.M | re.S)
    line = re.search(rf"^(?:- )?`{re.escape(name)}`(.+?)(?:\.|\n\n)", PAGE, re.M | re.S)
    if diagram:
        section = PAGE[diagram.start() :].split("\n## ", 1)[0]
        ends = re.findall(r"^ +(\S+) --> (\w+|\[\*\])", diagram[1], re.M)
        words = {word for pair in ends for word in pair} - {"[*]"}
        return frozenset(words | set(re.findall(r"^`(\w+)` ", section, re.M)))
    return frozenset(re.findall(r"`([a-z]\w*)`", line[1])) if line else frozenset()


def test_the_schema_has_closed_lists() -> None:
    assert {"cases.status", "clocks.status", "outbox.status"} <= closed_lists().keys()


@pytest.mark.parametrize("name", sorted(closed_lists()))
def test_every_word_of_a_closed_list_is_on_the_page_and_no_other(name: str) -> None:
    assert told_of(name) == closed_lists()[name]
