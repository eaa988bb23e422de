"""Signing in: one answer for all failures, the lock, the session, the language."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import accounts
from engine.actors import system
from tests.web.house import COUNTER, House
from tests.web.visitor import Visitor
from web.demo_office.office import OFFICE, PASSWORD


def test_everybody_lands_on_the_desk_of_their_work(house: House) -> None:
    assert house.sign_in(COUNTER).path == "/worklist"
    assert house.sign_in("chief.wang").path == "/overdue"
    assert house.sign_in("analyst.luo").path == "/definitions"
    assert house.sign_in("operator.he").path == "/operations"


def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(house: House) -> None:
    wrong = house.visitor().sign_in(COUNTER, "not this one")
    unknown = house.visitor().sign_in("nobody.here", "not this one")

    assert wrong.status == unknown.status == 422
    assert wrong.main.replace(COUNTER, "") == unknown.main.replace("nobody.here", "")


def test_five_failures_lock_the_account_for_a_quarter_of_an_hour(house: House) -> None:
    for _ in range(5):
        house.visitor().sign_in(COUNTER, "not this one")

    locked = house.visitor().sign_in(COUNTER, PASSWORD)
    assert locked.status == 422

    house.wall_clock.move(timedelta(minutes=15, seconds=1))
    assert house.visitor().sign_in(COUNTER, PASSWORD).path == "/worklist"


def test_an_unattended_screen_is_signed_out(house: House) -> None:
    clerk = house.sign_in(COUNTER)

    house.wall_clock.move(timedelta(minutes=14))
    assert poll(clerk, "idle") == 200
    house.wall_clock.move(timedelta(minutes=2))

    assert clerk.open("/worklist").path.startswith("/sign-in")
    assert "登入後會回到剛才的頁面" in clerk.main
    assert "登入後會回到" not in house.visitor().open("/").main


def test_who_fills_in_a_long_form_stays_signed_in(house: House) -> None:
    clerk = house.sign_in(COUNTER)

    for _ in range(3):
        house.wall_clock.move(timedelta(minutes=10))
        assert poll(clerk, "active") == 200

    assert clerk.open("/worklist").path == "/worklist"


def test_a_page_that_stands_open_is_told_that_the_sign_in_has_expired(house: House) -> None:
    clerk = house.sign_in(COUNTER)

    house.wall_clock.move(timedelta(minutes=16))

    assert poll(clerk, "idle") == 401


def poll(clerk: Visitor, sign: str) -> int:
    """What an open page asks by itself; `sign` says whether anybody has touched it since."""
    return clerk.client.get("/live", headers={"X-Huzheng-Poll": sign}).status_code


def test_the_page_that_was_asked_for_is_opened_after_signing_in(house: House) -> None:
    stranger = house.visitor().open("/cases")
    assert stranger.path.startswith("/sign-in")

    stranger.press("登入", login=COUNTER, password=PASSWORD)

    assert stranger.path == "/cases"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example"]
)
def test_signing_in_never_leads_to_another_site(house: House, elsewhere: str) -> None:
    stranger = house.visitor().open("/sign-in")

    stranger.press("登入", login=COUNTER, password=PASSWORD, back=elsewhere)

    assert stranger.path == "/worklist"


def test_signing_out_ends_the_session_on_the_server(house: House) -> None:
    clerk = house.sign_in(COUNTER)
    cookie = clerk.client.get_cookie("huzheng-session")
    assert cookie is not None
    token = cookie.value

    clerk.press("登出")

    assert "已登出" in clerk.text
    thief = house.visitor()
    thief.client.set_cookie("huzheng-session", token)
    assert thief.open("/worklist").path.startswith("/sign-in")


def test_cookies_are_bound_to_the_host_and_out_of_reach_of_scripts(house: House) -> None:
    secure = House(house.db, https=True)
    visitor = Visitor(secure.app, https=True).sign_in(COUNTER, PASSWORD)

    jar = [visitor.client.get_cookie(name) for name in ("__Host-huzheng", "__Host-huzheng-form")]

    for cookie in jar:
        assert cookie is not None
        assert (cookie.secure, cookie.http_only, cookie.same_site) == (True, True, "Strict")
        assert (cookie.path, cookie.origin_only) == ("/", True)


def test_demo_people_are_offered_in_a_demonstration_only(house: House) -> None:
    demo = house.visitor().open("/sign-in")
    assert "虛構" in demo.text
    assert demo.has_button("林示範（櫃檯）")

    real = House(house.db, demo=False)
    stranger = real.visitor().open("/sign-in")
    assert "示範" not in stranger.text
    token = stranger.value_of("csrf_token")
    answer = stranger.client.post("/demo-sign-in", data={"login": COUNTER, "csrf_token": token})
    assert answer.status_code == 400


def test_a_demo_person_signs_in_by_one_button(house: House) -> None:
    visitor = house.visitor().open("/sign-in").press("林示範（櫃檯）")

    assert visitor.path == "/worklist"
    assert "示範資料，虛構" in visitor.text


def test_the_language_is_chosen_and_remembered(house: House) -> None:
    visitor = house.visitor().open("/sign-in").press("English")

    assert "Sign in" in visitor.main
    assert visitor.page.get("lang") == "en"
    assert "Login" in visitor.open("/sign-in").main


def test_a_password_that_was_set_by_others_is_changed_first(house: House) -> None:
    by, operator_now = system(OFFICE), house.wall_clock.now()
    with house.db.transaction() as tx:
        account = house.actor(COUNTER).account_id
        assert account is not None
        accounts.set_password(tx, account, "Temporary-Pass-9", by, operator_now)

    clerk = house.visitor().sign_in(COUNTER, "Temporary-Pass-9")
    assert clerk.path == "/password"
    assert clerk.open("/worklist").path == "/password"

    clerk.press("變更密碼", old_password="Temporary-Pass-9", password="short", again="short")
    assert clerk.status == 422
    assert "至少要 12 個字元" in clerk.main

    new = "Quiet-River-Stone-7"
    clerk.press("變更密碼", old_password="Temporary-Pass-9", password=new, again=new)
    assert clerk.path == "/sign-in"
    assert clerk.sign_in(COUNTER, new).path == "/worklist"
