"""Every date that is stored can be computed again from its stored explanation alone."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from engine.cases import Filed
from engine.clock import legal_day
from sla import clock_facts
from store import tables
from tests.sla.acting import act
from tests.support.explanations import followed
from tests.support.office import Office

ACTS = st.lists(
    st.tuples(st.sampled_from(["pause", "resume", "close", "extend"]), st.integers(0, 2)),
    max_size=5,
)


def clocks_of(office: Office, case: Filed) -> list[Any]:
    with office.db.transaction(read_only=True) as tx:
        return list(tx.execute(select(tables.clocks).where(tables.clocks.c.case_id == case.id)))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(ACTS)
def test_a_stored_date_follows_from_its_explanation(
    office: Office, acts: list[tuple[str, int]]
) -> None:
    case = office.file("CLOCKED")
    for kind, days in acts:
        act(office, case, kind, days)

    for clock in clocks_of(office, case):
        for told in clock.explanation.values():
            if clock.due_on is None:
                assert told["due"] == "paused"
            else:
                assert followed(told) == clock.due_on.isoformat()


def test_the_facts_of_a_clock_say_who_entered_them_and_what_they_led_to(office: Office) -> None:
    case = office.file("CLOCKED")
    act(office, case, "pause", 1)
    act(office, case, "resume", 2)

    with office.db.transaction(read_only=True) as tx:
        clock = office.clock_of(case)
        shown = clock_facts.on_paper(tx, case.id, clock.id)

    assert [fact.kind for fact in shown.facts] == ["start", "pause", "resume"]
    paused = shown.facts[1]
    assert paused.entered_by == "chief Wu"
    assert paused.ground is not None
    assert paused.due_after is None
    assert shown.facts[2].due_after == clock.due_at
    assert shown.facts[2].on_day == legal_day(office.clock.now())
    assert shown.facts[0].on_day == date(2026, 3, 2)
    assert shown.explanation["en"]["calendar"]
