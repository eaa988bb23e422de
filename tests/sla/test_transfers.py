"""A case goes to another office: with its work, its clocks, and the other office's calendar."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import cases, messages, transfers, user_tasks
from engine.cases import Filed
from engine.errors import Conflict, Forbidden, NotFound, Rejected
from engine.messages import Incoming, Outcome
from engine.transfers import Handover
from engine.user_tasks import Completion
from engine.worklist import Tab, WorklistFilter, worklist
from sla import case_clocks, clocks, ledger, recalculation
from sla.benches import along, bench_of
from sla.calendars import seed_national_days
from sla.clock_rows import ledger_of, rule_of
from store import tables
from tests.support.clocked import LIMITS, with_boundary
from tests.support.explanations import followed
from tests.support.factories import OFFICE, an_office
from tests.support.office import Office, taipei
from tests.support.packages import diagram, flows, user_task, write_package

OTHER = "kh-zuoying"


@pytest.fixture
def two(office: Office) -> Office:
    """Another office with people of its own."""
    with office.db.transaction() as tx:
        an_office(tx, OTHER, name_zh="左營示範戶政事務所", name_en="Zuoying demo office")
        seed_national_days(tx, OTHER, 2025, 2027, office.clock.now())
    for name in ("counter Yang", "chief Sun", "reviewer Liu"):
        office.person(name, OTHER)
    return office


def hand_over(office: Office, case: Filed, to: str = OTHER, by: str = "chief Wu") -> None:
    actor = office.person(by)
    with office.db.transaction() as tx:
        handover = Handover(to, "申請人戶籍在該所轄區")
        transfers.transfer(tx, case.id, handover, actor, office.clock.now())


def counted_again(office: Office, case: Filed) -> Any:
    """What the ledger leads to, with nothing else but the calendars."""
    with office.db.transaction(read_only=True) as tx:
        clock = office.clock_of(case)
        entries = ledger_of(tx, clock.id)
        bench = along(tx, bench_of(tx, clock.office_id, clock.calendar_known), entries)
        return ledger.replay(rule_of(clock, entries), entries, bench.calendar, bench.settings)


def test_the_case_and_its_open_work_are_with_the_other_office(two: Office) -> None:
    case = two.file("CLOCKED")
    two.claim(case, "check", by="counter Lin")

    hand_over(two, case)

    row, task = two.row(case), two.task(case, "check")
    assert (row.office_id, row.receiving_office_id) == (OTHER, OFFICE)
    assert (task.office_id, task.status, task.assignee_id) == (OTHER, "unclaimed", None)
    assert two.variables(case)["case"]["office"] == OTHER
    with two.db.transaction(read_only=True) as tx:
        theirs = worklist(
            tx, two.person("counter Yang"), WorklistFilter(Tab.GROUP), None, 9, two.clock.now()
        )
    assert [each.case_id for each in theirs.rows] == [case.id]

    two.complete(case, "check", by="counter Yang", outcome="complete")
    two.complete(case, "decide", by="reviewer Liu")
    assert two.status(case) == "closed"
    assert two.clock_of(case).office_id == OTHER


def test_the_former_office_still_sees_the_case_and_can_do_nothing_to_it(two: Office) -> None:
    case = two.file("CLOCKED")
    task = two.task(case, "check").id
    hand_over(two, case)

    with pytest.raises(NotFound), two.db.transaction() as tx:
        user_tasks.complete(
            tx, task, Completion({}, {}, "complete"), two.person("counter Lin"), two.clock.now()
        )
    with pytest.raises(Forbidden) as refused:
        hand_over(two, case, OFFICE)
    assert refused.value.code == "case.other_office"


def test_the_period_goes_on_by_the_other_offices_calendar(two: Office) -> None:
    case = two.file("CLOCKED")
    two.close_on("2026-03-03")  # here, before: it counts
    two.go_to("2026-03-04", "10:00")

    hand_over(two, case)
    assert two.due(case) == taipei("2026-03-07")
    two.close_on("2026-03-05")  # here, after: it does not
    assert two.due(case) == taipei("2026-03-07")
    two.close_on("2026-03-06", office_id=OTHER)  # there, after: it does

    clock = two.clock_of(case)
    assert clock.due_at == taipei("2026-03-10")
    assert clock.office_id == OTHER
    entry = next(row for row in two.ledger(case) if row.kind == "transfer")
    assert (entry.detail["from"], entry.detail["to"], entry.detail["policy"]) == (
        OFFICE,
        OTHER,
        "goes_on",
    )
    assert counted_again(two, case).due_at == clock.due_at
    assert followed(clock.explanation["zh-TW"]) == clock.due_on.isoformat()
    told = " ".join(step["fact"] for step in clock.explanation["en"]["steps"])
    assert "handed to Zuoying demo office" in told
    with two.db.transaction(read_only=True) as tx:
        assert recalculation.recalculate(tx, OTHER, two.clock.now(), dry_run=True) == []


def test_the_other_office_may_let_the_period_begin_anew(two: Office) -> None:
    two.choose("sla.transfer", "restarts", OTHER)
    case = two.file("CLOCKED")
    two.go_to("2026-03-04", "10:00")

    hand_over(two, case)

    clock = two.clock_of(case)
    assert (clock.due_on, clock.started_on) == (date(2026, 3, 9), date(2026, 3, 4))
    assert counted_again(two, case).due_at == clock.due_at
    two.choose("sla.transfer", "goes_on")  # later choices change nothing of it
    assert counted_again(two, case).due_at == clock.due_at


def test_a_limit_that_is_over_does_not_begin_anew(two: Office) -> None:
    two.choose("sla.transfer", "restarts", OTHER)
    case = two.file("CLOCKED")
    two.clock.move_to(taipei("2026-03-10", "10:00"))

    hand_over(two, case)

    assert two.due(case) == taipei("2026-03-06")
    assert two.ledger(case)[-1].detail["policy"] == "goes_on"


def test_a_clock_that_stands_still_goes_with_the_case_and_runs_on_there(two: Office) -> None:
    case = two.file("CLOCKED")
    two.go_to("2026-03-03", "10:00")
    two.complete(case, "check", by="counter Lin", outcome="missing")
    two.go_to("2026-03-05", "10:00")

    hand_over(two, case)
    assert two.clock_of(case).status == "paused"

    two.go_to("2026-03-10", "10:00")
    two.complete(case, "wait_papers", by="counter Yang")
    assert two.clock_of(case).due_on == date(2026, 3, 12)
    with two.db.transaction(read_only=True) as tx:
        used = case_clocks.detail_of(tx, two.clock_of(case), two.clock.now()).used
    assert used is not None
    assert used.days == Decimal(1)  # the 3rd; the rest was a pause


def test_a_period_keeps_the_settings_it_was_read_with(two: Office, packages: Path) -> None:
    limits = LIMITS.replace("PROC_WORKDAY, length: 3, unit: working_day", "PROC_DOUBTFUL_3D")
    write_package(packages, "DAYS", with_boundary("DAYS", "processing", "due"), limits=limits)
    two.deploy("DAYS")
    two.choose("sla.day_unit", "working_day")
    case = two.file("DAYS")
    due = two.due(case)

    hand_over(two, case)  # where days are calendar days

    assert two.due(case) == due
    assert two.ledger(case)[-1].detail["settings"]["day_unit"] == "working_day"


def test_what_is_due_later_happens_in_the_other_office(two: Office, packages: Path) -> None:
    write_package(packages, "NEAR", with_boundary("NEAR", "processing", "0.8"), limits=LIMITS)
    two.deploy("NEAR")
    case = two.file("NEAR")
    two.complete(case, "check", by="counter Lin", outcome="complete")

    hand_over(two, case)
    two.go_to("2026-03-09", "17:00")

    assert two.task(case, "hurry").office_id == OTHER
    told = {row.office_id for row in two.rows(tables.person_notices, case)}
    assert told == {OTHER}
    assert {row.office_id for row in two.rows(tables.rungs, case)} == {OTHER}


def test_the_history_says_who_handed_it_over_and_why_and_supervisors_there_are_told(
    two: Office,
) -> None:
    case = two.file("CLOCKED")
    hand_over(two, case)

    actions = two.actions(case)
    assert "case.transferred" in actions
    assert "clock.transferred" in actions
    told = [row for row in two.rows(tables.person_notices, case) if row.kind == "case.transferred"]
    assert [row.person_id for row in told] == [two.person("chief Sun", OTHER).person_id]


def test_it_may_come_back(two: Office) -> None:
    case = two.file("CLOCKED")
    two.go_to("2026-03-03", "10:00")
    hand_over(two, case)
    two.go_to("2026-03-04", "10:00")
    hand_over(two, case, OFFICE, by="chief Sun")

    assert two.row(case).office_id == OFFICE
    assert two.due(case) == taipei("2026-03-06")
    assert counted_again(two, case).due_at == two.due(case)
    assert two.due(case) == two.clock_of(case).due_at


def test_the_case_is_found_by_name_where_it_is(two: Office) -> None:
    case = two.file("CLOCKED", data={"applicant": {"name": "王小明"}})

    hand_over(two, case)

    with two.db.transaction(read_only=True) as tx:
        where = tx.scalars(
            select(tables.case_terms.c.office_id).where(tables.case_terms.c.case_id == case.id)
        ).all()
    assert set(where) == {OTHER}


@pytest.mark.parametrize(
    ("to", "by", "reason", "error", "code"),
    [
        (OTHER, "counter Lin", "r", Forbidden, "case.transfer_forbidden"),
        (OTHER, "chief Sun", "r", Forbidden, "case.other_office"),
        (OTHER, "chief Wu", " ", Rejected, "case.transfer_reason"),
        (OTHER, "chief Wu", "r" * 301, Rejected, "case.transfer_reason"),
        (OFFICE, "chief Wu", "r", Rejected, "case.transfer_same"),
        ("nowhere", "chief Wu", "r", Rejected, "case.transfer_office"),
        ("empty", "chief Wu", "r", Rejected, "case.transfer_office"),
    ],
)
def test_a_handover_that_is_none_is_refused_and_changes_nothing(
    two: Office, to: str, by: str, reason: str, error: type[Exception], code: str
) -> None:
    case = two.file("CLOCKED")
    with two.db.transaction() as tx:
        an_office(tx, "empty")
        if by == "chief Sun":  # as the office that keeps the household it may see the case
            mine = tables.cases.c.id == case.id
            tx.execute(update(tables.cases).where(mine).values(household_office_id=OTHER))
    before, actor = two.row(case), two.person(by)

    with pytest.raises(error) as refused, two.db.transaction() as tx:
        transfers.transfer(tx, case.id, Handover(to, reason), actor, two.clock.now())

    assert refused.value.code == code  # type: ignore[attr-defined]
    assert two.row(case) == before
    assert len(two.ledger(case)) == 1


def test_a_case_that_is_over_is_not_handed_over(two: Office) -> None:
    case = two.file("CLOCKED")
    two.complete(case, "check", by="counter Lin", outcome="complete")
    two.complete(case, "decide", by="reviewer Wu")

    with pytest.raises(Conflict) as refused:
        hand_over(two, case)

    assert refused.value.code == "case.ended"


def test_what_was_met_before_stays_with_the_office_that_met_it(two: Office) -> None:
    case = two.file("CLOCKED")
    actor = two.person("chief Wu")
    with two.db.transaction() as tx:
        clocks.stop(tx, two.clock_of(case), actor, two.clock.now())
    two.clock.move(timedelta(hours=1))

    hand_over(two, case)

    assert two.clock_of(case).office_id == OFFICE


PAID = '<message id="paid" name="paid" hz:correlationKey="note"/>'
RECEIVER = diagram(
    "RECEIVER",
    '<startEvent id="start"/>'
    + user_task("before")
    + '<receiveTask id="payment" name="Payment" messageRef="paid"/>'
    + user_task("after")
    + '<endEvent id="end"/>'
    + flows("start>before", "before>payment", "payment>after", "after>end"),
    PAID,
)


@pytest.fixture
def paying(two: Office) -> Office:
    """RECEIVER waits for a payment of its own key behind a task."""
    write_package(two.packages, "RECEIVER", RECEIVER)
    two.deploy("RECEIVER")
    return two


def pay(office: Office, key: str | None, message_id: str = "m1") -> Outcome:
    """A payment that the payment office tells the office the case was filed at."""
    with office.db.transaction() as tx:
        incoming = Incoming("payments", message_id, "paid", key, {"amount": 300})
        return messages.correlate(tx, incoming, OFFICE, office.clock.now())


def test_a_message_to_the_former_office_reaches_the_case_where_it_is(paying: Office) -> None:
    gone, other = (paying.file("RECEIVER", values={"note": note}) for note in ("A1", "B2"))
    for case, note in ((gone, "A1"), (other, "B2")):
        paying.complete(case, "before", by="counter Lin", values={"note": note})
    hand_over(paying, gone)

    outcomes = [pay(paying, "A1"), pay(paying, "A1"), pay(paying, None, "m2")]

    assert outcomes == [Outcome.CORRELATED, Outcome.DUPLICATE, Outcome.EARLY]
    assert paying.open_tasks(gone) == ["after"]
    assert paying.open_tasks(other) == []
    assert paying.actions(gone).count("message.correlated") == 1
    (row,) = [row for row in paying.rows(tables.inbox) if row.message_id == "m1"]
    assert (row.office_id, row.case_id, row.status) == (OTHER, gone.id, "correlated")
    (line,) = [r for r in paying.rows(tables.history) if r.action == "message.forwarded"]
    assert (line.office_id, line.detail["to_office"]) == (OFFICE, OTHER)


def test_a_message_that_came_before_the_case_left_is_there_when_it_waits(paying: Office) -> None:
    case = paying.file("RECEIVER", values={"note": "A1"})
    assert pay(paying, "A1") is Outcome.EARLY
    hand_over(paying, case)

    paying.complete(case, "before", by="counter Yang", values={"note": "A1"})

    assert paying.open_tasks(case) == ["after"]


def test_a_message_to_the_former_office_waits_until_the_case_goes_on(paying: Office) -> None:
    case = paying.file("RECEIVER", values={"note": "A1"})
    paying.complete(case, "before", by="counter Lin", values={"note": "A1"})
    hand_over(paying, case)
    sun = paying.person("chief Sun")
    with paying.db.transaction() as tx:
        cases.suspend(tx, case.id, "停電", sun, paying.clock.now())

    assert pay(paying, "A1") is Outcome.EARLY
    paying.do_due()
    assert paying.open_tasks(case) == []
    with paying.db.transaction() as tx:
        cases.resume(tx, case.id, "復電", sun, paying.clock.now())
    paying.do_due()

    assert paying.open_tasks(case) == ["after"]
