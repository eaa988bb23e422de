"""The overdue desk and notifications over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert

from store import tables
from tests.api.caller import Caller, refusal
from tests.api.house import House

SUPERVISOR = "chief.huang"


@pytest.fixture
def lin(house: House) -> Caller:
    return house.sign_in("counter.lin")


@pytest.fixture
def huang(house: House) -> Caller:
    return house.sign_in(SUPERVISOR)


def late(house: House, lin: Caller) -> dict[str, Any]:
    case: dict[str, Any] = lin.file()
    house.clock.move(timedelta(days=7))
    return case


def test_late_cases_come_one_each_with_the_acts_that_remain(either_house: House) -> None:
    lin, huang = (either_house.sign_in(each) for each in ("counter.lin", SUPERVISOR))
    case = late(either_house, lin)

    (row,) = huang.get("/overdue/cases").get_json()["items"]

    assert row["case_id"] == case["id"]
    assert [limit["overdue"] for limit in row["limits"]] == [True]
    acts = {act["name"]: act["why_not"] for act in row["limits"][0]["acts"]}
    assert acts["assign"] is None
    assert acts["extend"] == "clock.expired"
    assert acts["ex_officio"] == "overdue.not_dunned"
    assert row["spent"]["pick_up"] == pytest.approx(7.0)
    assert huang.get("/overdue/cases?view=upcoming").get_json()["items"] == []
    assert huang.get("/overdue/figures").get_json()["owners"][0]["overdue"] == 1


def test_late_cases_come_in_pages(house: House, lin: Caller, huang: Caller) -> None:
    filed = {lin.file()["id"] for _ in range(5)}
    house.clock.move(timedelta(days=7))

    seen, cursor = [], ""
    while True:
        page = huang.get(f"/overdue/cases?limit=2{cursor}").get_json()
        seen += [row["case_id"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert len(seen) == 5
    assert set(seen) == filed


def test_the_desk_is_for_supervisors(lin: Caller) -> None:
    assert refusal(lin.get("/overdue/cases")) == (403, "policy.group")
    assert refusal(lin.get("/overdue/figures")) == (403, "policy.group")


def test_a_chase_is_refused_where_it_cannot_be(house: House, lin: Caller, huang: Caller) -> None:
    fresh = lin.file()

    early = huang.post(f"/cases/{fresh['id']}/chases", {"question": "why?"})
    assert refusal(early) == (409, "chase.not_overdue")
    house.clock.move(timedelta(days=7))
    without = huang.post(f"/cases/{fresh['id']}/chases", {})
    assert refusal(without) == (409, "chase.not_deployed")
    assert refusal(lin.post(f"/cases/{fresh['id']}/chases", {})) == (403, "policy.group")


def test_the_applicant_is_told_of_a_delay(house: House, lin: Caller, huang: Caller) -> None:
    case = late(house, lin)
    told = {"reason": "papers from abroad", "new_date": "2026-03-20"}

    answer = huang.post(f"/cases/{case['id']}/delay-notices", told)

    assert answer.status_code == 201, answer.get_data()
    past = huang.post(f"/cases/{case['id']}/delay-notices", {**told, "new_date": "2026-03-01"})
    assert refusal(past) == (422, "delay.new_date")
    (row,) = huang.get("/overdue/cases").get_json()["items"]
    assert row["delay_told_at"] is not None


def test_people_choose_how_they_are_told_but_not_against_a_duty(lin: Caller) -> None:
    before = lin.get("/notification-settings").get_json()
    quiet = {"choices": [{"kind": "clock.warned", "in_app": False, "email": "daily"}]}

    after = lin.post("/notification-settings", {**quiet, "language": "en"}).get_json()

    assert before["language"] == "zh-TW"
    assert after["language"] == "en"
    chosen = {each["kind"]: each for each in after["choices"]}
    assert (chosen["clock.warned"]["in_app"], chosen["clock.warned"]["email"]) == (False, "daily")
    assert chosen["clock.escalated"]["in_app_owed"] is True
    deaf = {"choices": [{"kind": "clock.escalated", "in_app": False, "email": "now"}]}
    assert refusal(lin.post("/notification-settings", deaf)) == (
        422,
        "notice_choice.in_app_owed",
    )


def test_a_supervisor_adds_groups_to_a_point_of_the_ladder(lin: Caller, huang: Caller) -> None:
    answer = huang.post("/ladder-additions/due", {"groups": ["director", "secretary"]})

    items = answer.get_json()["items"]
    assert [(each["at_point"], each["group"]) for each in items] == [
        ("due", "director"),
        ("due", "secretary"),
    ]
    assert refusal(huang.post("/ladder-additions/noon", {"groups": []})) == (422, "ladder.point")
    assert refusal(huang.post("/ladder-additions/due", {"groups": ["king"]})) == (
        422,
        "ladder.group",
    )
    assert refusal(lin.post("/ladder-additions/due", {"groups": []})) == (403, "policy.group")


def test_all_that_was_told_until_then_is_marked_as_read(house: House, lin: Caller) -> None:
    at = house.clock.now()
    for _ in range(2):
        with house.db.transaction() as tx:
            row = {
                "id": uuid4(),
                "office_id": "kh-fengshan",
                "person_id": house.person_id("counter.lin"),
                "kind": "clock.warned",
                "detail": {},
                "created_at": house.clock.now(),
            }
            tx.execute(insert(tables.person_notices), row)
        house.clock.move(timedelta(minutes=1))

    assert lin.post("/notifications/read", {"until": at.isoformat()}).status_code == 204

    assert len(lin.get("/notifications?unread=true").get_json()["items"]) == 1


# --- names, filters, views, reports -------------------------------------------------------------


def test_steps_and_processes_are_named_in_both_languages(
    house: House, lin: Caller, huang: Caller
) -> None:
    """The package words neither in English, so the Chinese stands in its place."""
    case = late(house, lin)

    (row,) = huang.get("/overdue/cases").get_json()["items"]

    (work,) = row["work"]
    task = lin.task(case["id"])
    assert {name: work[name] for name in ("id", "name", "name_en")} == {
        name: task[name] for name in ("id", "name", "name_en")
    }
    assert row["title"]
    assert row["title_en"]


def test_the_list_is_narrowed_by_what_the_address_says(
    house: House, lin: Caller, huang: Caller
) -> None:
    case = late(house, lin)
    package = huang.get("/overdue/cases").get_json()["items"][0]["package_id"]

    def found(query: str) -> list[str]:
        items = huang.get(f"/overdue/cases?{query}").get_json()["items"]
        return [row["case_id"] for row in items]

    assert found(f"owner=nobody&package={package}&order=latest") == [case["id"]]
    assert found(f"owner={uuid4()}") == []
    assert found("package=P99") == []
    assert found("agency=A03") == []
    assert refusal(huang.get("/overdue/cases?owner=somebody"))[0] == 422
    assert refusal(huang.get("/overdue/cases?order=sideways"))[0] == 422


def test_a_view_is_kept_shared_and_deleted(house: House, lin: Caller, huang: Caller) -> None:
    late(house, lin)
    kept = huang.post("/overdue/views", {"name": "無人承辦", "view": "office", "owner": "nobody"})
    assert kept.status_code == 201, kept.text
    view = kept.get_json()
    assert (view["number"], view["mine"], view["shared"]) == (1, True, False)
    assert view["filters"] == {"owner": "nobody"}

    changed = huang.post(f"/overdue/views/{view['id']}/change", {"name": "無人", "shared": True})
    assert (changed.get_json()["name"], changed.get_json()["shared"]) == ("無人", True)
    assert len(huang.get("/overdue/views").get_json()["items"]) == 1
    again = huang.post("/overdue/views", {"name": "無人"})
    assert refusal(again) == (409, "desk_view.name_taken")
    assert huang.call("DELETE", f"/overdue/views/{view['id']}").status_code == 204
    assert huang.get("/overdue/views").get_json()["items"] == []
    assert refusal(huang.call("DELETE", f"/overdue/views/{view['id']}")) == (
        404,
        "desk_view.unknown",
    )
    assert lin.get("/overdue/views").status_code == 403


def test_a_report_tells_what_ended_in_its_months(house: House, lin: Caller, huang: Caller) -> None:
    late(house, lin)

    told = huang.get("/reports?first=2026-03-15&last=2026-03-15").get_json()

    assert (told["first"], told["last"]) == ("2026-03-01", "2026-03-01")
    assert [line["key"] for line in told["months"]] == ["2026-03-01"]
    assert told["whole"]["tasks"]["done"] == 0
    assert len(huang.get("/reports").get_json()["months"]) == 12
    assert refusal(huang.get("/reports?first=2026-03-01&last=2026-02-01")) == (422, "report.span")
    assert refusal(huang.get("/reports?office=elsewhere")) == (422, "office.not_found")
    assert lin.get("/reports").status_code == 403
