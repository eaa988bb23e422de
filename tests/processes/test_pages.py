"""docs/processes says what the packages do: written by `huzheng process docs`, nothing by hand."""

from __future__ import annotations

import pytest

from sla.process_pages import index, page
from tests.architecture.checkout import ROOT
from tests.processes.library import LIBRARY

PAGES = ROOT / "docs" / "processes"
MEND = "write it anew: huzheng process docs bpmn --out docs/processes"


@pytest.mark.parametrize("package_id", sorted(LIBRARY.packages))
def test_the_page_of_a_process_is_that_of_its_package(package_id: str) -> None:
    written = (PAGES / f"{package_id}.md").read_text(encoding="utf-8")

    assert written == page(LIBRARY, LIBRARY.package(package_id)), MEND


def test_there_is_a_page_for_each_package_and_no_other() -> None:
    pages = {f"{package_id}.md": LIBRARY.package(package_id) for package_id in LIBRARY.packages}

    found = {path.name for path in PAGES.glob("*.md")}

    assert found == {*pages, "README.md"}
    written = (PAGES / "README.md").read_text(encoding="utf-8")
    assert written == index(dict(sorted(pages.items()))), MEND


def test_a_page_says_where_no_article_governs_the_steps() -> None:
    told = "No article of law governs these steps"

    assert told in page(LIBRARY, LIBRARY.package("C10"))
    assert told in page(LIBRARY, LIBRARY.package("C14"))
    assert told not in page(LIBRARY, LIBRARY.package("C12"))


def test_a_step_stands_behind_what_leads_to_it_and_what_is_inside_behind_its_whole() -> None:
    text = page(LIBRARY, LIBRARY.package("P01"))

    order = [
        text.index(name)
        for name in ("收件檢核 ·", "身分查核 ·", "登錄出生登記 ·", "通知結果 ·", "登記完成 ·")
    ]
    assert order == sorted(order)
    assert "戶籍法第48條第1項" in text
    assert "newborn_card" in text
