"""What stands around the list of the overdue desk: its filters, and the views by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from agencies.directory import DIRECTORY
from engine.actors import SUPERVISORS
from engine.forms import Label
from sla import desk_views, overdue_views, reports
from sla.overdue_filters import NOBODY, Filters
from sla.overdue_views import Figure
from web.overdue_filters import Options, address, filters, view
from web.pages import in_language
from web.people import Colleague
from web.titles import titles
from web.visits import actor, lang, now, say


def side(tx: Connection, staff: Sequence[Colleague]) -> dict[str, Any]:
    """The values of the template for filters and saved views."""
    narrowed, names = filters(), titles(tx, actor().office_id)
    return {
        "asked": address(),
        "filters": narrowed,
        "narrowed": figure(tx, narrowed),
        "offered": offered(tx, staff, names),
        "saved": desk_views.counted(tx, actor(), now()),
        "may_share": bool(actor().groups & SUPERVISORS),
        "titles": names,
    }


def figure(tx: Connection, narrowed: Filters) -> Figure | None:
    """How many cases stand under the tab with its filters; None where there are none."""
    if not narrowed.narrows:
        return None
    return overdue_views.counts_of(tx, actor(), now(), [(view(), narrowed)])[0]


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
