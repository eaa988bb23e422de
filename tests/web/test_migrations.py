"""The analyst moves running cases to a new version; a second person approves; no JavaScript."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from engine import deployments, migrations_work
from engine.cases import Filed
from engine.packages import load_library
from store import tables
from tests.web.house import ANALYST, CHIEF, COUNTER, LIBRARY, House
from tests.web.visitor import Visitor

BIRTH = "registration/birth/birth.bpmn"


@pytest.fixture
def moved_house(house: House, tmp_path: Path) -> House:
    """The same office over a library of its own, which a test may change."""
    folder = tmp_path / "library"
    shutil.copytree(LIBRARY, folder)
    return House(house.db, library=folder)


def new_version(house: House, old: str, new: str) -> None:
    """Deploy P01 with a change in its diagram."""
    file = house.library / BIRTH
    content = file.read_text(encoding="utf-8")
    assert old in content
    file.write_text(content.replace(old, new), "utf-8")
    with house.db.transaction() as tx:
        deployments.deploy(
            tx, load_library(house.library), "P01", house.actor(ANALYST), house.clock.now()
        )


def work(house: House) -> None:
    while migrations_work.advance_next(house.db, house.clock.now()):
        pass


def version_of(house: House, case: Filed) -> int:
    with house.reading() as tx:
        row = tx.execute(tables.cases.select().where(tables.cases.c.id == case.id)).one()
        return deployments.definition(tx, row.definition_id).version


def test_running_cases_are_moved_by_one_and_approved_by_another(moved_house: House) -> None:
    house = moved_house
    case = house.file()
    new_version(house, 'name="出生登記"', 'name="出生登記（新）"')
    analyst = house.sign_in(ANALYST).open("/definitions/P01")

    link = analyst.page.xpath("//a[contains(@href, '/definitions/P01/move')]")[0]
    analyst.open(link.get("href"))
    assert "兩版逐元件比較" in analyst.main
    analyst.press("開始試算", reason="戶政司函釋，改用新版")

    assert "已提出移轉計畫並開始試算" in analyst.text
    assert "待核准" in analyst.main
    assert case.number in analyst.main
    assert "計畫須由提出者以外的人核准" in analyst.main
    assert not analyst.page.xpath("//button[normalize-space()='核准並開始移轉']")

    chief = house.sign_in(CHIEF).open(analyst.path)
    chief.press("核准並開始移轉")
    assert "移轉中" in chief.main
    work(house)
    chief.open(analyst.path)

    assert "已完成" in chief.main
    assert "已移轉" in chief.main
    assert version_of(house, case) == 2
    told = house.sign_in(COUNTER).open(f"/cases/{case.id}").main
    assert "將案件由流程第 1 版轉到第 2 版" in told


def test_a_case_that_cannot_move_says_why_until_its_step_is_named(moved_house: House) -> None:
    house = moved_house
    case = house.file()
    element = house.task(case).element_id
    process = house.task(case).process_id
    file = next(
        each
        for each in house.library.rglob("*.bpmn")
        if f'<process id="{process}"' in each.read_text("utf-8")
        or f'<bpmn:process id="{process}"' in each.read_text("utf-8")
    )
    content = file.read_text("utf-8")
    names = "id|sourceRef|targetRef|attachedToRef|bpmnElement|activityRef"
    renamed = re.sub(rf'({names})="{element}"', rf'\1="{element}_anew"', content)
    file.write_text(renamed, "utf-8")
    for each in file.parent.rglob("scenarios/*.yaml"):
        each.write_text(each.read_text("utf-8").replace(element, f"{element}_anew"), "utf-8")
    with house.db.transaction() as tx:
        deployments.deploy(
            tx, load_library(house.library), "P01", house.actor(ANALYST), house.clock.now()
        )

    analyst = house.sign_in(ANALYST).open("/definitions/P01/move")
    analyst.press("開始試算", reason="改名")
    assert f"案件正停在「檢核應附文件 {element}」，新版本已無此元件" in analyst.main
    analyst.press("收回計畫")
    assert "已收回移轉計畫" in analyst.text

    analyst.open("/definitions/P01/move")
    field = f"element:{process}:{element}"
    assert analyst.page.xpath(f"//select[@name='{field}']")
    analyst.press("開始試算", reason="改名", **{field: f"{element}_anew"})
    assert "不能移轉" not in analyst.page.xpath("//table")[0].text_content()
    house.sign_in(CHIEF).open(analyst.path).press("核准並開始移轉")
    work(house)

    assert house.task(case).element_id == f"{element}_anew"


def test_a_plan_of_a_ladder_speaks_of_limits_and_not_of_moving_cases(moved_house: House) -> None:
    house = moved_house
    deploy_ladder(house)
    case = house.file()
    file = house.library / "ladders/office-limit/office-limit.bpmn"
    content = file.read_text("utf-8")
    file.write_text(content.replace('hz:point="due+3wd"', 'hz:point="due+2wd"'), "utf-8")
    deploy_ladder(house)

    analyst = house.sign_in(ANALYST).open("/definitions/L01/move")
    assert "期限目前依哪一版" in analyst.main
    seen = [analyst.main]
    analyst.press("開始試算", reason="主任改為二日後")
    assert "已提出變更計畫並開始試算" in analyst.text
    assert case.number in analyst.main
    assert "可改依新版本" in analyst.main
    seen.append(analyst.main)
    chief = house.sign_in(CHIEF).open(analyst.path).press("核准並開始變更")
    assert "期限將逐件改依新版本" in chief.text
    work(house)
    seen.append(chief.open(analyst.path).main)

    assert "已改依新版本" in seen[-1]
    told = re.compile(".{0,12}(?:移轉|案件目前的版本).{0,12}")
    assert [found for page in seen for found in told.findall(page)] == []


def deploy_ladder(house: House) -> None:
    """L01 as it stands in the library, for the house's own office."""
    with house.db.transaction() as tx:
        deployments.deploy(
            tx, load_library(house.library), "L01", house.actor(ANALYST), house.clock.now()
        )


def test_nothing_is_planned_without_a_reason_and_what_was_chosen_stays(
    moved_house: House,
) -> None:
    new_version(moved_house, 'name="出生登記"', 'name="出生登記（新）"')
    analyst = moved_house.sign_in(ANALYST).open("/definitions/P01/move")

    analyst.press("開始試算", reason="   ")

    assert analyst.status == 422
    assert "請填寫移轉理由" in analyst.main


def test_the_counter_does_not_reach_it(moved_house: House) -> None:
    assert moved_house.sign_in(COUNTER).open("/definitions/P01/move").status == 403


def asked(visitor: Visitor, etag: str = "") -> TestResponse:
    """What the open page asks now and then, with the marks of what it shows."""
    address = visitor.page.xpath("//body/@data-live")[0]
    marks = ",".join(visitor.page.xpath("//*/@data-row"))
    headers = {"X-Huzheng-Poll": "idle", **({"If-None-Match": etag} if etag else {})}
    return visitor.client.get(f"{address}&seen={marks}", headers=headers)


def test_an_open_plan_is_told_of_each_case_that_has_moved(moved_house: House) -> None:
    house = moved_house
    for _ in range(3):
        house.file()
    new_version(house, 'name="出生登記"', 'name="出生登記（新）"')
    analyst = house.sign_in(ANALYST).open("/definitions/P01/move")
    analyst.press("開始試算", reason="戶政司函釋，改用新版")
    chief = house.sign_in(CHIEF).open(analyst.path)
    chief.press("核准並開始移轉")

    assert chief.page.xpath("//*[@data-live-now]//progress[@value='0'][@max='3']")
    first = asked(chief)
    assert first.json["told"] == ""
    assert asked(chief, first.headers["ETag"]).status_code == 304
    migrations_work.advance_next(house.db, house.clock.now())

    news = asked(chief, first.headers["ETag"])

    assert news.status_code == 200
    assert news.json["told"]
    chief.open(chief.path)
    assert chief.page.xpath("//progress[@value='1'][@max='3']")
    assert asked(chief).json["told"] == ""
    work(house)
    chief.open(chief.path)
    assert not chief.page.xpath("//*[@data-live-now]")


def test_a_dry_run_is_followed_though_it_leaves_no_history(moved_house: House) -> None:
    house = moved_house
    for _ in range(migrations_work.BATCH + 1):
        house.file()
    new_version(house, 'name="出生登記"', 'name="出生登記（新）"')
    analyst = house.sign_in(ANALYST).open("/definitions/P01/move")
    analyst.press("開始試算", reason="戶政司函釋，改用新版")
    assert analyst.page.xpath("//*[@data-live-now]")
    first = asked(analyst)

    migrations_work.advance_next(house.db, house.clock.now())

    assert asked(analyst, first.headers["ETag"]).json["told"]
    analyst.open(analyst.path)
    assert "待核准" in analyst.main


def test_a_plan_is_told_to_nobody_who_may_not_see_it(moved_house: House) -> None:
    house = moved_house
    house.file()
    new_version(house, 'name="出生登記"', 'name="出生登記（新）"')
    analyst = house.sign_in(ANALYST).open("/definitions/P01/move")
    analyst.press("開始試算", reason="戶政司函釋，改用新版")
    plan_id = analyst.path.rpartition("/")[2]

    clerk = house.sign_in(COUNTER)
    answer = clerk.client.get(f"/live?list=migration&plan_id={plan_id}&seen=")

    assert answer.json["told"] == ""
    assert analyst.client.get("/live?list=migration&plan_id=nonsense&seen=").json["told"] == ""


def test_what_differs_names_elements_before_their_ids_in_both_languages(
    moved_house: House,
) -> None:
    house = moved_house
    house.file()
    new_version(house, '"take_application"', '"receive_application"')
    analyst = house.sign_in(ANALYST).open("/definitions/P01/move")

    assert "受理申請" in analyst.main
    assert "→ 受理申請 receive_application" in analyst.main  # where a flow leads now
    assert "受理申請 (receive_application)" in analyst.main  # to choose what has become of it

    analyst.press("English").open("/definitions/P01/move")

    assert "Take the application" in analyst.main
    assert "受理申請" not in analyst.main
