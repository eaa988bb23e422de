"""Working on tasks: claim, fill in, complete, send back; and who may not."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, update

from engine import case_rows
from engine.cases import Filed
from store.tables import case_duties
from store.tables import user_tasks as tasks
from tests.web.house import CHIEF, COUNTER, REVIEWER, House

OTHER_CLERK = "counter.gao"


def task_page(house: House, case: Filed) -> str:
    return f"/user-tasks/{house.task(case).id}"


def test_a_task_is_claimed_filled_in_wrongly_then_rightly_and_completed(house: House) -> None:
    case = house.file()
    clerk = house.sign_in(COUNTER).open("/worklist?tab=group")
    assert case.number in clerk.main

    clerk.press("領取")
    assert "已領取" in clerk.text
    first = house.task(case).name
    assert first in clerk.main

    clerk.press("不合規定", reason="長" * 501)
    assert clerk.status == 422
    assert "請勿超過 500 個字" in clerk.main
    assert house.task(case).name == first

    clerk.press("齊備，受理", reason="")
    assert "已完成「檢核應附文件」" in clerk.text
    assert house.task(case).name != first


def test_an_interpreter_that_is_needed_is_on_the_case_with_the_way(house: House) -> None:
    case = house.file()
    house.complete(case, COUNTER, outcome="complete", missing=[])
    clerk = house.sign_in(COUNTER).open(task_page(house, case)).press("領取")
    wanted = {"id_paper": "residence_permit", "data.service.interpreter": "vietnamese"}

    clerk.press("相符", **wanted)
    assert clerk.status == 422  # by video, or somebody present?

    clerk.press("相符", **wanted, **{"data.service.interpreted_by": "video"})
    with house.reading() as tx:
        filed = case_rows.load(tx, case.id, house.actor(COUNTER), lock=False)
    assert filed.data["service"]["interpreter"] == "vietnamese"
    assert filed.data["service"]["interpreted_by"] == "video"


def test_who_is_no_candidate_sees_why_not(house: House) -> None:
    case = house.file()

    reviewer = house.sign_in(REVIEWER).open(task_page(house, case))

    assert "不屬於這個人的群組" in reviewer.main
    assert reviewer.page.xpath("//fieldset[@disabled]")
    assert reviewer.page.xpath("//button[@disabled and normalize-space()='領取']")


def test_who_recorded_a_case_is_told_why_they_do_not_review_it(house: House) -> None:
    case, lin = house.file(), house.actor(COUNTER)
    duty = {"case_id": case.id, "person_id": lin.person_id, "office_id": lin.office_id}
    with house.db.transaction() as tx:  # as after the entry, with the review still to be claimed
        tx.execute(insert(case_duties).values(**duty, duty="record", since=house.clock.now()))
        tx.execute(update(tasks).where(tasks.c.case_id == case.id).values(duty="review"))

    clerk = house.sign_in(COUNTER).open("/worklist?tab=group")
    row = clerk.page.xpath("//tbody/tr")[0]
    assert row.xpath(".//button[@disabled]")
    assert not row.xpath(".//input[@type='checkbox']")
    assert "登錄、複核、核定須由不同的人擔任" in row.text_content()

    clerk.press("領下一件")
    assert "沒有您可以領取的作業" in clerk.text
    token = {"csrf_token": clerk.value_of("csrf_token"), "idempotency_key": "by-hand"}
    answer = clerk.client.post(f"/user-tasks/{house.task(case).id}/claim", data=token)
    assert answer.status_code == 403
    assert "須由不同的人擔任" in answer.text


def test_personal_data_is_clear_for_the_assignee_only_and_that_is_recorded(house: House) -> None:
    case = house.file()
    house.claim(case, by=COUNTER)

    colleague = house.sign_in(OTHER_CLERK).open(task_page(house, case))
    assert "陳文青" not in colleague.text

    clerk = house.sign_in(COUNTER).open(task_page(house, case))
    assert "查看已留下紀錄" in clerk.main
    clerk.open(f"/cases/{case.id}?history=story")
    assert "查看個人資料" in clerk.main


def test_who_checks_an_identity_reads_what_was_entered_and_that_look_is_recorded(
    house: House,
) -> None:
    case = house.file()
    house.complete(case, COUNTER, "complete", missing=[])
    address = task_page(house, case)
    colleague = house.sign_in(OTHER_CLERK).open(address)
    assert "陳○青" in colleague.main
    assert "A12****789" in colleague.main
    assert "領取後才顯示完整內容" in colleague.main

    house.claim(case, by=COUNTER)
    clerk = house.sign_in(COUNTER).open(address)

    (entered,) = clerk.page.xpath("//dl[contains(@class, 'entered')]")
    told = " ".join(entered.text_content().split())
    assert "陳文青" in told
    assert "A123456789" in told
    assert "父" in told
    assert "林美華" not in told  # the mother does not stand at the counter
    assert "核對申請書與證件" in clerk.main
    # Who it is was entered before; how they are served is asked here.
    asked = clerk.page.xpath("//input[contains(@name, 'data.')]/@name")
    assert [name for name in asked if not name.startswith("data.service.")] == []
    looks = house.sign_in(CHIEF).open(f"/cases/{case.id}/looks").main
    assert "核對申請書與證件" in looks
    assert "統一編號" in looks
    assert "陳文青" not in looks


def test_a_hidden_date_has_a_minguo_year(house: House) -> None:
    case = house.file()

    shown = house.sign_in(COUNTER).open(f"/cases/{case.id}").main

    assert "115/**/**" in shown
    assert "2026-**-**" not in shown


def test_a_task_that_somebody_else_took_meanwhile_is_not_taken_twice(house: House) -> None:
    case = house.file()
    slow = house.sign_in(OTHER_CLERK).open(task_page(house, case))
    house.claim(case, by=COUNTER)

    slow.press("領取")

    assert slow.status == 409
    assert "已經由其他人領取" in slow.main
    assert house.task(case).assignee_id == house.actor(COUNTER).person_id


def test_a_form_of_an_older_look_at_the_task_is_refused_and_keeps_what_was_typed(
    house: House,
) -> None:
    case = house.file()
    house.claim(case, by=COUNTER)
    clerk = house.sign_in(COUNTER).open(task_page(house, case))
    stale = clerk.value_of("version")
    house.release(case, by=COUNTER)
    house.claim(case, by=COUNTER)

    clerk.press("不合規定", reason="缺證明", version=stale)

    assert clerk.status == 409
    assert "已被更動" in clerk.main
    assert clerk.value_of("reason") == "缺證明"


def test_releasing_gives_the_task_back_to_the_group(house: House) -> None:
    case = house.file()
    house.claim(case, by=COUNTER)

    clerk = house.sign_in(COUNTER).open(task_page(house, case)).press("釋回")

    assert clerk.path == "/worklist?tab=group"
    assert "已釋回" in clerk.text
    assert house.task(case).assignee_id is None


def test_take_next_opens_the_most_urgent_task(house: House) -> None:
    older = house.file()
    house.clock.move(timedelta(minutes=1))
    house.file()

    clerk = house.sign_in(COUNTER).press("領下一件")

    assert older.number in clerk.main
    assert house.task(older).assignee_id == house.actor(COUNTER).person_id


def test_take_next_says_so_when_there_is_nothing(house: House) -> None:
    clerk = house.sign_in(COUNTER).press("領下一件")

    assert clerk.path.startswith("/worklist")
    assert "沒有您可以領取的作業" in clerk.text


def test_several_tasks_are_claimed_with_a_result_for_each(house: House) -> None:
    cases = [house.file() for _ in range(3)]
    clerk = house.sign_in(COUNTER).open("/worklist?tab=group")
    ticked = clerk.page.xpath("//input[@name='task']/@value")
    house.claim(cases[0], by=OTHER_CLERK)

    button = clerk.page.xpath("//button[@form='several']")[0]
    clerk.send(button, {"task": list(ticked)})

    assert "共 3 件，完成 2 件" in clerk.main
    assert "已經由其他人領取" in clerk.main
    assert house.task(cases[1]).assignee_id == house.actor(COUNTER).person_id
    assert house.task(cases[0]).assignee_id == house.actor(OTHER_CLERK).person_id
