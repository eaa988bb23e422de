"""The list of the overdue desk as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine.clock import legal_day
from sla import overdue_desk
from sla.overdue_lines import CaseLine
from sla.overdue_views import View
from web import ods
from web.dates import near_text
from web.overdue_filters import filters, view
from web.pages import worded
from web.policies import SUPERVISION, policy
from web.step_names import steps
from web.titles import titles
from web.visits import actor, lang, now, reading, say

blueprint = Blueprint("overdue_sheet", __name__)
MOST_LINES = 2_000
"""More than an office can look at; who needs all of it has the API."""
COLUMNS = (
    *("case", "process", "subject", "limit", "party", "due_on", "due_at"),
    *("late_days", "late_working_days"),
    *("steps", "owners", "spent", "told", "chase", "new_date"),
)


@blueprint.get("/overdue/list.ods")
@policy(SUPERVISION)
def download() -> ResponseReturnValue:
    """The list of one tab as a spreadsheet, at most two thousand cases."""
    which = view()
    with reading() as tx:
        content = ods.sheet(
            say(f"overdue.view.{which}"),
            [say(f"overdue.column.{name}") for name in COLUMNS],
            _rows(tx, which),
        )
    answer = Response(content, mimetype=ods.MEDIA_TYPE)
    name = f"overdue-{which}-{legal_day(now()):%Y%m%d}.ods"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _rows(tx: Connection, which: View) -> Iterator[Sequence[ods.Cell]]:
    names, step = titles(tx, actor().office_id), steps(tx)
    place, left = None, MOST_LINES
    while left > 0:
        found = overdue_desk.desk(
            tx, actor(), now(), which, overdue_desk.Page(place, min(left, 200), filters())
        )
        for line in found.lines:
            label = names.get(line.package_id)
            told = [step(work.name, work.element_id, line.definition_id) for work in line.work]
            yield _row(line, label.text(lang()) if label else line.package_id, told)
        left -= len(found.lines)
        place = found.next_place
        if place is None:
            return


def _row(line: CaseLine, process: str, steps_told: Sequence[str]) -> Sequence[ods.Cell]:
    """One line a case: its first limit, and everything that stands beside it on the desk."""
    first, comma = line.first, say("list.comma")
    owners = [work.assignee or say("overdue.unclaimed") for work in line.work]
    spent = [
        say(f"overdue.spent.{kind}", n=f"{line.spent.of(kind):.1f}")
        for kind, _, _ in line.spent.parts()
    ]
    told = [
        worded(f"rung.{rung.at_point}", rung.at_point)
        + " "
        + near_text(rung.fired_at, now(), lang())
        for rung in line.told
    ]
    return (
        line.case_number,
        process,
        line.subject_label,
        worded(f"clock.name.{first.name}", say("clock.name_other")),
        say(f"overdue.party_name.{first.party}"),
        first.due_on,
        first.due_at,
        first.late_days,
        first.late_working_days,
        comma.join(steps_told),
        comma.join(owners),
        comma.join(spent),
        comma.join(told),
        _chase(line),
        line.chase.new_date if line.chase else None,
    )


def _chase(line: CaseLine) -> str:
    if line.chase is None:
        return ""
    if not line.chase.is_answered:
        return say("chase.unanswered")
    return worded(f"chase.reason.{line.chase.reason_class}", say("chase.reason.other"))
