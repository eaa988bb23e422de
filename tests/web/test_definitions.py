"""The analyst's desk: packages, versions, lint, and four eyes on what is deployed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.web.house import ANALYST, CHIEF, LIBRARY, House


@pytest.fixture
def draft_house(house: House, tmp_path: Path) -> House:
    """The same office over a library of its own, which a test may change."""
    folder = tmp_path / "library"
    shutil.copytree(LIBRARY, folder)
    return House(house.db, library=folder)


def change_birth(house: House) -> None:
    file = house.library / "registration" / "birth" / "package.yaml"
    content = file.read_text(encoding="utf-8")
    file.write_text(content.replace("en: Birth certificate", "en: The birth certificate"), "utf-8")


def test_packages_are_listed_with_their_versions_and_lint(house: House) -> None:
    analyst = house.sign_in(ANALYST).open("/definitions")

    row = analyst.page.xpath("//tr[td/a[contains(., 'P01')]]")[0].text_content()
    assert "第 1 版" in row
    assert "與現行版本相同" in row
    never = analyst.page.xpath("//tr[td/a[contains(., 'C01')]]")[0].text_content()
    assert "尚未上線" in never


def test_a_package_shows_its_diagram_its_parts_and_what_lint_says(house: House) -> None:
    analyst = house.sign_in(ANALYST).open("/definitions/P01")

    island = analyst.page.xpath("//*[@data-bpmn-viewer]")[0]
    assert b"<" in analyst.client.get(island.get("data-xml-url")).data
    assert isinstance(analyst.client.get(island.get("data-findings-url")).json, list)
    assert "birth-start" in analyst.main
    assert "C01 收件檢核與一次告知單" in analyst.main


def test_a_changed_package_is_proposed_by_one_and_approved_by_another(draft_house: House) -> None:
    analyst = draft_house.sign_in(ANALYST).open("/definitions/P01")
    assert "沒有可上線的變更" in analyst.main
    change_birth(draft_house)

    analyst.open("/definitions/P01").press("提出新版本", comment="證明書英文名稱")
    assert "已提出新版本" in analyst.text
    assert "版本須由提出者以外的人核准" in analyst.main
    assert analyst.page.xpath("//button[@disabled and normalize-space()='核准上線']")

    chief = draft_house.sign_in(CHIEF).open("/definitions/P01").press("核准上線")
    assert "新版本已上線" in chief.text
    active = chief.page.xpath("//tr[td//span[contains(., '現行')]]")[0].text_content()
    assert "第 2 版" in active


def test_a_broken_package_says_what_is_wrong_and_cannot_be_deployed(draft_house: House) -> None:
    file = draft_house.library / "registration" / "birth" / "birth.bpmn"
    file.write_text(file.read_text(encoding="utf-8").replace("</", "<", 1), encoding="utf-8")

    analyst = draft_house.sign_in(ANALYST).open("/definitions/P01")

    assert analyst.status == 200
    assert "無法使用" in analyst.main
    assert analyst.page.xpath("//button[@disabled and normalize-space()='提出新版本']")


def test_an_unknown_package_is_no_page(house: House) -> None:
    assert house.sign_in(ANALYST).open("/definitions/P99").status == 404
