"""The pages of a case and a task: on the real engine, masked, for those concerned only."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from engine import actions, cases, deployments, keys, queries, user_tasks
from engine.actors import Actor
from engine.cases import FileCase
from engine.errors import NotFound
from engine.keyring import Keyring
from engine.queries import CaseView, TaskView
from engine.user_tasks import Completion
from store import tables
from store.database import Database
from tests.engine.rows import NOW, OFFICE, an_office, an_officer
from tests.engine.small_library import small_library

DATA = {"person": {"name": "王小明", "id_number": "A123456789"}}


class Desk:
    """An office with a clerk, a reviewer and a chief, and one case filed in it."""

    def __init__(self, db: Database, folder: Path) -> None:
        self.db = db
        keys.use(Keyring.for_demo())
        with db.transaction() as tx:
            an_office(tx)
            an_office(tx, "kh-lingya")
            self.clerk = an_officer(tx, "林示範", ("counter",))
            self.reviewer = an_officer(tx, "周示範", ("reviewer",))
            self.chief = an_officer(tx, "吳示範", ("chief", "analyst"))
            self.stranger = an_officer(tx, "外所", ("counter", "chief"), "kh-lingya")
            deployments.deploy(tx, small_library(folder), "T01", self.chief, NOW)
            command = FileCase("T01", "counter", {"kind": "move"}, DATA)
            self.case_id = cases.file(tx, command, self.clerk, NOW).id

    def view(self, actor: Actor | None = None) -> CaseView:
        with self.db.transaction(read_only=True) as tx:
            return queries.case_view(tx, self.case_id, actor or self.clerk, NOW)

    def task(self, actor: Actor) -> TaskView:
        with self.db.transaction(read_only=True) as tx:
            return queries.task_view(tx, self.open_task(), actor)

    def diagram(self, actor: Actor | None = None) -> queries.DiagramState:
        with self.db.transaction(read_only=True) as tx:
            return queries.diagram_state(tx, self.case_id, actor or self.clerk)

    def open_task(self) -> UUID:
        [task] = self.view().tasks
        return task.task_id

    def claim(self, actor: Actor) -> None:
        task_id = self.open_task()
        with self.db.transaction() as tx:
            user_tasks.claim(tx, task_id, actor, NOW)

    def complete(self, actor: Actor, outcome: str | None = None, **values: Any) -> None:
        task_id = self.open_task()
        data = values.pop("data", {})
        with self.db.transaction() as tx:
            user_tasks.complete(tx, task_id, Completion(values, data, outcome), actor, NOW)


@pytest.fixture
def desk(db: Database, tmp_path: Path) -> Desk:
    return Desk(db, tmp_path / "library")


def reviewed(desk: Desk, outcome: str) -> None:
    desk.claim(desk.clerk)
    desk.complete(desk.clerk, data={"person": {"new_address": "高雄市鳳山區光復路1號"}})
    desk.claim(desk.reviewer)
    desk.complete(desk.reviewer, outcome, return_reason="門牌號碼有誤")


# --- the case -----------------------------------------------------------------------------------


def test_personal_data_is_masked_with_the_labels_of_the_forms(desk: Desk) -> None:
    items = {item.path: (item.label.zh, item.label.en, item.masked) for item in desk.view().data}

    assert items == {
        "data.person.name": ("姓名", "Name", "王○明"),
        "data.person.id_number": ("統一編號", "ID", "A12****789"),
    }
    assert "王小明" not in str(desk.view())
    assert "A123456789" not in str(desk.view())


def test_the_page_has_what_belongs_to_the_case(desk: Desk) -> None:
    desk.claim(desk.clerk)
    with desk.db.transaction() as tx:
        cases.annotate(tx, desk.case_id, "請先電話聯絡", desk.clerk, NOW)
        tx.execute(
            insert(tables.notices).values(
                id=desk.case_id,
                office_id=OFFICE,
                case_id=desk.case_id,
                number="N-1",
                kind="receipt",
                channel="counter",
                ciphertext=b"",
                issued_at=NOW,
            )
        )

    view = desk.view()

    assert view.row.title.zh == "測試登記"
    assert view.row.subject_label == "王○明"
    assert [task.assignee_name for task in view.tasks] == ["林示範"]
    assert [(note.author, note.text) for note in view.notes] == [("林示範", "請先電話聯絡")]
    assert [(notice.number, notice.kind) for notice in view.notices] == [("N-1", "receipt")]
    assert view.offices[OFFICE].zh == "示範區戶政事務所"
    assert view.definition_version == 1
    assert view.linked == ()


def test_the_story_is_told_with_the_names_in_the_diagram(desk: Desk) -> None:
    reviewed(desk, "return")

    timeline = desk.view().timeline
    story = [event.zh for event in timeline if not event.routine]
    assert {event.action for event in timeline} <= set(actions.SENTENCES)

    assert story[0].startswith("林示範收件")
    assert "林示範領取「登錄」" in story
    assert any(line.startswith("林示範完成「登錄」") for line in story)
    assert "周示範將「後線複核」退回更正（—）" in story
    assert "光復路" not in str(desk.view().timeline)


def test_duties_are_shown_once_exercised(desk: Desk) -> None:
    reviewed(desk, "approve")

    view = desk.view()

    assert {duty.name: duty.duty for duty in view.duties} == {
        "林示範": "record",
        "周示範": "review",
    }
    assert view.row.status == "closed"
    assert view.tasks == ()


def test_what_one_may_not_do_is_said(desk: Desk) -> None:
    clerk, chief = desk.view().refusals, desk.view(desk.chief).refusals

    assert clerk["withdraw"] is None
    assert clerk["reveal"] is None
    assert clerk["suspend"] is not None
    assert clerk["suspend"].code == "case.suspend_forbidden"
    assert chief["suspend"] is None
    assert chief["resume"] is not None
    reviewed(desk, "approve")
    withdraw = desk.view().refusals["withdraw"]
    assert withdraw is not None
    assert withdraw.code == "case.ended"


def test_another_office_finds_no_case_no_task_and_no_diagram(desk: Desk) -> None:
    for look in (desk.view, desk.task, desk.diagram):
        with pytest.raises(NotFound):
            look(desk.stranger)


# --- the task -----------------------------------------------------------------------------------


def test_before_it_is_claimed_everything_is_masked(desk: Desk) -> None:
    view = desk.task(desk.clerk)

    assert view.may_claim is None
    assert view.may_complete is not None
    assert not view.is_clear
    assert view.context["data"]["person"]["name"] == "王○明"
    assert view.context["kind"] == "move"


def test_the_assignee_sees_clear_what_the_form_has_and_no_more(desk: Desk) -> None:
    desk.claim(desk.clerk)
    entry = desk.task(desk.clerk)
    assert entry.is_clear
    assert entry.context["data"]["person"] == {"name": "王○明", "id_number": "A12****789"}

    desk.complete(desk.clerk, data={"person": {"new_address": "高雄市鳳山區光復路1號"}})
    desk.claim(desk.reviewer)
    review = desk.task(desk.reviewer)

    assert review.context["data"]["person"]["name"] == "王小明"
    assert review.context["data"]["person"]["id_number"] == "A12****789"
    assert review.context["data"]["person"]["new_address"] == "高雄市鳳山區○○○"
    others = desk.task(desk.chief)
    assert not others.is_clear
    assert others.context["data"]["person"]["name"] == "王○明"


def test_fields_are_hidden_by_the_real_data_also_where_it_is_masked(desk: Desk) -> None:
    view = desk.task(desk.clerk)

    assert [field.key for field in view.fields] == ["data.person.new_address"]
    assert view.form is not None
    assert len(view.form.fields) == 2


def test_outcomes_have_the_words_of_the_form_or_ours(desk: Desk) -> None:
    desk.claim(desk.clerk)
    desk.complete(desk.clerk)

    view = desk.task(desk.reviewer)

    assert [(option.value, option.label.zh) for option in view.outcomes] == [
        ("approve", "相符，核可"),
        ("return", "退回"),
    ]
    assert view.may_claim is None
    refused = desk.task(desk.clerk).may_claim
    assert refused is not None
    assert refused.code == "user_task.not_candidate"


def test_work_that_came_back_says_why(desk: Desk) -> None:
    reviewed(desk, "return")

    view = desk.task(desk.clerk)

    assert view.returned is not None
    assert view.returned.reason == "門牌號碼有誤"
    assert view.returned.by == desk.reviewer.person_id


# --- the diagram --------------------------------------------------------------------------------


def test_the_diagram_marks_where_the_case_is_in_every_process(desk: Desk) -> None:
    first = desk.diagram()
    assert first.process_id == "T01"
    assert first.active == {"enter"}
    assert "filed" in first.done

    desk.claim(desk.clerk)
    desk.complete(desk.clerk)
    inside = desk.diagram()

    assert inside.active == {"check"}
    assert "enter" in inside.done
    assert inside.processes["T02"].active == {"review"}
    assert inside.processes["T02"].done == {"begin"}


def test_a_second_round_is_both_done_and_active(desk: Desk) -> None:
    reviewed(desk, "return")

    state = desk.diagram()

    assert state.active == {"enter"}
    assert {"enter", "check", "good"} <= state.done
    assert state.processes["T02"].active == set()


def test_a_closed_case_has_nothing_active(desk: Desk) -> None:
    reviewed(desk, "approve")

    state = desk.diagram()

    assert state.active == set()
    assert "registered" in state.done


def test_incidents_are_marked_where_they_are(desk: Desk) -> None:
    with desk.db.transaction() as tx:
        tx.execute(
            insert(tables.incidents).values(
                id=desk.case_id,
                office_id=OFFICE,
                case_id=desk.case_id,
                source="outbox",
                element_id="enter",
                code="outbox.dead_letter",
                message="Expected an answer",
                status="open",
                raised_at=NOW,
            )
        )

    assert desk.diagram().incidents == {"enter"}
    assert [incident.code for incident in desk.view().incidents] == ["outbox.dead_letter"]
