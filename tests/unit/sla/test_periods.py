"""Single rules of the arithmetic, their instants, and what is refused."""

from datetime import UTC, date, datetime

import pytest

from sla.acts import Acts, Extension, Pause, PauseGround
from sla.errors import PeriodError, SettingError
from sla.periods import Settings, due, last_day_of_months
from sla.rules import Rule, rule
from sla.settings import DayEnd, DayUnit, HalfDayClosure, PauseConvention, PausedMonths, SaturdayEnd
from sla.spans import Unit
from sla.steps import Action, Explained
from tests.unit.sla.calendars import NATIONAL, closed

CORRECTION = PauseGround.CORRECTION
NOON_OF_16_MARCH = datetime(2026, 3, 16, 4, tzinfo=UTC)


def a_rule(rule_id: str, length: str | None = None, on: date = date(2026, 3, 2)) -> Rule:
    return rule(rule_id, on).with_length(length)


def actions(found: Explained) -> list[Action]:
    return [step.action for step in found.steps]


@pytest.mark.parametrize(
    ("zero", "months", "end"),
    [
        ("2024-02-29", 2, "2024-04-30"),  # day 1 is the first of a month: ends with a month
        ("2025-02-28", 3, "2025-05-31"),
        ("2024-12-30", 2, "2025-02-28"),  # day 1 = 12/31, no such day in February
        ("2026-01-29", 1, "2026-02-28"),  # day 1 = 1/30
        ("2026-01-28", 1, "2026-02-28"),  # day 1 = 1/29, no 2/29 in 2026
        ("2026-01-27", 1, "2026-02-27"),  # day 1 = 1/28, the day before 2/28
        ("2024-02-28", 12, "2025-02-28"),  # day 1 = 2/29
        ("2025-11-30", 1, "2025-12-31"),
        ("2026-05-15", 0, "2026-05-15"),
    ],
)
def test_the_last_day_of_months(zero: str, months: int, end: str) -> None:
    assert last_day_of_months(date.fromisoformat(zero), months) == date.fromisoformat(end)


def test_a_period_ends_when_its_last_day_ends_in_taipei() -> None:
    found = due(a_rule("STAT_REG_30D"), date(2026, 5, 11), NATIONAL)

    assert found.due == date(2026, 6, 10)
    assert found.due_at == datetime(2026, 6, 10, 16, tzinfo=UTC)


def test_a_saturday_ends_on_monday_or_at_noon_as_the_office_chooses() -> None:
    # 2/12 + 30 = 3/14 (Sat) -> Monday 3/16
    start = date(2026, 2, 12)
    noon = Settings(saturday_end=SaturdayEnd.MONDAY_NOON)

    whole = due(a_rule("STAT_REG_30D"), start, NATIONAL)
    cut = due(a_rule("STAT_REG_30D"), start, NATIONAL, noon)
    sunday = due(a_rule("STAT_REG_30D"), date(2026, 2, 13), NATIONAL, noon)

    assert whole.due == cut.due == sunday.due == date(2026, 3, 16)
    assert whole.due_at == sunday.due_at == datetime(2026, 3, 16, 16, tzinfo=UTC)
    assert cut.due_at == NOON_OF_16_MARCH


def test_the_civil_code_knows_no_monday_morning() -> None:
    # Appeals Act 17 sends appeals to the Civil Code: 2/12 + 30 = 3/14 (Sat) -> Monday, whole day.
    noon = Settings(saturday_end=SaturdayEnd.MONDAY_NOON)

    found = due(a_rule("APPEAL_30D"), date(2026, 2, 12), NATIONAL, noon)

    assert found.due_at == datetime(2026, 3, 16, 16, tzinfo=UTC)
    assert "CC 122" in [step.article for step in found.steps]


def test_a_make_up_saturday_is_named_as_the_reason_not_to_move() -> None:
    found = due(a_rule("STAT_REG_30D"), date(2025, 1, 9), NATIONAL)

    assert found.due == date(2025, 2, 8)
    assert Action.MAKE_UP_DAY in actions(found)


def test_a_lapse_of_time_does_not_move() -> None:
    # Day 20 of a notice posted 3/2 is Sunday 3/22.
    found = due(a_rule("PUBLIC_NOTICE_20D"), date(2026, 3, 2), NATIONAL)

    assert found.due == date(2026, 3, 22)
    assert Action.LAPSES in actions(found)


@pytest.mark.parametrize(
    ("rule_id", "start", "length", "expected"),
    [
        # Ordinary: 3/2 + 5 = 3/7 (Sat) -> 3/9. Opposite: day 1 = 3/2, day 5 = 3/6.
        ("SANCTION_PERIOD", "2026-03-02", "5", "2026-03-09"),
        ("SANCTION_PERIOD_SHORT", "2026-03-02", "5", "2026-03-06"),
        # Opposite: day 1 = 3/3, day 5 = Sat 3/7, which stands. Ordinary: 3/8 (Sun) -> 3/9.
        ("SANCTION_PERIOD_SHORT", "2026-03-03", "5", "2026-03-07"),
    ],
)
def test_adverse_acts_are_counted_as_is_better_for_the_person(
    rule_id: str, start: str, length: str, expected: str
) -> None:
    found = due(a_rule(rule_id, length), date.fromisoformat(start), NATIONAL)

    assert found.due == date.fromisoformat(expected)
    assert "APA 48(5)" in [step.article for step in found.steps]


def test_days_without_a_unit_are_read_as_the_office_chooses() -> None:
    doubtful, friday = a_rule("PROC_DOUBTFUL_3D"), date(2026, 3, 6)

    calendar_days = due(doubtful, friday, NATIONAL)
    working_days = due(doubtful, friday, NATIONAL, Settings(day_unit=DayUnit.WORKING_DAY))

    assert (calendar_days.due, calendar_days.unit) == (date(2026, 3, 9), Unit.CALENDAR_DAY)
    assert (working_days.due, working_days.unit) == (date(2026, 3, 11), Unit.WORKING_DAY)


def test_a_limit_in_working_days_may_end_at_closing_time() -> None:
    closing = Settings(working_day_ends=DayEnd.CLOSING)
    limit = a_rule("PROC_WORKDAY", "3")

    usual = due(limit, date(2026, 7, 3), NATIONAL, closing)
    half = due(limit, date(2026, 7, 3), closed("2026-07-08", "afternoon"), closing)

    assert usual.due_at == datetime(2026, 7, 8, 9, tzinfo=UTC)
    assert half.due_at == datetime(2026, 7, 8, 4, tzinfo=UTC)


def test_what_is_done_on_the_spot_is_due_that_day_or_on_the_next_day_worked() -> None:
    limit = a_rule("PROC_WORKDAY", "0")

    monday = due(limit, date(2026, 3, 2), NATIONAL, Settings())
    saturday = due(limit, date(2026, 3, 7), NATIONAL, Settings())

    assert monday.due == date(2026, 3, 2)
    assert saturday.due == date(2026, 3, 9)


def test_a_closed_afternoon_moves_a_last_day_only_where_the_office_says_so() -> None:
    # 6/8 + 30 = 7/8
    chosen = Settings(half_day_closure=HalfDayClosure.AFTERNOON_IS_REST)
    registration, start = a_rule("STAT_REG_30D"), date(2026, 6, 8)

    for part, expected in (("afternoon", date(2026, 7, 9)), ("morning", date(2026, 7, 8))):
        assert due(registration, start, closed("2026-07-08", part), chosen).due == expected
    assert due(registration, start, closed("2026-07-08", "afternoon")).due == date(2026, 7, 8)


@pytest.mark.parametrize(
    ("convention", "expected"),
    [
        # 6 working days from 3/2, notice 3/4, papers back 3/10.
        (PauseConvention.NOTICE_COUNTS, "2026-03-16"),  # out: 3/5-3/10, four working days
        (PauseConvention.BOTH_COUNT, "2026-03-13"),  # out: 3/5-3/9
        (PauseConvention.NEITHER_COUNTS, "2026-03-17"),  # out: 3/4-3/10
    ],
)
def test_the_ends_of_a_pause_count_as_the_office_chooses(
    convention: PauseConvention, expected: str
) -> None:
    pause = Pause.between(date(2026, 3, 4), date(2026, 3, 10), CORRECTION, convention)
    assert pause is not None

    found = due(a_rule("PROC_WORKDAY", "6"), date(2026, 3, 2), NATIONAL, Settings(), Acts((pause,)))

    assert found.due == date.fromisoformat(expected)


def test_papers_that_come_back_on_the_day_of_the_notice_pause_nothing() -> None:
    assert Pause.between(date(2026, 3, 4), date(2026, 3, 4), CORRECTION) is None
    with pytest.raises(PeriodError, match="before the notice"):
        Pause.between(date(2026, 3, 4), date(2026, 3, 3), CORRECTION)


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        # Day 1 = 3/3, two months end 5/2; 10 days out.
        (PausedMonths.CALENDAR_REST, "2026-05-12"),
        # 3/2 + 60 = 5/1, ten days out: 5/11 (Mon).
        (PausedMonths.THIRTY_DAYS, "2026-05-11"),
    ],
)
def test_months_after_a_pause(reading: PausedMonths, expected: str) -> None:
    pause = Pause(date(2026, 3, 10), date(2026, 3, 19), CORRECTION)

    found = due(
        a_rule("PROC_DEFAULT_2M"),
        date(2026, 3, 2),
        NATIONAL,
        Settings(paused_months=reading),
        Acts((pause,)),
    )

    assert found.due == date.fromisoformat(expected)


def test_a_last_day_does_not_move_into_a_pause() -> None:
    # 3/2 + 5 = Sat 3/7; the clock stands still from Mon 3/9 to Tue 3/10.
    pause = Pause(date(2026, 3, 9), date(2026, 3, 10), CORRECTION)

    found = due(a_rule("PROC_CALENDAR", "5"), date(2026, 3, 2), NATIONAL, acts=Acts((pause,)))

    assert found.due == date(2026, 3, 11)


def test_an_extension_runs_on_from_the_last_day_as_moved() -> None:
    # 3/2 + 5 = Sat 3/7 -> Mon 3/9; + 5 = Sat 3/14 -> Mon 3/16.
    told = Extension(5, Unit.CALENDAR_DAY, told_on=date(2026, 3, 9))

    found = due(a_rule("PROC_CALENDAR", "5"), date(2026, 3, 2), NATIONAL, acts=Acts(extension=told))

    assert found.due == date(2026, 3, 16)


@pytest.mark.parametrize(
    ("extension", "code"),
    [
        (Extension(8, Unit.CALENDAR_DAY), "extension.too_long"),
        (Extension(0, Unit.CALENDAR_DAY), "extension.too_long"),
        (Extension(1, Unit.MONTH), "extension.too_long"),
        (Extension(7, Unit.CALENDAR_DAY, told_on=date(2026, 3, 10)), "extension.too_late"),
    ],
)
def test_an_unlawful_extension_is_refused(extension: Extension, code: str) -> None:
    with pytest.raises(PeriodError) as refused:
        due(
            a_rule("PROC_CALENDAR", "7"),
            date(2026, 3, 2),
            NATIONAL,
            acts=Acts(extension=extension),
        )

    assert refused.value.code == code


def test_a_refused_extension_names_both_lengths_in_words() -> None:
    with pytest.raises(PeriodError) as refused:
        due(
            a_rule("PROC_WORKDAY", "3"),
            date(2026, 3, 2),
            NATIONAL,
            acts=Acts(extension=Extension(5, Unit.WORKING_DAY)),
        )

    assert "不能延長 5 個工作日：原處理期間是 3 個工作日" in refused.value.zh
    assert "5 working days is not within the original 3 working days" in str(refused.value)


@pytest.mark.parametrize(
    ("term", "action"),
    [("2008-03-20", Action.TERM_LAWFUL), ("2008-03-13", Action.TERM_TOO_SHORT)],
)
def test_a_term_is_compared_with_the_least_one(term: str, action: Action) -> None:
    # Served 2008-03-07: the least term ends 3/14.
    acts = Acts(term_set_to=date.fromisoformat(term))

    found = due(
        a_rule("DUNNING_MIN_7D", on=date(2008, 3, 7)), date(2008, 3, 7), NATIONAL, acts=acts
    )

    assert found.due == date(2008, 3, 14)
    assert action in actions(found)


def test_a_naive_time_is_refused() -> None:
    naive = datetime(2026, 3, 2, 10)  # noqa: DTZ001  # the point of the test

    for rule_id in ("STAT_REG_30D", "CHILD_PROTECTION_24H"):
        with pytest.raises(PeriodError, match="no zone"):
            due(a_rule(rule_id), naive, NATIONAL)


def test_an_earliest_day_opens_when_it_begins_and_a_latest_day_ends_when_it_ends() -> None:
    opens = due(a_rule("MARRIAGE_PREREG_3OD"), date(2026, 3, 8), NATIONAL)
    ends = due(a_rule("NATURALISATION_EXTENSION_REQUEST"), date(2026, 5, 15), NATIONAL)

    assert opens.due_at == datetime(2026, 3, 3, 16, tzinfo=UTC)  # 3/4 begins in Taipei
    assert ends.due_at == datetime(2026, 4, 15, 16, tzinfo=UTC)  # 4/15 ends in Taipei


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"no_such": True}, "no_such"),
        ({"closure_is_rest_day": "yes"}, "true, false"),
        ({"day_unit": "week"}, "calendar_day, working_day"),
    ],
)
def test_a_wrong_setting_is_refused(values: dict[str, object], says: str) -> None:
    with pytest.raises(SettingError, match=says):
        Settings.from_mapping(values)


def test_settings_are_read_from_plain_values() -> None:
    found = Settings.from_mapping({"day_unit": "working_day", "posting_day_counts": True})

    assert found == Settings(day_unit=DayUnit.WORKING_DAY, posting_day_counts=True)
