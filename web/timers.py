"""Timers: planned, resting, fired; and how late they fired over the last day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from engine import timer_list
from engine.timer_list import STEPS, VIEWS, Lateness
from web.pages import page
from web.policies import OPERATION, policy
from web.visits import actor, now, reading, say

blueprint = Blueprint("timers", __name__)
PAGE_ROWS = 50
WIDTH = 100  # of the longest bar, in the drawing's own units


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the histogram: what it stands for, how many, how long it is drawn."""

    label: str
    count: int
    width: int
    is_late: bool


@blueprint.get("/operations/timers")
@policy(OPERATION)
def show() -> ResponseReturnValue:
    view = request.args.get("view", VIEWS[0])
    view = view if view in VIEWS else VIEWS[0]
    with reading() as tx:
        found = timer_list.timers_page(
            tx, actor(), view, request.args.get("cursor"), PAGE_ROWS, now()
        )
        late = timer_list.lateness(tx, actor(), now())
        return page(
            tx,
            "timers.html",
            view=view,
            views=VIEWS,
            rows=found.rows,
            next_cursor=found.next_cursor,
            late=late,
            bars=_bars(late),
            worst=span(late.worst),
            span=span,
        )


def _bars(late: Lateness) -> Sequence[Bar]:
    most = max((*late.counts, 1))
    labels = [say("timers.under", span=span(timedelta(seconds=border))) for border in STEPS]
    labels.append(say("timers.over", span=span(timedelta(seconds=STEPS[-1]))))
    return [
        Bar(label, count, round(count * WIDTH / most), at > 1)
        for at, (label, count) in enumerate(zip(labels, late.counts, strict=True))
    ]


def span(length: timedelta) -> str:
    """A length of time in one or two words."""
    seconds = int(length.total_seconds())
    if seconds < 60:
        return say("timers.seconds", n=seconds)
    if seconds < 3_600:
        return say("timers.minutes", n=seconds // 60)
    if seconds < 86_400:
        return say("timers.hours", n=seconds // 3_600)
    return say("timers.days", n=seconds // 86_400)
