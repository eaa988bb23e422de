"""A new version of a rule goes the way of an edit of the calendar: weighed, entered by a second
person, followed by the open limits; matters of earlier days keep the rule they had."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine import jobs
from engine.actors import Actor
from engine.errors import Conflict, Forbidden, Rejected
from sla import calendar_edits, closure_list, closure_previews, closures, rule_edits
from sla.benches import bench_of
from sla.calendar_edits import Change
from sla.clock_rows import ledger_of, rule_of
from sla.closure_previews import Preview
from sla.decisions import FOLDER
from sla.ledger import replay
from sla.rules import Rule, rule
from store import tables
from tests.sla.acting import act
from tests.support.clocked import CLOCKED
from tests.support.factories import OFFICE, an_office
from tests.support.office import Office, taipei
from tests.support.packages import write_package

FROM = date(2026, 3, 2)
TABLE = (FOLDER / "legal-limits.dmn").read_bytes()


def keeper(office: Office, name: str, group: str = "analyst") -> Actor:
    who = office.person(f"{group} {name}")
    return Actor(who.person_id, who.account_id, OFFICE, frozenset({group}), who.name)


@pytest.fixture
def ruled(office: Office) -> Office:
    """RULED: six working days by a rule of the table; filed on Monday, 2 March, until the 10th."""
    limits = "clocks:\n  processing: {rule: RESIDENCE_CHECK_6WD, pausable: true}\n"
    process = CLOCKED.replace(b"CLOCKED", b"RULED")
    write_package(office.packages, "RULED", process, limits=limits)
    office.deploy("RULED")
    return office


def version(length: str = "8", since: date = FROM, **more: Any) -> Rule:
    former = rule("RESIDENCE_CHECK_6WD", since)
    return replace(former, length=length, valid_from=since, source="市府函", **more)


def change(*rules: Rule) -> Change:
    first = min(each.valid_from or FROM for each in rules)
    return Change(first, rule_edits.RULE, "辦理時限修正", "市府 115 年函", rules)


def propose(office: Office, *rules: Rule, by: str = "Luo", group: str = "analyst") -> UUID:
    actor = keeper(office, by, group)
    with office.db.transaction() as tx:
        return calendar_edits.propose(tx, change(*rules), actor, office.clock.now())


def approve(office: Office, edit_id: UUID, by: str = "Ho", group: str = "director") -> Any:
    actor = keeper(office, by, group)
    with office.db.transaction() as tx:
        return calendar_edits.approve(tx, edit_id, actor, office.clock.now())


def enter(office: Office, *rules: Rule) -> Any:
    return approve(office, propose(office, *rules))


def shown(office: Office, *rules: Rule) -> Preview:
    with office.db.transaction(read_only=True) as tx:
        return closure_previews.preview(tx, OFFICE, change(*rules), office.clock.now())


def test_a_version_is_weighed_entered_by_a_second_person_and_moves_the_open_limits(
    ruled: Office,
) -> None:
    case, other = ruled.file("RULED"), ruled.file("CLOCKED")
    before, untouched = ruled.due(case), ruled.due(other)

    edit_id = propose(ruled, version())
    (would,) = shown(ruled, version()).moved
    with pytest.raises(Forbidden) as own:
        approve(ruled, edit_id, by="Luo", group="analyst")
    entered = approve(ruled, edit_id)

    assert own.value.code == "calendar.four_eyes"
    assert before == taipei("2026-03-11")
    assert ruled.due(case) == taipei("2026-03-13") == would.after
    assert [(each.case_id, each.before, each.after) for each in entered.moved] == [
        (case.id, before, taipei("2026-03-13"))
    ]
    assert ruled.due(other) == untouched
    assert "clock.recalculated" in ruled.actions(case)
    assert "clock.recalculated" not in ruled.actions(other)
    with ruled.db.transaction(read_only=True) as tx:
        work = closure_list.edit(tx, entered.job_id, keeper(ruled, "Luo"))
    assert work is not None
    assert (work.part, work.total, work.looked_at, work.moved) == (rule_edits.RULE, 1, 1, 1)


def test_the_ledger_alone_leads_to_the_date_and_the_explanation_names_the_version(
    ruled: Office,
) -> None:
    moved, paused = ruled.file("RULED"), ruled.file("RULED")
    ruled.complete(paused, "check", by="counter Lin", outcome="missing")
    entered = enter(ruled, version())
    begun = ruled.file("RULED")
    ruled.complete(paused, "wait_papers", by="counter Lin")

    for case in (moved, begun, paused):
        clock = ruled.clock_of(case)
        with ruled.db.transaction(read_only=True) as tx:
            entries = ledger_of(tx, clock.id)
            bench = bench_of(tx, OFFICE, ruled.clock.now())
        told = replay(rule_of(clock, entries), entries, bench.calendar, bench.settings)
        assert told.due_at == clock.due_at == taipei("2026-03-13")
        assert clock.explanation["en"]["source"] == "市府函"
    with ruled.db.transaction(read_only=True) as tx:
        listed = closure_list.moved_by(tx, entered.job_id, keeper(ruled, "Luo"))
    assert [each.case_id for each in listed] == [moved.id]  # what stood still has no date to move


def test_an_extension_that_was_lawful_stays_granted_when_the_rule_is_shortened(
    ruled: Office,
) -> None:
    case = ruled.file("RULED")
    act(ruled, case, "extend", 4)  # by five working days, of six
    assert ruled.due(case) == taipei("2026-03-18")

    enter(ruled, version("3"))  # within which nobody could have told of it, nor for so long

    assert ruled.due(case) == taipei("2026-03-13")
    assert [row.kind for row in ruled.ledger(case)] == ["start", "extend", "recalculate"]
    again = ruled.file("RULED")
    act(ruled, again, "extend", 3)  # by four, of three
    assert [row.kind for row in ruled.ledger(again)] == ["start"]


def test_a_limit_that_cannot_be_counted_stays_is_told_of_and_holds_back_no_other(
    ruled: Office,
) -> None:
    stays, moves = ruled.file("RULED"), ruled.file("RULED")
    act(ruled, stays, "extend", 4)
    before = ruled.due(stays)
    with ruled.db.transaction(read_only=True) as tx:
        calendar = bench_of(tx, OFFICE, ruled.clock.now()).calendar
    whole = version(str(calendar.working_days_between(FROM, calendar.last) - 2))

    (would_stay,) = shown(ruled, whole).stayed
    done = enter(ruled, whole)

    assert (would_stay.case_id, would_stay.due_at) == (stays.id, before)
    assert done.is_done
    assert [each.case_id for each in done.moved] == [moves.id]
    assert ruled.due(stays) == before
    director = keeper(ruled, "Ho", "director")
    with ruled.db.transaction(read_only=True) as tx:
        work = closure_list.edit(tx, done.job_id, director)
        (told,) = closure_list.stayed_by(tx, done.job_id, director)
    assert work is not None
    assert (work.status, work.looked_at, work.moved, work.stayed) == ("done", 2, 1, 1)
    assert (told.case_id, told.zh) == (stays.id, would_stay.zh)
    assert str(calendar.last.year) in told.en


def test_matters_of_earlier_days_keep_the_rule_they_had(ruled: Office) -> None:
    early = ruled.file("RULED")
    ruled.clock.move(timedelta(days=2))
    late = ruled.file("RULED")

    enter(ruled, version(since=date(2026, 3, 4)))

    assert ruled.due(early) == taipei("2026-03-11")
    assert len(ruled.ledger(early)) == 1
    assert ruled.due(late) == taipei("2026-03-17")  # the eighth working day is Monday the 16th
    with ruled.db.transaction(read_only=True) as tx:
        entered = bench_of(tx, OFFICE, ruled.clock.now()).rules
    assert rule("RESIDENCE_CHECK_6WD", date(2026, 3, 3), (), entered).length == "6"
    assert rule("RESIDENCE_CHECK_6WD", date(2026, 3, 4), (), entered).length == "8"


def test_a_version_entered_later_takes_the_place_of_one_of_the_same_first_day(
    ruled: Office,
) -> None:
    case = ruled.file("RULED")
    enter(ruled, version("8"))
    enter(ruled, version("4"))

    assert ruled.due(case) == taipei("2026-03-07")
    with ruled.db.transaction(read_only=True) as tx:
        assert [each.length for each in bench_of(tx, OFFICE, ruled.clock.now()).rules] == ["4"]


def test_it_holds_for_the_office_and_those_below_it_and_nowhere_else(ruled: Office) -> None:
    with ruled.db.transaction() as tx:
        an_office(tx, "kh-zuoying")
        an_office(tx, "kh-below", parent_id=OFFICE)
    enter(ruled, version())

    with ruled.db.transaction(read_only=True) as tx:
        there = {
            place: bench_of(tx, place, ruled.clock.now()).rules for place in ("kh-below", OFFICE)
        }
        elsewhere = rule_edits_of(tx, "kh-zuoying")
    assert [[each.length for each in rules] for rules in there.values()] == [["8"], ["8"]]
    assert elsewhere == []


def rule_edits_of(tx: Any, office_id: str) -> list[Any]:
    wanted = select(tables.office_settings).where(tables.office_settings.c.office_id == office_id)
    return [row for row in tx.execute(wanted) if row.name.startswith("law.")]


def test_many_cases_move_in_batches_and_a_worker_that_dies_goes_on_where_it_was(
    ruled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [ruled.file("RULED") for _ in range(5)]
    monkeypatch.setattr(closures, "BATCH", 2)

    entered = enter(ruled, version())
    assert not entered.is_done
    assert sum(ruled.due(each) == taipei("2026-03-13") for each in cases) == 2
    monkeypatch.setattr(jobs, "waiting", stopped)
    with pytest.raises(Stopped):
        closures.advance_next(ruled.db, ruled.clock.now())
    monkeypatch.undo()
    while closures.advance_next(ruled.db, ruled.clock.now()):
        pass

    assert [ruled.due(each) for each in cases] == [taipei("2026-03-13")] * 5
    assert [len(ruled.ledger(each)) for each in cases] == [2] * 5


class Stopped(BaseException):
    """The worker is gone."""


def stopped(*_: Any) -> None:
    raise Stopped


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (version("6"), "rule.unchanged"),
        (replace(version(), id="NO_SUCH_RULE"), "rule.unknown"),
        (version("eight"), "length.unreadable"),
        (replace(version(), valid_to=date(2026, 1, 1)), "rule.version"),
        (replace(version(), id="FINE_TIER"), "rule.version"),
    ],
)
def test_what_no_rule_can_be_is_refused_with_a_sentence(
    ruled: Office, given: Rule, code: str
) -> None:
    if code == "rule.unchanged":
        given = replace(rule("RESIDENCE_CHECK_6WD", FROM))
    with pytest.raises(Rejected) as refused:
        propose(ruled, given)

    assert refused.value.code == code


def test_only_keepers_propose_and_approve(ruled: Office) -> None:
    with pytest.raises(Forbidden) as refused:
        propose(ruled, version(), by="Wu", group="chief")
    assert refused.value.code == "rule.not_yours"

    edit_id = propose(ruled, version())
    with pytest.raises(Conflict):
        propose(ruled, version(), by="Mei")
    with pytest.raises(Forbidden):
        approve(ruled, edit_id, by="Wu", group="chief")
    assert ruled.due(ruled.file("RULED")) == taipei("2026-03-11")


def test_an_uploaded_table_gives_the_rows_that_differ(ruled: Office) -> None:
    row = b'id="legalLimit_RESIDENCE_CHECK_6WD_length"><text>"6"'
    assert row in TABLE
    with ruled.db.transaction(read_only=True) as tx:
        bench = bench_of(tx, OFFICE, ruled.clock.now())

    (given,) = rule_edits.of_table(TABLE.replace(row, row.replace(b'"6"', b'"7"')), bench)

    assert (given.id, given.length, given.edit) == ("RESIDENCE_CHECK_6WD", "7", "")
    assert rule_edits.of_table(TABLE, bench) == ()
    case = ruled.file("RULED")
    enter(ruled, given)
    assert ruled.due(case) == taipei("2026-03-12")
    with ruled.db.transaction(read_only=True) as tx:  # the released table takes nothing back
        assert rule_edits.of_table(TABLE, bench_of(tx, OFFICE, ruled.clock.now())) == ()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html/>", "rule.no_table"),
        (b"not xml", "rule.no_table"),
        (
            TABLE.replace(b'_id"><text>"RESIDENCE_CHECK_6WD"', b'_id"><text>"RESIDENCE_CHECK_7WD"'),
            "rule.row_lost",
        ),
    ],
)
def test_a_file_that_is_no_table_or_lost_a_row_is_refused(
    ruled: Office, content: bytes, code: str
) -> None:
    with ruled.db.transaction(read_only=True) as tx, pytest.raises(Rejected) as refused:
        rule_edits.of_table(content, bench_of(tx, OFFICE, ruled.clock.now()))

    assert refused.value.code == code
