"""How far a clock has run: the instants of the warnings at 50 % and 80 % of a limit.

For a limit in working days the share is one of office hours: from the start to the end, only the
time the office is open counts. For every other limit it is a share of plain time. Days on which
the clock stood still count in neither.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sla.counting import taipei_date
from sla.errors import PeriodError
from sla.spans import Unit
from sla.steps import Explained
from sla.working_time import ONE_DAY, Calendar, instant

Stretch = tuple[datetime, datetime]
MICROSECOND = timedelta(microseconds=1)


def fraction_due_at(
    start: datetime, due: Explained, fraction: Decimal, calendar: Calendar
) -> datetime:
    """The aware UTC instant at which `fraction` (0 to 1) of the limit has run.

    The whole of a limit in working days has run at closing time of its last day, though it is
    overdue only at `due_at`. `start` is the aware instant at which the clock began. Raises
    PeriodError while the clock stands still, or for a fraction outside 0 to 1.
    """
    if due.due_at is None:
        raise PeriodError(
            "progress.no_end",
            zh="期間停止進行中，無法計算預警時間。",
            en="The clock stands still, so no share of it can be dated.",
        )
    if not 0 <= fraction <= 1:
        raise PeriodError(
            "progress.fraction",
            zh=f"預警比例 {fraction} 須在 0 與 1 之間。",
            en=f"Expected a share between 0 and 1, but got {fraction}.",
        )
    stretches = list(running(start, due, calendar))
    total = sum((end - begin for begin, end in stretches), timedelta())
    # Whole microseconds: a float share would let two nodes disagree about an instant.
    wanted = MICROSECOND * int(total // MICROSECOND * fraction)
    for begin, end in stretches:
        if wanted <= end - begin:
            return begin + wanted
        wanted -= end - begin
    return due.due_at


def running(start: datetime, due: Explained, calendar: Calendar) -> Iterator[Stretch]:
    """The stretches of time, aware UTC and in order, in which the clock runs up to `due_at`."""
    if due.due_at is None or due.due_at <= start:
        return
    if due.unit in (Unit.WORKING_DAY, Unit.OFFICE_MINUTE):
        plain = _openings(start, due.due_at, due.paused, calendar)
    else:
        plain = _without_pauses(start.astimezone(UTC), due.due_at, due.paused)
    for begin, end in plain:
        if begin < end:
            yield begin, end


def _openings(
    start: datetime, end: datetime, paused: tuple[tuple[date, date], ...], calendar: Calendar
) -> Iterator[Stretch]:
    day, last = taipei_date(start), taipei_date(end - MICROSECOND)
    while day <= last:
        opening = calendar.opening(day)
        if opening and not any(first <= day <= until for first, until in paused):
            yield max(opening[0], start.astimezone(UTC)), min(opening[1], end)
        day += ONE_DAY


def _without_pauses(
    start: datetime, end: datetime, paused: tuple[tuple[date, date], ...]
) -> Iterator[Stretch]:
    begin = start
    for first, last in paused:
        yield begin, min(instant(first, time(0)), end)
        begin = max(begin, instant(last + ONE_DAY, time(0)))
    yield begin, end
