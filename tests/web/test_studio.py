"""The studio without JavaScript: drafts, elements, forms, limits, tables, scenarios, four eyes."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from uuid import UUID
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from engine import accounts, people
from engine.actors import system
from store import tables
from tests.web.house import ANALYST, CHIEF, COUNTER, LIBRARY, MOVE, House
from tests.web.studio_seat import SCENARIOS, draft_of, raw
from tests.web.visitor import Visitor
from web.demo_office.office import PASSWORD

DIAGRAM = (LIBRARY / "registration" / "move" / "move.bpmn").read_bytes()


def zipped(files: Mapping[str, bytes]) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_a_draft_begins_as_what_is_active_and_is_exported_byte_for_byte(analyst: Visitor) -> None:
    draft = draft_of(analyst)

    archive = ZipFile(BytesIO(analyst.client.get(f"{draft}/export.zip").data))

    folder = LIBRARY / "registration" / "move"
    on_disk = {f"P08/{file.relative_to(folder)}": file for file in folder.rglob("*.*")}
    assert set(archive.namelist()) == set(on_disk)
    assert all(archive.read(name) == file.read_bytes() for name, file in on_disk.items())


def test_an_element_says_what_it_is_and_is_set_in_place(analyst: Visitor) -> None:
    draft = draft_of(analyst)
    analyst.open(f"{draft}/diagram").follow("受理申請")
    assert "使用者任務" in analyst.main
    assert analyst.value_of("hz:form") == "move-application"

    analyst.press("儲存", documentation="補登申請資料", legalBasis="戶籍法 §16")

    changed = raw(analyst, draft, "move.bpmn")
    assert "已儲存" in analyst.text
    assert "戶籍法 §16</bpmn:documentation>".encode() in changed
    assert len(changed.splitlines()) == len(DIAGRAM.splitlines()) + 1


def test_what_is_no_feel_is_refused_and_what_was_typed_stays(analyst: Visitor) -> None:
    analyst.open(f"{draft_of(analyst)}/elements/take_application")

    analyst.press("儲存", hz__priority=None, **{"hz:priority": "1 +", "name": "新的名稱"})

    assert analyst.status == 422
    assert "不是 FEEL" in analyst.main
    assert analyst.value_of("name") == "新的名稱"
    assert analyst.value_of("hz:priority") == "1 +"


def test_lint_names_the_element_and_the_line(analyst: Visitor) -> None:
    draft = draft_of(analyst)
    analyst.open(f"{draft}/elements/take_application").press("儲存", **{"hz:form": ""})

    analyst.open(draft)

    row = analyst.page.xpath("//tr[td/a[.='take_application']]")[0].text_content()
    line = next(n for n, x in enumerate(DIAGRAM.splitlines(), 1) if b'id="take_application"' in x)
    assert "錯誤" in row
    assert f"第 {line} 行" in row
    assert not analyst.open(f"{draft}/propose").page.xpath(
        "//button[.='提出新版本'][not(@disabled)]"
    )


def test_scenarios_of_a_diagram_with_errors_say_what_to_do_first(analyst: Visitor) -> None:
    draft = draft_of(analyst)
    analyst.open(f"{draft}/elements/take_application").press("儲存", **{"hz:form": ""})

    analyst.open(f"{draft}/scenarios?run=1")

    assert "更正後情境才能執行" in analyst.main
    assert "請先更正「檢查」列出的錯誤" in analyst.main
    assert "deployable" not in analyst.main
    assert "把新的作業補進情境" not in analyst.main


def test_the_second_of_two_analysts_keeps_what_they_typed_as_a_branch(
    house: House, analyst: Visitor
) -> None:
    draft = draft_of(analyst)
    other = second_analyst(house)
    analyst.open(f"{draft}/elements/take_application")
    other.open(f"{draft}/elements/take_application").press("儲存", name="對方改的名稱")

    analyst.press("儲存", name="我改的名稱")
    assert "馬示範 在這期間存了第 2 次" in analyst.main
    assert "我改的名稱" in analyst.main
    assert "對方改的名稱" in analyst.main

    analyst.press("把我的存成分支", name="我的")
    assert draft_of(analyst) != draft
    assert "我改的名稱".encode() in raw(analyst, draft_of(analyst), "move.bpmn")
    assert "對方改的名稱".encode() in raw(analyst, draft, "move.bpmn")


def test_changes_to_another_file_go_on_top_of_what_the_other_saved(
    house: House, analyst: Visitor
) -> None:
    draft = draft_of(analyst)
    analyst.open(f"{draft}/limits")
    second_analyst(house).open(f"{draft}/elements/take_application").press("儲存", name="對方")

    analyst.press("儲存", clocks__processing__length="5").press("存成最新的一次")

    assert b"length: 5 " in raw(analyst, draft, "limits.yaml")
    assert "對方".encode() in raw(analyst, draft, "move.bpmn")


def test_what_the_browser_kept_is_offered_after_a_crash(analyst: Visitor) -> None:
    draft = draft_of(analyst)
    token = analyst.open(f"{draft}/diagram").page.xpath("//@data-token")[0]
    drawn = DIAGRAM.replace("受理申請".encode(), "受理遷徙申請".encode())
    headers = {"X-CSRFToken": token, "X-Seen-Version": "1"}
    kept = analyst.client.post(f"{draft}/autosave", data=drawn, headers=headers)
    assert kept.status_code == 204
    assert raw(analyst, draft, "move.bpmn") == DIAGRAM

    analyst.open(draft).follow("查看並決定").press("存成最新的一次")

    assert raw(analyst, draft, "move.bpmn") == drawn
    assert "尚未儲存" not in analyst.open(draft).main


def test_scenarios_run_and_a_new_task_is_put_into_all_of_them(analyst: Visitor) -> None:
    draft = draft_of(analyst)
    analyst.open(f"{draft}/scenarios").press("全部執行")
    assert f"已執行 {SCENARIOS} 個，0 個不符" in analyst.main
    put_step_before_everything(analyst, draft)

    analyst.open(f"{draft}/scenarios?run=1")
    assert f"{SCENARIOS} 個不符" in analyst.main
    assert "應在待辦中，但待辦的是 初查 extra_check" in analyst.main
    analyst.press("補入", element="extra_check", values="{checked: true}", at="first")

    assert f"已執行 {SCENARIOS} 個，0 個不符" in analyst.main
    analyst.follow("遷入單獨立戶一次辦畢")
    state = analyst.page.xpath("//@data-state-url")[0]
    assert "extra_check" in analyst.client.get(state).json["done"]


def test_a_way_on_which_no_scenario_goes_is_named(analyst: Visitor) -> None:
    draft = draft_of(analyst)
    assert "沒有情境走過" not in analyst.open(f"{draft}/scenarios?run=1").main

    analyst.open(draft).press("移除 scenarios/returned-then-approved.yaml")
    analyst.open(f"{draft}/scenarios?run=1")

    assert "1 條路徑沒有情境走過" in analyst.main
    assert "核准？ review_passed → 登錄遷徙登記 enter_move（退回）" in analyst.main


def put_step_before_everything(analyst: Visitor, draft: str) -> None:
    """Draw, as the editor would: a user task between the start and what follows."""
    drawn = DIAGRAM.replace(
        b"<bpmn:outgoing>start_move_to_known_from_report</bpmn:outgoing>\n    </bpmn:startEvent>",
        b"<bpmn:outgoing>to_extra</bpmn:outgoing>\n    </bpmn:startEvent>\n"
        b'    <bpmn:userTask id="extra_check" name="\xe5\x88\x9d\xe6\x9f\xa5" '
        b'hz:candidateGroups="counter" hz:form="judge-residence">'
        b"<bpmn:incoming>to_extra</bpmn:incoming>"
        b"<bpmn:outgoing>start_move_to_known_from_report</bpmn:outgoing></bpmn:userTask>\n"
        b'    <bpmn:sequenceFlow id="to_extra" sourceRef="start_move" targetRef="extra_check" />',
        1,
    ).replace(
        b'id="start_move_to_known_from_report" sourceRef="start_move"',
        b'id="start_move_to_known_from_report" sourceRef="extra_check"',
    )
    analyst.open(f"{draft}/files/move.bpmn").press("儲存", text=drawn.decode())


def test_a_proposal_shows_what_differs_and_another_person_approves(
    house: House, analyst: Visitor
) -> None:
    draft = draft_of(analyst)
    old = house.file("P08", values=MOVE)
    analyst.open(f"{draft}/elements/take_application").press("儲存", name="受理遷徙申請")
    analyst.open(f"{draft}/propose")
    assert "元件「受理遷徙申請 take_application」的名稱：受理申請 → 受理遷徙申請" in analyst.main

    analyst.press("提出新版本", reason="用語一致")
    assert analyst.follow("檢視並核准").page.xpath(
        "//div[contains(., '不是') or contains(., '核准')]"
    )
    assert not analyst.has_button("核准上線")

    chief = house.sign_in(CHIEF).open("/definitions").follow("P08 遷徙")
    assert "受理申請 → 受理遷徙申請" in chief.main
    chief.press("核准上線", why="同意")
    assert "新版本已上線" in chief.text
    new = house.file("P08", values=MOVE)
    assert version_of(house, old.id) == 1
    assert version_of(house, new.id) == 2
    rows = chief.open("/definitions/P08").page.xpath(
        "//tr[td[starts-with(normalize-space(), '第')]]"
    )
    assert ["1" in row.xpath("td[@data-label='進行中案件']")[0].text for row in rows] == [
        True,
        True,
    ]


def test_a_proposal_is_sent_back_with_a_reason(house: House, analyst: Visitor) -> None:
    draft = draft_of(analyst)
    analyst.open(f"{draft}/elements/take_application").press("儲存", name="別的")
    analyst.open(f"{draft}/propose").press("提出新版本", reason="試試")

    chief = house.sign_in(CHIEF).open("/definitions").follow("P08 遷徙").press("退回", why=" ")
    assert chief.status == 422
    chief.press("退回", why="沒有依據")

    assert "已退回" in chief.main
    assert "沒有依據" in analyst.open("/definitions/P08").main


def test_a_rung_of_the_drawn_ladder_is_moved_and_new_limits_climb_it(house: House) -> None:
    before = house.file("P08", values=MOVE)
    analyst = house.sign_in(ANALYST).open("/definitions/L01").press("開始編修")
    draft = draft_of(analyst)
    assert "逾期 3 個工作日" in analyst.open(f"{draft}/limits").main
    assert "逾期 2 個工作日" not in analyst.main

    analyst.open(f"{draft}/elements/ordinary_days_late").press(
        "儲存", **{"event.hz:point": "due+2wd"}
    )
    assert "逾期 2 個工作日" in analyst.open(f"{draft}/limits").main
    assert "檢查無誤" in analyst.open(draft).main
    analyst.open(f"{draft}/propose").press("提出新版本", reason="主任改為二日後")
    chief = house.sign_in(CHIEF).open("/definitions").follow("L01 機關期限")
    chief.press("核准上線", why="同意")
    assert "新版本已上線" in chief.text

    after = house.file("P08", values=MOVE)
    assert highest_rung(house, before.id) == "due+3wd"
    assert highest_rung(house, after.id) == "due+2wd"


def highest_rung(house: House, case_id: UUID) -> str:
    wanted = select(tables.clocks).where(
        tables.clocks.c.case_id == case_id, tables.clocks.c.name == "processing"
    )
    with house.reading() as tx:
        rungs = tx.execute(wanted).one().ladder["rungs"]
    return str(rungs[-1]["at"])


def test_a_rung_that_no_ladder_can_have_is_named_at_its_element(house: House) -> None:
    analyst = house.sign_in(ANALYST).open("/definitions/L01").press("開始編修")
    draft = draft_of(analyst)

    analyst.open(f"{draft}/elements/ordinary_near").press("儲存", **{"event.hz:point": "due+9wd"})

    assert "ordinary_due 等候的時點早於前一個計時器" in analyst.open(draft).main
    assert "流程圖還無法推演" in analyst.open(f"{draft}/limits").main


def test_a_new_package_is_complete_enough_to_run(house: House) -> None:
    analyst = house.sign_in(ANALYST).open("/studio/new")
    analyst.press("建立草稿", id="P91", title_zh="測試登記", title_en="Test registration")
    draft = draft_of(analyst)

    assert "檢查無誤" in analyst.main
    assert "已執行 1 個，0 個不符" in analyst.open(f"{draft}/scenarios?run=1").main
    analyst.open(f"{draft}/propose").press("提出新版本", reason="新流程")
    assert analyst.status == 200
    assert "已提出新版本" in analyst.text
    assert analyst.open("/definitions/P91").path == draft, "the way back, before it is approved"
    house.sign_in(CHIEF).open("/definitions").follow("P91 測試登記").press("核准上線")
    assert house.file("P91", values={"data.applicant.name": "陳文青"}).id


def test_a_diagram_from_elsewhere_is_kept_as_it_came(house: House) -> None:
    foreign = DIAGRAM.replace(b'process id="P08"', b'process id="P92"').replace(
        b'processRef="P08"', b'processRef="P92"'
    )
    analyst = house.sign_in(ANALYST).open("/studio/import")
    analyst.press("匯入為草稿", file=(BytesIO(foreign), "other.bpmn"), title_en="Other")

    assert raw(analyst, draft_of(analyst), "p92.bpmn") == foreign
    assert "take_application" in analyst.main


def test_what_was_exported_is_imported_again_as_a_draft(analyst: Visitor) -> None:
    exported = analyst.client.get(f"{draft_of(analyst)}/export.zip").data

    analyst.open("/studio/import").press("匯入為草稿", file=(BytesIO(exported), "P08.zip"))

    assert analyst.status == 200
    assert "已建立草稿" in analyst.text
    assert raw(analyst, draft_of(analyst), "move.bpmn") == DIAGRAM


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.bpmn", b"<a>\n<b></a>", "a.bpmn 第 2 行：XML 格式有誤：起始與結束標籤不一致"),
        ("a.bpmn", b"<?xml version='1.0'?>\n<svg/>", "a.bpmn 第 2 行"),
        ("a.zip", b"PK", "無法讀取這個 zip 檔"),
        ("a.zip", zipped({"x/readme.txt": b"hello"}), "請壓縮整個流程套件的資料夾"),
        ("a.txt", b"hello", "請選擇 .bpmn 檔"),
    ],
)
def test_bad_input_is_named_with_its_place(
    house: House, name: str, content: bytes, told: str
) -> None:
    analyst = house.sign_in(ANALYST).open("/studio/import")

    analyst.press("匯入為草稿", file=(BytesIO(content), name), id="P88")

    assert analyst.status == 422
    assert told in analyst.main


def test_an_earlier_save_can_be_seen_and_taken_again(analyst: Visitor) -> None:
    draft = draft_of(analyst)
    analyst.open(f"{draft}/elements/take_application").press("儲存", name="別的")

    analyst.open(f"{draft}?number=1").press("以這一次為準，存成最新")

    assert raw(analyst, draft, "move.bpmn") == DIAGRAM
    assert "第 3 次儲存" in analyst.main


def test_a_draft_is_set_aside_and_taken_up_again(analyst: Visitor) -> None:
    draft = draft_of(analyst)
    analyst.press("擱置")
    assert "已擱置" in analyst.open(draft).main
    assert not analyst.open(f"{draft}/elements/take_application").has_button("儲存")

    analyst.open(draft).press("重新編修")
    assert analyst.open(f"{draft}/elements/take_application").has_button("儲存")


def test_a_chief_reads_drafts_and_changes_nothing(house: House, analyst: Visitor) -> None:
    draft = draft_of(analyst)
    chief = house.sign_in(CHIEF)

    assert chief.open(f"{draft}/diagram").status == 200
    assert not chief.open(f"{draft}/elements/take_application").has_button("儲存")
    assert chief.open("/studio/new").status == 403
    assert house.sign_in(COUNTER).open(draft).status == 403


def version_of(house: House, case_id: UUID) -> int:
    with house.reading() as tx:
        found: int = tx.execute(
            select(tables.definitions.c.version)
            .join(tables.cases, tables.cases.c.definition_id == tables.definitions.c.id)
            .where(tables.cases.c.id == case_id)
        ).scalar_one()
    return found


def second_analyst(house: House) -> Visitor:
    """One more analyst of the same office, signed in."""
    office = house.actor(ANALYST).office_id
    by, now = system(office), house.clock.now()
    with house.db.transaction() as tx:
        person_id = people.create_person(tx, people.NewPerson(office, "馬示範"), by, now)
        people.join(tx, person_id, "analyst", by, now)
        account = accounts.NewAccount(person_id, "analyst.ma", PASSWORD, must_change_password=False)
        accounts.create_account(tx, account, by, now)
    return house.sign_in("analyst.ma")
