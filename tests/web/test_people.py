"""People and accounts: made, locked, given groups by two people, on leave, gone."""

from __future__ import annotations

from sqlalchemy import select, update

from engine import people
from engine.actors import system
from store.tables import accounts, history, idempotency_keys, office_settings, persons, user_tasks
from tests.web.house import CHIEF, COUNTER, OPERATOR, REVIEWER, House
from tests.web.visitor import Visitor

SECRETARY = "secretary.tsai"
NEW = {"name": "新示範", "section": "登記課", "login": "new.shifan", "group": "counter"}


def _id(house: House, name: str) -> str:
    with house.reading() as tx:
        return str(tx.scalar(select(persons.c.id).where(persons.c.display_name == name)))


def _page(house: House, visitor: Visitor, name: str) -> Visitor:
    return visitor.open(f"/operations/people/{_id(house, name)}")


def _password(visitor: Visitor) -> str:
    shown = visitor.page.xpath("//*[contains(@class, 'big-code')]")
    assert shown, visitor.main
    return str(shown[0].text_content())


def test_a_new_person_signs_in_with_the_password_shown_once_and_must_change_it(
    house: House,
) -> None:
    operator = house.sign_in(OPERATOR).open("/operations/people/new")
    operator.press("建立人員與帳號", **NEW)
    password = _password(operator)

    newcomer = house.visitor().sign_in("new.shifan", password)
    assert newcomer.path.startswith("/password")
    operator.send_again()

    assert password not in operator.main
    assert "無法再次顯示" in operator.main
    with house.reading() as tx:
        bodies = b"".join(tx.scalars(select(idempotency_keys.c.body)))
        told = str(tx.execute(select(history.c.detail)).all())
    assert password.encode() not in bodies
    assert password not in told


def test_what_was_typed_survives_a_refusal(house: House) -> None:
    operator = house.sign_in(OPERATOR).open("/operations/people/new")

    operator.press("建立人員與帳號", **{**NEW, "login": COUNTER})

    assert operator.status == 409
    assert "已有人使用" in operator.main
    assert operator.value_of("name") == "新示範"


def test_who_is_locked_is_signed_out_at_once(house: House) -> None:
    clerk = house.sign_in(COUNTER)
    operator = _page(house, house.sign_in(OPERATOR), "林示範")

    operator.press("鎖定帳號", reason="手機遺失")

    assert "帳號已鎖定" in operator.text
    assert clerk.open("/worklist").path.startswith("/sign-in")
    assert "手機遺失" in operator.main
    operator.press("解除鎖定")
    assert house.sign_in(COUNTER).status == 200


def test_a_reset_password_is_shown_once(house: House) -> None:
    operator = _page(house, house.sign_in(OPERATOR), "林示範")

    operator.press("產生新密碼")

    password = _password(operator)
    assert house.visitor().sign_in(COUNTER, password).path.startswith("/password")


def test_an_entry_is_put_right_and_mails_go_to_the_new_address(house: House) -> None:
    operator = _page(house, house.sign_in(OPERATOR), "林示範")

    operator.press("儲存", name="林示範", section="戶籍課", email="lin at example")
    assert operator.status == 422
    assert "請填一個電子郵件地址" in operator.main
    assert operator.value_of("section") == "戶籍課", "what was typed stays"
    operator.press("儲存", email="lin@example.invalid")

    assert "已更正" in operator.text
    assert "更正人員資料" in operator.main
    with house.reading() as tx:
        person = tx.execute(select(persons).where(persons.c.display_name == "林示範")).one()
        told = tx.scalars(select(history.c.detail).where(history.c.action == "person.changed"))
        assert (person.section, person.email) == ("戶籍課", "lin@example.invalid")
        assert [line["parts"] for line in told] == [["section", "email"]]


def test_power_over_others_waits_for_a_second_person(house: House) -> None:
    operator = _page(house, house.sign_in(OPERATOR), "林示範")
    operator.press("加入", group="chief", reason="新任課長")
    assert "等候第二人同意" in operator.main
    assert "由另一人決定" in operator.open("/operations/people").main

    house.sign_in(SECRETARY).open("/operations/people").press("同意")

    assert "課長" in _page(house, operator, "林示範").main
    with house.reading() as tx:
        told = list(tx.scalars(select(history.c.action).where(history.c.action.like("person.g%"))))
    assert told == ["person.grant_asked", "person.grant_approved"]


def test_nobody_changes_their_own_groups(house: House) -> None:
    operator = _page(house, house.sign_in(OPERATOR), "何示範")

    assert not operator.has_button("加入")
    assert "由其他系統管理人員變更" in operator.main


def test_leave_with_a_deputy_is_entered_and_taken_back(house: House) -> None:
    chief = _page(house, house.sign_in(CHIEF), "林示範")
    chief.press("登錄", first_day="115/3/2", last_day="115/3/1", deputy=_id(house, "高示範"))
    assert "末日不得早於首日" in chief.main

    chief.press("登錄", first_day="115/3/2", last_day="115/3/6", deputy=_id(house, "高示範"))

    assert "代理：高示範" in chief.open("/operations/people").main
    _page(house, chief, "林示範").press("取消")
    assert "代理：高示範" not in chief.open("/operations/people").main


def test_the_end_of_service_lists_what_became_of_each_task(house: House) -> None:
    case = house.file()
    house.claim(case, COUNTER)
    operator = _page(house, house.sign_in(OPERATOR), "林示範")

    operator.press("登錄離職", last_day="115/3/31", reason="退休")

    assert case.number in operator.main
    assert "已釋回" in operator.main
    with house.reading() as tx:
        assert tx.scalar(select(user_tasks.c.assignee_id)) is None
    assert "林示範" in operator.open("/operations/people?left=1").main


def test_the_review_lists_everybody_with_the_age_of_their_passwords(house: House) -> None:
    with house.db.transaction() as tx:
        days = office_settings.c.name == "people.unused_days"
        tx.execute(update(office_settings).where(days).values(value=180))
        tx.execute(
            update(accounts)
            .where(accounts.c.login == REVIEWER)
            .values(created_at=house.wall_clock.now().replace(year=2025), last_signed_in_at=None)
        )
    review = house.sign_in(SECRETARY).open("/operations/people/review")

    assert "帳號清查清單" in review.main
    assert "久未使用" in review.main
    assert all(name in review.main for name in ("林示範", "陳示範", "何示範"))


def test_clerks_see_no_accounts_and_supervisors_change_none(house: House) -> None:
    assert house.sign_in(COUNTER).open("/operations/people").status == 403
    chief = _page(house, house.sign_in(CHIEF), "林示範")

    assert chief.status == 200
    assert not chief.has_button("鎖定帳號")
    assert not chief.has_button("產生新密碼")


def test_an_auditor_reads_and_changes_nothing(house: House) -> None:
    with house.db.transaction() as tx:
        by = system("demo-south")
        now = house.clock.now()
        person = people.create_person(
            tx, people.NewPerson("demo-south", "馬示範", fictional=True), by, now
        )
        people.join(tx, person, "auditor", by, now)
        new = people.NewAccount(
            person, "auditor.ma", "Ferry-crossing-41", must_change_password=False
        )
        people.create_account(tx, new, by, now)
    auditor = house.visitor().sign_in("auditor.ma", "Ferry-crossing-41")

    assert auditor.open("/operations/people").status == 200
    assert not auditor.has_button("新增人員")


def test_an_office_chooses_and_says_what_it_rests_on(house: House) -> None:
    operator = house.sign_in(OPERATOR).open("/operations/offices")
    assert "示範市北區戶政事務所" in operator.main
    form = "/operations/offices/settings/people.password_days"
    button = operator.page.xpath(f"//form[@action='{form}']//button")[0]

    operator.send(button, {"value": "9999", "source": "要點"})
    assert operator.status == 422
    assert "0 到 365" in operator.main
    button = operator.page.xpath(f"//form[@action='{form}']//button")[0]
    operator.send(button, {"value": "60", "source": "資安管理要點"})

    row = operator.page.get_element_by_id("s-people.password_days").text_content()
    assert "60 天" in row
    assert "資安管理要點" in row
    assert "何示範" in row


def test_a_chief_reads_the_choices_and_makes_none(house: House) -> None:
    chief = house.sign_in(CHIEF).open("/operations/offices")

    assert chief.status == 200
    assert not chief.has_button("儲存")
