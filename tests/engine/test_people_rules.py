"""Passwords that age, accounts that are locked, groups that two people give, the end of service."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine import account_states, accounts, departures, grants, passwords, people, sessions
from engine.actors import Actor, system
from engine.errors import Conflict, EngineError, Forbidden, NotFound, Rejected
from engine.people import NewAccount, NewOffice, NewPerson
from engine.sessions import SignedIn
from store import tables
from store.database import Database
from tests.engine.rows import NOW, OFFICE
from tests.support.driver import CaseDriver

DAY = timedelta(days=1)
WORDS = ("Ferry-crossing-41", "Lantern-Valley-52", "Copper-Meadow-63", "Marble-Orchard-74")


@pytest.fixture
def tx(db: Database) -> Connection:
    with db.transaction() as connection:
        new = NewOffice(OFFICE, "KHFS", "示範戶政事務所", "Demo office", "kaohsiung")
        people.create_office(connection, new, system(OFFICE), NOW)
        yield connection


def a_person(tx: Connection, name: str, *groups: str) -> Actor:
    by = system(OFFICE)
    person_id = people.create_person(tx, NewPerson(OFFICE, name), by, NOW)
    for group in groups:
        people.join(tx, person_id, group, by, NOW)
    new = NewAccount(person_id, f"user{person_id.hex[:8]}", WORDS[0], must_change_password=False)
    account_id = people.create_account(tx, new, by, NOW)
    return Actor(person_id, account_id, OFFICE, frozenset(groups), name)


def change(tx: Connection, who: Actor, old: str, new: str, days: int) -> list[str]:
    assert who.account_id is not None
    found = people.change_password(tx, who.account_id, old, new, NOW + days * DAY)
    return [error.code for error in found]


# --- passwords ----------------------------------------------------------------------------------


def test_the_last_three_passwords_do_not_come_again(tx: Connection) -> None:
    lin = a_person(tx, "林示範", "counter")
    assert change(tx, lin, WORDS[0], WORDS[1], 2) == []
    assert change(tx, lin, WORDS[1], WORDS[2], 4) == []

    assert change(tx, lin, WORDS[2], WORDS[0], 6) == ["password_again"]
    assert change(tx, lin, WORDS[2], WORDS[1], 6) == ["password_again"]
    assert change(tx, lin, WORDS[2], WORDS[3], 6) == []
    assert change(tx, lin, WORDS[3], WORDS[0], 8) == []  # three others lie between


def test_a_password_lives_for_a_day_unless_somebody_else_gave_it(tx: Connection) -> None:
    lin, he = a_person(tx, "林示範", "counter"), a_person(tx, "何示範", "operator")
    assert change(tx, lin, WORDS[0], WORDS[1], 0) == ["password_too_young"]
    assert lin.account_id is not None

    given = accounts.reset_password(tx, lin.account_id, he, NOW)

    assert change(tx, lin, given, WORDS[1], 0) == []


def test_a_password_that_is_too_old_has_to_be_changed(tx: Connection) -> None:
    lin = a_person(tx, "林示範", "counter")

    def must_change(days: int) -> bool:
        login = tx.scalar(select(tables.accounts.c.login).where(_is(lin)))
        assert isinstance(accounts.authenticate(tx, str(login), WORDS[0], NOW + days * DAY), Actor)
        return bool(tx.scalar(select(tables.accounts.c.must_change_password).where(_is(lin))))

    assert must_change(90) is False
    assert must_change(91) is True


def test_an_office_may_choose_another_age_and_its_city_for_it(tx: Connection) -> None:
    city = NewOffice("city", "C", "示範市", "City", "city")
    people.create_office(tx, city, system("city"), NOW)
    tx.execute(update(tables.offices).where(tables.offices.c.id == OFFICE).values(parent_id="city"))
    setting = {"name": "people.password_days", "value": 10, "source": "要點", "changed_at": NOW}
    tx.execute(insert(tables.office_settings).values(office_id="city", **setting))
    lin = a_person(tx, "林示範", "counter")

    login = tx.scalar(select(tables.accounts.c.login).where(_is(lin)))
    accounts.authenticate(tx, str(login), WORDS[0], NOW + 11 * DAY)

    assert tx.scalar(select(tables.accounts.c.must_change_password).where(_is(lin)))


def test_a_reset_password_is_strong_and_is_nobodys_own_to_reset(tx: Connection) -> None:
    he = a_person(tx, "何示範", "operator")
    lin = a_person(tx, "林示範", "counter")
    assert lin.account_id is not None
    assert he.account_id is not None

    made = {accounts.reset_password(tx, lin.account_id, he, NOW) for _ in range(5)}

    assert len(made) == 5
    assert all(passwords.problems(each) == [] for each in made)
    with pytest.raises(Forbidden, match="do not reset"):
        accounts.reset_password(tx, he.account_id, he, NOW)
    kept = tx.scalars(select(tables.password_history.c.password_hash)).all()
    assert len(kept) == 5
    assert not any(word in str(kept) for word in (*made, *WORDS))


# --- locking ------------------------------------------------------------------------------------


def test_who_is_locked_is_out_at_once_and_stays_out(tx: Connection) -> None:
    he, lin = a_person(tx, "何示範", "operator"), a_person(tx, "林示範", "counter")
    assert lin.account_id is not None
    token = sessions.start(tx, lin.account_id, NOW)
    assert isinstance(sessions.find(tx, token, NOW), SignedIn)

    account_states.lock(tx, lin.account_id, "手機遺失", he, NOW)

    login = str(tx.scalar(select(tables.accounts.c.login).where(_is(lin))))
    assert sessions.find(tx, token, NOW) is None
    assert accounts.authenticate(tx, login, WORDS[0], NOW) == accounts.REFUSED
    account_states.unlock(tx, lin.account_id, he, NOW)
    assert isinstance(accounts.authenticate(tx, login, WORDS[0], NOW), Actor)
    told = tx.execute(
        select(tables.history.c.action, tables.history.c.detail).where(
            tables.history.c.object_id == str(lin.account_id)
        )
    ).all()
    assert ("account.locked_by_hand", {"reason": "手機遺失"}) in [tuple(row) for row in told]


def test_the_people_of_a_demonstration_do_not_age(tx: Connection) -> None:
    lin = a_person(tx, "林示範", "counter")
    a_person(tx, "何示範", "operator")
    tx.execute(update(tables.persons).values(fictional=True))

    assert account_states.disable_unused(tx, NOW + 400 * DAY) == 0
    login = str(tx.scalar(select(tables.accounts.c.login).where(_is(lin))))
    accounts.authenticate(tx, login, WORDS[0], NOW + 400 * DAY)
    assert not tx.scalar(select(tables.accounts.c.must_change_password).where(_is(lin)))


def test_a_lock_needs_a_reason_and_an_operator_and_is_not_for_oneself(tx: Connection) -> None:
    he, lin = a_person(tx, "何示範", "operator"), a_person(tx, "林示範", "counter")
    assert lin.account_id is not None
    assert he.account_id is not None

    with pytest.raises(Rejected):
        account_states.lock(tx, lin.account_id, " ", he, NOW)
    with pytest.raises(Forbidden):
        account_states.lock(tx, he.account_id, "why", lin, NOW)
    with pytest.raises(Forbidden):
        account_states.lock(tx, he.account_id, "why", he, NOW)


def test_another_offices_accounts_are_as_unknown_as_none(tx: Connection) -> None:
    lin, he = a_person(tx, "林示範", "counter"), a_person(tx, "何示範", "operator")
    elsewhere = Actor(he.person_id, he.account_id, "kh-lingya", he.groups, he.name)
    said = set()
    for account_id in (_account(lin), uuid4()):
        with pytest.raises(NotFound) as refused:
            account_states.lock(tx, account_id, "why", elsewhere, NOW)
        said.add((refused.value.code, refused.value.message))

    assert len(said) == 1


def test_accounts_nobody_uses_are_disabled_but_the_last_operators(tx: Connection) -> None:
    he, lin = a_person(tx, "何示範", "operator"), a_person(tx, "林示範", "counter")

    assert account_states.disable_unused(tx, NOW + 180 * DAY) == 0
    assert account_states.disable_unused(tx, NOW + 181 * DAY) == 1

    rows = tx.execute(select(tables.accounts.c.id, tables.accounts.c.status)).all()
    states = {row.id: row.status for row in rows}
    assert (states[lin.account_id], states[he.account_id]) == ("disabled", "active")
    account_states.enable(tx, _account(lin), "留職停薪期滿", he, NOW + 181 * DAY)
    assert account_states.disable_unused(tx, NOW + 182 * DAY) == 0


# --- groups -------------------------------------------------------------------------------------


def test_power_over_others_is_asked_by_one_and_approved_by_another(tx: Connection) -> None:
    he, tsai = a_person(tx, "何示範", "operator"), a_person(tx, "蔡示範", "secretary")
    wu = a_person(tx, "吳示範", "counter")

    grant_id = grants.grant(tx, _person(wu), "director", "新任主任", he, NOW)

    assert grant_id is not None
    assert people.groups_of(tx, _person(wu)) == {"counter"}
    with pytest.raises(Forbidden, match="neither who asked"):
        grants.decide(tx, grant_id, he, NOW, approve=True)
    grants.decide(tx, grant_id, tsai, NOW, approve=True)
    assert people.groups_of(tx, _person(wu)) == {"counter", "director"}
    with pytest.raises(Conflict, match="already"):
        grants.decide(tx, grant_id, tsai, NOW, approve=False)


def test_ordinary_groups_are_given_at_once(tx: Connection) -> None:
    he, lin = a_person(tx, "何示範", "operator"), a_person(tx, "林示範", "counter")

    assert grants.grant(tx, _person(lin), "reviewer", "", he, NOW) is None

    assert people.groups_of(tx, _person(lin)) == {"counter", "reviewer"}


def test_nobody_gives_themselves_a_group_nor_decides_on_their_own(tx: Connection) -> None:
    he, tsai = a_person(tx, "何示範", "operator"), a_person(tx, "蔡示範", "secretary")

    with pytest.raises(Forbidden, match="their own groups"):
        grants.grant(tx, _person(he), "analyst", "", he, NOW)
    with pytest.raises(Forbidden, match="their own groups"):
        people.leave(tx, _person(he), "operator", he, NOW)
    asked = grants.grant(tx, _person(tsai), "director", "代理主任", he, NOW)
    assert asked is not None
    with pytest.raises(Forbidden, match="would have it"):
        grants.decide(tx, asked, tsai, NOW, approve=True)


def test_the_database_refuses_one_person_who_asks_and_decides(db: Database) -> None:
    with db.transaction() as tx:
        new = NewOffice(OFFICE, "KHFS", "示範戶政事務所", "Demo office", "kaohsiung")
        people.create_office(tx, new, system(OFFICE), NOW)
        he, lin = a_person(tx, "何示範", "operator"), a_person(tx, "林示範", "counter")
        grant_id = grants.grant(tx, _person(lin), "director", "why", he, NOW)

    for cheat in (he, lin):
        with pytest.raises(IntegrityError), db.transaction() as tx:
            tx.execute(
                update(tables.grants)
                .where(tables.grants.c.id == grant_id)
                .values(status="approved", decided_by=cheat.person_id)
            )


@pytest.mark.parametrize(
    ("first", "second"), [("operator", "counter"), ("chief", "operator"), ("auditor", "control")]
)
def test_duties_that_are_kept_apart_do_not_meet(tx: Connection, first: str, second: str) -> None:
    someone = a_person(tx, "許示範", first)

    with pytest.raises(Conflict):
        people.join(tx, _person(someone), second, system(OFFICE), NOW)


def test_the_last_operator_stays(tx: Connection) -> None:
    he, second = a_person(tx, "何示範", "operator"), a_person(tx, "徐示範", "operator")
    people.leave(tx, _person(second), "operator", he, NOW)

    with pytest.raises(Conflict, match="another one first"):
        people.leave(tx, _person(he), "operator", system(OFFICE), NOW)


# --- end of service -----------------------------------------------------------------------------


def test_the_end_of_service_gives_tasks_back_and_closes_every_door(driver: CaseDriver) -> None:
    driver.deploy("REVIEW")
    case, other = driver.file("REVIEW"), driver.file("REVIEW")
    driver.claim(case, "record", by="counter Lin")
    driver.claim(other, "record", by="counter Lin")
    lin, he = driver.person("counter Lin"), driver.person("operator He")
    now = driver.clock.now()

    with driver.db.transaction() as tx:
        done = departures.end_service(tx, _person(lin), date(2026, 3, 2), "退休", he, now)

    assert [(each.case_number, each.refusal) for each in done] == [
        (case.number, None),
        (other.number, None),
    ]
    assert {driver.task(each, "record").status for each in (case, other)} == {"unclaimed"}
    with driver.db.transaction(read_only=True) as tx:
        assert people.groups_of(tx, _person(lin)) == frozenset()
        assert _person(lin) not in [member.id for member in people.of_office(tx, he.office_id)]
    with pytest.raises(EngineError, match="has left"), driver.db.transaction() as tx:
        departures.end_service(tx, _person(lin), date(2026, 3, 2), "again", he, now)


def _person(actor: Actor) -> UUID:
    assert actor.person_id is not None
    return actor.person_id


def _account(actor: Actor) -> UUID:
    assert actor.account_id is not None
    return actor.account_id


def _is(actor: Actor) -> object:
    return tables.accounts.c.id == actor.account_id
