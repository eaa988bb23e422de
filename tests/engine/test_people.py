"""People: who they are, how they sign in, and who stands in for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, select, update

from engine import absences, account_states, accounts, people
from engine.actors import Actor, system
from engine.errors import Conflict, Forbidden, NotFound, Rejected
from engine.people import NewAccount, NewOffice, NewPerson, Refusal
from store.database import Database
from store.tables import accounts as accounts_table
from store.tables import history
from tests.engine.rows import NOW, OFFICE

PASSWORD = "Ferry-crossing-41"
SYSTEM = system(OFFICE)


@pytest.fixture
def office(db: Database) -> Database:
    with db.transaction() as tx:
        people.create_office(
            tx, NewOffice(OFFICE, "KHFS", "示範戶政事務所", "Demo office", "kaohsiung"), SYSTEM, NOW
        )
    return db


@pytest.fixture
def tx(office: Database) -> Iterator[Connection]:
    with office.transaction() as connection:
        yield connection


def a_person(tx: Connection, name: str = "林示範", *groups: str) -> UUID:
    person_id = people.create_person(tx, NewPerson(OFFICE, name, fictional=True), SYSTEM, NOW)
    for group in groups:
        people.join(tx, person_id, group, SYSTEM, NOW)
    return person_id


def an_account(tx: Connection, login: str = "lin.shifan", password: str = PASSWORD) -> UUID:
    person_id = a_person(tx, "林示範", "counter", "reviewer")
    return people.create_account(tx, NewAccount(person_id, login, password), SYSTEM, NOW)


# --- signing in ---------------------------------------------------------------------------------


def test_the_right_password_signs_in_the_person_with_their_groups(tx: Connection) -> None:
    account_id = an_account(tx)

    actor = people.authenticate(tx, "lin.shifan", PASSWORD, NOW)

    assert isinstance(actor, Actor)
    assert actor.account_id == account_id
    assert actor.office_id == OFFICE
    assert actor.groups == {"counter", "reviewer"}
    assert actor.name == "林示範"


@pytest.mark.parametrize("login", ["LIN.SHIFAN", " lin.shifan ", "ｌｉｎ．ｓｈｉｆａｎ"])
def test_case_and_width_of_a_login_make_no_difference(tx: Connection, login: str) -> None:
    an_account(tx)

    assert isinstance(people.authenticate(tx, login, PASSWORD, NOW), Actor)


def test_every_failed_sign_in_gets_the_same_answer(tx: Connection) -> None:
    account_id = an_account(tx)
    disabled = an_account(tx, "chen.shifan")
    account_states.disable(tx, disabled, SYSTEM, NOW)
    without = people.create_account(tx, NewAccount(a_person(tx), "wang.shifan"), SYSTEM, NOW)

    answers = [
        people.authenticate(tx, "nobody.here", PASSWORD, NOW),
        people.authenticate(tx, "lin.shifan", "wrong", NOW),
        people.authenticate(tx, "lin.shifan", "w" * 10_000, NOW),
        people.authenticate(tx, "chen.shifan", PASSWORD, NOW),
        people.authenticate(tx, "wang.shifan", "nobody has this password", NOW),
        people.authenticate(tx, "x" * 10_000, "", NOW),
    ]

    assert set(answers) == {accounts.REFUSED}
    assert {account_id, disabled, without}


def test_five_failures_lock_the_account_for_fifteen_minutes(tx: Connection) -> None:
    an_account(tx)

    for _ in range(5):
        assert isinstance(people.authenticate(tx, "lin.shifan", "wrong", NOW), Refusal)

    early = NOW + timedelta(minutes=14, seconds=59)
    assert isinstance(people.authenticate(tx, "lin.shifan", PASSWORD, early), Refusal)
    later = NOW + timedelta(minutes=15)
    assert isinstance(people.authenticate(tx, "lin.shifan", PASSWORD, later), Actor)
    assert "account.locked" in tx.execute(select(history.c.action)).scalars().all()


def test_after_a_lock_has_ended_there_are_five_tries_again(tx: Connection) -> None:
    an_account(tx)
    for _ in range(5):
        people.authenticate(tx, "lin.shifan", "wrong", NOW)

    later = NOW + timedelta(minutes=15)
    for _ in range(4):
        people.authenticate(tx, "lin.shifan", "wrong", later)

    assert isinstance(people.authenticate(tx, "lin.shifan", PASSWORD, later), Actor)


def test_a_success_forgets_earlier_failures(tx: Connection) -> None:
    an_account(tx)

    for _ in range(3):
        for _ in range(4):
            people.authenticate(tx, "lin.shifan", "wrong", NOW)
        assert isinstance(people.authenticate(tx, "lin.shifan", PASSWORD, NOW), Actor)


def test_an_operator_unlocks(tx: Connection) -> None:
    account_id = an_account(tx)
    for _ in range(5):
        people.authenticate(tx, "lin.shifan", "wrong", NOW)

    account_states.unlock(tx, account_id, SYSTEM, NOW)

    assert isinstance(people.authenticate(tx, "lin.shifan", PASSWORD, NOW), Actor)


def test_in_a_race_of_guesses_five_are_judged(office: Database) -> None:
    with office.transaction() as tx:
        account_id = an_account(tx)

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda at: people.sign_in(office, "lin.shifan", f"guess {at}", NOW), range(24))
        )

    assert set(answers) == {accounts.REFUSED}
    with office.transaction(read_only=True) as tx:
        row = tx.execute(select(accounts_table).where(accounts_table.c.id == account_id)).one()
        deeds = tx.execute(select(history.c.action)).scalars().all()
    assert row.failed_sign_ins == 5
    assert row.locked_until == NOW + accounts.LOCKED_FOR
    assert deeds.count("account.sign_in_failed") == 5


# --- accounts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("password", ["short-1A", "alllowercaseletters", "lin.shifan-2026-A"])
def test_a_weak_password_is_refused(tx: Connection, password: str) -> None:
    with pytest.raises(Rejected) as refused:
        an_account(tx, password=password)

    assert refused.value.code == "account.password"


def test_a_login_belongs_to_one_account(tx: Connection) -> None:
    an_account(tx)

    with pytest.raises(Conflict) as refused:
        an_account(tx, "LIN.Shifan")

    assert refused.value.code == "account.login_taken"
    assert people.groups_of(tx, a_person(tx)) == frozenset()  # the transaction still works


@pytest.mark.parametrize("login", ["", "ab", "a b c", "x" * 81, "a\x00bc", "ab;cd"])
def test_a_login_has_a_plain_form(tx: Connection, login: str) -> None:
    with pytest.raises(Rejected):
        an_account(tx, login)


def test_changing_the_password_needs_the_old_one_and_ends_sessions(tx: Connection) -> None:
    from engine import sessions

    account_id = an_account(tx)
    token = sessions.start(tx, account_id, NOW)

    wrong = people.change_password(tx, account_id, "wrong", "Harbour-lights-77", NOW)
    same = people.change_password(tx, account_id, PASSWORD, PASSWORD, NOW)
    weak = people.change_password(tx, account_id, PASSWORD, "short", NOW)
    assert [error.code for error in wrong + same] == ["password_wrong", "password_same"]
    assert {error.code for error in weak} == {"password_too_short", "password_classes"}
    assert sessions.actor_for(tx, token, NOW) is not None

    assert people.change_password(tx, account_id, PASSWORD, "Harbour-lights-77", NOW) == []

    assert sessions.actor_for(tx, token, NOW) is None
    assert isinstance(people.authenticate(tx, "lin.shifan", "Harbour-lights-77", NOW), Actor)
    assert tx.execute(select(accounts_table.c.must_change_password)).scalar_one() is False


def test_a_password_set_by_an_operator_must_be_changed(tx: Connection) -> None:
    account_id = an_account(tx)
    tx.execute(update(accounts_table).values(must_change_password=False))

    people.set_password(tx, account_id, "Harbour-lights-77", SYSTEM, NOW)

    assert tx.execute(select(accounts_table.c.must_change_password)).scalar_one() is True


# --- who may administer -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "new"),
    [
        ("person.name", NewPerson(OFFICE, "  ")),
        ("person.too_long", NewPerson(OFFICE, "林" * 81)),
        ("person.email", NewPerson(OFFICE, "林示範", email="nobody")),
    ],
)
def test_who_is_entered_is_judged_as_who_is_corrected(
    tx: Connection, code: str, new: NewPerson
) -> None:
    with pytest.raises(Rejected) as refused:
        people.create_person(tx, new, SYSTEM, NOW)

    assert refused.value.code == code


def test_only_an_operator_of_the_office_administers_people(tx: Connection) -> None:
    clerk = Actor(a_person(tx, "丁示範", "counter"), None, OFFICE, frozenset({"counter"}))
    elsewhere = Actor(uuid4(), None, "kh-lingya", frozenset({"operator"}))
    operator = Actor(a_person(tx, "甲示範", "operator"), None, OFFICE, frozenset({"operator"}))

    for actor in (clerk, elsewhere):
        with pytest.raises(Forbidden):
            people.create_person(tx, NewPerson(OFFICE, "乙示範"), actor, NOW)
    with pytest.raises(Forbidden):
        people.create_office(tx, NewOffice("x", "X", "x", "x", "x"), operator, NOW)

    person_id = people.create_person(tx, NewPerson(OFFICE, "乙示範"), operator, NOW)
    people.join(tx, person_id, "reviewer", operator, NOW)
    assert people.members(tx, OFFICE, "reviewer") == [(person_id, "乙示範")]


def test_an_auditor_does_no_other_work(tx: Connection) -> None:
    auditor = a_person(tx, "稽示範", "auditor")
    clerk = a_person(tx, "丁示範", "counter")

    for person_id, group in ((auditor, "operator"), (clerk, "auditor")):
        with pytest.raises(Conflict) as refused:
            people.join(tx, person_id, group, SYSTEM, NOW)
        assert refused.value.code == "person.auditor_apart"

    people.leave(tx, clerk, "counter", SYSTEM, NOW)
    people.join(tx, clerk, "auditor", SYSTEM, NOW)
    assert people.groups_of(tx, clerk) == {"auditor"}


def test_unknown_groups_and_people_are_refused(tx: Connection) -> None:
    with pytest.raises(Rejected):
        people.join(tx, a_person(tx), "wizards", SYSTEM, NOW)
    with pytest.raises(NotFound):
        people.join(tx, uuid4(), "counter", SYSTEM, NOW)


def test_an_office_is_founded_once(tx: Connection) -> None:
    with pytest.raises(Conflict):
        people.create_office(tx, NewOffice("other", "KHFS", "x", "x", "x"), SYSTEM, NOW)


# --- absences -----------------------------------------------------------------------------------

DAY = date(2026, 3, 2)


def away(tx: Connection, person: UUID, substitute: UUID | None, days: int = 1) -> None:
    absence = absences.Absence(person, DAY, DAY + timedelta(days=days - 1), substitute)
    absences.set_absence(tx, absence, SYSTEM, NOW)


def test_the_substitute_stands_in_on_the_days_of_the_absence(tx: Connection) -> None:
    lin, chen = a_person(tx, "林示範"), a_person(tx, "陳示範")
    away(tx, lin, chen, days=2)

    assert absences.substitute_of(tx, lin, DAY) == chen
    assert absences.substitute_of(tx, lin, DAY + timedelta(days=1)) == chen
    assert absences.substitute_of(tx, lin, DAY + timedelta(days=2)) is None
    assert absences.substitute_of(tx, lin, DAY - timedelta(days=1)) is None
    assert absences.stands_in_for(tx, chen, DAY) == [lin]
    assert absences.stands_in_for(tx, lin, DAY) == []


def test_where_the_substitute_is_away_too_theirs_stands_in(tx: Connection) -> None:
    lin, chen, wu = a_person(tx, "林示範"), a_person(tx, "陳示範"), a_person(tx, "吳示範")
    away(tx, lin, chen)
    away(tx, chen, wu)

    assert absences.substitute_of(tx, lin, DAY) == wu


def test_substitutes_in_a_circle_are_nobody(tx: Connection) -> None:
    lin, chen = a_person(tx, "林示範"), a_person(tx, "陳示範")
    away(tx, lin, chen)
    away(tx, chen, lin)

    assert absences.substitute_of(tx, lin, DAY) is None


def test_an_absence_is_ones_own_or_entered_by_a_supervisor(tx: Connection) -> None:
    lin, chen = a_person(tx, "林示範"), a_person(tx, "陳示範")
    absence = absences.Absence(lin, DAY, DAY, chen)

    absences.set_absence(tx, absence, Actor(lin, None, OFFICE), NOW)
    absences.set_absence(tx, absence, Actor(uuid4(), None, OFFICE, frozenset({"chief"})), NOW)
    with pytest.raises(Forbidden):
        absences.set_absence(tx, absence, Actor(chen, None, OFFICE, frozenset({"counter"})), NOW)


def test_leave_of_another_office_is_as_unknown_as_leave_there_is_none_of(tx: Connection) -> None:
    lin = a_person(tx, "林示範")
    absence = absences.Absence(lin, DAY, DAY)
    absence_id = absences.set_absence(tx, absence, SYSTEM, NOW)
    elsewhere = Actor(uuid4(), None, "kh-lingya", frozenset({"chief"}))
    nobody, nothing = absences.Absence(uuid4(), DAY, DAY), uuid4()

    def refused(act: Callable[[], object]) -> str:
        with pytest.raises(NotFound) as refusal:
            act()
        return str(refusal.value)

    assert refused(lambda: absences.set_absence(tx, absence, elsewhere, NOW)) == refused(
        lambda: absences.set_absence(tx, nobody, elsewhere, NOW)
    )
    assert refused(lambda: absences.end_absence(tx, absence_id, elsewhere, NOW)) == refused(
        lambda: absences.end_absence(tx, nothing, elsewhere, NOW)
    )


def test_a_substitute_is_another_person_and_days_are_in_order(tx: Connection) -> None:
    lin, chen = a_person(tx, "林示範"), a_person(tx, "陳示範")

    for absence in (
        absences.Absence(lin, DAY, DAY, lin),
        absences.Absence(lin, DAY, DAY - timedelta(days=1), chen),
    ):
        with pytest.raises(Rejected):
            absences.set_absence(tx, absence, SYSTEM, NOW)
