"""Light, dark, single keys: chosen by a form, remembered by a cookie, without JavaScript."""

from __future__ import annotations

import pytest

from tests.web.house import COUNTER, House


@pytest.mark.parametrize(
    ("label", "theme", "scheme"),
    [("深色", "dark", "dark"), ("淺色", "light", "light"), ("依系統", "system", "light dark")],
)
def test_the_theme_is_chosen_by_a_button_and_kept(
    house: House, label: str, theme: str, scheme: str
) -> None:
    stranger = house.visitor().open("/sign-in").press(label)

    stranger.open("/sign-in")

    assert stranger.page.get("data-theme") == theme
    assert stranger.page.xpath("//meta[@name='color-scheme']/@content") == [scheme]
    pressed = stranger.page.xpath("//button[@aria-pressed='true']")
    assert [button.get("value") for button in pressed] == [theme]


def test_choosing_a_theme_leads_back_to_the_page(house: House) -> None:
    clerk = house.sign_in(COUNTER).open("/worklist?tab=group").press("深色")

    assert clerk.path == "/worklist?tab=group"
    assert clerk.page.get("data-theme") == "dark"


def test_a_theme_that_there_is_not_is_refused_and_a_strange_cookie_ignored(house: House) -> None:
    stranger = house.visitor().open("/sign-in")
    token = stranger.value_of("csrf_token")

    answer = stranger.client.post("/theme", data={"csrf_token": token, "theme": "pink"})
    stranger.client.set_cookie("huzheng-theme", '"><script>')

    assert answer.status_code == 400
    assert stranger.open("/sign-in").page.get("data-theme") == "system"


def test_single_keys_can_be_turned_off_and_on_again(house: House) -> None:
    clerk = house.sign_in(COUNTER).open("/keys")
    assert clerk.page.get("data-keys") == "on"

    clerk.press("關閉單鍵快速鍵")

    assert "已關閉" in clerk.main
    assert clerk.open("/worklist").page.get("data-keys") is None
    assert clerk.page.xpath("//*[@data-search-shortcut]") == []
    assert clerk.open("/keys").press("使用單鍵快速鍵").page.get("data-keys") == "on"


def test_the_page_of_keys_is_reached_from_every_page(house: House) -> None:
    clerk = house.sign_in(COUNTER).open("/counter")

    assert clerk.page.xpath("//body/@data-keys-page") == ["/keys"]
    assert "清單的下一列" in clerk.follow("鍵盤快速鍵").main
