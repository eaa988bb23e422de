"""Who may do what, by the table."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from engine.actors import Actor, system
from engine.errors import Conflict, Forbidden, NotFound, Rejected
from engine.permissions import (
    CaseFacts,
    Refusal,
    TaskFacts,
    demand,
    may_approve,
    may_assign,
    may_claim,
    may_complete,
    may_deploy,
    may_file,
    may_handle,
    may_mend,
    may_release,
    may_reveal,
    may_see,
    may_suspend,
)

LIN, WU = uuid4(), uuid4()
TASK = TaskFacts(uuid4(), "unclaimed", "o1", frozenset({"reviewer"}), duty="review")
MINE = replace(TASK, status="claimed", assignee_id=LIN)
CASE = CaseFacts("N-1", "o1", "o2", "o3")


def person(*groups: str, office: str = "o1", person_id: UUID = LIN) -> Actor:
    return Actor(person_id, uuid4(), office, frozenset(groups))


def code(refusal: Refusal | None) -> str | None:
    return None if refusal is None else refusal.code


@pytest.mark.parametrize(
    ("task", "actor", "duties", "expected"),
    [
        (TASK, person("reviewer"), {}, None),
        (TASK, person("reviewer"), {LIN: "review"}, None),
        (TASK, person("reviewer"), {WU: "record"}, None),
        (TASK, person("reviewer"), {LIN: "record"}, "duty.conflict"),
        (TASK, person("reviewer"), {LIN: "approve"}, "duty.conflict"),
        (replace(TASK, duty=None), person("reviewer"), {LIN: "record"}, None),
        (TASK, person("counter"), {}, "user_task.not_candidate"),
        (TASK, person("reviewer", office="o2"), {}, "user_task.not_found"),
        (TASK, system("o1"), {}, "actor.system"),
        (MINE, person("reviewer"), {}, "user_task.already_yours"),
        (MINE, person("reviewer", person_id=WU), {}, "user_task.already_claimed"),
        (replace(TASK, status="completed"), person("reviewer"), {}, "user_task.ended"),
        (replace(TASK, case_status="suspended"), person("reviewer"), {}, "case.suspended"),
        (replace(TASK, case_status="closed"), person("reviewer"), {}, "case.ended"),
    ],
)
def test_who_may_claim(
    task: TaskFacts, actor: Actor, duties: dict[UUID, str], expected: str | None
) -> None:
    assert code(may_claim(task, actor, duties)) == expected


@pytest.mark.parametrize(
    ("task", "actor", "outcome", "expected"),
    [
        (MINE, person("reviewer"), None, None),
        (MINE, person("reviewer", person_id=WU), None, "user_task.not_assignee"),
        (TASK, person("reviewer"), None, "user_task.not_claimed"),
        (MINE, person("reviewer"), "approve", "user_task.outcome"),
        (replace(MINE, outcomes=("approve",)), person("reviewer"), None, "user_task.outcome"),
        (replace(MINE, outcomes=("approve",)), person("reviewer"), "approve", None),
        (replace(MINE, case_status="suspended"), person("reviewer"), None, "case.suspended"),
        (replace(MINE, status="cancelled"), person("reviewer"), None, "user_task.ended"),
    ],
)
def test_who_may_complete(
    task: TaskFacts, actor: Actor, outcome: str | None, expected: str | None
) -> None:
    assert code(may_complete(task, actor, {}, outcome)) == expected


def test_who_has_had_another_duty_may_not_complete() -> None:
    assert code(may_complete(MINE, person("reviewer"), {LIN: "record"})) == "duty.conflict"


def test_who_may_release_and_assign() -> None:
    chief = person("chief", person_id=WU)

    assert may_release(MINE, person("reviewer")) is None
    assert may_release(MINE, chief) is None
    assert code(may_release(MINE, person("reviewer", person_id=WU))) == "user_task.not_assignee"
    assert code(may_release(TASK, chief)) == "user_task.not_claimed"
    assert may_assign(TASK, chief, LIN, {"reviewer"}, {}) is None
    assert code(may_assign(TASK, chief, LIN, {"counter"}, {})) == "user_task.not_candidate"
    assert code(may_assign(TASK, chief, LIN, {"reviewer"}, {LIN: "record"})) == "duty.conflict"
    by_clerk = may_assign(TASK, person("reviewer"), LIN, {"reviewer"}, {})
    assert code(by_clerk) == "user_task.assign_forbidden"


def test_who_may_file() -> None:
    def told(channel: str, actor: Actor) -> str | None:
        return code(may_file("P01", ["counter", "online"], ["counter"], channel, actor))

    assert told("counter", person("counter")) is None
    assert told("online", system("o1")) is None
    assert told("post", person("counter")) == "case.channel"
    assert told("counter", person("reviewer")) == "case.file_forbidden"


@pytest.mark.parametrize(
    ("office", "sees"), [("o1", True), ("o2", True), ("o3", True), ("o4", False)]
)
def test_the_offices_of_a_case_see_it(office: str, sees: bool) -> None:
    assert (may_see(CASE, person("counter", office=office)) is None) is sees


def test_only_the_office_that_has_the_case_works_on_it() -> None:
    assert may_handle(CASE, person("counter")) is None
    assert code(may_handle(CASE, person("counter", office="o2"))) == "case.other_office"
    assert code(may_handle(CASE, person("analyst"))) == "case.not_handler"
    assert code(may_suspend(CASE, person("counter"))) == "case.suspend_forbidden"
    assert may_suspend(CASE, person("chief")) is None


def test_personal_data_needs_a_purpose_and_a_handler() -> None:
    assert may_reveal(CASE, person("counter"), "call") is None
    assert code(may_reveal(CASE, person("counter"), "  ")) == "reveal.purpose"
    assert code(may_reveal(CASE, person("operator"), "call")) == "case.not_handler"
    assert code(may_reveal(CASE, person("counter", office="o9"), "call")) == "case.not_found"


def test_four_eyes_on_processes_and_hands_on_faults() -> None:
    assert may_deploy(person("analyst")) is None
    assert code(may_deploy(person("counter"))) == "definition.deploy_forbidden"
    assert code(may_approve(LIN, person("analyst"))) == "definition.four_eyes"
    assert may_approve(WU, person("analyst")) is None
    assert may_mend("o1", person("operator")) is None
    assert code(may_mend("o1", person("counter"))) == "incident.forbidden"
    assert code(may_mend("o2", person("operator"))) == "incident.not_found"


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (may_claim(TASK, person("counter"), {}), Forbidden),
        (may_claim(MINE, person("reviewer"), {}), Conflict),
        (may_see(CASE, person("counter", office="o9")), NotFound),
        (may_complete(MINE, person("reviewer"), {}, "x"), Rejected),
    ],
)
def test_a_refusal_is_raised_as_its_kind(refusal: Refusal | None, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        demand(refusal)
