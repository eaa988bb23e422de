"""Who may work on a user task, and what two people at once can do to it: nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from engine import cases, kept_words, task_view, user_tasks
from engine.actors import Actor
from engine.errors import Conflict, Forbidden, NotFound, Rejected
from engine.user_tasks import Completion
from store import tables
from tests.support.driver import CaseDriver
from tests.support.factories import an_office
from tests.support.races import at_once


@pytest.fixture
def office(driver: CaseDriver) -> CaseDriver:
    driver.deploy("REVIEW")
    return driver


def test_of_fifty_who_claim_at_once_one_gets_the_task(office: CaseDriver) -> None:
    case = office.file("REVIEW")
    task_id = office.task(case, "record").id
    people = [office.person(f"counter {number}") for number in range(50)]

    def claim(actor: Actor) -> Actor:
        def once(tx: object) -> None:
            user_tasks.claim(tx, task_id, actor, office.clock.now())  # type: ignore[arg-type]

        office.db.run(once)
        return actor

    winners, losers = at_once(*(partial(claim, actor) for actor in people))

    assert len(winners) == 1
    assert len(losers) == 49
    assert {type(loser) for loser in losers} <= {Conflict}
    assert office.task(case, "record").assignee_id == winners[0].person_id
    assert office.actions(case).count("user_task.claimed") == 1


def test_many_who_take_the_next_get_different_tasks(office: CaseDriver) -> None:
    filed = [office.file("REVIEW") for _ in range(12)]
    people = [office.person(f"counter {number}") for number in range(12)]

    def take(actor: Actor) -> object:
        return office.db.run(lambda tx: user_tasks.take_next(tx, actor, office.clock.now()))

    taken, refused = at_once(*(partial(take, actor) for actor in people))

    assert refused == []
    assert len(set(taken)) == 12
    assert None not in taken
    assert all(office.task(case, "record").status == "claimed" for case in filed)


def test_the_next_task_is_the_most_urgent_one(office: CaseDriver) -> None:
    filed = []
    for _ in range(4):
        filed.append(office.file("REVIEW"))
        office.clock.move(timedelta(minutes=1))
    first, second, third, urgent = filed
    soon = office.clock.now() + timedelta(hours=1)
    with office.db.transaction() as tx:
        of_case = tables.user_tasks.c.case_id
        tx.execute(update(tables.user_tasks).where(of_case == third.id).values(urgent_at=soon))
        tx.execute(update(tables.user_tasks).where(of_case == urgent.id).values(priority=90))

    taken = [_take(office, "counter Lin") for _ in range(5)]

    ids = [office.task(case, "record").id for case in (urgent, third, first, second)]
    assert taken == [*ids, None]


def test_the_next_task_is_never_one_of_another_duty(office: CaseDriver) -> None:
    mine, other = office.file("REVIEW"), office.file("REVIEW")
    office.join("counter Lin", "reviewer")
    office.complete(mine, "record", by="counter Lin")
    office.complete(other, "record", by="counter Chou")

    assert _take(office, "counter Lin") == office.task(other, "review").id
    assert _take(office, "counter Lin") is None


def _take(driver: CaseDriver, name: str) -> object:
    actor = driver.person(name)
    with driver.db.transaction() as tx:
        return user_tasks.take_next(tx, actor, driver.clock.now())


def _refused(driver: CaseDriver, kind: type[Exception], deed: Callable[..., object]) -> str:
    with pytest.raises(kind) as refusal, driver.db.transaction() as tx:
        deed(tx)
    return str(getattr(refusal.value, "code", ""))


def test_only_candidates_claim(office: CaseDriver) -> None:
    case = office.file("REVIEW")
    reviewer, now = office.person("reviewer Wu"), office.clock.now()
    task_id = office.task(case, "record").id

    def claim(tx: object) -> None:
        user_tasks.claim(tx, task_id, reviewer, now)  # type: ignore[arg-type]

    assert _refused(office, Forbidden, claim) == "user_task.not_candidate"


def test_nobody_of_another_office_finds_the_task(office: CaseDriver) -> None:
    case = office.file("REVIEW")
    with office.db.transaction() as tx:
        an_office(tx, "tn-anping")
    stranger = office.person("counter Stranger", "tn-anping")
    task_id = office.task(case, "record").id

    for verb in (
        lambda tx: user_tasks.claim(tx, task_id, stranger, office.clock.now()),
        lambda tx: user_tasks.complete(tx, task_id, Completion(), stranger, office.clock.now()),
        lambda tx: cases.withdraw(tx, case.id, "x", stranger, office.clock.now()),
    ):
        _refused(office, NotFound, verb)


def test_who_recorded_does_not_review(office: CaseDriver) -> None:
    case = office.file("REVIEW")
    office.join("counter Lin", "reviewer")
    office.complete(case, "record", by="counter Lin")

    with pytest.raises(Forbidden, match="Duties are kept apart"):
        office.claim(case, "review", by="counter Lin")


def test_who_was_given_a_conflicting_duty_cannot_complete_it(office: CaseDriver) -> None:
    case = office.file("REVIEW")
    lin = office.join("counter Lin", "reviewer")
    office.complete(case, "record", by="counter Lin")
    _force_assignee(office, office.task(case, "review").id, lin)

    with pytest.raises(Forbidden, match="Duties are kept apart"):
        office.complete(case, "review", by="counter Lin", outcome="approve")


def test_the_database_alone_keeps_duties_apart(office: CaseDriver) -> None:
    case = office.file("REVIEW")
    lin = office.person("counter Lin")
    office.complete(case, "record", by="counter Lin")
    task_id = office.task(case, "review").id
    _force_assignee(office, task_id, lin)
    second_duty = {
        "case_id": case.id,
        "person_id": lin.person_id,
        "duty": "review",
        "office_id": lin.office_id,
        "since": office.clock.now(),
    }
    done = {"status": "completed", "completed_by": lin.person_id, "ended_at": office.clock.now()}
    by_lin = update(tables.user_tasks).where(tables.user_tasks.c.id == task_id).values(done)

    for bypass in (insert(tables.case_duties).values(second_duty), by_lin):
        with pytest.raises(IntegrityError), office.db.transaction() as tx:
            tx.execute(bypass)

    assert office.task(case, "review").status == "claimed"


def _force_assignee(driver: CaseDriver, task_id: object, actor: Actor) -> None:
    with driver.db.transaction() as tx:
        tx.execute(
            update(tables.user_tasks)
            .where(tables.user_tasks.c.id == task_id)
            .values(status="claimed", assignee_id=actor.person_id)
        )


def test_the_assignee_or_a_supervisor_gives_a_task_back(office: CaseDriver) -> None:
    case = office.file("REVIEW")
    task_id = office.claim(case, "record", by="counter Lin")
    others, chief = office.person("counter Chou"), office.person("chief Wu")
    now = office.clock.now()

    _refused(office, Forbidden, lambda tx: user_tasks.release(tx, task_id, others, now))
    with office.db.transaction() as tx:
        user_tasks.release(tx, task_id, chief, now)

    task = office.task(case, "record")
    assert (task.status, task.assignee_id) == ("unclaimed", None)


def test_a_supervisor_assigns_to_a_candidate_and_says_why(office: CaseDriver) -> None:
    case = office.file("REVIEW")
    task_id = office.claim(case, "record", by="counter Lin")
    chief, chou = office.person("chief Wu"), office.person("counter Chou")
    reviewer, now = office.person("reviewer Ko"), office.clock.now()
    assert chou.person_id is not None
    assert reviewer.person_id is not None

    def assign(to: Actor, by: Actor, reason: str = "leave") -> Callable[..., None]:
        return lambda tx: user_tasks.assign(
            tx,
            task_id,
            to.person_id,
            reason,
            by,
            now,  # type: ignore[arg-type]
        )

    _refused(office, Forbidden, assign(chou, by=chou))
    _refused(office, Forbidden, assign(reviewer, by=chief))
    _refused(office, Rejected, assign(chou, by=chief, reason=" "))
    with office.db.transaction() as tx:
        assign(chou, by=chief)(tx)

    assert office.task(case, "record").assignee_id == chou.person_id
    assert office.actions(case)[-1] == "user_task.assigned"


def test_only_the_assignee_completes(office: CaseDriver) -> None:
    case = office.file("REVIEW")
    office.claim(case, "record", by="counter Lin")

    with pytest.raises(Forbidden, match="somebody else"):
        office.complete(case, "record", by="counter Chou")


def test_an_outcome_the_task_does_not_have_is_refused(office: CaseDriver) -> None:
    case = office.file("REVIEW")
    office.complete(case, "record", by="counter Lin")

    for outcome in (None, "burn"):
        with pytest.raises(Rejected, match="approve, return"):
            office.complete(case, "review", by="reviewer Wu", outcome=outcome)


def test_a_task_changed_since_it_was_opened_is_a_conflict(office: CaseDriver) -> None:
    case = office.file("REVIEW")
    task_id = office.claim(case, "record", by="counter Lin")
    actor, now = office.person("counter Lin"), office.clock.now()

    def complete(tx: object) -> None:
        user_tasks.complete(
            tx,
            task_id,
            Completion(),
            actor,
            now,
            expected_version=1,  # type: ignore[arg-type]
        )

    assert _refused(office, Conflict, complete) == "user_task.changed"
    with office.db.transaction() as tx:
        user_tasks.complete(tx, task_id, Completion(), actor, now, expected_version=2)
    assert office.open_tasks(case) == ["review"]


def test_of_two_who_complete_at_once_one_does(office: CaseDriver) -> None:
    case = office.file("REVIEW")
    task_id = office.claim(case, "record", by="counter Lin")
    actor, now = office.person("counter Lin"), office.clock.now()

    def complete() -> None:
        office.db.run(lambda tx: user_tasks.complete(tx, task_id, Completion(), actor, now))

    done, refused = at_once(complete, complete, complete)

    assert len(done) == 1
    assert {type(each) for each in refused} == {Conflict}
    assert office.row(case).version == 2
    assert office.actions(case).count("user_task.completed") == 1


def test_work_is_returned_to_the_recorder_with_a_reason(office: CaseDriver) -> None:
    case = office.file("REVIEW")
    office.complete(case, "record", by="counter Lin")
    task_id = office.claim(case, "review", by="reviewer Wu")
    actor = office.person("reviewer Wu")

    with office.db.transaction() as tx:
        user_tasks.return_to_recorder(tx, task_id, "wrong date", "entry", actor, office.clock.now())

    again = office.task(case, "record")
    assert again.returned is True
    with office.db.transaction(read_only=True) as tx:
        kept = office.variables(case)
        assert "wrong date" not in repr(kept)
        assert kept_words.told(tx, [kept])[0]["return_reason"] == "wrong date"
        assert task_view.task_view(tx, again.id, actor).returned.reason == "wrong date"
    assert office.actions(case).count("user_task.returned") == 1


def test_values_become_variables_and_personal_data_does_not(office: CaseDriver) -> None:
    case = office.file("REVIEW", values={"amount": 5})
    office.complete(
        case,
        "record",
        by="counter Lin",
        values={"note": "n", "data.applicant.name": "陳大文"},
        data={"applicant": {"birth_date": "2001-02-03"}},
    )

    known = office.variables(case)
    assert known["note"] == "n"
    assert known["amount"] == 5
    assert "data" not in known
    actor = office.person("counter Lin")
    with office.db.transaction() as tx:
        seen = cases.reveal(
            tx,
            case.id,
            ["data.applicant.name", "data.applicant.birth_date", "data.nothing"],
            "check",
            actor,
            office.clock.now(),
        )
    assert str(seen["data.applicant.birth_date"]) == "2001-02-03"
    assert seen["data.applicant.name"] == "陳大文"
    assert seen["data.nothing"] is None


def test_a_failure_in_the_step_leaves_nothing(office: CaseDriver) -> None:
    case = office.file("REVIEW")
    task_id = office.claim(case, "record", by="counter Lin")
    before = _everything(office)
    actor, now = office.person("counter Lin"), office.clock.now()

    with pytest.raises(RuntimeError), office.db.transaction() as tx:  # noqa: PT012
        user_tasks.complete(tx, task_id, Completion({"note": "x"}), actor, now)
        raise RuntimeError

    assert _everything(office) == before


def _everything(driver: CaseDriver) -> dict[str, list[object]]:
    with driver.db.transaction(read_only=True) as tx:
        return {
            name: sorted(map(repr, tx.execute(select(table)).all()))
            for name, table in tables.metadata.tables.items()
        }
