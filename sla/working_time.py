"""The working calendar of one office, as an immutable snapshot, and the arithmetic on it.

A `Calendar` knows every day from `first` to `last` and refuses to say anything about other days:
a year that nobody loaded must not be guessed (the holidays of a year are approved by decree, and
may be re-issued in the middle of it). Dates are dates in Asia/Taipei; instants are aware UTC.
"""

from array import array
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from engine.clock import TAIPEI
from engine.minguo import format_date
from sla.errors import CalendarError

ONE_DAY = timedelta(days=1)


class Half(StrEnum):
    """Half a day; on a `Day` it is the half in which the office is closed."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


class Part(StrEnum):
    """How much of a day a closure takes."""

    ALL = "all"
    MORNING = "morning"
    AFTERNOON = "afternoon"


@dataclass(frozen=True, slots=True)
class Day:
    """One day of one office.

    `reason` is the label people see, `source` the decree, list or announcement it rests on.
    `half` is the half that is closed on a day that otherwise is worked. `closure` marks a day
    taken by a disaster announcement: whether such a day moves a statutory last day is a setting,
    while a limit in working days never counts it.
    """

    is_working: bool
    reason: str
    source: str
    half: Half | None = None
    closure: bool = False


@dataclass(frozen=True, slots=True)
class Hours:
    """Office hours in Taipei time; `midday` parts the morning from the afternoon."""

    opens: time = time(8)
    midday: time = time(12)
    closes: time = time(17)


@dataclass(frozen=True)
class Calendar:
    """Every day of one office from `first` to `last`; `version` names this state of it.

    `places` say where the office is, nearest first, for rules that differ from place to place.

    Raises CalendarError when the days have a gap, and from every method that is asked about a day
    outside the loaded range.
    """

    office: str
    version: str
    days: Mapping[date, Day] = field(repr=False)
    hours: Hours = Hours()
    places: tuple[str, ...] = ()
    first: date = field(init=False)
    last: date = field(init=False)
    _worked: "array[int]" = field(init=False, repr=False, compare=False)
    _worked_until: "array[int]" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check that no day is missing, and index the working days once."""
        if not self.days:
            raise CalendarError(
                "calendar.empty",
                zh=f"「{self.office}」的行事曆沒有任何日期，請先載入年度。",
                en=f"The calendar of {self.office!r} holds no day; load a year first.",
            )
        first, last = min(self.days), max(self.days)
        worked, until = array("l"), array("l")
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = self.days.get(date.fromordinal(ordinal))
            if day is None:
                raise self._gap(date.fromordinal(ordinal))
            if day.is_working:
                worked.append(ordinal)
            until.append(len(worked))
        # A frozen dataclass is filled through object.__setattr__; nothing changes afterwards.
        for name, value in (
            ("days", MappingProxyType(dict(self.days))),
            ("first", first),
            ("last", last),
            ("_worked", worked),
            ("_worked_until", until),
        ):
            object.__setattr__(self, name, value)

    def __hash__(self) -> int:
        """Two snapshots with one office and version are the same calendar."""
        return hash((self.office, self.version))

    def day(self, day: date) -> Day:
        """What is known about `day`."""
        found = self.days.get(day)
        if found is None:
            raise self._beyond(day)
        return found

    def is_working_day(self, day: date) -> bool:
        """Whether the office works on `day` (make-up Saturdays do, closed days do not)."""
        return self.day(day).is_working

    def nth_working_day(self, day: date, n: int) -> date:
        """The `n`-th working day after `day`, which itself is not counted.

        A negative `n` counts back; 0 gives `day` if it is worked, else the next working day.
        """
        self.day(day)
        if n > 0:
            place = self._count_until(day) + n - 1
        else:
            place = bisect_left(self._worked, day.toordinal()) + n
        if not 0 <= place < len(self._worked):
            raise self._beyond(self.last + ONE_DAY if n >= 0 else self.first - ONE_DAY)
        return date.fromordinal(self._worked[place])

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`."""
        return self.nth_working_day(day, 1)

    def working_days_between(self, after: date, until: date) -> int:
        """How many working days lie after `after`, up to and including `until` (0 if reversed)."""
        self.day(after)
        self.day(until)
        return max(0, self._count_until(until) - self._count_until(after))

    def used_working_days(
        self, start: date, finished: date, paused: tuple[tuple[date, date], ...] = ()
    ) -> int:
        """Working days used from the day after `start` to `finished`, both Taipei dates.

        `paused` holds closed intervals, not overlapping, whose days do not count.
        """
        used = self.working_days_between(start, finished)
        for first, last in paused:
            used -= self.working_days_between(
                max(first - ONE_DAY, start), min(max(last, start), finished)
            )
        return used

    def is_rest_day(
        self, day: date, *, closure_is_rest_day: bool = True, afternoon_closure: bool = False
    ) -> bool:
        """Whether a period may not end on `day` (APA 48(4)).

        `closure_is_rest_day` and `afternoon_closure` say whether a whole day, and an afternoon,
        closed by disaster is an "other rest day"; both are settings of the office.
        """
        found = self.day(day)
        if found.closure and not found.is_working:
            return closure_is_rest_day
        if found.half is Half.AFTERNOON:
            return closure_is_rest_day and afternoon_closure
        return not found.is_working

    def rolled(
        self, day: date, *, closure_is_rest_day: bool = True, afternoon_closure: bool = False
    ) -> date:
        """`day`, or the first day after it that is not a rest day (APA 48(4))."""
        while self.is_rest_day(
            day, closure_is_rest_day=closure_is_rest_day, afternoon_closure=afternoon_closure
        ):
            day += ONE_DAY
        return day

    def opening(self, day: date) -> tuple[datetime, datetime] | None:
        """When the office opens and closes on `day`, as aware UTC instants; None if it does not."""
        found = self.day(day)
        if not found.is_working:
            return None
        opens = self.hours.midday if found.half is Half.MORNING else self.hours.opens
        closes = self.hours.midday if found.half is Half.AFTERNOON else self.hours.closes
        return instant(day, opens), instant(day, closes)

    def opened_for(self, begun: datetime, length: timedelta) -> datetime:
        """When the office has been open for `length` since `begun` (aware UTC)."""
        left, day = length, begun.astimezone(TAIPEI).date()
        while True:
            opening = self.opening(day)
            if opening is not None:
                opened = max(begun, opening[0])
                if opened + left <= opening[1]:
                    return opened + left
                left -= max(opening[1] - opened, timedelta())
            day += ONE_DAY

    def with_closure(
        self, day: date, part: Part | str, reason: str, source: str = ""
    ) -> "Calendar":
        """This calendar with `day`, or half of it, closed by announcement.

        A day that was not worked anyway stays as it is. A second half closes the whole day.
        """
        known, wanted = self.day(day), _part(part)
        if not known.is_working:
            return self
        half = None if wanted is Part.ALL else Half(wanted)
        whole = half is None or (known.half is not None and known.half is not half)
        closed = Day(
            is_working=not whole,
            reason=reason,
            source=source,
            half=None if whole else half,
            closure=True,
        )
        version = f"{self.version}+{day.isoformat()}:{wanted}"
        return replace(self, version=version, days={**self.days, day: closed})

    def with_day(self, day: date, *, is_working: bool, reason: str, source: str = "") -> "Calendar":
        """This calendar with `day` worked, or a day off, whatever it was before."""
        self.day(day)
        entered = Day(is_working=is_working, reason=reason, source=source)
        version = f"{self.version}+{day.isoformat()}:{'worked' if is_working else 'off'}"
        return replace(self, version=version, days={**self.days, day: entered})

    def _count_until(self, day: date) -> int:
        return self._worked_until[day.toordinal() - self.first.toordinal()]

    def _beyond(self, day: date) -> CalendarError:
        return CalendarError(
            "calendar.not_loaded",
            zh=(
                f"「{self.office}」的行事曆只載入 {format_date(self.first)}至"
                f" {format_date(self.last)}，無法計算到 {format_date(day)}，請先載入該年度。"
            ),
            en=(
                f"The calendar of {self.office!r} is loaded from {self.first} to {self.last} and"
                f" cannot compute up to {day}; load the year {day.year} first."
            ),
        )

    def _gap(self, day: date) -> CalendarError:
        return CalendarError(
            "calendar.gap",
            zh=f"「{self.office}」的行事曆缺少 {format_date(day)}，請重新載入該年度。",
            en=f"The calendar of {self.office!r} lacks {day}; load the year {day.year} again.",
        )


@lru_cache(maxsize=64)
def spliced(former: Calendar, until: date, later: Calendar) -> Calendar:
    """The calendar of a matter that went from one office to another: `former` up to `until`, that
    day included, and `later` from the day after. Office hours and place are those of `later`.

    Raises CalendarError where the two leave days between them that neither holds.
    """
    days = {day: known for day, known in former.days.items() if day <= until}
    days.update((day, known) for day, known in later.days.items() if day > until)
    version = f"{former.version} ≤{until.isoformat()}< {later.version}"
    return replace(later, version=version, days=days)


@lru_cache(maxsize=8_192)
def instant(day: date, at: time) -> datetime:
    """The aware UTC instant of `at` o'clock in Taipei on `day`."""
    return datetime.combine(day, at, TAIPEI).astimezone(UTC)


def _part(part: Part | str) -> Part:
    try:
        return Part(part)
    except ValueError as error:
        raise CalendarError(
            "calendar.part",
            zh=f"停止上班時段「{part}」無效；全日為 all，上午為 morning，下午為 afternoon。",
            en=f"Expected all, morning or afternoon as the closed part, but got {part!r}.",
        ) from error


# --- the national calendar ------------------------------------------------------------------

# The lists of these years were compared with the published ones, day by day; later years are
# computed from the holiday law until the Executive Yuan approves their list.
OFFICIAL_YEARS = range(2017, 2028)
_OFFICIAL = "行政院核定政府行政機關辦公日曆表（holidays 0.109）"
_COMPUTED = "依紀念日及節日實施條例推算，尚未核對核定之辦公日曆表（holidays 0.109）"
_MADE_UP = "（補假）"
_EVE = "農曆除夕"
_EVE_BEFORE = "小年夜"

_ENGLISH = {
    "上班日": "working day",
    "星期六": "Saturday",
    "星期日": "Sunday",
    "補行上班日": "make-up working day",
    "調整放假": "bridge day off",
    "中華民國開國紀念日": "Founding Day of the Republic",
    "小年夜": "day before Lunar New Year's Eve",
    "農曆除夕": "Lunar New Year's Eve",
    "春節": "Lunar New Year",
    "和平紀念日": "Peace Memorial Day",
    "兒童節": "Children's Day",
    "民族掃墓節": "Tomb Sweeping Day",
    "勞動節": "Labour Day",
    "端午節": "Dragon Boat Festival",
    "中秋節": "Mid-Autumn Festival",
    "孔子誕辰紀念日": "Confucius' Birthday",
    "國慶日": "National Day",
    "臺灣光復暨金門古寧頭大捷紀念日": "Taiwan Restoration and Guningtou Victory Memorial Day",
    "行憲紀念日": "Constitution Day",
}


def national_days(first_year: int, last_year: int) -> dict[date, Day]:
    """Every day of the years `first_year` to `last_year` as agencies of the state work them.

    Seeded from the package `holidays` (TW, PUBLIC). A day off may be made up in the year before
    (2027-12-31 for 2028-01-01), so one year more is loaded than is given back.
    """
    import holidays  # half a second; only who seeds a calendar pays for it

    listed = holidays.country_holidays(
        "TW",
        years=range(first_year, last_year + 2),
        expand=False,
        categories=("public",),
        language="zh_TW",
    )
    labels = _labels({day: str(listed[day]) for day in sorted(listed.keys())})
    make_up = listed.weekend_workdays
    day, last = date(first_year, 1, 1), date(last_year, 12, 31)
    days: dict[date, Day] = {}
    while day <= last:
        days[day] = _national_day(day, labels.get(day), made_up=day in make_up)
        day += ONE_DAY
    return days


def reason_text(reason: str, lang: str) -> str:
    """The label of a day in `lang`; what people entered themselves is left as it is."""
    if lang.startswith("zh"):
        return reason
    base = reason.removesuffix(_MADE_UP)
    names = [_ENGLISH.get(name, name) for name in base.split("、")]
    return ", ".join(names) + (" (day in lieu)" if base != reason else "")


def _national_day(day: date, label: str | None, *, made_up: bool) -> Day:
    source = _OFFICIAL if day.year in OFFICIAL_YEARS else _COMPUTED
    if made_up:
        return Day(is_working=True, reason="補行上班日", source=source)
    if label is not None:
        return Day(is_working=False, reason=label, source=source)
    if day.weekday() >= 5:
        return Day(
            is_working=False, reason="星期六" if day.weekday() == 5 else "星期日", source=source
        )
    return Day(is_working=True, reason="上班日", source=source)


def _labels(names: Mapping[date, str]) -> dict[date, str]:
    """Our own labels: the package prints 除夕 and the day before it (小年夜) with one name."""
    labels: dict[date, str] = {}
    owed: list[str] = []  # eves that fell on a weekend, in order, waiting for their day in lieu
    for day, name in names.items():
        label = "、".join(part.strip() for part in name.split(";"))
        if label == _EVE:
            label = _EVE_BEFORE if names.get(day + ONE_DAY) == _EVE else _EVE
            if day.weekday() >= 5:
                owed.append(label)
        elif label == _EVE + _MADE_UP and owed:
            label = owed.pop(0) + _MADE_UP
        elif label.startswith("放假日"):
            label = "調整放假"
        labels[day] = label
    return labels
