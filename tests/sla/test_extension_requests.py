"""Extensions by rank: asked for by a clerk, granted by who may, told by a letter that is served."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from engine import notices
from engine.cases import Filed
from engine.errors import Conflict, EngineError, Forbidden, Rejected
from sla import case_clocks, extension_requests, extensions
from sla.approvers import Reach, approvers, days_of
from sla.extensions import Longer
from sla.spans import Unit
from store import tables
from tests.support.clocked import CLOCKED, LIMITS, with_boundary
from tests.support.office import Office, taipei
from tests.support.packages import FORM, write_package
from tests.support.races import at_once


def longer(days: int = 3, reason: str = "案情繁雜") -> Longer:
    return Longer(days, Unit.WORKING_DAY, reason)


def ask(office: Office, case: Filed, by: Longer, who: str = "counter Lin") -> UUID:
    actor = office.person(who)
    with office.db.transaction() as tx:
        return extension_requests.ask(tx, office.clock_of(case).id, by, actor, office.clock.now())


def grant(office: Office, request: UUID, who: str = "chief Wu") -> datetime:
    actor = office.person(who)
    return office.db.run(
        lambda tx: extension_requests.grant(tx, request, actor, office.clock.now())
    )


def requests(office: Office, case: Filed) -> list[str]:
    with office.db.transaction(read_only=True) as tx:
        return [each.status for each in extension_requests.of_case(tx, case.id)]


def told(office: Office, case: Filed, kind: str) -> list[str]:
    names = {row.id: row.display_name for row in office.rows(tables.persons)}
    rows = [row for row in office.rows(tables.person_notices, case) if row.kind == kind]
    return sorted(names[row.person_id] for row in rows if row.read_at is None)


def letters(office: Office, case: Filed) -> list[Any]:
    return [row for row in office.rows(tables.notices, case) if row.kind == "extension"]


@pytest.fixture
def staffed(office: Office, packages: Path) -> Office:
    for name in ("counter Lin", "chief Wu", "secretary Yu", "director Ho"):
        office.person(name)
    limits = LIMITS.replace("length: 3", "length: 30")
    write_package(packages, "LONG", with_boundary("LONG", "processing", "due"), limits=limits)
    office.deploy("LONG")
    return office


@pytest.mark.parametrize(
    ("days", "able"),
    [
        (1, ("chief", "secretary", "director")),
        (10, ("chief", "secretary", "director")),
        (11, ("secretary", "director")),
        (20, ("secretary", "director")),
        (21, ("director",)),
    ],
)
def test_the_longer_the_higher(days: int, able: tuple[str, ...]) -> None:
    assert approvers(days, Reach(10, 20)) == able


def test_lengths_are_compared_in_days() -> None:
    assert [days_of(2, unit) for unit in (Unit.DAY, Unit.WORKING_DAY, Unit.WEEK, Unit.MONTH)] == [
        *(2, 2, 14),
        60,
    ]


def test_a_clerk_asks_and_the_chief_grants(staffed: Office) -> None:
    case = staffed.file("CLOCKED")
    staffed.go_to("2026-03-04", "10:00")

    request = ask(staffed, case, longer(3))
    assert staffed.due(case) == taipei("2026-03-06"), "asking moves nothing"
    assert told(staffed, case, "extension.asked") == ["chief Wu", "director Ho", "secretary Yu"]
    assert grant(staffed, request) == taipei("2026-03-11")

    entry = staffed.ledger(case)[-1]
    assert (entry.kind, entry.reason) == ("extend", "案情繁雜")
    assert entry.person_id == staffed.person("chief Wu").person_id
    assert requests(staffed, case) == ["granted"]
    assert told(staffed, case, "extension.asked") == []
    assert told(staffed, case, "extension.decided") == ["counter Lin"]
    assert {"clock.extension_asked", "clock.extended"} <= set(staffed.actions(case))


def test_the_letter_says_why_and_until_when_and_its_service_is_kept(staffed: Office) -> None:
    case = staffed.file("CLOCKED")
    staffed.go_to("2026-03-04", "10:00")
    grant(staffed, ask(staffed, case, longer(2)))
    (row,) = letters(staffed, case)
    lin = staffed.person("counter Lin")

    with staffed.db.transaction(read_only=True) as tx:
        letter = extensions.letter(tx, row.id, lin)
        shown = case_clocks.details_of_case(tx, case.id, staffed.clock.now())
    assert (letter.reason, letter.length, letter.first_end, letter.new_end) == (
        "案情繁雜",
        2,
        date(2026, 3, 5),
        date(2026, 3, 9),
    )
    extension = shown[staffed.clock_of(case).id].extension
    assert extension is not None
    assert extension.letter is not None
    assert (extension.letter.number, extension.letter.served_on) == (row.number, None)
    assert not extension.letter.is_late

    staffed.go_to("2026-03-06", "10:00")
    with staffed.db.transaction() as tx:
        serving = notices.Serving(date(2026, 3, 6), "回執 12345")
        notices.serve(tx, row.id, serving, lin, staffed.clock.now())
    with staffed.db.transaction(read_only=True) as tx:
        shown = case_clocks.details_of_case(tx, case.id, staffed.clock.now())
    extension = shown[staffed.clock_of(case).id].extension
    assert extension is not None
    assert extension.letter is not None
    assert (extension.letter.served_on, extension.letter.proof) == (
        date(2026, 3, 6),
        "回執 12345",
    )
    assert extension.letter.is_late, "it was served after the first period had ended"


def test_an_applicant_with_an_address_is_promised_a_mail(staffed: Office, packages: Path) -> None:
    folder = write_package(
        packages, "MAILED", CLOCKED.replace(b"CLOCKED", b"MAILED"), limits=LIMITS
    )
    email = {"type": "textfield", "key": "data.contact.email", "label": "電子郵件"}
    form = {**FORM, "components": [*FORM["components"], {**email, "properties": {"label_en": "E"}}]}
    (folder / "forms" / "anything.form").write_text(json.dumps(form), encoding="utf-8")
    staffed.deploy("MAILED")
    data = {"applicant": {"name": "王小明"}, "contact": {"email": "someone@example.invalid"}}
    with_address = staffed.file("MAILED", data=data)
    without = staffed.file("MAILED")
    staffed.go_to("2026-03-04", "10:00")

    for case in (with_address, without):
        grant(staffed, ask(staffed, case, longer(1)))

    assert [row.operation for row in staffed.promises(with_address, "mail")] == ["mail.send"]
    assert staffed.promises(without, "mail") == []


def test_who_may_grant_depends_on_the_length(staffed: Office) -> None:
    case = staffed.file("LONG")
    request = ask(staffed, case, longer(21))

    for who in ("chief Wu", "secretary Yu", "counter Lin"):
        with pytest.raises(Forbidden):
            grant(staffed, request, who)
    assert told(staffed, case, "extension.asked") == ["director Ho"]
    grant(staffed, request, "director Ho")

    assert requests(staffed, case) == ["granted"]


def test_the_ranks_are_a_choice_of_the_office(staffed: Office) -> None:
    staffed.choose("extension.chief_days", 2)
    case = staffed.file("CLOCKED")
    request = ask(staffed, case, longer(3))

    with pytest.raises(Forbidden) as refused:
        grant(staffed, request, "chief Wu")

    assert refused.value.code == "clock.extension_rank"
    assert refused.value.facts["able"] == ["secretary", "director"]


def test_nobody_grants_what_they_asked_for(staffed: Office) -> None:
    case = staffed.file("CLOCKED")
    request = ask(staffed, case, longer(1), who="chief Wu")

    with pytest.raises(Forbidden) as refused:
        grant(staffed, request, "chief Wu")

    assert refused.value.code == "extension.four_eyes"
    assert requests(staffed, case) == ["asked"]


def test_a_request_is_refused_with_a_reason_and_may_be_made_again(staffed: Office) -> None:
    case = staffed.file("CLOCKED")
    request, chief = ask(staffed, case, longer(1)), staffed.person("chief Wu")

    with pytest.raises(Rejected), staffed.db.transaction() as tx:
        extension_requests.refuse(tx, request, " ", chief, staffed.clock.now())
    with staffed.db.transaction() as tx:
        extension_requests.refuse(tx, request, "資料已齊", chief, staffed.clock.now())

    assert requests(staffed, case) == ["refused"]
    assert staffed.due(case) == taipei("2026-03-06")
    ask(staffed, case, longer(2))
    assert sorted(requests(staffed, case)) == ["asked", "refused"]


def test_only_who_asked_takes_it_back(staffed: Office) -> None:
    case = staffed.file("CLOCKED")
    request, now = ask(staffed, case, longer(1)), staffed.clock.now()

    with pytest.raises(Forbidden), staffed.db.transaction() as tx:
        extension_requests.withdraw(tx, request, staffed.person("chief Wu"), now)
    with staffed.db.transaction() as tx:
        extension_requests.withdraw(tx, request, staffed.person("counter Lin"), now)

    assert requests(staffed, case) == ["withdrawn"]
    with pytest.raises(Conflict) as refused:
        grant(staffed, request)
    assert refused.value.code == "extension.decided"


def test_a_request_granted_after_the_end_is_refused_by_law(staffed: Office) -> None:
    case = staffed.file("CLOCKED")
    request = ask(staffed, case, longer(1))
    staffed.clock.move_to(taipei("2026-03-06"))

    with pytest.raises(Conflict) as refused:
        grant(staffed, request)

    assert refused.value.code == "clock.expired"
    assert requests(staffed, case) == ["asked"]
    assert letters(staffed, case) == []


def test_a_request_lapses_when_the_clock_is_extended_without_it(staffed: Office) -> None:
    case = staffed.file("CLOCKED")
    ask(staffed, case, longer(1))
    chief = staffed.person("chief Wu")

    with staffed.db.transaction() as tx:
        extensions.extend(tx, staffed.clock_of(case).id, longer(2), chief, staffed.clock.now())

    assert requests(staffed, case) == ["lapsed"]
    assert len(letters(staffed, case)) == 1


@pytest.mark.parametrize(
    ("by", "who", "code"),
    [
        (longer(4), "counter Lin", "extension.too_long"),
        (longer(1, " "), "counter Lin", "clock.reason"),
        (longer(1, "x" * 501), "counter Lin", "clock.reason"),
        (longer(1), "analyst Ho", "case.not_handler"),
        (Longer(1, Unit.MONTH, "r"), "counter Lin", "extension.too_long"),
    ],
)
def test_what_could_not_be_granted_is_not_asked_for(
    staffed: Office, by: Longer, who: str, code: str
) -> None:
    case = staffed.file("CLOCKED")

    with pytest.raises(EngineError) as refused:
        ask(staffed, case, by, who)

    assert refused.value.code == code
    assert requests(staffed, case) == []


def test_of_two_who_ask_at_once_one_is_told_that_it_is_asked_for(staffed: Office) -> None:
    case = staffed.file("CLOCKED")
    staffed.person("counter Su")

    done, refused = at_once(
        partial(ask, staffed, case, longer(1), "counter Lin"),
        partial(ask, staffed, case, longer(2), "counter Su"),
    )

    assert (len(done), len(refused)) == (1, 1)
    assert requests(staffed, case) == ["asked"]


def test_of_two_who_grant_at_once_one_extends(staffed: Office) -> None:
    case = staffed.file("CLOCKED")
    request = ask(staffed, case, longer(1))

    done, refused = at_once(
        partial(grant, staffed, request, "chief Wu"),
        partial(grant, staffed, request, "director Ho"),
    )

    assert (len(done), len(refused)) == (1, 1)
    assert [row.kind for row in staffed.ledger(case)].count("extend") == 1
