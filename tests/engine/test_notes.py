"""Words on a case: comments that tell people, reasons that history does not keep, hand-overs, and
a claim that is undone."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import select

from engine import cases, entry_marks, events, handovers, notes, queries, user_tasks
from engine.actors import Actor
from engine.comparison import Change
from engine.due_spans import Due
from engine.errors import Conflict, Forbidden, Rejected
from engine.queries import Tab, WorklistFilter
from engine.urgency import why_next
from engine.worklist_facets import facets
from store import tables
from tests.support.driver import CaseDriver
from tests.support.races import at_once

SECRET = "王小明的姓名寫錯了"


@pytest.fixture
def office(driver: CaseDriver) -> CaseDriver:
    events.subscribe(events.CaseFiled, entry_marks.case_filed)
    events.subscribe(events.UserTaskEnded, entry_marks.user_task_ended)
    driver.deploy("REVIEW")
    return driver


def _view(office: CaseDriver, task_id: UUID, by: str) -> queries.TaskView:
    actor = office.person(by)
    with office.db.transaction(read_only=True) as tx:
        return queries.task_view(tx, task_id, actor)


def _returned(office: CaseDriver) -> object:
    case = office.file("REVIEW")
    office.complete(case, "record", "counter Lin")
    task_id, actor = office.claim(case, "review", "reviewer Wu"), office.person("reviewer Wu")
    with office.db.transaction() as tx:
        user_tasks.return_to_recorder(tx, task_id, SECRET, "typing", actor, office.clock.now())
    return case


def test_a_return_reaches_the_recorder_and_not_the_history(office: CaseDriver) -> None:
    case = _returned(office)

    view = _view(office, office.task(case, "record").id, "counter Lin")

    assert view.returned is not None
    assert (view.returned.reason, view.returned.error_class) == (SECRET, "typing")
    assert view.returned.by == office.person("reviewer Wu").person_id
    with office.db.transaction(read_only=True) as tx:
        rows = list(tx.execute(select(tables.history)))
        stored = str([tuple(row) for row in tx.execute(select(tables.deed_notes))])
    returned = next(row for row in rows if row.action == "user_task.returned")
    assert returned.detail["error_class"] == "typing"
    assert SECRET not in str(rows)
    assert SECRET not in stored


def test_a_withdrawal_keeps_its_words_out_of_the_history(office: CaseDriver) -> None:
    case, lin = office.file("REVIEW"), office.person("counter Lin")

    with office.db.transaction() as tx:
        cases.withdraw(tx, case.id, SECRET, lin, office.clock.now())

    with office.db.transaction(read_only=True) as tx:
        assert SECRET not in str(list(tx.execute(select(tables.history.c.detail))))
        view = queries.case_view(tx, case.id, lin, office.clock.now())
    assert [(note.kind, note.text) for note in view.notes] == [("withdrawal", SECRET)]


def test_a_comment_tells_whom_it_mentions_once(office: CaseDriver) -> None:
    case, lin = office.file("REVIEW"), office.person("counter Lin")
    wu, chief = office.person("reviewer Wu"), office.person("chief Wang")
    assert wu.person_id is not None
    assert chief.person_id is not None

    with office.db.transaction() as tx:
        notes.comment(
            tx,
            case.id,
            "@reviewer Wu 請看",
            lin,
            office.clock.now(),
            [wu.person_id, chief.person_id],
        )

    with office.db.transaction(read_only=True) as tx:
        told = list(tx.execute(select(tables.person_notices)))
        said = queries.case_view(tx, case.id, wu, office.clock.now()).notes
    assert {row.person_id for row in told} == {wu.person_id, chief.person_id}
    assert {row.kind for row in told} == {"case.mentioned"}
    assert [(note.author, note.text) for note in said] == [("counter Lin", "@reviewer Wu 請看")]


def test_nobody_is_mentioned_who_does_not_work_on_cases_here(office: CaseDriver) -> None:
    case, lin = office.file("REVIEW"), office.person("counter Lin")
    auditor = office.person("auditor Ma")
    assert auditor.person_id is not None

    with pytest.raises(Rejected) as refused, office.db.transaction() as tx:
        notes.comment(tx, case.id, "look", lin, office.clock.now(), [auditor.person_id])

    assert refused.value.code == "comment.mention"
    with pytest.raises(Rejected), office.db.transaction() as tx:
        notes.comment(tx, case.id, "  ", lin, office.clock.now())


def test_whoever_has_the_task_next_finds_the_note_on_top(office: CaseDriver) -> None:
    case = office.file("REVIEW")
    task_id, lin = office.claim(case, "record", "counter Lin"), office.person("counter Lin")
    gao = office.person("counter Gao")

    with office.db.transaction() as tx:
        handovers.hand_over(tx, task_id, "申請人週五再來", lin, office.clock.now())
        user_tasks.release(tx, task_id, lin, office.clock.now())
    with pytest.raises(Forbidden), office.db.transaction() as tx:
        handovers.hand_over(tx, task_id, "not mine", gao, office.clock.now())

    view = _view(office, task_id, "counter Gao")
    assert view.handover is not None
    assert (view.handover.text, view.handover.author) == ("申請人週五再來", "counter Lin")
    assert "user_task.handed_over" in office.actions(case)


def _undo(office: CaseDriver, task_id: UUID, version: int, actor: Actor) -> None:
    with office.db.transaction() as tx:
        user_tasks.undo_claim(tx, task_id, version, actor, office.clock.now())


def test_a_claim_is_undone_once_however_often_it_is_asked(office: CaseDriver) -> None:
    case = office.file("REVIEW")
    task_id, lin = office.claim(case, "record", "counter Lin"), office.person("counter Lin")
    version = office.task(case, "record").version

    at_once(*(partial(_undo, office, task_id, version, lin) for _ in range(4)))
    _undo(office, task_id, version, lin)

    assert office.task(case, "record").status == "unclaimed"
    assert office.actions(case).count("user_task.claim_undone") == 1


def test_a_claim_is_not_undone_late_or_after_a_deed_or_by_another(office: CaseDriver) -> None:
    case = office.file("REVIEW")
    task_id, lin = office.claim(case, "record", "counter Lin"), office.person("counter Lin")
    version = office.task(case, "record").version
    gao = office.person("counter Gao")

    with pytest.raises(Forbidden):
        _undo(office, task_id, version, gao)
    with office.db.transaction() as tx:
        handovers.hand_over(tx, task_id, "begun", lin, office.clock.now())
    with pytest.raises(Conflict, match="release it instead"):
        _undo(office, task_id, version, lin)

    other = office.file("REVIEW")
    late = office.claim(other, "record", "counter Lin")
    office.clock.move(timedelta(minutes=11))
    with pytest.raises(Conflict, match="release it instead"):
        _undo(office, late, office.task(other, "record").version, lin)


def test_a_reviewer_sees_what_was_filed_entered_and_changed_since(office: CaseDriver) -> None:
    case = _returned(office)
    office.complete(case, "record", "counter Lin", data={"applicant": {"name": "王小華"}})
    office.claim(case, "review", "reviewer Wu")

    view = _view(office, office.task(case, "review").id, "reviewer Wu")
    others = _view(office, office.task(case, "review").id, "counter Lin")

    assert others.entry.compared is None
    assert view.entry.compared is not None
    (row,) = [row for row in view.entry.compared.rows if row.path == "data.applicant.name"]
    assert (row.filed, row.reviewed, row.now) == ("王小明", "王小明", "王小華")
    assert (row.since_filed, row.since_review) == (Change.CHANGED, Change.CHANGED)
    assert view.entry.compared.differing == 1
    with office.db.transaction(read_only=True) as tx:
        kept = list(tx.execute(select(tables.entry_marks)))
    assert sorted(row.kind for row in kept) == ["filed", "reviewed"]
    assert "王小明".encode() not in b"".join(row.ciphertext for row in kept)


def test_a_worklist_is_filtered_and_counted(office: CaseDriver) -> None:
    first, second = office.file("REVIEW"), office.file("REVIEW")
    lin, now = office.person("counter Lin"), office.clock.now()
    with office.db.transaction() as tx:
        tx.execute(
            tables.user_tasks.update()
            .where(tables.user_tasks.c.case_id == first.id)
            .values(urgent_at=now - timedelta(hours=1))
        )

    with office.db.transaction(read_only=True) as tx:
        found = facets(tx, lin, Tab.GROUP, now)
        wanted = WorklistFilter(Tab.GROUP, due=Due.OVERDUE)
        late = queries.worklist(tx, lin, wanted, None, 10, now).rows
        by_number = WorklistFilter(Tab.GROUP, number=second.number[-5:])
        numbered = queries.worklist(tx, lin, by_number, None, 10, now).rows
        elsewhere = WorklistFilter(Tab.GROUP, group="reviewer")
        none = queries.worklist(tx, lin, elsewhere, None, 10, now).rows

    assert found.packages == {"REVIEW": 2}
    assert found.due == {Due.OVERDUE: 1, Due.NONE: 1}
    assert found.groups["counter"] == 2
    assert [row.case_id for row in late] == [first.id]
    assert [row.case_id for row in numbered] == [second.id]
    assert none == ()


def test_taking_the_next_says_why_it_is_this_one(office: CaseDriver) -> None:
    cases_ = [office.file("REVIEW") for _ in range(3)]
    lin, now = office.person("counter Lin"), office.clock.now()
    table = tables.user_tasks
    soon = {cases_[1].id: now + timedelta(hours=2), cases_[2].id: now - timedelta(hours=2)}
    with office.db.transaction() as tx:
        for case_id, at in soon.items():
            tx.execute(table.update().where(table.c.case_id == case_id).values(urgent_at=at))

    told = []
    for _ in range(3):
        with office.db.transaction() as tx:
            task_id = user_tasks.take_next(tx, lin, now)
            assert task_id is not None
            told.append(why_next(tx, task_id, lin, now).code)

    assert told == ["overdue", "due", "only"]
