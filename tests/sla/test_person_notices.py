"""Telling people: once, in the way each has chosen, and never against a duty."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from engine import notice_choices, person_notices
from engine.actors import Actor
from engine.errors import EngineError, NotFound, Rejected
from engine.history import verify
from engine.notice_kinds import KINDS, Email, Way, mail_due_at
from engine.person_notices import News
from store import tables
from tests.support.factories import OFFICE
from tests.support.office import Office, taipei


@pytest.fixture
def lin(office: Office) -> Actor:
    person = office.person("counter Lin")
    office.give_mail(person.person_id, "lin@office.example")
    return person


def tell(
    office: Office, to: Actor, kind: str = "clock.warned", case_id: UUID | None = None
) -> UUID:
    reason = uuid4()
    assert to.person_id is not None
    with office.db.transaction() as tx:
        news = News(kind, OFFICE, case_id, reason, {"number": "1"})
        person_notices.tell(tx, news, [to.person_id], office.clock.now())
    return reason


def choose(office: Office, who: Actor, **ways: Way) -> int:
    with office.db.transaction() as tx:
        named = {name.replace("__", "."): way for name, way in ways.items()}
        return notice_choices.choose(tx, named, who, office.clock.now())


def notices(office: Office) -> list[Any]:
    return sorted(office.rows(tables.person_notices), key=lambda row: row.created_at)


def test_the_same_news_reaches_a_person_once(office: Office, lin: Actor) -> None:
    news = News("clock.warned", OFFICE, None, uuid4(), {})
    for _ in range(2):
        with office.db.transaction() as tx:
            person_notices.tell(
                tx,
                news,
                [lin.person_id, lin.person_id],
                office.clock.now(),  # type: ignore[list-item]
            )

    assert len(notices(office)) == 1


def test_without_a_choice_the_usual_way_is_taken(office: Office, lin: Actor) -> None:
    tell(office, lin)
    tell(office, office.person("reviewer Wu"))  # has no address

    by_person = {row.person_id: row for row in notices(office)}
    assert by_person[lin.person_id].mail_due_at == office.clock.now()
    assert by_person[office.person("reviewer Wu").person_id].mail_due_at is None
    assert all(row.read_at is None for row in by_person.values())


def test_what_was_switched_off_is_kept_but_not_unread_and_sends_no_mail(
    office: Office, lin: Actor
) -> None:
    assert choose(office, lin, clock__warned=Way(False, Email.OFF)) == 1
    tell(office, lin)

    (row,) = notices(office)
    assert row.read_at is not None
    assert row.mail_due_at is None
    with office.db.transaction(read_only=True) as tx:
        assert person_notices.of_person(tx, lin, None, 10, unread=True).rows == ()
        assert len(person_notices.of_person(tx, lin, None, 10).rows) == 1


@pytest.mark.parametrize(
    ("kind", "way", "code"),
    [
        ("clock.escalated", Way(False, Email.NOW), "notice_choice.in_app_owed"),
        ("chase.asked", Way(True, Email.OFF), "notice_choice.email_owed"),
        ("clock.chased", Way(True, Email.OFF), "notice_choice.email_owed"),
        ("weather", Way(True, Email.NOW), "notice_choice.kind"),
    ],
)
def test_a_duty_is_not_switched_off_and_nothing_else_is_changed_with_it(
    office: Office, lin: Actor, kind: str, way: Way, code: str
) -> None:
    with pytest.raises(Rejected) as refused:
        choose(office, lin, clock__warned=Way(False, Email.OFF), **{kind.replace(".", "__"): way})

    assert refused.value.code == code
    assert office.rows(tables.notice_choices) == []


def test_a_choice_says_who_made_it_and_is_told_in_the_history(office: Office, lin: Actor) -> None:
    choose(office, lin, clock__warned=Way(True, Email.DAILY))
    assert choose(office, lin, clock__warned=Way(True, Email.DAILY)) == 0

    with office.db.transaction(read_only=True) as tx:
        chosen = {each.kind.name: each for each in notice_choices.choices_of(tx, lin)}
        assert verify(tx).findings == ()
    assert chosen.keys() == KINDS.keys()
    assert chosen["clock.warned"].changed_by == "counter Lin"
    assert chosen["clock.escalated"].changed_at is None
    told = [row for row in office.rows(tables.history) if row.action == "notice_choice.changed"]
    assert [row.detail for row in told] == [
        {"kind": "clock.warned", "in_app": True, "email": "daily"}
    ]


@pytest.mark.parametrize(
    ("at", "due"),
    [
        (("2026-03-02", "07:59"), ("2026-03-02", "08:00")),
        (("2026-03-02", "08:00"), ("2026-03-03", "08:00")),
        (("2026-03-02", "23:00"), ("2026-03-03", "08:00")),
    ],
)
def test_a_digest_is_owed_at_eight_in_taipei(at: tuple[str, str], due: tuple[str, str]) -> None:
    assert mail_due_at(Email.DAILY, taipei(*at)) == taipei(*due)
    assert mail_due_at(Email.NOW, taipei(*at)) == taipei(*at)
    assert mail_due_at(Email.OFF, taipei(*at)) is None


def test_a_list_by_case_has_one_entry_for_a_case_and_pages_without_gap(
    office: Office, lin: Actor
) -> None:
    filed = [office.file("CLOCKED").id for _ in range(3)]
    for turn in range(9):
        office.clock.move(timedelta(minutes=1))
        tell(office, lin, case_id=filed[turn % 3])
    office.clock.move(timedelta(minutes=1))
    tell(office, lin)

    seen, cursor = [], None
    while True:
        with office.db.transaction(read_only=True) as tx:
            page = person_notices.by_case(tx, lin, cursor, 2)
        seen += page.rows
        cursor = page.next_cursor
        if cursor is None:
            break

    assert [(group.case_id, len(group.notices)) for group in seen] == [
        (None, 1),
        (filed[2], 3),
        (filed[1], 3),
        (filed[0], 3),
    ]


def test_what_came_after_the_page_stays_unread(office: Office, lin: Actor) -> None:
    case = office.file("CLOCKED")
    tell(office, lin, case_id=case.id)
    shown_at = office.clock.now()
    office.clock.move(timedelta(minutes=1))
    tell(office, lin, case_id=case.id)

    with office.db.transaction() as tx:
        marked = person_notices.mark_all_read(tx, lin, office.clock.now(), until=shown_at)

    assert marked == 1
    assert [row.read_at is None for row in notices(office)] == [False, True]


def test_nobody_marks_what_was_told_to_others(office: Office, lin: Actor) -> None:
    tell(office, lin)
    wu = office.person("reviewer Wu")
    (row,) = notices(office)

    with office.db.transaction() as tx:
        assert person_notices.mark_all_read(tx, wu, office.clock.now(), until=row.created_at) == 0
    with pytest.raises(NotFound), office.db.transaction() as tx:
        person_notices.mark_read(tx, row.id, wu, office.clock.now())
    assert notices(office)[0].read_at is None


def test_the_language_of_mails_is_one_of_two(office: Office, lin: Actor) -> None:
    with office.db.transaction() as tx:
        notice_choices.choose_language(tx, "en", lin, office.clock.now())
        assert notice_choices.reader(tx, lin).language == "en"
    with pytest.raises(EngineError), office.db.transaction() as tx:
        notice_choices.choose_language(tx, "tlh", lin, office.clock.now())


def test_an_address_that_is_gone_owes_no_mail_for_ever(office: Office, lin: Actor) -> None:
    tell(office, lin)
    with office.db.transaction() as tx:
        tx.execute(update(tables.persons).values(email=None))

    office.do_due()

    (row,) = notices(office)
    assert (row.mail_due_at, row.outbox_id) == (None, None)
