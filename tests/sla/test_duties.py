"""Calendar duties begin by themselves: on the right day, once, also after a worker stood still."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from engine.cases import Filed
from engine.errors import Forbidden, Rejected
from sla import duty_table
from sla.duties import Watch, begin_owed
from store import tables
from tests.support.factories import OFFICE
from tests.support.office import Office, taipei
from tests.support.races import at_once

ROW = {
    "id": "fire_check",
    "title_zh": "消防檢查",
    "title_en": "Fire check",
    "every": "month",
    "months": "",
    "on": "5",
    "rest": "stands",
    "lead": "0",
    "section": "data",
    "approval": "none",
    "report_to": "",
    "active": "true",
    "source": "本所會議決議",
}


@pytest.fixture
def duty_office(office: Office) -> Office:
    """An office that works by the table since Monday 2 March 2026."""
    office.deploy_real("D1")
    return office


def turns(office: Office, duty: str | None = None) -> list[Any]:
    found = [row for row in office.rows(tables.duty_periods) if duty in (None, row.duty)]
    return sorted(found, key=lambda row: (row.starts_on, row.duty))


def case_of(office: Office, row: Any) -> Filed:
    (case,) = [each for each in office.rows(tables.cases) if each.id == row.case_id]
    return Filed(case.id, case.number, "")


def live_until(office: Office, last: date) -> None:
    """Each day at eight the worker looks."""
    day = date(2026, 3, 2)
    while day <= last:
        office.clock.move_to(max(office.clock.now(), _morning(day)))
        begin_owed(office.db, office.clock.now())
        day += timedelta(days=1)


def _morning(day: date) -> datetime:
    return taipei(day.isoformat(), "08:00")


def enter(office: Office, **changes: str) -> str:
    keeper = office.person("director Su")
    with office.db.transaction() as tx:
        return duty_table.enter(tx, {**ROW, **changes}, keeper, office.clock.now())


def only(office: Office, *kept: str) -> None:
    """Switch every other duty off, as an office may."""
    keeper = office.person("director Su")
    with office.db.transaction() as tx:
        for each in duty_table.released().values():
            if each.id not in kept:
                given = {**ROW, "id": each.id, "active": "", "source": "本所不辦理"}
                duty_table.enter(tx, given, keeper, office.clock.now())


def test_the_daily_receipt_begins_on_every_working_day_and_on_no_other(
    duty_office: Office,
) -> None:
    only(duty_office, "daily_receipt")

    live_until(duty_office, date(2026, 3, 15))

    begun = [row.period for row in turns(duty_office)]
    assert begun == [f"2026-03-{day:02}" for day in (2, 3, 4, 5, 6, 9, 10, 11, 12, 13)]


def test_an_empty_day_is_recorded(duty_office: Office) -> None:
    only(duty_office, "daily_receipt")
    begin_owed(duty_office.db, duty_office.clock.now())
    case = case_of(duty_office, turns(duty_office)[0])

    duty_office.complete(case, "do_registration", "counter Lin", outcome="nothing")

    (row,) = turns(duty_office)
    assert (row.result, row.done_on, row.items) == ("nothing", date(2026, 3, 2), None)
    assert duty_office.clock_of(case, "duty").status == "met"


def test_the_monthly_report_begins_on_the_last_calendar_day_though_it_is_a_rest_day(
    duty_office: Office,
) -> None:
    only(duty_office, "monthly_population")

    live_until(duty_office, date(2026, 6, 1))

    begun = [(row.period, row.starts_on, row.due_on) for row in turns(duty_office)]
    last_days = [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]  # 31 May is a Sunday
    assert begun == [(f"{day:%Y-%m}", day, day) for day in last_days]
    for row in turns(duty_office):
        assert duty_office.clock_of(case_of(duty_office, row), "duty").due_on == row.due_on


def test_two_workers_begin_nothing_twice(duty_office: Office) -> None:
    only(duty_office, "daily_receipt", "id_card_stock")
    duty_office.clock.move_to(_morning(date(2026, 3, 20)))

    at_once(*[lambda: begin_owed(duty_office.db, duty_office.clock.now())] * 2)

    found = [(row.duty, row.period) for row in turns(duty_office)]
    assert len(found) == len(set(found)) == 15 + 1
    filed = [row for row in duty_office.rows(tables.cases) if row.package_id == "D1"]
    assert {row.id for row in filed} == {row.case_id for row in turns(duty_office)}


def test_a_worker_that_stood_still_begins_what_it_missed_and_it_is_late(
    duty_office: Office,
) -> None:
    only(duty_office, "id_card_stock", "death_result")
    duty_office.clock.move_to(_morning(date(2026, 5, 20)))

    assert begin_owed(duty_office.db, duty_office.clock.now()) == 6

    assert [(row.duty, row.period) for row in turns(duty_office)] == [
        *(("id_card_stock", "2026-03"), ("death_result", "2026-03")),
        *(("id_card_stock", "2026-04"), ("death_result", "2026-04")),
        *(("id_card_stock", "2026-05"), ("death_result", "2026-05")),
    ]
    assert begin_owed(duty_office.db, duty_office.clock.now()) == 0
    duty_office.do_due()
    late = case_of(duty_office, turns(duty_office)[0])
    assert set(duty_office.open_tasks(late)) == {"do_data", "explain"}


def test_who_is_off_plan_explains_and_the_table_keeps_it(duty_office: Office) -> None:
    only(duty_office, "id_card_stock")
    begin_owed(duty_office.db, duty_office.clock.now())
    case = case_of(duty_office, turns(duty_office)[0])
    duty_office.go_to("2026-03-06", "09:00")

    duty_office.complete(
        case,
        "explain",
        "records Huang",
        values={
            "off_plan_reason": "系統維護",
            "off_plan_action": "加派人力",
            "new_date": "2026-03-09",
        },
    )

    (row,) = turns(duty_office)
    assert (row.reason, row.action, row.new_date) == ("系統維護", "加派人力", date(2026, 3, 9))
    assert row.done_on is None


def test_a_year_of_days_has_every_turn_once(duty_office: Office) -> None:
    kept = [each.id for each in duty_table.released().values() if each.rhythm.every == "month"]
    only(duty_office, *kept, "school_changes")

    live_until(duty_office, date(2027, 3, 1))

    found = [(row.duty, row.period) for row in turns(duty_office)]
    assert len(found) == len(set(found))
    counts = {duty: sum(name == duty for name, _ in found) for duty in kept}
    for duty in kept:
        each = duty_table.released()[duty]
        a_year = len(each.rhythm.months) or 12
        assert counts[duty] in ((a_year, a_year + 1) if each.active else (0,)), duty
    assert ("year_static", "2027-01") in found
    assert ("year_occurrence", "2026-04") in found
    weeks = [period for name, period in found if name == "school_changes"]
    assert weeks[0] == "2026-W10"
    assert weeks[-2:] == ["2026-W35", "2027-W09"]
    assert len(weeks) == 27


def test_an_office_changes_a_row_and_only_later_days_follow_it(duty_office: Office) -> None:
    only(duty_office, "id_card_stock")
    live_until(duty_office, date(2026, 3, 10))

    enter(duty_office, id="id_card_stock", on="20", rest="back", lead="2")
    live_until(duty_office, date(2026, 4, 30))

    assert [(row.period, row.due_on) for row in turns(duty_office)] == [
        ("2026-03", date(2026, 3, 5)),
        ("2026-04", date(2026, 4, 20)),
    ]
    with duty_office.db.transaction(read_only=True) as tx:
        held = duty_table.find(tx, OFFICE, "id_card_stock")
    assert (held.changed_by, held.source, held.from_office) == (
        "director Su",
        "本所會議決議",
        OFFICE,
    )


def test_an_office_adds_a_duty_of_its_own(duty_office: Office) -> None:
    only(duty_office)
    enter(duty_office, id="flag_raising", every="week", on="1")

    live_until(duty_office, date(2026, 3, 10))

    assert [(row.duty, row.period) for row in turns(duty_office)] == [
        ("flag_raising", "2026-W10"),
        ("flag_raising", "2026-W11"),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"every": "hour"},
        {"on": "32"},
        {"months": "13"},
        {"lead": "-1"},
        {"source": " "},
        {"title_zh": ""},
        {"section": "kitchen"},
        {"id": "Not An Id"},
    ],
)
def test_what_is_no_row_is_refused(duty_office: Office, wrong: dict[str, str]) -> None:
    with pytest.raises(Rejected):
        enter(duty_office, **wrong)


def test_only_keepers_change_a_row(duty_office: Office) -> None:
    clerk = duty_office.person("counter Lin")
    with pytest.raises(Forbidden), duty_office.db.transaction() as tx:
        duty_table.enter(tx, ROW, clerk, duty_office.clock.now())


def test_an_office_that_has_not_deployed_the_process_has_no_duties(office: Office) -> None:
    Watch().run(office.db, office.clock.now())

    assert turns(office) == []
    assert duty_table.PACKAGE not in {row.package_id for row in office.rows(tables.cases)}


def test_an_office_enters_the_ministrys_dates_and_its_appraisal_begins_and_is_done(
    duty_office: Office,
) -> None:
    only(duty_office)
    office = duty_office
    begin_owed(office.db, office.clock.now())
    assert turns(office, "ministry_monthly") == []  # switched off until the Ministry gives a date

    told = "內政部 115 年度戶政業務評鑑實施計畫：每月 5 日前送主責戶所"
    row = {"id": "ministry_monthly", "on": "5", "lead": "3", "rest": "forward", "source": told}
    row |= {"section": "administration", "approval": "director", "report_to": "主責戶政事務所"}
    enter(office, **row)
    begin_owed(office.db, office.clock.now())

    (turn,) = turns(office, "ministry_monthly")
    assert (turn.period, turn.due_on) == ("2026-03", date(2026, 3, 5))
    case = case_of(office, turn)
    assert office.variables(case)["source"] == told
    proof = {"count": 3, "proof": "月報表 3 種"}
    office.complete(case, "do_administration", "secretary Tsai", "done", proof)
    office.complete(case, "approve_director", "director Su", "approve")
    sent = {"sent_on": "2026-03-02", "sent_reference": "簽收第 7 號"}
    office.complete(case, "send_report", "secretary Tsai", values=sent)

    (turn,) = turns(office, "ministry_monthly")
    assert (turn.result, turn.items, office.status(case)) == ("done", 3, "closed")
