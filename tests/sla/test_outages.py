"""The national system is down: the limits of the office stand still, and go on when it is back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from engine import cases
from engine.cases import FileCase, Filed
from engine.errors import Conflict, Rejected
from sla import outages, reentries
from sla.ledger import Entry
from sla.outages import Outage
from store import tables
from tests.support.office import Office, taipei

DOWN: dict[str, Any] = {"since_on": "2026-03-03", "since_time": "09:05"}
BACK = {"recovered_on": "2026-03-05", "recovered_time": "10:00"}
TRANSCRIPT = {
    "applicant_relation": "self",
    "document": "booklet",
    "booklet_cause": "renewal",
    "deferred": False,
    "purpose": "general",
    "where_held": "here_computer",
    "sheets": 1,
    "contact": "letter",
}
PERSON = {"name": "許示範", "id_number": "A123456789"}
APPLICANT = {
    "applicant": {**PERSON, "mailing_address": "示範市東區示範路3號"},
    "contact": {"phone": "0912-345-678"},
    "subject": PERSON,
}


def begin(office: Office) -> Filed:
    """Report the outage on Tuesday, and have the chief confirm it."""
    office.deploy_real("A2")
    office.go_to("2026-03-03", "09:20")
    values = {"failed_system": "ris", "symptom": "無法存檔", **DOWN}
    case = office.file("A2", values=values, data={})
    desk = {"help_desk_number": "H-1", **DOWN}
    office.complete(case, "confirm_outage", by="chief Wang", outcome="confirmed", values=desk)
    return case


def end(office: Office, case: Filed) -> None:
    office.go_to("2026-03-05", "10:05")
    office.complete(case, "wait_recovery", by="records Huang", values=BACK)


def take_paper(office: Office, case: Filed) -> None:
    values = {
        "matter": "P22",
        "received_on": "2026-03-03",
        "received_time": "10:15",
        "held_papers": "申請書",
    }
    office.complete(case, "take_paper", by="counter Lin", values=values)


def acts(office: Office, case: Filed) -> list[tuple[str, date, str | None]]:
    return [(row.kind, row.on_day, row.ground) for row in office.ledger(case)]


def test_open_limits_stand_still_with_the_ground_of_law_and_go_on_when_it_is_back(
    office: Office,
) -> None:
    late = office.file("CLOCKED")
    assert office.due(late) == taipei("2026-03-06")

    outage = begin(office)

    assert office.clock_of(late).status == "paused"
    paused = office.ledger(late)[-1]
    assert (paused.on_day, paused.ground) == (date(2026, 3, 3), "system_down")
    assert paused.reason == outage.number
    assert office.variables(outage)["moved"] == 1

    end(office, outage)

    assert office.clock_of(late).status == "running"
    assert office.due(late) == taipei("2026-03-10")  # Wednesday and Thursday do not count
    assert acts(office, late)[1:] == [
        ("pause", date(2026, 3, 3), "system_down"),
        ("resume", date(2026, 3, 5), None),
    ]
    assert "clock.paused" in office.actions(late)
    assert "clock.resumed" in office.actions(late)


def test_papers_that_are_missing_when_the_system_is_back_keep_the_limit_still(
    office: Office,
) -> None:
    case = office.file("CLOCKED")
    outage = begin(office)
    office.go_to("2026-03-04", "10:00")
    office.complete(case, "check", by="counter Lin", outcome="missing")

    end(office, outage)

    assert office.clock_of(case).status == "paused"
    assert acts(office, case)[-1] == ("pause", date(2026, 3, 4), "correction")
    office.go_to("2026-03-06", "10:00")
    office.complete(case, "wait_papers", by="counter Lin")
    assert office.clock_of(case).status == "running"


def test_what_is_filed_while_the_system_is_down_is_held_within_the_hour(office: Office) -> None:
    outage = begin(office)
    office.go_to("2026-03-03", "10:00")
    case = office.file("CLOCKED")
    assert office.clock_of(case).status == "running"

    office.go_to("2026-03-03", "11:30")

    assert office.clock_of(case).status == "paused"
    end(office, outage)
    assert office.due(case) == taipei("2026-03-11")


def test_many_cases_follow_in_batches_and_the_outage_goes_on_behind_the_last(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "BATCH", 2)
    late = [office.file("CLOCKED") for _ in range(5)]

    outage = begin(office)

    assert office.open_tasks(outage) == []
    assert [office.clock_of(each).status for each in late].count("paused") == 2
    while outages.advance_next(office.db, office.clock.now()):
        pass
    assert {office.clock_of(each).status for each in late} == {"paused"}
    assert set(office.open_tasks(outage)) == {"take_paper", "wait_recovery"}
    assert office.variables(outage)["looked_at"] == 5


def test_a_report_that_is_taken_back_lets_the_limits_go_on(office: Office) -> None:
    case = office.file("CLOCKED")
    outage = begin(office)

    clerk = office.person("counter Lin")
    with office.db.transaction() as tx:
        cases.withdraw(tx, outage.id, "誤報", clerk, office.clock.now())
    office.do_due()

    assert office.status(outage) == "withdrawn"
    assert office.clock_of(case).status == "running"
    assert office.due(case) == taipei("2026-03-06")


def test_applicants_are_told_once_of_the_new_day(office: Office) -> None:
    case = office.file("CLOCKED")
    outage = begin(office)
    end(office, outage)

    told = {"delay_reason": "戶役政資訊系統全國性異常"}
    office.complete(outage, "decide_notices", by="chief Wang", outcome="tell", values=told)

    (notice,) = office.rows(tables.notices, case)
    assert (notice.kind, notice.channel) == ("delay", "letter")
    assert office.status(outage) == "closed"
    assert office.variables(outage)["told"] == 1


# --- what was taken in on paper ------------------------------------------------------------------


def paper_task(office: Office, outage: Filed) -> UUID:
    return office.claim(outage, "enter_paper", "counter Lin")


def enter(office: Office, task_id: UUID, package_id: str = "P22") -> Filed:
    command = FileCase(package_id, "counter", TRANSCRIPT, APPLICANT)
    clerk = office.person("counter Lin")
    with office.db.transaction() as tx:
        filed, _ = reentries.enter(tx, task_id, command, clerk, office.clock.now())
    return filed


@pytest.fixture
def taken(office: Office) -> Filed:
    """An outage that is over, with one paper handed in on Tuesday at 10:15."""
    office.deploy_real("P22")
    outage = begin(office)
    take_paper(office, outage)
    end(office, outage)
    return outage


def test_a_paper_is_entered_as_a_case_of_the_day_it_was_handed_in(
    office: Office, taken: Filed
) -> None:
    filed = enter(office, paper_task(office, taken))

    row = office.row(filed)
    assert row.filed_at == datetime(2026, 3, 3, 2, 15, tzinfo=UTC)
    assert row.parent_case_id == taken.id
    assert acts(office, filed) == [
        ("start", date(2026, 3, 3), None),
        ("pause", date(2026, 3, 3), "system_down"),
        ("resume", date(2026, 3, 5), None),
    ]
    assert office.open_tasks(taken) == ["check_paper"]


def test_every_paper_gets_a_temporary_certificate(office: Office, taken: Filed) -> None:
    kinds = [row.kind for row in office.rows(tables.notices, taken)]

    assert kinds == ["temporary_certificate"]


def test_a_paper_is_entered_once_and_only_for_its_matter(office: Office, taken: Filed) -> None:
    task_id = paper_task(office, taken)
    with pytest.raises(Rejected, match="matter"):
        enter(office, task_id, "A2")

    enter(office, task_id)

    with pytest.raises(Conflict, match="claim it first"):
        enter(office, task_id)


def test_nothing_is_handed_in_later_than_now(office: Office) -> None:
    command = FileCase("CLOCKED", "counter", received_at=taipei("2026-03-03"))
    clerk = office.person("counter Lin")

    with office.db.transaction() as tx, pytest.raises(Rejected, match="before"):
        cases.file(tx, command, clerk, office.clock.now())


# --- the judgement -------------------------------------------------------------------------------

NOW = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
OVER = Outage("office", "N-1", date(2026, 3, 3), date(2026, 3, 5))


def entry(kind: str, day: int, ground: str | None = None) -> Entry:
    return Entry(kind, NOW, date(2026, 3, day), ground)


@pytest.mark.parametrize(
    ("ledger", "expected"),
    [
        ([entry("start", 2)], [("pause", 3), ("resume", 5)]),
        ([entry("start", 4)], [("pause", 4), ("resume", 5)]),
        ([entry("start", 5)], []),
        ([entry("start", 2), entry("pause", 3, "system_down")], [("resume", 5)]),
        ([entry("start", 2), entry("pause", 3, "correction")], []),
        (
            [entry("start", 2), entry("pause", 2, "correction"), entry("resume", 4)],
            [("pause", 4), ("resume", 5)],
        ),
    ],
)
def test_what_the_end_of_an_outage_enters(
    ledger: list[Entry], expected: list[tuple[str, int]]
) -> None:
    found = outages.released(ledger, date(2026, 3, 9), OVER, NOW)

    assert [(each.kind, each.on_day.day) for each in found] == expected


def test_a_limit_that_was_over_before_stays_late() -> None:
    assert outages.released([entry("start", 2)], date(2026, 3, 2), OVER, NOW) == []
