"""An edit of the calendar that a limit does not move for: it holds with the new calendar too."""

from __future__ import annotations

from sla.benches import bench_of
from sla.clock_rows import both_languages, ledger_of, rule_of
from sla.ledger import replay
from tests.sla.acting import act
from tests.support.office import Office, taipei


def test_the_explanation_of_a_limit_that_stands_names_the_calendar_it_holds_with(
    office: Office,
) -> None:
    case = office.file("CLOCKED")
    before = office.clock_of(case)

    assert office.close_on("2026-03-10") == []  # two working days after the last day

    clock = office.clock_of(case)
    assert clock.due_at == before.due_at
    assert clock.explanation["en"]["calendar"] != before.explanation["en"]["calendar"]
    with office.db.transaction(read_only=True) as tx:
        bench = bench_of(tx, clock.office_id, clock.calendar_known)
        entries = ledger_of(tx, clock.id)
    told = replay(rule_of(clock, entries), entries, bench.calendar, bench.settings)
    assert clock.explanation == both_languages(told)


def test_limits_of_one_day_are_counted_alike_unless_something_happened_to_them(
    office: Office,
) -> None:
    plain, twin, longer = (office.file("CLOCKED") for _ in range(3))
    act(office, longer, "extend", 0)
    before = [office.due(case) for case in (plain, twin, longer)]

    moved = office.close_on("2026-03-04")

    assert {each.case_id for each in moved} == {plain.id, twin.id, longer.id}
    after = [office.due(case) for case in (plain, twin, longer)]
    assert after == [taipei("2026-03-07"), taipei("2026-03-07"), taipei("2026-03-10")]
    assert before == [taipei("2026-03-06"), taipei("2026-03-06"), taipei("2026-03-07")]


def test_what_is_left_of_a_limit_that_stands_still_follows_the_calendar(office: Office) -> None:
    case = office.file("CLOCKED")
    act(office, case, "pause", 2)
    assert office.clock_of(case).remaining == {"amount": 1}  # of Tuesday, Wednesday and Thursday

    assert office.close_on("2026-03-03") == []

    assert office.clock_of(case).remaining == {"amount": 2}
