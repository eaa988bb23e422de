"""Where the time went: every moment once, for whoever had the case; and which acts remain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.lawful import Standing, acts
from sla.rules import Kind
from sla.time_spent import Spent, Stretch, add_up, of_pause, of_task

BEGIN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def at(days: float) -> datetime:
    return BEGIN + timedelta(days=days)


def test_a_task_waits_to_be_taken_and_then_is_worked_on() -> None:
    spent = add_up(BEGIN, at(5), of_task(BEGIN, at(2), None, waits=False))

    assert spent.days == {Spent.PICK_UP: 2.0, Spent.WORK: 3.0}
    assert spent.most is Spent.WORK
    assert spent.parts() == [(Spent.WORK, 0.0, 60.0), (Spent.PICK_UP, 60.0, 40.0)]


def test_the_ledger_and_the_outbox_say_who_outside_is_meant() -> None:
    stretches = [
        *of_task(at(1), None, at(6), waits=True),
        *of_pause("correction", at(2), at(3)),
        *of_pause("disaster", at(3), at(4)),
        Stretch(Spent.AGENCY, at(4), at(5)),
    ]

    spent = add_up(BEGIN, at(7), stretches)

    assert spent.days == {
        Spent.SYSTEM: 2.0,
        Spent.OUTSIDE: 3.0 - 1.0 + 1.0,
        Spent.APPLICANT: 1.0,
        Spent.AGENCY: 1.0,
    }


def test_a_case_just_filed_has_spent_nothing() -> None:
    spent = add_up(BEGIN, BEGIN, [])

    assert spent.most is None
    assert spent.parts() == []


stretches = st.builds(
    lambda kind, begin, length, is_open: Stretch(
        kind, at(begin), None if is_open else at(begin + length)
    ),
    st.sampled_from(list(Spent)),
    st.integers(-5, 30),
    st.integers(0, 20),
    st.booleans(),
)


@given(st.lists(stretches, max_size=12), st.integers(1, 30))
def test_the_parts_always_add_up_to_the_age_of_the_case(found: list[Stretch], age: int) -> None:
    spent = add_up(BEGIN, at(age), found)

    assert sum(spent.days.values()) == pytest.approx(age)
    assert sum(width for _, _, width in spent.parts()) == pytest.approx(100, abs=0.1)


def standing(**more: object) -> Standing:
    usual = {
        "kind": Kind.PROCESSING,
        "name": "processing",
        "is_overdue": True,
        "has_open_task": True,
        "has_open_chase": False,
        "is_chase": False,
        "may_extend": "clock.expired",
        "dunned": False,
        "is_being_dunned": False,
    }
    return Standing(**{**usual, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "act", "why_not"),
    [
        ({}, "assign", None),
        ({"has_open_task": False}, "assign", "overdue.no_open_task"),
        ({}, "chase", None),
        ({"is_overdue": False}, "chase", "chase.not_overdue"),
        ({"has_open_chase": True}, "chase", "chase.open"),
        ({"is_chase": True}, "chase", "chase.of_chase"),
        ({}, "extend", "clock.expired"),
        ({"may_extend": None}, "extend", None),
        ({}, "tell", None),
        ({"kind": Kind.DUTY}, "tell", "delay.no_applicant"),
        ({}, "ex_officio", "overdue.not_dunned"),
        ({"dunned": True}, "ex_officio", None),
        ({"kind": Kind.FILING}, "chase", "chase.applicant"),
        ({"kind": Kind.FILING}, "dun", None),
        ({"kind": Kind.FILING, "is_overdue": False}, "dun", "overdue.still_runs"),
        ({"kind": Kind.FILING, "is_being_dunned": True}, "dun", "overdue.dunned"),
        ({"kind": Kind.FILING, "dunned": True}, "dun", "overdue.dunned"),
        ({"kind": Kind.FILING}, "refuse", "overdue.no_correction"),
        ({"kind": Kind.TERM, "name": "correction"}, "refuse", None),
        ({"kind": Kind.TERM, "name": "correction"}, "dun", "overdue.no_window"),
        ({"kind": Kind.TERM, "name": "dunning", "dunned": True}, "ex_officio", None),
        ({"kind": Kind.TERM, "name": "dunning"}, "refuse", "overdue.no_correction"),
        ({"kind": Kind.LAPSE, "name": "public_notice"}, "dun", "overdue.no_window"),
        ({"kind": Kind.LAPSE, "name": "public_notice"}, "assign", None),
    ],
)
def test_each_act_is_open_or_says_why_not(
    more: dict[str, object], act: str, why_not: str | None
) -> None:
    found = {each.name: each for each in acts(standing(**more))}

    assert found[act].why_not == why_not
    assert found["ex_officio"].article == "HA 48-2"


def test_an_applicants_limit_is_neither_extended_nor_excused() -> None:
    names = [each.name for each in acts(standing(kind=Kind.FILING, name="statutory"))]

    assert names == ["dun", "refuse", "ex_officio", "assign", "chase"]


def test_the_acts_name_their_articles() -> None:
    ours = {each.name: each.article for each in acts(standing())}

    assert ours["extend"] == "APA 51(3); APA 51(4)"
    assert acts(standing(kind=Kind.FILING))[0].article == "HA 48(3)"
