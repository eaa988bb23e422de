"""The monthly list: made once when a month is over, also by a worker that comes late."""

from __future__ import annotations

from datetime import date

import pytest

from engine.errors import NotFound
from sla import monthly_lists
from sla.monthly_lists import make_next
from store import tables
from tests.support.factories import an_office
from tests.support.office import Office
from tests.support.races import at_once

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def make_all(office: Office) -> int:
    made = 0
    while make_next(office.db, office.clock.now()):
        made += 1
        assert made < 20, "A list is owed for ever"
    return made


def listed(office: Office, month: date) -> list[tuple[str, int]]:
    with office.db.transaction(read_only=True) as tx:
        told = monthly_lists.of_month(tx, month, office.person("chief Wu"))
    return [(line.number, line.late_working_days) for line in told.lines]


def told(office: Office) -> list[tuple[str, str]]:
    names = {row.id: row.display_name for row in office.rows(tables.persons)}
    return sorted(
        (notice.detail["month"], names[notice.person_id])
        for notice in office.rows(tables.person_notices)
        if notice.kind == "overdue.listed"
    )


def test_it_names_what_was_open_and_overdue_at_the_end_of_the_month(office: Office) -> None:
    for name in ("chief Wu", "director Su", "reviewer Mei", "counter Lin"):
        office.person(name)
    late, in_time = office.file("CLOCKED"), office.file("CLOCKED")
    office.go_to("2026-03-04", "10:00")
    office.complete(in_time, "check", by="counter Lin", outcome="complete")
    office.complete(in_time, "decide", by="reviewer Mei")
    office.go_to("2026-03-30", "09:00")
    office.file("CLOCKED")  # its limit ends in April

    office.go_to("2026-03-31", "23:59")
    assert make_all(office) == 0
    office.go_to("2026-04-01", "00:00")
    assert make_all(office) == 1

    assert listed(office, MARCH) == [(late.number, 18)]
    assert told(office) == [("2026-03", "chief Wu"), ("2026-03", "director Su")]
    assert make_all(office) == 0
    (entry,) = [row for row in office.rows(tables.history) if row.action == "overdue.listed"]
    assert entry.detail == {"month": "2026-03", "cases": 1, "told": 2}


def test_it_stays_as_it_was_when_the_case_is_done(office: Office) -> None:
    office.person("chief Wu")
    late = office.file("CLOCKED")
    office.go_to("2026-04-01")
    make_all(office)
    office.complete(late, "check", by="counter Lin", outcome="complete")
    office.complete(late, "decide", by="reviewer Mei")

    office.go_to("2026-05-01")
    make_all(office)

    assert [number for number, _ in listed(office, MARCH)] == [late.number]
    assert listed(office, APRIL) == []
    assert told(office) == [("2026-03", "chief Wu")]  # nobody is told of an empty list


def test_a_late_worker_makes_every_list_it_missed_as_it_would_have_been(office: Office) -> None:
    office.person("chief Wu")
    late = office.file("CLOCKED")
    office.go_to("2026-04-01")
    make_all(office)
    office.go_to("2026-05-04", "09:00")
    office.complete(late, "check", by="counter Lin", outcome="complete")
    office.complete(late, "decide", by="reviewer Mei")

    office.go_to("2026-06-02")
    assert make_all(office) == 2

    assert [number for number, _ in listed(office, APRIL)] == [late.number]
    assert listed(office, date(2026, 5, 1)) == []


def test_four_workers_make_one_list(office: Office) -> None:
    for name in ("chief Wu", "director Su"):
        office.person(name)
    office.file("CLOCKED")
    office.go_to("2026-04-01")

    at_once(*(lambda: make_all(office) for _ in range(4)))

    assert [row.month for row in office.rows(tables.overdue_lists)] == [MARCH]
    assert len(told(office)) == 2


def test_a_limit_that_stands_still_is_not_late(office: Office) -> None:
    office.person("chief Wu")
    case = office.file("CLOCKED")
    office.go_to("2026-03-03", "10:00")
    office.complete(case, "check", by="counter Lin", outcome="missing")

    office.go_to("2026-04-01")
    make_all(office)

    assert listed(office, MARCH) == []


def test_a_list_of_another_office_is_not_there(office: Office) -> None:
    office.file("CLOCKED")
    office.go_to("2026-04-01")
    make_all(office)
    with office.db.transaction() as tx:
        an_office(tx, "kh-zuoying")
    stranger = office.person("chief Far", "kh-zuoying")

    with office.db.transaction(read_only=True) as tx, pytest.raises(NotFound):
        monthly_lists.of_month(tx, MARCH, stranger)
