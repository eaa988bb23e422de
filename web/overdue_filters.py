"""The filters of the overdue desk: as the address has them, and what the drop-downs offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from sqlalchemy import Connection

from agencies.directory import DIRECTORY
from engine.forms import Label
from sla import reports
from sla.overdue_filters import NOBODY, Filters
from web.pages import in_language
from web.people import Colleague
from web.visits import actor, lang, say

Options = Sequence[tuple[str, str]]


def filters() -> Filters:
    """What the address narrows the tab to."""
    return Filters.of(request.args)


def offered(
    tx: Connection, staff: Sequence[Colleague], titles: Mapping[str, Label]
) -> dict[str, Options]:
    """By the name of a filter: what it may be, and how that is called."""
    agencies = [(each.id, in_language(each.title_zh, each.title_en)) for each in DIRECTORY.values()]
    return {
        "section": [(name, name) for name in reports.sections(tx, actor().office_id)],
        "owner": [
            (NOBODY, say("overdue.unclaimed")),
            *((str(each.id), each.name) for each in staff),
        ],
        "package": sorted((each, name.text(lang())) for each, name in titles.items()),
        "agency": agencies,
        "order": [("latest", say("overdue.order.latest"))],
    }


def chosen(narrowed: Filters, offers: Mapping[str, Options]) -> list[tuple[str, Any]]:
    """The filters in force, each with the name of what it narrows to."""
    names = {field: dict(options) for field, options in offers.items()}
    return [(field, names[field].get(value, value)) for field, value in narrowed.written().items()]
