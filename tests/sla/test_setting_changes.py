"""A setting of legal time is weighed, entered, followed by the open limits, and kept as history."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.actors import Actor
from engine.clock import legal_day
from engine.errors import Forbidden, Rejected
from sla import extensions, setting_changes
from sla.calendars import seed_national_days
from sla.closure_previews import Preview
from sla.extensions import Longer
from sla.spans import Unit
from store import tables
from tests.sla.acting import act
from tests.support.factories import OFFICE, an_office
from tests.support.office import Office, taipei

CLOSING = {"value": "closing", "source": "所務會議"}
NAME = "sla.working_day_ends"


def operator(office: Office, office_id: str = OFFICE) -> Actor:
    who = office.person(f"operator {office_id}", office_id)
    return Actor(who.person_id, who.account_id, office_id, frozenset({"operator"}), who.name)


def weighed(office: Office, given: dict[str, str], actor: Actor, name: str = NAME) -> Preview:
    with office.db.transaction(read_only=True) as tx:
        return setting_changes.weigh(tx, name, given, actor, office.clock.now())


def entered(office: Office, given: dict[str, str], actor: Actor, name: str = NAME) -> Any:
    with office.db.transaction() as tx:
        return setting_changes.enter(tx, name, given, actor, office.clock.now())


def test_what_a_setting_would_move_is_told_and_nothing_is_written(office: Office) -> None:
    case = office.file("CLOCKED")

    found = weighed(office, CLOSING, operator(office))

    (moved,) = found.moved
    assert (moved.before, moved.after) == (taipei("2026-03-06"), taipei("2026-03-05", "17:00"))
    assert found.is_whole
    assert office.clock_of(case).due_at == taipei("2026-03-06")


def test_entered_it_moves_the_open_limits_and_the_history_says_who_and_why(office: Office) -> None:
    case = office.file("CLOCKED")

    done = entered(office, CLOSING, operator(office))

    clock = office.clock_of(case)
    assert clock.due_at == taipei("2026-03-05", "17:00")
    assert (clock.due_on, done.is_done) == (date(2026, 3, 5), True)
    assert [row.kind for row in office.ledger(case)] == ["start", "recalculate"]
    with office.db.transaction(read_only=True) as tx:
        (change,) = setting_changes.changes(tx, operator(office))
    assert (change.setting, change.before, change.after) == (NAME, "midnight", "closing")
    assert change.source == "所務會議"


def test_an_extension_told_on_the_last_day_stays_granted_when_pauses_get_shorter(
    office: Office,
) -> None:
    case = office.file("CLOCKED")  # from Monday on, three working days
    act(office, case, "pause", 1)
    act(office, case, "resume", 2)  # Wednesday and Thursday do not count: until Monday
    act(office, case, "extend", 4)  # on Monday, by five: more than the three, so refused
    assert len(office.ledger(case)) == 3
    chief = office.person("chief Wu")
    longer = Longer(2, Unit.WORKING_DAY, "案情繁雜", legal_day(office.clock.now()))
    with office.db.transaction() as tx:
        extensions.extend(tx, office.clock_of(case).id, longer, chief, office.clock.now())

    entered(
        office,
        {"value": "both_count", "source": "所務會議"},
        operator(office),
        "sla.pause_convention",
    )

    # The day of return counts now: the period ended on Friday, before the applicant was told.
    assert office.ledger(case)[-1].kind == "recalculate"
    assert office.due(case) == taipei("2026-03-11")


def test_a_city_moves_the_offices_that_have_not_chosen_for_themselves(office: Office) -> None:
    with office.db.transaction() as tx:
        an_office(tx, "city")
        own = tables.offices.c.id == OFFICE
        tx.execute(update(tables.offices).where(own).values(parent_id="city"))
    office.file("CLOCKED")
    mayor = operator(office, "city")

    assert len(weighed(office, CLOSING, mayor).moved) == 1

    office.choose(NAME, "midnight")
    assert weighed(office, CLOSING, mayor).moved == []


def test_a_country_moves_no_office_whose_city_has_chosen(office: Office) -> None:
    with office.db.transaction() as tx:
        an_office(tx, "country")
        seed_national_days(tx, "country", 2025, 2027, office.clock.now())
        an_office(tx, "city", parent_id="country")
        own = tables.offices.c.id == OFFICE
        tx.execute(update(tables.offices).where(own).values(parent_id="city"))
    office.file("CLOCKED")
    minister = operator(office, "country")

    assert len(weighed(office, CLOSING, minister).moved) == 1

    office.choose(NAME, "midnight", "city")
    assert weighed(office, CLOSING, minister).moved == []
    assert entered(office, CLOSING, minister).moved == []


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"value": "closing", "source": " "}, Rejected),
        ({"value": "noon", "source": "公告"}, Rejected),
    ],
)
def test_what_is_no_choice_is_refused_before_it_is_weighed(
    office: Office, given: dict[str, str], refused: type[Exception]
) -> None:
    with pytest.raises(refused):
        weighed(office, given, operator(office))


def test_only_an_operator_or_the_director_changes_a_setting(office: Office) -> None:
    with pytest.raises(Forbidden):
        entered(office, CLOSING, office.person("counter Lin"))


def test_a_setting_of_accounts_moves_no_limit(office: Office) -> None:
    given = {"value": "60", "source": "要點"}

    assert entered(office, given, operator(office), "people.unused_days") is None
    with office.db.transaction(read_only=True) as tx:
        assert tx.execute(select(tables.jobs)).all() == []
