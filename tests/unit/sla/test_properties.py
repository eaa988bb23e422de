"""What must hold for every rule, start and calendar: generated cases."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sla.acts import Acts, Pause, PauseGround
from sla.periods import due
from sla.rules import Kind, Roll, Rule, all_rules
from sla.rules import rule as rule_of_id
from sla.settings import HalfDayClosure, Settings
from sla.spans import Unit
from sla.steps import Action, Explained, Step
from sla.working_time import Calendar
from tests.support.explanations import followed
from tests.unit.sla.calendars import NATIONAL

DAY = timedelta(days=1)
PLAIN = {Unit.CALENDAR_DAY, Unit.WORKING_DAY, Unit.MONTH, Unit.MONTH_AND_DAY, Unit.WEEK}


def usable() -> list[Rule]:
    """A length for those that have none; hours, ages and named days have tests of their own."""
    found = [rule for versions in all_rules().values() for rule in versions]
    found = [rule.with_length(rule.length or "9") for rule in found]
    return [rule for rule in found if rule.unit in PLAIN and rule.length != "last calendar day"]


rules = st.sampled_from(usable())
starts = st.dates(date(2018, 1, 1), date(2028, 12, 31))
closures = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(["all", "morning", "afternoon"])), max_size=4
)
choices = st.builds(
    Settings,
    closure_is_rest_day=st.booleans(),
    half_day_closure=st.sampled_from(HalfDayClosure),
    posting_day_counts=st.booleans(),
    permission_day_counts=st.booleans(),
)
pauses = st.lists(
    st.builds(lambda after, days: (after, days), st.integers(0, 20), st.integers(0, 12)),
    max_size=3,
)


def with_closures(start: date, closed: list[tuple[int, str]]) -> Calendar:
    calendar = NATIONAL
    for after, part in closed:
        calendar = calendar.with_closure(start + timedelta(days=after), part, "颱風")
    return calendar


def acts(rule: Rule, start: date, spans: list[tuple[int, int]]) -> Acts:
    if rule.kind is not Kind.PROCESSING:
        return Acts()
    return Acts(
        tuple(
            Pause(
                start + timedelta(days=after),
                start + timedelta(days=after + days),
                PauseGround.CORRECTION,
            )
            for after, days in spans
        )
    )


@given(rules, starts, closures)
def test_a_period_that_moves_ends_on_a_working_day(
    rule: Rule, start: date, closed: list[tuple[int, str]]
) -> None:
    calendar = with_closures(start, closed)

    found = due(rule, start, calendar)

    if rule.roll is Roll.FORWARD:
        assert isinstance(found.due, date)
        assert calendar.is_working_day(found.due)


@given(rules, starts, closures, choices, pauses)
def test_a_closure_never_makes_a_due_date_earlier(
    rule: Rule,
    start: date,
    closed: list[tuple[int, str]],
    chosen: Settings,
    paused: list[tuple[int, int]],
) -> None:
    done = acts(rule, start, paused)

    before = due(rule, start, NATIONAL, chosen, done)
    after = due(rule, start, with_closures(start, closed), chosen, done)

    assert before.due_at is not None
    assert after.due_at is not None
    # A fine or a sanction may be shorter where the shorter reading helps the person.
    if rule.roll is not Roll.OPPOSITE_UNLESS_EARLIER_HELPS:
        assert after.due_at >= before.due_at


@given(rules, starts, pauses)
def test_a_pause_never_makes_a_due_date_earlier(
    rule: Rule, start: date, paused: list[tuple[int, int]]
) -> None:
    before = due(rule, start, NATIONAL)
    after = due(rule, start, NATIONAL, Settings(), acts(rule, start, paused))

    assert before.due is not None
    assert after.due is not None
    assert after.due >= before.due


@given(rules, starts)
def test_a_later_start_never_ends_earlier(rule: Rule, start: date) -> None:
    first = due(rule, start, NATIONAL).due
    second = due(rule, start + DAY, NATIONAL).due

    assert first is not None
    assert second is not None
    assert second >= first


plain_units = st.sampled_from(
    [Unit.CALENDAR_DAY, Unit.WORKING_DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR]
)


@given(plain_units, starts, st.integers(1, 30), closures, choices)
def test_a_longer_period_never_ends_earlier(
    unit: Unit, start: date, length: int, closed: list[tuple[int, str]], chosen: Settings
) -> None:
    length = min(length, 3) if unit is Unit.YEAR else length
    base, calendar = rule_of_id("PROC_CALENDAR", start), with_closures(start, closed)

    first = due(base.with_length(str(length), unit), start, calendar, chosen).due
    longer = due(base.with_length(str(length + 1), unit), start, calendar, chosen).due

    assert isinstance(first, date)
    assert isinstance(longer, date)
    assert longer >= first


@given(plain_units, starts, st.integers(1, 30), closures, pauses)
def test_a_period_never_ends_before_the_plain_sum_of_its_days(
    unit: Unit,
    start: date,
    length: int,
    closed: list[tuple[int, str]],
    paused: list[tuple[int, int]],
) -> None:
    length = min(length, 3) if unit is Unit.YEAR else length
    base = rule_of_id("PROC_CALENDAR", start)
    shortest = {Unit.WEEK: 7, Unit.MONTH: 28, Unit.YEAR: 365}.get(unit, 1) * length

    calendar, done = with_closures(start, closed), acts(base, start, paused)
    found = due(base.with_length(str(length), unit), start, calendar, Settings(), done).due

    assert isinstance(found, date)
    assert found >= start + shortest * DAY


@given(starts, closures, choices)
def test_rolling_a_last_day_twice_is_rolling_it_once(
    day: date, closed: list[tuple[int, str]], chosen: Settings
) -> None:
    calendar = with_closures(day, closed)
    afternoon = chosen.half_day_closure is HalfDayClosure.AFTERNOON_IS_REST

    def rolled(last: date) -> date:
        return calendar.rolled(
            last,
            closure_is_rest_day=chosen.closure_is_rest_day,
            afternoon_closure=afternoon,
        )

    assert rolled(rolled(day)) == rolled(day) >= day


@settings(max_examples=200)
@given(rules, starts, closures, choices, pauses)
def test_an_explanation_alone_gives_its_date_again(
    rule: Rule,
    start: date,
    closed: list[tuple[int, str]],
    chosen: Settings,
    paused: list[tuple[int, int]],
) -> None:
    calendar = with_closures(start, closed)

    told = due(rule, start, calendar, chosen, acts(rule, start, paused)).to_dict("en")

    assert told["calendar"] == calendar.version
    assert followed(told) == told["due"]


@settings(max_examples=200)
@given(rules, starts, closures, choices, pauses)
def test_a_due_date_can_be_computed_again_from_its_steps(
    rule: Rule,
    start: date,
    closed: list[tuple[int, str]],
    chosen: Settings,
    paused: list[tuple[int, int]],
) -> None:
    calendar, done = with_closures(start, closed), acts(rule, start, paused)

    found = due(rule, start, calendar, chosen, done)

    assert recomputed(found, calendar, done) == found.due
    assert found.due_at is not None
    assert isinstance(found.due, date)
    end_of_day = datetime(found.due.year, found.due.month, found.due.day, 16, tzinfo=UTC)
    assert found.due_at == end_of_day


def recomputed(found: Explained, calendar: Calendar, done: Acts) -> date:
    """Follow the steps with arithmetic of our own: one day at a time."""
    day = found.steps[0].after
    assert isinstance(day, date)
    for step in found.steps[1:]:
        assert step.before == day, step
        day = _followed(step, day, calendar, done)
        assert step.after == day, step
    return day


def _followed(  # noqa: C901  # one arm per action of a closed list
    step: Step, day: date, calendar: Calendar, done: Acts
) -> date:
    amount = step.amount or 0
    match step.action:
        case Action.FIRST_DAY_COUNTED:
            return day - DAY
        case Action.CALENDAR_DAYS:
            return day + amount * DAY
        case Action.WEEKS:
            return day + amount * 7 * DAY
        case Action.WORKING_DAYS:
            return _walk(day, amount, calendar)
        case Action.MONTHS:
            return _months(day, amount)
        case Action.PAUSED:
            # The last count was in the unit of the step before; both walks are tried.
            assert isinstance(step.after, date)
            assert step.after in (day + amount * DAY, _walk(day, amount, calendar))
            return step.after
        case Action.ROLLED:
            for rest, reason in step.passed:
                assert rest == day
                assert reason == calendar.days[rest].reason
                assert (
                    not calendar.days[rest].is_working
                    or calendar.days[rest].half
                    or any(pause.first <= rest <= (pause.last or rest) for pause in done.pauses)
                )
                day += DAY
            return day
        case Action.OTHER_READING | Action.REST_DAY_STANDS:
            assert isinstance(step.after, date)
            assert abs(step.after - day) <= 12 * DAY
            return step.after
        case _:
            return day


def _walk(day: date, n: int, calendar: Calendar) -> date:
    while n:
        day += DAY
        n -= calendar.days[day].is_working
    return day


def _months(zero: date, n: int) -> date:
    """The day before the day that corresponds to day 1, found by walking month by month."""
    first = zero + DAY
    month_first = first.replace(day=1)
    for _ in range(n):
        month_first = (month_first + 31 * DAY).replace(day=1)
    end = month_first
    while end.day != first.day and (end + DAY).month == month_first.month:
        end += DAY
    return end - DAY if end.day == first.day else end
