"""An edit of a calendar by two persons: decided once, and never lost from sight."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from engine.actors import Actor
from engine.errors import Conflict, Rejected
from sla import calendar_edits
from sla.calendar_edits import Change
from sla.closure_previews import preview
from store import tables
from tests.support.factories import OFFICE
from tests.support.office import Office, taipei
from tests.support.packages import diagram, flows, user_task, write_package
from tests.support.races import at_once

DAY = date(2026, 3, 4)


def change(part: str = "all", day: date = DAY) -> Change:
    return Change(day, part, "颱風", "市府公告")


def test_a_reason_as_long_as_a_calendar_holds_is_taken_and_a_longer_one_refused() -> None:
    assert Change(DAY, "all", "風" * 120, "市府公告").reason

    with pytest.raises(Rejected) as refused:
        Change(DAY, "all", "風" * 121, "市府公告")

    assert (refused.value.code, refused.value.facts["most"]) == ("calendar.reason_long", 120)


def propose(office: Office, wanted: Change, by: str = "chief Wu") -> UUID:
    actor = office.person(by)
    with office.db.transaction() as tx:
        return calendar_edits.propose(tx, wanted, actor, office.clock.now())


def approve(office: Office, edit_id: UUID, actor: Actor) -> None:
    office.db.run(lambda tx: calendar_edits.approve(tx, edit_id, actor, office.clock.now()))


def entered_days(office: Office) -> int:
    wanted = select(func.count()).where(tables.calendar_days.c.entered_by.is_not(None))
    with office.db.transaction(read_only=True) as tx:
        return int(tx.scalar(wanted) or 0)


@pytest.mark.parametrize("part", ["all", "morning"])
def test_of_two_who_approve_at_once_one_is_told_that_it_was_decided(
    office: Office, part: str
) -> None:
    case = office.file("CLOCKED")
    edit_id = propose(office, change(part))
    others = [office.person("director Ho"), office.person("secretary Yu")]

    _, refused = at_once(*(lambda a=actor: approve(office, edit_id, a) for actor in others))

    assert [(type(each), each.code) for each in refused] == [(Conflict, "calendar.decided")]  # type: ignore[attr-defined]
    assert entered_days(office) == 1
    assert len(office.ledger(case)) == (2 if part == "all" else 1)


@pytest.mark.parametrize("part", ["all", "morning"])
def test_of_two_who_edit_a_day_at_once_the_second_is_told_whose_and_what_it_is(
    office: Office, part: str
) -> None:
    chief = office.person("chief Wu")
    office.person("director Ho")

    _, (refused,) = at_once(
        lambda: propose(office, change("all"), "chief Wu"),
        lambda: propose(office, change(part), "director Ho"),
    )

    (kept,) = office.rows(tables.calendar_edits)
    assert isinstance(refused, Conflict)
    assert refused.code == "calendar.proposed_already"
    mine = "全日" if kept.part == "all" else "上午"
    name = "Wu" if kept.proposed_by == chief.person_id else "Ho"
    assert f"{name}已提出115 年 3 月 4 日（三）停止上班{mine}（颱風）" in refused.facts["zh"]
    assert refused.facts["edit"] == str(kept.id)


def test_the_halves_of_a_day_are_edited_by_two(office: Office) -> None:
    propose(office, change("morning"))
    propose(office, change("afternoon"), "director Ho")

    assert len(office.rows(tables.calendar_edits)) == 2


def test_a_half_that_is_closed_already_is_neither_proposed_nor_entered_again(
    office: Office,
) -> None:
    director = office.person("director Ho")
    approve(office, propose(office, change("morning")), director)

    with pytest.raises(Rejected) as refused:
        propose(office, change("morning"))
    approve(office, propose(office, change("afternoon")), director)

    assert refused.value.code == "calendar.unchanged"
    assert entered_days(office) == 2


def test_what_waits_longest_stays_in_sight_however_much_is_proposed(office: Office) -> None:
    working = [DAY + timedelta(days=7 * week) for week in range(13)]
    proposed = []
    for day in working:
        proposed.append(propose(office, change(day=day)))
        office.clock.move(timedelta(minutes=1))
    first = proposed[0]

    with office.db.transaction(read_only=True) as tx:
        found = calendar_edits.latest(tx, office.person("director Ho"))

    assert len(found) == 13
    assert found[-1].id == first


def test_the_preview_knows_limits_that_are_counted_backwards_over_the_day(
    office: Office, packages: Path
) -> None:
    steps = '<startEvent id="start"/>' + user_task("look") + '<endEvent id="end"/>'
    process = diagram("WEDDING", steps + flows("start>look", "look>end"))
    limits = """
clocks:
  window: {rule: MARRIAGE_PREREG_3OD, start: "=date(\\"2026-03-20\\")"}
"""
    write_package(packages, "WEDDING", process, limits=limits)
    office.deploy("WEDDING")
    case = office.file("WEDDING")
    assert office.clock_of(case, "window").due_on == date(2026, 3, 17)

    change = Change(date(2026, 3, 18), "all", "颱風", "市府公告")
    with office.db.transaction(read_only=True) as tx:
        found = preview(tx, OFFICE, change, office.clock.now())

    assert [(each.name, each.after) for each in found.moved] == [("window", taipei("2026-03-16"))]
