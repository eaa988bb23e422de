"""Messages find one case; signals find all that wait; neither locks two cases in one step."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from engine import cases, incidents, messages
from engine.errors import Conflict, Rejected
from engine.messages import Incoming, Outcome
from store import tables
from tests.support.driver import CaseDriver
from tests.support.factories import OFFICE
from tests.support.packages import diagram, flows, user_task, write_package
from tests.support.races import at_once

PAID = '<message id="paid" name="paid" hz:correlationKey="note"/>'
WITHDRAWAL = '<message id="withdrawal" name="withdrawal"/>'
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
SENDER = diagram(
    "SENDER",
    '<startEvent id="start"/><sendTask id="tell" name="Tell" messageRef="paid"/>'
    '<endEvent id="end"/>' + flows("start>tell", "tell>end"),
    PAID,
)
HEARER = diagram(
    "HEARER",
    '<startEvent id="start"/><intermediateCatchEvent id="hear"><signalEventDefinition '
    'signalRef="alarm"/></intermediateCatchEvent>'
    + user_task("leave")
    + '<endEvent id="end"/>'
    + flows("start>hear", "hear>leave", "leave>end"),
    '<signal id="alarm" name="alarm"/>',
)
SHOUTER = diagram(
    "SHOUTER",
    '<startEvent id="start"/><intermediateThrowEvent id="shout"><signalEventDefinition '
    'signalRef="alarm"/></intermediateThrowEvent><endEvent id="end"/>'
    + flows("start>shout", "shout>end"),
    '<signal id="alarm" name="alarm"/>',
)
KIND = diagram(
    "KIND",
    '<startEvent id="start"/>'
    + user_task("work")
    + '<endEvent id="end"/>'
    + flows("start>work", "work>end")
    + '<subProcess id="withdrawn" triggeredByEvent="true"><startEvent id="asked" '
    'isInterrupting="true"><messageEventDefinition messageRef="withdrawal"/></startEvent>'
    + user_task("refund")
    + '<endEvent id="gone"><extensionElements><hz:output source="&quot;withdrawn&quot;" '
    'target="result"/></extensionElements></endEvent>'
    + flows("asked>refund", "refund>gone")
    + "</subProcess>",
    WITHDRAWAL,
)


@pytest.fixture
def office(driver: CaseDriver, packages: Path) -> CaseDriver:
    for package_id, xml in (
        ("RECEIVER", RECEIVER),
        ("SENDER", SENDER),
        ("HEARER", HEARER),
        ("SHOUTER", SHOUTER),
        ("KIND", KIND),
    ):
        write_package(packages, package_id, xml)
        driver.deploy(package_id)
    return driver


def correlate(driver: CaseDriver, key: str, message_id: str = "m1") -> Outcome:
    incoming = Incoming("bank", message_id, "paid", key, {"amount": 200})
    with driver.db.transaction() as tx:
        return messages.correlate(tx, incoming, OFFICE, driver.clock.now())


def waiting(driver: CaseDriver, key: str) -> object:
    case = driver.file("RECEIVER", values={"note": key})
    driver.complete(case, "before", by="counter Lin", values={"note": key})
    return case


def test_a_message_reaches_the_one_case_that_waits(office: CaseDriver) -> None:
    mine, other = waiting(office, "A1"), waiting(office, "B2")

    assert correlate(office, "A1") is Outcome.CORRELATED

    assert office.open_tasks(mine) == ["after"]
    assert office.variables(mine)["amount"] == 200
    assert office.open_tasks(other) == []
    assert "message.correlated" in office.actions(mine)


def test_a_duplicate_does_nothing(office: CaseDriver) -> None:
    case = waiting(office, "A1")

    outcomes = [correlate(office, "A1"), correlate(office, "A1")]

    assert outcomes == [Outcome.CORRELATED, Outcome.DUPLICATE]
    assert office.actions(case).count("message.correlated") == 1


def test_of_the_same_message_many_times_at_once_one_is_taken(office: CaseDriver) -> None:
    waiting(office, "A1")

    outcomes, refused = at_once(*(partial(correlate, office, "A1") for _ in range(8)))

    assert refused == []
    assert sorted(outcomes) == sorted([Outcome.CORRELATED, *[Outcome.DUPLICATE] * 7])


def test_an_early_message_is_given_in_the_step_that_opens_the_wait(office: CaseDriver) -> None:
    assert correlate(office, "A1") is Outcome.EARLY

    case = waiting(office, "A1")

    assert office.open_tasks(case) == ["after"]
    assert office.row(case).version == 2
    assert office.variables(case)["amount"] == 200
    assert [row.status for row in office.rows(tables.inbox)] == ["correlated"]


def test_an_early_message_that_nobody_wants_expires(office: CaseDriver) -> None:
    correlate(office, "A1")

    office.pass_time(messages.KEPT)
    case = waiting(office, "A1")

    assert [row.status for row in office.rows(tables.inbox)] == ["expired"]
    assert office.open_tasks(case) == []


def test_a_message_two_cases_wait_for_is_quarantined_and_can_be_replayed(
    office: CaseDriver,
) -> None:
    first, second = waiting(office, "A1"), waiting(office, "A1")

    assert correlate(office, "A1") is Outcome.QUARANTINED
    assert office.open_tasks(first) == office.open_tasks(second) == []
    incident = office.rows(tables.incidents)[0]
    assert (incident.source, incident.case_id) == ("message", None)

    clerk, operator = office.person("counter Lin"), office.person("operator Su")
    with office.db.transaction() as tx:
        cases.withdraw(tx, second.id, "wrong", clerk, office.clock.now())
        incidents.retry(tx, incident.id, {}, operator, office.clock.now())
    office.do_due()
    assert office.open_tasks(first) == ["after"]


def test_a_message_for_a_suspended_case_is_kept_until_it_goes_on(office: CaseDriver) -> None:
    case = waiting(office, "A1")
    chief, now = office.person("chief Wu"), office.clock.now()
    with office.db.transaction() as tx:
        cases.suspend(tx, case.id, "court", chief, now)

    assert correlate(office, "A1") is Outcome.EARLY
    assert office.do_due() == 0

    with office.db.transaction() as tx:
        cases.resume(tx, case.id, "it may go on", chief, now)
    office.do_due()
    assert office.open_tasks(case) == ["after"]


def test_a_message_that_crossed_with_the_wait_is_found_by_the_beat(office: CaseDriver) -> None:
    case = waiting(office, "A1")
    correlate(office, "B2")
    with office.db.transaction() as tx:
        tx.execute(tables.inbox.update().values(correlation_key="A1"))

    office.do_due()

    assert office.open_tasks(case) == ["after"]


def test_values_that_cannot_be_variables_are_refused_at_the_door(office: CaseDriver) -> None:
    incoming = Incoming("bank", "m", "paid", "A1", {"data": {"name": "x"}})

    with pytest.raises(Rejected, match="payload cannot be taken"), office.db.transaction() as tx:
        messages.correlate(tx, incoming, OFFICE, office.clock.now())


def test_one_case_sends_a_message_to_another(office: CaseDriver) -> None:
    case = waiting(office, "A1")

    sender = office.file("SENDER", values={"note": "A1"})
    assert office.status(sender) == "closed"
    assert office.open_tasks(case) == []
    office.do_due()

    assert office.open_tasks(case) == ["after"]
    assert [job.status for job in office.rows(tables.jobs)] == ["done"]


def test_a_person_sends_a_message_to_a_case_that_waits_for_it(office: CaseDriver) -> None:
    case = waiting(office, "A1")
    actor, now = office.person("counter Lin"), office.clock.now()

    def send(name: str, tx: Connection) -> None:
        messages.send_to_case(tx, case.id, name, {"amount": 7}, actor, now)

    with pytest.raises(Conflict, match="does not wait"):
        office.db.run(partial(send, "nothing"))
    office.db.run(partial(send, "paid"))

    assert office.variables(case)["amount"] == 7


def test_a_signal_reaches_every_case_that_waits_each_in_its_own_step(office: CaseDriver) -> None:
    hearers = [office.file("HEARER") for _ in range(3)]

    office.file("SHOUTER")
    assert [office.open_tasks(case) for case in hearers] == [[], [], []]
    assert office.do_due() == 3

    assert [office.open_tasks(case) for case in hearers] == [["leave"]] * 3
    assert all(office.row(case).version == 2 for case in hearers)


def test_a_process_that_waits_for_the_withdrawal_ends_by_itself(office: CaseDriver) -> None:
    case = office.file("KIND")
    actor = office.person("counter Lin")

    with office.db.transaction() as tx:
        cases.withdraw(tx, case.id, "moved abroad", actor, office.clock.now())
    assert (office.status(case), office.open_tasks(case)) == ("active", ["refund"])
    office.complete(case, "refund", by="counter Lin")

    assert (office.status(case), office.row(case).outcome) == ("withdrawn", "withdrawn")
    ended = [row for row in office.rows(tables.history, case) if row.action == "case.withdrawn"]
    assert len(ended) == 1
    assert "moved abroad" not in str(ended[0].detail)  # reasons lie under the case's key


def test_a_process_that_does_not_is_ended_at_once(office: CaseDriver) -> None:
    case = office.file("RECEIVER", values={"note": "A1"})
    actor = office.person("counter Lin")

    with office.db.transaction() as tx:
        cases.withdraw(tx, case.id, "moved abroad", actor, office.clock.now())

    assert (office.status(case), office.open_tasks(case)) == ("withdrawn", [])
    assert [task.status for task in office.tasks(case, "cancelled")] == ["cancelled"]
    assert office.pass_time(timedelta(days=9)) == 0
