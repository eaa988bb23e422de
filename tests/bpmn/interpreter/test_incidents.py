"""Incidents: the element stays put, everything else goes on, and a retry is the same step again."""

from __future__ import annotations

import pytest

from engine.bpmn import facts
from engine.bpmn.environment import DecisionOutcome, Environment
from engine.bpmn.interpreter import BadValues, incidents
from engine.bpmn.state import WaitKind
from tests.support.instances import Instance
from tests.support.processes import after, each, process


def test_a_script_that_cannot_be_computed_waits_for_a_person() -> None:
    definition = process("p").start().script("s", "total", "fee * 2").end().build()

    run = Instance(definition)
    (raised,) = run.told(facts.IncidentRaised)
    assert (raised.key, raised.element_id, raised.code) == ("s#1", "s", "feel.unknown-name")
    assert "fee" in raised.message
    assert "fee * 2" in raised.message
    assert not run.told(facts.InstanceCompleted)

    run.retry(fee=100)
    assert run.value("total") == 200
    assert run.last[0] == facts.IncidentResolved("s#1")
    assert run.completed_at() == ("end",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 / 0", "feel.division-by-zero"),
        ('1 + "a"', "feel.wrong-type"),
        ("nothing(1)", "feel.no-such-function"),
        ("null + 1", "feel.null-operand"),
    ],
)
def test_every_diagnostic_is_an_incident(text: str, code: str) -> None:
    assert Instance(process("p").start().script("s", "x", text).build()).incident_codes() == [code]


def test_a_condition_that_is_neither_true_nor_false_is_an_incident_not_a_default() -> None:
    definition = (
        process("p")
        .start()
        .xor("x")
        .when("ready")
        .end("yes")
        .back_to("x")
        .otherwise()
        .end("no")
        .build()
    )

    run = Instance(definition, {"ready": "perhaps"})
    assert run.incident_codes() == ["feel.wrong-type"]
    run.retry(ready=True)

    assert run.completed_at() == ("yes",)
    assert run.visited().count("x") == 1


def test_other_branches_go_on_beside_an_incident() -> None:
    definition = (
        process("p")
        .start()
        .parallel("fork")
        .script("s", "x", "missing")
        .parallel("join")
        .end()
        .back_to("fork")
        .user_task("a")
        .to("join")
        .build()
    )
    run = Instance(definition)

    run.complete("a")
    assert run.incident_codes() == ["feel.unknown-name"]
    run.retry(missing=1)

    assert run.completed_at() == ("end",)


def test_boundary_events_still_listen_while_their_activity_is_an_incident() -> None:
    definition = (
        process("p")
        .start()
        .script("s", "x", "missing")
        .boundary("s", "late", after("P1D"))
        .user_task("by_hand")
        .build()
    )
    run = Instance(definition)

    run.pass_time(days=1)

    assert run.open() == ["by_hand"]
    assert run.incident_codes() == []
    assert facts.IncidentResolved("s#1") in run.last


def test_outputs_that_fail_keep_what_was_completed_with_and_can_be_corrected() -> None:
    definition = (
        process("p").start().user_task("a", outputs={"total": "amount * rate"}).end().build()
    )
    run = Instance(definition, {"rate": 2})

    run.complete("a", amount="ten")
    assert facts.UserTaskCompleted("a#1") in run.last
    assert run.incident_codes() == ["feel.wrong-type"]
    assert run.open() == []
    run.retry(amount=10)

    assert run.value("total") == 20
    assert not run.has("amount")


def test_a_second_incident_of_the_same_activation_has_a_key_of_its_own() -> None:
    run = Instance(process("p").start().script("s", "x", "a + b").end().build())

    run.retry(a=1)
    run.retry(b=2)

    keys = [fact.key for fact in run.told(facts.IncidentRaised)]
    assert keys == ["s#1", "s#2"]
    assert [fact.key for fact in run.told(facts.IncidentResolved)] == keys
    assert run.value("x") == 3


def test_a_failed_service_is_asked_again_under_a_new_key() -> None:
    definition = process("p").start().service("notify", inputs={"to": "who"}).end().build()
    run = Instance(definition, {"who": "x"})

    run.fail("notify")
    assert run.incident_codes() == ["service.failed"]
    assert incidents(run.state)[0].message == "The agency said no"
    run.retry(who="y")
    run.answer("notify", status="confirmed")

    assert [(each.key, each.inputs) for each in run.told(facts.ServiceTaskRequested)] == [
        ("notify#1", {"to": "x"}),
        ("notify#2", {"to": "y"}),
    ]
    assert facts.ServiceTaskCancelled("notify#1") in run.facts
    assert facts.ElementCompleted("notify#1", "p", "notify") in run.facts
    assert run.value("status") == "confirmed"


def test_an_error_code_nobody_catches_is_an_incident_with_the_services_words() -> None:
    run = Instance(process("p").start().service("notify").end().build())

    run.fail("notify", "AGENCY_FAILED")

    assert run.incident_codes() == ["error.uncaught"]
    assert "The agency said no" in incidents(run.state)[0].message
    run.retry()
    assert run.open(WaitKind.SERVICE) == ["notify"]


def test_a_decision_tells_its_rows_and_stores_its_result() -> None:
    outcome = DecisionOutcome({"fine": 300}, "2025-01", ("fine:2",))
    seen: list[object] = []

    def decide(context: object) -> DecisionOutcome:
        seen.append(context["legal_date"])  # type: ignore[index]
        return outcome

    definition = (
        process("p").start().decide("d", "fine", "result", legal_date="event_date").end().build()
    )

    run = Instance(definition, {"event_date": "2026"}, env=Environment(decisions={"fine": decide}))

    assert run.told(facts.DecisionEvaluated) == [
        facts.DecisionEvaluated("d#1", "p", "d", "fine", "2025-01", ("fine:2",), {"fine": 300})
    ]
    assert run.value("result") == {"fine": 300}
    assert seen == ["2026"]


def test_a_decision_with_problems_or_without_a_table_is_an_incident() -> None:
    definition = process("p").start().decide("d", "fine", "result").end().build()

    run = Instance(definition)
    assert run.incident_codes() == ["decision.unknown"]

    run.env = Environment(
        decisions={"fine": lambda _: DecisionOutcome(None, "1", problems=("No row fits",))}
    )
    run.retry()
    assert run.incident_codes() == ["decision.failed"]
    assert incidents(run.state)[0].message == "No row fits"


def test_a_mapping_to_a_name_that_is_none_is_an_incident() -> None:
    definition = process("p").start().user_task("a", outputs={"_x": "1"}).end().build()
    run = Instance(definition)

    run.complete("a")

    assert run.incident_codes() == ["variable.name"]


def test_a_retry_with_bad_values_changes_nothing() -> None:
    run = Instance(process("p").start().script("s", "x", "a").end().build())

    with pytest.raises(BadValues):
        run.retry(_a=1)

    assert run.incident_codes() == ["feel.unknown-name"]


def test_a_retry_inside_a_sub_process_writes_where_the_step_reads() -> None:
    definition = (
        process("p")
        .start()
        .sub_process(
            "sub",
            lambda s: s.start("s1").script("s", "y", "x + 1").user_task("a"),
            declares=("x",),
        )
        .build()
    )
    run = Instance(definition)
    assert run.incident_codes() == ["feel.null-operand"]

    run.retry(x=1)

    assert run.value("y") == 2
    assert not run.has("x")


def test_an_incident_of_the_process_itself_is_raised_at_the_event_that_cannot_listen() -> None:
    definition = (
        process("p")
        .start()
        .user_task("a")
        .event_sub_process("late", lambda s: s.start("begin", after("P1D")).user_task("r"))
        .event_sub_process("other", lambda s: s.start("when", _days("days")).user_task("r2"))
        .build()
    )
    run = Instance(definition)

    (raised,) = run.told(facts.IncidentRaised)
    assert (raised.element_id, raised.process_id) == ("when", "p")
    assert run.open() == []
    run.retry(days=3)

    assert run.open() == ["a"]
    assert len(run.told(facts.TimerScheduled)) == 2


def _days(name: str) -> object:
    from tests.support.processes import timer

    return timer(f'duration("P" + string({name}) + "D")')


def test_a_huge_fan_out_is_one_incident() -> None:
    loop = each(times="900")
    definition = process("p").start().task("t", multi_instance=loop).end().build()

    run = Instance(definition, env=Environment(step_budget=500))

    assert run.incident_codes() == ["budget.steps"]
