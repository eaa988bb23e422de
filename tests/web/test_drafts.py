"""Drafts at the counter: kept, one's own, and never written over what another window saved."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from store.tables import cases, drafts
from tests.web.house import BIRTH, COUNTER, House
from tests.web.visitor import Visitor


def begun(house: House, by: str = COUNTER, **typed: str) -> Visitor:
    clerk = house.sign_in(by).open("/counter/P01")
    return clerk.press("存成草稿", **{"data.applicant.name": "陳文青", **typed})


def window(clerk: Visitor) -> tuple[str, str]:
    return clerk.value_of("draft"), clerk.value_of("draft_version")


def stored(house: House) -> list[Any]:
    with house.reading() as tx:
        return list(tx.execute(select(drafts)))


def test_a_draft_survives_signing_out_and_lies_on_the_counter_page(house: House) -> None:
    clerk = begun(house, in_taiwan="", **{"data.mother.name": "林美華"})
    assert "已存成草稿" in clerk.text
    address = clerk.path
    assert address.startswith("/counter/P01?draft=")
    clerk.press("登出")

    again = house.sign_in(COUNTER).open("/counter")

    assert "林○華" in again.main
    assert "林美華" not in again.text
    again.follow("出生登記")
    assert again.path == address
    assert again.value_of("data.applicant.name") == "陳文青"
    assert again.value_of("data.mother.name") == "林美華"
    assert not again.page.xpath("//main//div[@id='errors']")  # what is not yet typed is no mistake


def test_a_draft_is_nobody_elses(house: House) -> None:
    address = begun(house).path

    colleague = house.sign_in("counter.gao")

    assert colleague.open(address).status == 404
    assert "我的草稿" not in colleague.open("/counter").main


def test_what_is_typed_is_kept_by_itself_and_the_time_told(house: House) -> None:
    clerk = house.sign_in(COUNTER).open("/counter/P01")

    told = clerk.autosaved("filing", **{"data.applicant.name": "陳"})

    assert "已存 09:00" in told
    (draft,) = stored(house)
    assert f'value="{draft.id}"' in told
    assert 'name="draft_version" value="1"' in told


def test_typing_that_overtakes_itself_is_no_conflict(house: House) -> None:
    clerk = house.sign_in(COUNTER).open("/counter/P01")
    clerk.autosaved("filing", **{"data.applicant.name": "陳"})

    clerk.autosaved(
        "filing", **{"data.applicant.name": "陳文"}
    )  # still names the version before the first
    clerk.press("收件", **BIRTH, papers_all="true")

    assert clerk.path.endswith("/receipt"), clerk.main
    assert stored(house)[0].status == "filed"


def test_filing_shreds_the_draft(house: House) -> None:
    clerk = begun(house)

    clerk.press("收件", **BIRTH, papers_all="true")

    assert clerk.path.endswith("/receipt"), clerk.main
    (draft,) = stored(house)
    assert (draft.status, draft.ciphertext, draft.wrapped) == ("filed", None, None)
    assert "我的草稿" not in clerk.open("/counter").main


def test_two_windows_are_shown_beside_each_other_and_one_is_chosen(house: House) -> None:
    first = begun(house)
    second = first.another_window()
    first.press("存成草稿", **{"data.mother.name": "林美華"})

    second.press("存成草稿", **{"data.mother.name": "王美華", "contact": "letter"})

    assert second.status == 409
    assert "09:00" in second.main
    cells = [
        [each.text_content() for each in row.xpath("./*")]
        for row in second.page.xpath("//main//tbody/tr")
    ]
    assert cells == [
        ["願接受之通知方式", "書面", "臨櫃當場交付"],
        ["母姓名", "王美華", "林美華"],
    ]
    other = first.another_window()
    assert other.value_of("data.mother.name") == "林美華"  # nothing was overwritten

    second.press("以這個視窗為準")

    assert second.value_of("data.mother.name") == "王美華"
    assert second.value_of("contact") == "letter"


def test_the_other_window_can_be_taken_instead(house: House) -> None:
    first = begun(house)
    second = first.another_window()
    first.press("存成草稿", **{"data.mother.name": "林美華"})

    second.press("存成草稿", **{"data.mother.name": "王美華"}).follow("改用另一個視窗的")

    assert second.value_of("data.mother.name") == "林美華"


def test_an_autosave_that_would_overwrite_says_so_and_leaves_the_form(house: House) -> None:
    first = begun(house)
    second = first.another_window()
    first.press("存成草稿", **{"data.mother.name": "林美華"})

    told = second.autosaved("filing", **{"data.mother.name": "王美華"})

    assert "看兩邊的差異" in told
    assert f'name="draft_version" value="{window(second)[1]}"' in told


def test_a_draft_filed_in_one_window_makes_no_second_case_in_the_other(house: House) -> None:
    first = begun(house)
    second = first.another_window()
    first.press("收件", **BIRTH, papers_all="true")

    second.press("收件", **BIRTH, papers_all="true")

    assert second.status == 409
    assert "DS-115-00001" in second.main
    with house.reading() as tx:
        assert len(tx.execute(select(cases.c.id)).all()) == 1


def test_a_draft_is_deleted_for_good(house: House) -> None:
    clerk = begun(house)
    address = clerk.path

    clerk.open("/counter").press("刪除 出生登記")

    assert "已刪除草稿" in clerk.text
    assert stored(house)[0].ciphertext is None
    assert "已刪除" in clerk.open(address).main
