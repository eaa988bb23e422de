"""Duties with a diagram of their own: the yearly plan, the audit, the daily receipt."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from engine import user_tasks
from engine.cases import Filed
from engine.user_tasks import Completion
from sla import duty_table, duty_year
from sla.duties import begin_owed
from sla.duty_year import Line, Standing
from store import tables
from tests.sla.test_duties import case_of, enter, only, turns
from tests.support.office import Office

PLAN = "登記課｜簡化申請書表｜3-4\n資料課｜檔案掃描｜3"


@pytest.fixture
def duty_office(office: Office) -> Office:
    for package_id in ("D1", "D2"):
        office.deploy_real(package_id)
    return office


def begun(office: Office, duty: str) -> Filed:
    """The case of the only turn of the duty that has begun."""
    begin_owed(office.db, office.clock.now())
    (row,) = turns(office, duty)
    return case_of(office, row)


def planned(office: Office, text: str = PLAN) -> Filed:
    """The plan of 2026, approved on 2 March."""
    office.deploy_real("P64")
    only(office)
    enter(office, id="service_plan", months="3", on="31", lead="29")
    case = begun(office, "service_plan")
    values = {"plan_text": text, "meeting_day": 25}
    office.complete(case, "draft_plan", "secretary Tsai", values=values)
    office.complete(case, "approve_plan", "director Su", "approve")
    return case


def items(office: Office) -> dict[str, Line]:
    """The lines of the plan's items on the control table of 2026."""
    director = office.person("director Su")
    with office.db.transaction(read_only=True) as tx:
        found = duty_year.control_table(tx, 2026, director, office.clock.now())
    lines = [each for each in found.lines if isinstance(each.duty, duty_year.PlanItem)]
    return {line.duty.title("zh-TW"): line for line in lines}


def report(office: Office, case: Filed, element: str, who: str, state: str) -> None:
    office.complete(case, element, who, state, {"note": "辦理情形"})


def test_a_duty_with_a_diagram_of_its_own_is_filed_as_that(duty_office: Office) -> None:
    case = planned(duty_office)

    assert duty_office.row(case).package_id == "P64"
    (turn,) = [row for row in turns(duty_office) if row.title is None]
    assert (turn.result, turn.items) == ("done", 2)


def test_where_the_diagram_is_not_deployed_the_duty_is_one_of_all_others(
    duty_office: Office,
) -> None:
    only(duty_office, "daily_receipt")

    assert duty_office.row(begun(duty_office, "daily_receipt")).package_id == "D1"
    assert duty_table.released()["daily_receipt"].package == "P73"


def test_items_of_an_approved_plan_stand_on_the_control_table(duty_office: Office) -> None:
    planned(duty_office)

    found = items(duty_office)
    assert list(found) == ["簡化申請書表", "檔案掃描"]
    assert [month.planned for month in found["簡化申請書表"].months] == [0, 0, 1, 1] + [0] * 8
    assert found["檔案掃描"].duty.section == "data"


def test_sections_report_and_what_is_off_plan_is_explained_by_the_chief(
    duty_office: Office,
) -> None:
    case = planned(duty_office)
    duty_office.go_to("2026-03-25", "09:00")

    report(duty_office, case, "report_registration", "counter Lin", "begun")
    report(duty_office, case, "report_data", "records Huang", "off_plan")
    told = {"reason": "人力支援", "action": "次月補辦", "item_date": "2026-04-10"}
    duty_office.complete(case, "explain_item", "chief Wang", values=told)

    found = items(duty_office)
    assert found["簡化申請書表"].months[2].standing is Standing.BEGUN
    assert found["檔案掃描"].standing is Standing.OFF_PLAN
    (late,) = found["檔案掃描"].off_plan
    assert (late.reason, late.new_date) == ("人力支援", date(2026, 4, 10))
    assert duty_office.open_tasks(case) == ["hold_meeting"]


def test_a_plan_that_is_amended_keeps_what_was_reported(duty_office: Office) -> None:
    case = planned(duty_office)
    duty_office.go_to("2026-03-25", "09:00")
    report(duty_office, case, "report_registration", "counter Lin", "on_schedule")
    report(duty_office, case, "report_data", "records Huang", "on_schedule")
    minutes = {"minutes": "修正", "amend_reason": "延長"}
    duty_office.complete(case, "hold_meeting", "secretary Tsai", "amend", minutes)

    again = {"plan_text": "資料課｜檔案掃描｜4、5\n行政課｜滿意度調查｜6", "meeting_day": 25}
    duty_office.complete(case, "draft_plan", "secretary Tsai", values=again)
    duty_office.complete(case, "approve_plan", "director Su", "approve")

    months = {
        title: [number for number, month in enumerate(line.months, start=1) if month.planned]
        for title, line in items(duty_office).items()
    }
    assert months == {"簡化申請書表": [3], "檔案掃描": [3, 4, 5], "滿意度調查": [6]}
    assert items(duty_office)["檔案掃描"].months[2].done == 1


def test_an_audit_draws_from_what_was_closed_and_its_findings_are_followed_up(
    duty_office: Office,
) -> None:
    duty_office.deploy_real("P68")
    only(duty_office)
    closed = {closed_case(duty_office) for _ in range(3)}
    still_open = duty_office.file("CLOCKED").number
    enter(duty_office, id="internal_audit", months="3", on="31", lead="29")
    case = begun(duty_office, "internal_audit")

    plan = {"kind": "cases", "subject": "登記", "size": 2}
    span = {"since": "2026-03-01", "until": "2026-03-31"}
    duty_office.complete(case, "plan_audit", "secretary Tsai", values={**plan, **span})
    duty_office.complete(case, "approve_plan", "director Su", "approve")

    state = duty_office.variables(case)
    drawn = {each["number"] for each in state["sample"]}
    assert state["population"] == 3
    assert len(drawn) == 2
    assert drawn < closed
    assert still_open not in drawn
    assert sorted(duty_office.open_tasks(case)) == ["check_item"] * 2


def test_an_audit_of_security_draws_from_the_looks_at_personal_data(duty_office: Office) -> None:
    duty_office.deploy_real("P68")
    only(duty_office)
    enter(duty_office, id="security_audit", months="3", on="31", lead="29")
    case = begun(duty_office, "security_audit")

    plan = {"kind": "looks", "subject": "查閱", "size": 5}
    span = {"since": "2026-03-01", "until": "2026-03-31"}
    duty_office.complete(case, "plan_audit", "secretary Tsai", values={**plan, **span})
    duty_office.complete(case, "approve_plan", "director Su", "approve")

    looks = [row for row in duty_office.rows(tables.history) if row.action in LOOKS]
    assert duty_office.variables(case)["population"] == len(looks)


def test_a_review_lists_what_is_in_use_with_a_year_of_figures(duty_office: Office) -> None:
    duty_office.deploy_real("P69")
    only(duty_office)
    closed_case(duty_office)
    duty_office.clock.move(timedelta(hours=1))
    enter(duty_office, id="sop_review", months="3", on="31", lead="29")
    case = begun(duty_office, "sop_review")

    state = duty_office.variables(case)

    (clocked,) = [each for each in state["processes"] if each["value"] == "CLOCKED"]
    told = (clocked["version"], clocked["closed"], clocked["kept"], clocked["limit"])
    assert told == (1, 1, 100, "3 working_day")
    assert "期限 3 工作日、一年辦結 1 件、如期 100%" in clocked["label"]
    assert "limit 3 working days, 1 closed in a year, 100% in time" in clocked["label_en"]
    assert duty_office.open_tasks(case) == ["review_section"] * 3


def test_a_report_received_files_its_registration(duty_office: Office) -> None:
    for package_id in ("P73", "P02"):
        duty_office.deploy_real(package_id)
    only(duty_office, "daily_receipt")
    case = begun(duty_office, "daily_receipt")
    received = {"received_at": "08:30", "deaths": 1, "births": 0}
    duty_office.complete(case, "run_receipt", "counter Lin", "received", received)

    kind = {"kind": "death", "source_of_report": "hospital", "in_taiwan": True}
    person = {"name": "張示範", "id_number": "A123456789", "event_date": "2026-02-27"}
    data = {"report": person}
    duty_office.complete(case, "enter_report", "counter Lin", "last", kind, data)

    (filed,) = [row for row in duty_office.rows(tables.cases) if row.package_id == "P02"]
    assert filed.parent_case_id == case.id
    assert duty_office.open_tasks(Filed(filed.id, filed.number, "")) == ["check_report"]
    (turn,) = turns(duty_office)
    assert (turn.result, turn.items) == ("done", 1)


def test_an_empty_day_is_recorded_by_the_receipt_too(duty_office: Office) -> None:
    duty_office.deploy_real("P73")
    only(duty_office, "daily_receipt")
    case = begun(duty_office, "daily_receipt")

    nothing = {"received_at": "08:30", "deaths": 0, "births": 0}
    duty_office.complete(case, "run_receipt", "counter Lin", "empty", nothing)

    (turn,) = turns(duty_office)
    assert (turn.result, turn.done_on) == ("nothing", date(2026, 3, 2))


def closed_case(office: Office) -> str:
    """A case of CLOCKED from its filing to its end."""
    case = office.file("CLOCKED")
    office.complete(case, "check", "counter Lin", "complete")
    office.complete(case, "decide", "reviewer Chen")
    return case.number


LOOKS: Any = ("case.revealed", "case.data_read", "case.searched")


def test_a_superiors_appraisal_stands_on_the_control_table_until_its_findings_are_mended(
    duty_office: Office,
) -> None:
    duty_office.deploy_real("P68C")
    told = {"check_kind": "superior", "check_title": "為民服務督導考核", "checked_by": "民政局"}
    more = {"checked_on": "2026-02-26", "section": "registration", "mend_by": "2026-03-31"}
    values = {**told, **more, "score": 87, "result_text": "大致良好"}
    case = duty_office.file("P68C", by="chief Wang", values=values, data={})
    finding = {"section": "registration", "finding": "未揭示服務時間"}
    duty_office.complete(case, "note_finding", "chief Wang", "last", finding)
    name = "督導考核：為民服務督導考核"
    assert items(duty_office)[name].months[2].standing is Standing.BEGUN

    remedy = {"action": "已於櫃檯揭示", "acted_on": "2026-03-02"}
    duty_office.complete(case, "mend_finding", "chief Wang", values=remedy)
    seen = {"effect_note": "現場查看"}
    duty_office.complete(case, "check_remedy", "reviewer Chen", "effective", seen)

    assert duty_office.status(case) == "closed"
    assert items(duty_office)[name].months[2].standing is Standing.ON_SCHEDULE


def test_an_adopted_innovation_is_carried_out_on_the_control_table(duty_office: Office) -> None:
    duty_office.deploy_real("D3")
    told = {"proposal_kind": "innovation", "proposal_title": "到院預審", "section": "registration"}
    words = {"present": "須兩次到所", "idea": "與醫院合作", "benefit": "減少一次到所"}
    case = duty_office.file("D3", values={**told, **words}, data={})
    duty_office.complete(case, "screen", "secretary Tsai", "admit")
    for task in duty_office.tasks(case):
        assert task.element_id == "review_proposal"
    for who, score in (("chief Wang", 90), ("chief Wang", 80), ("secretary Tsai", 70)):
        task_id = next(task.id for task in duty_office.tasks(case))
        actor, now = duty_office.person(who), duty_office.clock.now()
        with duty_office.db.transaction() as tx:
            user_tasks.claim(tx, task_id, actor, now)
            user_tasks.complete(tx, task_id, Completion({"score": score}, {}, None), actor, now)
    adopted = {"carry_section": "registration", "carry_by": "2026-04-30"}
    assert duty_office.variables(case)["average"] == 80
    duty_office.complete(case, "decide", "director Su", "adopt", adopted)

    assert items(duty_office)["創新提案：到院預審"].months[3].planned == 1
    done = {"carried_on": "2026-03-02", "carried_text": "與二家醫院合作"}
    duty_office.complete(case, "carry_out", "chief Wang", values=done)
    assert items(duty_office)["創新提案：到院預審"].months[3].standing is Standing.ON_SCHEDULE
    effect = {"effect_text": "到所次數減少"}
    duty_office.complete(case, "report_effect", "chief Wang", values=effect)
    assert duty_office.variables(case)["result"] == "carried_out"


def test_a_plan_names_its_steering_group_on_the_control_table(duty_office: Office) -> None:
    duty_office.deploy_real("P64")
    only(duty_office)
    enter(duty_office, id="service_plan", months="3", on="31", lead="29")
    case = begun(duty_office, "service_plan")
    team = "召集人｜吳主任｜綜理推動\n執行幹事｜林課員"
    values = {"plan_text": PLAN, "team_text": team, "meeting_day": 25}
    duty_office.complete(case, "draft_plan", "secretary Tsai", values=values)
    told = duty_office.variables(case)["fault_text"]
    assert told == "編組第 2 行：應有 3 欄，以「｜」分隔：職稱、姓名、工作"

    duty_office.complete(
        case, "draft_plan", "secretary Tsai", values={**values, "team_text": f"{team}｜彙整情形"}
    )
    duty_office.complete(case, "approve_plan", "director Su", "approve")

    director = duty_office.person("director Su")
    with duty_office.db.transaction(read_only=True) as tx:
        found = duty_year.control_table(tx, 2026, director, duty_office.clock.now())
    assert [(each.role, each.name, each.work) for each in found.team] == [
        ("召集人", "吳主任", "綜理推動"),
        ("執行幹事", "林課員", "彙整情形"),
    ]
