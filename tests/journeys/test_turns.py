"""Other turns a matter takes: withdrawn, paid back, a typhoon, another office's business."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from tests.journeys import matters
from tests.journeys.matters import CHIEF, CLERK
from tests.support.http_driver import DemoOffice, at_taipei, moment

DIRECTOR = "director.wu"

pytestmark = pytest.mark.slow


def test_a_withdrawn_case_is_over_and_tells_nobody(office: DemoOffice) -> None:
    office.begin_week()
    case = matters.file_birth(office)
    case.complete("check_papers", CLERK, "complete", missing=[])
    task = case.find_task("check_identity")
    seen = case.look()["version"]
    stale = office.person(CLERK).post(
        f"/cases/{case.id}/withdraw", {"reason": "父母擬另行約定姓氏"}, seen - 1
    )
    assert (stale.status, stale.code) == (412, "precondition.failed")

    done = case.withdraw(CLERK, "父母擬另行約定姓氏")

    assert (done.status, done.body["status"]) == (200, "withdrawn")
    late = office.person(CLERK).post(f"/user-tasks/{task['id']}/claim")
    assert late.status == 409
    assert case.open_tasks() == []
    assert {row["status"] for row in case.look()["clocks"]} <= {"met", "stopped"}
    assert office.received(case) == {}
    (told,) = case.history("case.withdrawn")
    assert "父母擬另行約定姓氏" not in str(told)  # history cannot forget: words lie with the case
    (said,) = [note for note in case.look()["notes"] if note["kind"] == "withdrawal"]
    assert said["text"] == "父母擬另行約定姓氏"


def test_who_withdraws_after_paying_is_paid_back_first(office: DemoOffice) -> None:
    office.begin_week()
    case = matters.file_birth(office)
    case.complete("check_papers", CLERK, "complete", missing=[])
    matters.enter_birth(case, office.today - timedelta(days=10))

    case.withdraw(CLERK, "逾處理期間未辦結")

    assert (case.status, case.open_tasks()) == ("active", ["refund_fee"])
    on = matters.iso(office.today)
    case.complete("refund_fee", CHIEF, amount=30, refund_basis="article_19", refunded_on=on)
    assert case.status == "withdrawn"


def test_a_typhoon_moves_the_due_date(office: DemoOffice) -> None:
    monday = office.begin_week()
    case = matters.file_birth(office)
    office.come_in(monday + timedelta(days=1))
    day = matters.iso(monday + timedelta(days=2))
    closing = {"day": day, "part": "all", **matters.CLOSURE}
    assert office.person(CLERK).post("/calendar/edits", closing).status == 403
    proposed = office.person(CHIEF).post("/calendar/edits", closing).body["id"]
    alone = office.person(CHIEF).post(f"/calendar/edits/{proposed}/approve")
    assert (alone.status, alone.code) == (403, "calendar.four_eyes")

    answer = office.person(DIRECTOR).post(f"/calendar/edits/{proposed}/approve")

    (moved,) = [
        row
        for row in answer.body["moved"]
        if (row["number"], row["name"]) == (case.number, "processing")
    ]
    thursday, friday = (at_taipei(monday + timedelta(days=n), time(17)) for n in (3, 4))
    assert (moment(moved["before"]), moment(moved["after"])) == (thursday, friday)
    assert case.due() == friday
    (told,) = case.history("clock.recalculated")
    assert told["detail"]["clock"] == "processing"
    (closed,) = office.see(f"/calendar?from={day}&days=1")["items"]
    assert (closed["is_working"], closed["reason"]["zh"]) == (False, matters.CLOSURE["reason"])
    office.move_to(thursday + timedelta(minutes=1))
    assert not office.overdue(case)
    office.move_to(friday)
    assert office.overdue(case)
    case.withdraw(CLERK, "故事結束")


def test_another_office_sees_nothing_of_it(office: DemoOffice) -> None:
    stranger = office.hire("north.bai", "demo-north", "counter", "chief")
    case = matters.file_birth(office)
    task = case.find_task("check_papers")

    looks = [
        stranger.ask("GET", f"/{path}")
        for path in (
            f"cases/{case.id}",
            f"cases/{case.id}/history",
            f"cases/{case.id}/clocks",
            f"cases/{case.id}/diagram",
            f"user-tasks/{task['id']}",
            f"clocks/{case.clock()['id']}",
        )
    ]
    deeds = [
        stranger.post(f"/user-tasks/{task['id']}/claim"),
        stranger.post(f"/cases/{case.id}/withdraw", {"reason": "不是我們的"}, 1),
        stranger.post(f"/cases/{case.id}/notes", {"text": "不是我們的"}),
        stranger.post(
            f"/cases/{case.id}/reveal", {"paths": ["data.child.name"], "purpose": "好奇"}
        ),
    ]

    assert [answer.status for answer in (*looks, *deeds)] == [404] * 10
    assert stranger.get(f"/cases?number={case.number}")["items"] == []
    assert stranger.get("/overdue")["items"] == []
    case.withdraw(CLERK, "故事結束")
