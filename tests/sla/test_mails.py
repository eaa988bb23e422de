"""Mails to staff: one for all that is owed, in the reader's language, with a number and a link."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from agencies import mails
from agencies.letters import MOST_LINES, Line, letter
from agencies.transports import Parcel
from engine import notice_choices, person_notices
from engine.actors import Actor
from engine.notice_kinds import Email, Way
from engine.person_notices import News
from store import tables
from tests.support.factories import OFFICE
from tests.support.office import ADDRESS, Office, taipei
from tests.support.races import at_once

CASE = uuid4()


@pytest.fixture
def lin(office: Office) -> Actor:
    person = office.person("counter Lin")
    office.give_mail(person.person_id, "lin@office.example")
    return person


def sent(office: Office) -> list[Parcel]:
    found: list[Parcel] = office.transport.parcels  # type: ignore[attr-defined]
    return found


def tell(office: Office, to: Actor, case: Any = None, kind: str = "clock.warned") -> None:
    with office.db.transaction() as tx:
        news = News(kind, OFFICE, case and case.id, uuid4(), {})
        person_notices.tell(tx, news, [to.person_id], office.clock.now())  # type: ignore[list-item]


def test_a_letter_is_a_number_and_a_link_in_the_readers_language() -> None:
    line = Line("clock.escalated", CASE, "DS-115-00001")

    zh = letter("lin@office.example", "zh-TW", [line], ADDRESS)
    en = letter("lin@office.example", "en", [line], ADDRESS)

    assert zh.subject == "案件逾期 DS-115-00001"
    assert en.subject == "Overdue case DS-115-00001"
    assert f"{ADDRESS}/cases/{CASE}" in zh.text
    assert "All notifications: https://huzheng.example/notifications\n" in en.text
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in en.text)


def test_a_long_list_is_cut_and_says_so() -> None:
    lines = [Line("clock.warned", CASE, f"DS-115-{n:05}") for n in range(MOST_LINES + 5)]

    found = letter("lin@office.example", "zh-TW", lines, ADDRESS)

    assert found.subject == f"{MOST_LINES + 5} 件通知"
    assert "另有 5 件" in found.text
    assert found.text.count("/cases/") == MOST_LINES


def test_all_that_is_due_to_one_person_is_one_mail(office: Office, lin: Actor) -> None:
    first, second = office.file("CLOCKED"), office.file("CLOCKED")
    for case in (first, second):
        tell(office, lin, case)

    office.do_due()

    (parcel,) = sent(office)
    assert parcel.body["to"] == "lin@office.example"
    assert first.number in parcel.body["text"]
    assert second.number in parcel.body["text"]
    outbox_ids = {row.outbox_id for row in office.rows(tables.person_notices)}
    assert {str(each) for each in outbox_ids} == {parcel.id}
    with office.db.transaction(read_only=True) as tx:
        found = person_notices.of_person(tx, lin, None, 10).rows
    assert [notice.mail for notice in found] == ["confirmed", "confirmed"]


def test_a_digest_waits_until_eight_and_goes_once(office: Office, lin: Actor) -> None:
    case = office.file("CLOCKED")
    with office.db.transaction() as tx:
        daily = {"clock.warned": Way(True, Email.DAILY)}
        notice_choices.choose(tx, daily, lin, office.clock.now())
        notice_choices.choose_language(tx, "en", lin, office.clock.now())
    for _ in range(3):
        tell(office, lin, case)
        office.clock.move(timedelta(hours=1))
    with office.db.transaction(read_only=True) as tx:
        assert mails.next_due(tx) == taipei("2026-03-03", "08:00")
        assert person_notices.of_person(tx, lin, None, 10).rows[0].mail == "owed"

    assert not mails.write_next(office.db, ADDRESS, taipei("2026-03-03", "07:59"))
    office.go_to("2026-03-03", "08:00")

    (parcel,) = [each for each in sent(office) if each.operation == "mail.send"]
    assert parcel.body["subject"] == "3 notifications"


def test_many_workers_write_each_mail_once(office: Office, lin: Actor) -> None:
    people = [lin]
    for number in range(4):
        person = office.person(f"counter {number}")
        office.give_mail(person.person_id, f"{number}@office.example")
        people.append(person)
    for person in people:
        tell(office, person)
    now = office.clock.now()

    def drain() -> None:
        while mails.write_next(office.db, ADDRESS, now):
            pass

    at_once(*(drain for _ in range(4)))
    drain()

    promised = [row for row in office.rows(tables.outbox) if row.operation == "mail.send"]
    assert len(promised) == len(people)
    assert {row.outbox_id for row in office.rows(tables.person_notices)} == {
        row.id for row in promised
    }
