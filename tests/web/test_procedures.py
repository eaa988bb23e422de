"""The public pages of procedures: whole, true to the tables of the version, for anybody, kept."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from engine import deployments, office_contacts
from engine.actors import system
from engine.manifests import PackageError
from engine.packages import Library, load_library
from engine.procedures import KINDS
from tests.support.browser import running_browser
from tests.web.house import ANALYST, COUNTER, LIBRARY, House
from tests.web.seat import served
from web import procedures

FILED = (
    *("P01", "P02", "P03", "P04", "P05", "P06", "P07", "P08"),
    *("P09", "P10", "P11", "P12", "P13", "P14", "P15", "P15T", "P16"),
    *("P20", "P21", "P22", "P23", "P24", "P25", "P26"),
    *("P27", "P28", "P29", "P30", "P42", "P50", "P52", "P53"),
)
"""Packages of the library that people apply for, or an office files for them."""
ELSEWHERE = {"nationality_loss_certificate", "nationality_restoration_certificate"}
"""Paid by postal order to the Ministry of the Interior: told, but no office charges it."""
HEADINGS = {
    "zh-TW": (
        "誰可以申請、到哪裡辦",
        "要帶的文件",
        "期限",
        "規費",
        "辦理步驟",
        "文件不齊時",
        "申請之後",
    ),
    "en": (
        *("Who may apply, and where", "What to bring", "Time limits", "Fees"),
        *("Step by step", "If something is missing", "After you have applied"),
    ),
}
ITEM = re.compile(r'(?:^|then |else )"([a-z_]+)"')
"""The names in an expression of an item: one, or of a choice each."""
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def nobody_has_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(procedures, "_tries", procedures.Tries(procedures.TRIES))


@pytest.fixture
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


def deploy(house: House, library: Library, *package_ids: str) -> None:
    actor = house.actor(ANALYST)
    for package_id in package_ids:
        deployments.prepare(library, package_id)
        with house.db.transaction() as tx:
            deployments.deploy(tx, library, package_id, actor, house.clock.now())


def changed(tmp_path: Path, file: str, change: Callable[[str], str]) -> Library:
    """The library with one file changed."""
    root = tmp_path / "bpmn"
    shutil.copytree(LIBRARY, root)
    content = (root / file).read_text(encoding="utf-8")
    (root / file).write_text(change(content), encoding="utf-8")
    assert change(content) != content
    return load_library(root)


def test_people_apply_for_exactly_these(house: House) -> None:
    known = [each.manifest for each in load_library(LIBRARY).packages.values()]
    filed = [each.id for each in known if each.starts and each.kind in KINDS]

    assert sorted(filed) == sorted(FILED)


@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_every_deployed_package_has_a_whole_page(house: House, lang: str) -> None:
    library = load_library(LIBRARY)
    deploy(house, library, *FILED)

    for package_id in FILED:
        page = house.visitor().open(f"/procedures/{package_id}?lang={lang}")
        manifest = library.package(package_id).manifest
        title = manifest.title.zh if lang == "zh-TW" else manifest.title.en
        headings = [each.text_content() for each in page.page.xpath("//main//h2")]

        assert page.status == 200
        assert page.page.xpath("//h1")[0].text_content() == title
        assert set(HEADINGS[lang]) <= set(headings)
        for paper in manifest.papers:
            assert (paper.title.zh if lang == "zh-TW" else paper.title.en) in page.main
        assert not page.page.xpath("//main//li[not(normalize-space())]")
        assert lang == "zh-TW" or not HAN.search(page.main), page.main


def test_every_page_says_what_to_bring_or_why_nothing_is_needed(house: House) -> None:
    deploy(house, load_library(LIBRARY), *FILED)

    for package_id in FILED:
        page = house.visitor().open(f"/procedures/{package_id}")
        assert page.page.xpath("//h2[.='要帶的文件']/following-sibling::ul/li"), package_id
    pupil = house.visitor().open("/procedures/P21?lang=en").main
    assert "Under 14: consent of the legal representative" in pupil
    assert "整編本身也不必準備文件" in house.visitor().open("/procedures/P27").main


def test_a_package_that_says_nothing_of_papers_is_warned_of(tmp_path: Path) -> None:
    library = changed(
        tmp_path,
        "registration/renumbering/package.yaml",
        lambda text: re.sub(r"  bring:\n(    - .*\n)+", "", text),
    )

    told = [str(finding) for finding in library.lint("P27")]

    assert any("public.bring" in each for each in told), told


def test_a_public_page_that_is_hard_to_read_is_warned_of(tmp_path: Path) -> None:
    library = changed(
        tmp_path,
        "registration/renumbering/package.yaml",
        lambda text: text.replace(
            "  bring:\n", "  bring:\n    - {zh-TW: " + "本所" * 40 + ", en: x}\n"
        ),
    )

    told = [str(finding) for finding in library.lint("P27")]

    assert any("public.hard" in each and "80" in each for each in told), told


def test_an_agents_paper_says_when_it_is_needed(house: House) -> None:
    page = house.visitor().open("/procedures/P01?lang=en")

    assert "If somebody applies for you: Power of attorney" in page.main
    assert "If a parent is not a national: Passport or residence permit" in page.main


def test_who_may_apply_is_what_the_table_of_the_version_admits(house: House) -> None:
    birth = house.visitor().open("/procedures/P01").main
    move = house.visitor().open("/procedures/P08").main

    assert "父、母、祖父母、戶長、同居人、監護人" in birth
    assert "本人、戶長" in move
    assert "監護人" not in move


def test_limits_fees_and_fines_are_those_of_the_tables(house: House) -> None:
    birth = house.visitor().open("/procedures/P01").main
    move = house.visitor().open("/procedures/P08").main

    for told in ("60 日", "戶籍法第48條第1項", "3 個工作日", "行政程序法第51條第1項"):
        assert told in birth
    assert "滿 3 個月後 30 日" in move
    assert "新臺幣 30 元" in birth
    assert "新臺幣 50 元" in move
    for tier, amount in (
        ("逾期 1 至 15 日", 300),
        ("逾期 16 至 30 日", 500),
        ("逾期 31 至 180 日", 700),
        ("逾期 181 日以上", 900),
        ("經催告仍不申請", 900),
    ):
        assert f"{tier}新臺幣 {amount} 元" in birth.replace(f"{tier} ", tier)
    assert "郵寄申請：14 日內補正" in birth


def test_a_limit_without_a_day_to_wait_is_told_as_the_same_day(house: House) -> None:
    deploy(house, load_library(LIBRARY), "P20")

    chinese = house.visitor().open("/procedures/P20").main
    english = house.visitor().open("/procedures/P20?lang=en").main

    assert "當日，文件齊備者收件之日製發" in chinese
    assert "the same day, if the papers are complete" in english
    assert "0 個工作日" not in chinese
    assert "0 working days" not in english


def test_every_item_a_package_charges_has_its_price_on_the_page(house: House) -> None:
    library = load_library(LIBRARY)
    for package_id in FILED:
        package = library.package(package_id)
        items = re.findall(r"\{item: (.+?), quantity", package.diagram.content.decode())
        charged = {each for item in items for each in re.findall(ITEM, item)}
        public = package.manifest.public
        assert public is not None
        told = {fee.inputs.get("feeItem", "passport") for fee in public.fees}

        assert told - ELSEWHERE == charged


def test_a_new_version_changes_the_page_and_its_tag(house: House, tmp_path: Path) -> None:
    before = house.visitor().open("/procedures/P01")
    file = "registration/birth/limits.yaml"
    library = changed(tmp_path, file, lambda text: text.replace("length: 3 ", "length: 5 ", 1))

    deploy(house, library, "P01")
    after = house.visitor().open("/procedures/P01")

    assert "3 個工作日" in before.main
    assert "5 個工作日" in after.main
    assert "3 個工作日" not in after.main
    assert before.response.headers["ETag"] != after.response.headers["ETag"]


def test_a_new_price_counts_from_the_version_that_has_it(house: House, tmp_path: Path) -> None:
    library = changed(
        tmp_path,
        "decisions/fees.dmn",
        lambda text: text.replace(
            '<outputEntry id="fee_05_amount"><text>30</text>',
            '<outputEntry id="fee_05_amount"><text>45</text>',
        ),
    )

    deploy(house, library, "P01")

    assert "新臺幣 45 元" in house.visitor().open("/procedures/P01").main
    assert "新臺幣 30 元" in house.visitor().open("/procedures/P08").main


def test_it_is_found_by_plain_words_and_cut_down_by_links(house: House) -> None:
    deploy(house, load_library(LIBRARY), "P30")
    everything = house.visitor().open("/procedures")

    assert titles(house, "/procedures") == [
        "出生登記",
        "遷徙、住址變更登記",
        "首次申請護照親辦一處收件（含自動通關）",
    ]
    assert titles(house, "/procedures?q=搬家") == ["遷徙、住址變更登記"]
    assert titles(house, "/procedures?q=newborn&lang=en") == ["Birth registration"]
    assert titles(house, "/procedures?q=沒有這種事") == []
    assert len(titles(house, everything.link("證件與文書"))) == 1
    assert len(titles(house, everything.link("郵寄"))) == 2


def test_a_service_is_found_by_the_name_it_has_in_one_city(house: House) -> None:
    assert titles(house, "/procedures?q=N加e") == ["遷徙、住址變更登記"]
    assert titles(house, "/procedures?q=N%2Be&lang=en") == ["Move and change of address"]
    assert "「N加e 跨機關通報」" in house.visitor().open("/procedures/P08").main


def test_certificates_are_taken_whenever_a_counter_is_open(house: House) -> None:
    deploy(house, load_library(LIBRARY), "P28")

    assert "於櫃檯開放時間內隨時臨櫃申請" in house.visitor().open("/procedures/P28").main
    english = house.visitor().open("/procedures/P28?lang=en").main
    assert "whenever a counter is open" in english


def test_nobody_is_told_to_apply_online_until_the_package_says_where(
    house: House, tmp_path: Path
) -> None:
    before = house.visitor().open("/procedures/P01")
    assert "申請方式：臨櫃、郵寄。" in before.main
    listed = (
        house.visitor().open("/procedures").page.xpath("//main//ul[contains(@class, 'entries')]")
    )
    assert "線上" not in "".join(each.text_content() for each in listed)

    form = "https://apply.example.gov.tw/birth"
    library = changed(
        tmp_path,
        "registration/birth/package.yaml",
        lambda text: text.replace("  what:\n", f"  online: {form}\n  what:\n", 1),
    )
    deploy(house, library, "P01")

    after = house.visitor().open("/procedures/P01")
    assert "申請方式：臨櫃、郵寄、線上。" in after.main
    assert after.link("前往線上申請") == form
    assert titles(house, house.visitor().open("/procedures").link("線上")) == ["出生登記"]


@pytest.mark.parametrize(
    ("address", "starts", "why"),
    [
        ("http://apply.example", "[counter, online]", "expected an address such as https"),
        ("javascript:alert(1)", "[counter, online]", "expected an address such as https"),
        ("https://apply.example/birth", "[counter]", "starts has no online"),
    ],
)
def test_an_online_form_has_an_address_and_is_a_way_to_apply(
    tmp_path: Path, address: str, starts: str, why: str
) -> None:
    def change(text: str) -> str:
        text = text.replace("  what:\n", f"  online: {address}\n  what:\n", 1)
        return text.replace("starts: [counter, post, online, message]", f"starts: {starts}")

    try:
        library = changed(tmp_path, "registration/birth/package.yaml", change)
        told = [str(finding) for finding in library.lint("P01")]
    except PackageError as refused:
        told = [refused.message]

    assert any(why in each for each in told), told


def titles(house: House, path: str) -> list[str]:
    page = house.visitor().open(path)
    found = page.page.xpath("//ul[contains(@class, 'entries')]/li/a")
    return [" ".join(each.text_content().split()) for each in found]


def test_a_cache_may_keep_it_and_asks_by_its_tag(house: House) -> None:
    first = house.visitor().open("/procedures/P01")
    tag = first.response.headers["ETag"]

    again = house.app.test_client().get("/procedures/P01", headers={"If-None-Match": tag})
    english = house.app.test_client().get("/procedures/P01?lang=en", headers={"If-None-Match": tag})

    assert again.status_code == 304
    assert again.data == b""
    assert english.status_code == 200
    assert "public" in first.response.headers["Cache-Control"]
    assert "Set-Cookie" not in first.response.headers


def test_who_is_signed_in_reads_the_same_page_as_a_stranger(house: House) -> None:
    stranger, clerk = house.visitor(), house.sign_in(COUNTER)

    for path in ("/procedures", "/procedures/P01"):
        assert stranger.open(path).response.data == clerk.open(path).response.data


def test_anybody_reads_how_the_office_is_reached_in_both_languages(house: House) -> None:
    deploy(house, load_library(LIBRARY), "P29")
    given = {"telephone": "07-123-4567", "open_zh": "上班日 08:00–17:00", "open_en": "8 to 5"}
    office = house.actor(COUNTER).office_id
    with house.db.transaction() as tx:
        office_contacts.change(tx, office, given, system(office), house.clock.now())

    chinese = house.visitor().open("/procedures").main
    english = house.visitor().open("/procedures?lang=en").main

    for said in ("受理機關", "示範市南區", "07-123-4567", "上班日 08:00–17:00"):
        assert said in chinese
    for said in ("The office", "07-123-4567", "8 to 5"):
        assert said in english


def test_an_office_or_a_matter_that_is_not_there_is_not_found(house: House) -> None:
    for path in ("/procedures/P99", "/procedures/C01", "/procedures?office=nowhere"):
        assert house.visitor().open(path).status == 404, path


def test_one_address_reads_only_so_much(house: House) -> None:
    for _ in range(procedures.TRIES):
        assert house.visitor().open("/procedures/P01").status == 200

    late = house.visitor().open("/procedures/P01")

    assert late.status == 429
    assert int(late.response.headers["Retry-After"]) > 0


def test_sign_in_and_status_lead_there_and_back(house: House) -> None:
    for start in ("/sign-in", "/status"):
        page = house.visitor().open(start).follow("申辦須知").follow("出生登記")
        assert page.path.startswith("/procedures/P01")
        assert page.follow("案件進度查詢").path == "/status"


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_the_main_procedures_print_on_one_page(house: House, browser: Browser, lang: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    with served(house.app) as address:
        for package_id in ("P01", "P08"):
            page.goto(f"{address}/procedures/{package_id}?lang={lang}")
            sheet = page.pdf(format="A4", prefer_css_page_size=True)

            assert sheet.count(b"/Type /Page\n") + sheet.count(b"/Type /Page ") == 1, package_id
    context.close()
