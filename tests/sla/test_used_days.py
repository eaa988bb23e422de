"""The second count of a case, from its ledger: what agencies were asked stands in it by itself."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.cases import Filed
from sla import case_clocks
from sla.case_clocks import ClockDetail
from sla.used_days import UsedDays
from tests.support.office import Office
from tests.support.packages import diagram, flows, service_task, user_task, write_package

ASKING = (
    '<startEvent id="start"/>'
    + user_task("check")
    + service_task(
        "ask",
        "agency.look_up",
        agency="&quot;land&quot;",
        subject="{case_number: case.number, id_number: data.applicant.id_number}",
        purpose="&quot;owner&quot;",
    )
    + user_task("decide", "reviewer")
    + '<endEvent id="end"/>'
    + flows("start>check", "check>ask", "ask>decide", "decide>end")
)
LIMITS = "clocks:\n  processing: {rule: PROC_CALENDAR, length: 30, unit: calendar_day}\n"


def detail(office: Office, case: Filed) -> ClockDetail:
    with office.db.transaction(read_only=True) as tx:
        found = case_clocks.details_of_case(tx, case.id, office.clock.now())
    return found[office.clock_of(case).id]


def used(office: Office, case: Filed) -> UsedDays:
    found = detail(office, case).used
    assert found is not None
    return found


def asking(office: Office, packages: Path) -> Filed:
    write_package(packages, "ASKING", diagram("ASKING", ASKING), limits=LIMITS)
    office.deploy("ASKING")
    return office.file("ASKING", data={"applicant": {"name": "王小明", "id_number": "A123456789"}})


def test_what_an_agency_is_asked_enters_the_ledger_and_moves_no_date(
    office: Office, packages: Path
) -> None:
    case = asking(office, packages)
    due = office.due(case)
    office.go_to("2026-03-04", "10:00")
    office.complete(case, "check", by="counter Lin")

    office.go_to("2026-03-10", "09:00")
    assert [row.kind for row in office.ledger(case)] == ["start", "away"]
    assert used(office, case).days == Decimal(2)  # 3 and 4 March
    (left_out,) = used(office, case).left_out
    assert (left_out.agency, left_out.goes_on, left_out.days) == ("land", True, Decimal(4))

    office.answer(office.promises(case, "land")[0], "found", answer={"owns": True})
    office.do_due()
    assert [row.kind for row in office.ledger(case)] == ["start", "away", "back"]
    assert office.due(case) == due
    assert used(office, case).days == Decimal(3)  # and the 10th

    office.go_to("2026-03-12", "16:00")
    office.complete(case, "decide", by="reviewer Wu")
    assert used(office, case).days == Decimal(5)
    office.go_to("2026-06-01")
    assert used(office, case).days == Decimal(5)  # it was stopped on 12 March


def test_a_limit_in_calendar_days_has_the_second_count_as_well(office: Office) -> None:
    case = office.file("CLOCKED")
    office.complete(case, "check", by="counter Lin", outcome="complete")
    office.complete(case, "decide", by="reviewer Wu")

    found = used(office, case)

    assert (found.days, found.same_day, found.since) == (Decimal("0.5"), True, date(2026, 3, 2))
    assert detail(office, case).granted == 3


def test_a_typhoon_of_half_a_day_leaves_half_a_day_used(office: Office) -> None:
    case = office.file("CLOCKED")
    office.close_on("2026-03-03", "afternoon")
    office.go_to("2026-03-04", "10:00")

    assert used(office, case).days == Decimal("1.5")
    assert used(office, case).half_days == (date(2026, 3, 3),)


def test_an_answer_to_what_nobody_asked_enters_nothing(office: Office, packages: Path) -> None:
    case = asking(office, packages)
    office.complete(case, "check", by="counter Lin")
    office.answer(office.promises(case, "land")[0], "found", answer={"owns": True})
    office.do_due()
    before = len(office.ledger(case))

    office.answer(office.promises(case, "land")[0], "found", answer={"owns": True})
    office.do_due()

    assert len(office.ledger(case)) == before == 3
