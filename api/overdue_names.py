"""Late cases with the names of their processes and steps in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from api.doors import Call
from api.step_names import plain
from engine import queries
from engine.element_names import Telling
from sla.overdue_lines import CaseLine


def named(call: Call, lines: Sequence[CaseLine]) -> Iterator[dict[str, Any]]:
    """Each line with the names of its process and its steps in both languages."""
    told = Telling(call.tx, call.actor.office_id)
    titles = queries.titles(call.tx, call.actor.office_id)
    for line in lines:
        title = titles.get(line.package_id)
        yield {
            **plain(line),
            "late_party": line.late_party,
            "title": title.zh if title else None,
            "title_en": title.text("en") if title else None,
            "work": [
                {**plain(each), "name_en": told(each.name, each.element_id, line.definition_id)}
                for each in line.work
            ],
        }
