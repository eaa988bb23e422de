"""What an office chooses where the law, or our sources of it, leave a question open."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from sla.errors import SettingError


class DayUnit(StrEnum):
    """How a limit of "n days" that names no unit is read."""

    CALENDAR_DAY = "calendar_day"
    WORKING_DAY = "working_day"


class SaturdayEnd(StrEnum):
    """When a period ends whose last day is a Saturday moved to Monday."""

    MONDAY = "monday"
    MONDAY_NOON = "monday_noon"


class HalfDayClosure(StrEnum):
    """Whether a last day whose afternoon is closed by disaster moves."""

    WORKING_DAY = "working_day"
    AFTERNOON_IS_REST = "afternoon_is_rest"


class PauseConvention(StrEnum):
    """Which of the two days at the ends of a pause count."""

    NOTICE_COUNTS = "notice_counts"
    BOTH_COUNT = "both_count"
    NEITHER_COUNTS = "neither_counts"


class PausedMonths(StrEnum):
    """How the rest of a period in months runs on after a pause."""

    CALENDAR_REST = "calendar_rest"
    THIRTY_DAYS = "thirty_days"


class Receipt(StrEnum):
    """On which day an application is received that comes outside office hours."""

    ACTUAL_DATE = "actual_date"
    NEXT_WORKING_DAY = "next_working_day"


class DayEnd(StrEnum):
    """At which instant of its last day a limit in working days is overdue."""

    MIDNIGHT = "midnight"
    CLOSING = "closing"


class AgencyWait(StrEnum):
    """Which days of a wait for another agency are no used working days."""

    BETWEEN = "between"
    AS_PAUSE = "as_pause"
    COUNTED = "counted"


class HalfDayUsed(StrEnum):
    """How much a day counts as used of which half was closed."""

    HALF = "half"
    WHOLE = "whole"


class Transfer(StrEnum):
    """What becomes of a period of the office when its case goes to another office."""

    GOES_ON = "goes_on"
    RESTARTS = "restarts"


class Target(StrEnum):
    """Which share of a limit the office aims to need; `none` for no aim of its own."""

    HALF = "0.5"
    SIX_TENTHS = "0.6"
    SEVEN_TENTHS = "0.7"
    EIGHT_TENTHS = "0.8"
    NINE_TENTHS = "0.9"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The choices of one office; the defaults follow the letter of the confirmed sources."""

    day_unit: DayUnit = DayUnit.CALENDAR_DAY
    """"3 days" without a unit. Processing periods are computed by APA 48 (MOJ 2001), and the
    national manual counts holidays for applications of citizens (文書處理手冊 79); cities that
    read working days set this."""

    saturday_end: SaturdayEnd = SaturdayEnd.MONDAY
    """APA 48(4) says the MORNING of Monday; whether offices cut off at noon was not found. The
    whole day is the default, because nobody is then refused who was in time."""

    posting_day_counts: bool = False
    """Whether the day of posting is day 1 of a public notice (APA 81, "from the day of posting",
    disputed). Not counting it is the reading that lets the notice take effect later."""

    permission_day_counts: bool = False
    """Whether the day of the permit is day 1 of a period "from the day of permission"
    (Nationality Act 9). Not counting it is the later end."""

    closure_is_rest_day: bool = True
    """Whether a day closed by the mayor's disaster announcement is an "other rest day" of
    APA 48(4), so that a last day moves. Widely practised; no published ruling is on file."""

    half_day_closure: HalfDayClosure = HalfDayClosure.WORKING_DAY
    """A half-day closure leaves the day a working day, unless the office treats a closed
    afternoon like the Saturday afternoon of the Supreme Court's holding of 1970. Needs
    `closure_is_rest_day`. A closed morning never moves a last day."""

    pause_convention: PauseConvention = PauseConvention.NOTICE_COUNTS
    """The day of the notice counts, the day the papers come back does not. The MOJ letter of
    1999-11-19 says only that the rest of the period runs."""

    paused_months: PausedMonths = PausedMonths.CALENDAR_REST
    """After a pause the rest of a period in months runs (MOJ 1999-11-19): the paused days are
    added. The other reading takes a month as 30 days, not continuous (Civil Code 123(2))."""

    receipt: Receipt = Receipt.ACTUAL_DATE
    """Online applications arrive at night. The actual date is the letter of APA 48; an office
    may publish that they count as received on the next working day."""

    working_day_ends: DayEnd = DayEnd.MIDNIGHT
    """A period ends when its last day ends (Civil Code 121(1)); an office may hold itself to
    closing time for its own limits in working days."""

    agency_wait: AgencyWait = AgencyWait.BETWEEN
    """Waiting for another agency stops no period, but is no time the office used: by default the
    whole days between the question and the answer, for on those two days the office worked."""

    half_day_used: HalfDayUsed = HalfDayUsed.HALF
    """A day closed for one half was worked for the other. No published rule was found."""

    transfer: Transfer = Transfer.GOES_ON
    """The sources do not say whether a processing period begins anew when the case is handed to
    another office. By default it goes on: the applicant need not wait for what offices arrange
    among themselves. The office it goes to decides."""

    target: Target = Target.EIGHT_TENTHS
    """The office's own aim before the end by law, where `limits.yaml` names none. No statute sets
    one; four fifths is where the ladders warn."""

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> "Settings":
        """Settings from names and plain values, such as a row of office settings.

        Raises SettingError for an unknown name or value; names left out keep their default.
        """
        return cls().with_choices(values)

    def with_choices(self, values: Mapping[str, object]) -> "Settings":
        """These settings with some of them chosen otherwise; refusals as `from_mapping`."""
        known = {field.name: type(field.default) for field in fields(self)}
        return replace(self, **{name: _value(known, name, value) for name, value in values.items()})  # type: ignore[arg-type]  # _value checks each by its field


def _value(known: Mapping[str, type[object]], name: str, value: object) -> object:
    kind = known.get(name)
    if kind is None:
        raise SettingError(
            "setting.unknown",
            zh=f"沒有名為「{name}」的機關設定；可用的有：{'、'.join(known)}。",
            en=f"There is no office setting {name!r}; there are {', '.join(known)}.",
        )
    if kind is bool and isinstance(value, bool):
        return value
    if issubclass(kind, StrEnum) and value in [choice.value for choice in kind]:
        return kind(str(value))
    choices = ["true", "false"] if kind is bool else [str(c) for c in kind]  # type: ignore[attr-defined]  # every other kind is an enum
    raise SettingError(
        "setting.value",
        zh=f"機關設定「{name}」不能是「{value}」，請用：{'、'.join(choices)}。",
        en=f"Expected {name} to be one of {', '.join(choices)}, but got {value!r}.",
    )


BASIS: Mapping[str, tuple[str, str]] = {
    "day_unit": (
        "法務部 90 年：處理期間依行政程序法第48條計算；文書處理手冊 79：人民申請案件含假日",
        "MOJ 2001: processing periods are computed by APA 48; Document Handling Manual 79",
    ),
    "saturday_end": (
        "行政程序法第48條第4項為「上午」；實務截止時刻未查得，以全日計，不使及時者受拒",
        "APA 48(4) says the morning; the practice was not found, so nobody in time is refused",
    ),
    "posting_day_counts": (
        "行政程序法第81條「自公告之日起」有爭議；不計入者生效較晚",
        "APA 81, “from the day of posting”, is disputed; not counting it takes effect later",
    ),
    "permission_day_counts": (
        "國籍法第9條「許可歸化之日起」；不計入者末日較晚",
        "Nationality Act 9, “from the day of permission”; not counting it ends later",
    ),
    "closure_is_rest_day": (
        "實務通行；尚未查得認定為「其他休息日」之函釋",
        "Widely practised; no published ruling is on file",
    ),
    "half_day_closure": (
        "半日停止上班仍為上班日；最高法院 59 年決議以星期六下午為例",
        "Half a day leaves a working day; the holding of 1970 speaks of Saturday afternoons",
    ),
    "pause_convention": (
        "法務部 88.11.19 法88律字第040516號只說續算其餘期間；首末日為本系統慣例",
        "The MOJ letter of 1999-11-19 says only that the rest runs; the two days are a convention",
    ),
    "paused_months": (
        "法務部 88.11.19：續算其餘期間；另一解讀為民法第123條第2項",
        "MOJ 1999-11-19: the rest of the period runs; the other reading is Civil Code 123(2)",
    ),
    "receipt": (
        "行政程序法第48條以實際日期計；機關得公告次一上班日收件",
        "APA 48 takes the actual date; an office may publish the next working day",
    ),
    "agency_wait": (
        "等候其他機關的日數不計入使用日數；首末兩日本所仍在辦理，故計入（本系統慣例）",
        "Days at other agencies are not used days; that both ends count is a convention",
    ),
    "half_day_used": (
        "半日停止上班當日僅上班半日；未查得明文規定",
        "Half a day was worked; no published rule is on file",
    ),
    "transfer": (
        "移轉他所後處理期間是否重行起算，未查得明文規定；續算不使申請人久候",
        "No rule was found on a period whose case changes offices; going on makes nobody wait",
    ),
    "target": (
        "法律未定內部目標；八成為催辦階梯提醒之時",
        "No statute sets an aim; four fifths is where the ladders warn",
    ),
    "working_day_ends": (
        "民法第121條第1項：期間於末日終止時屆滿",
        "Civil Code 121(1): a period ends when its last day ends",
    ),
}
"""What each default follows, in Chinese and in English. A table of text."""
