"""The report of quality says what the rows say: papers asked for, errors found, ways to apply."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update

from engine import cases
from engine.cases import FileCase, Filed
from engine.clock import TAIPEI
from engine.errors import Rejected
from engine.events import CaseRef
from engine.notices import Notice, issue
from sla import quality
from sla.quality import Quality
from sla.reports import Wanted
from store import tables
from tests.support.factories import OFFICE, an_office, an_officer
from tests.support.office import Office
from tests.support.packages import ask_more, diagram, flows, user_task, write_package

FEBRUARY, MARCH, APRIL = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)
JUDGED = diagram(
    "JUDGED",
    '<startEvent id="start"/>'
    + user_task("enter", "counter", duty="record")
    + user_task("look", "reviewer", duty="review", outcomes="approve,correct,return")
    + '<exclusiveGateway id="found" default="found_end"/><endEvent id="end"/>'
    + flows("start>enter", "enter>look", "look>found", "found>end")
    + flows('found>enter:outcome = "return"'),
)
ERRORS = ("typing", "wrong_law", "missing_scan")


@pytest.fixture
def judged(office: Office) -> Office:
    folder = write_package(office.packages, "JUDGED", JUDGED, starts=("counter", "post", "online"))
    ask_more(folder, "error_class", "return_reason")
    office.deploy("JUDGED")
    return office


def file(office: Office, channel: str = "counter") -> Filed:
    command = FileCase("JUDGED", channel, {}, {"applicant": {"name": "陳示範"}})
    clerk = office.person("counter Lin")
    with office.db.transaction() as tx:
        return cases.file(tx, command, clerk, office.clock.now())


def told(office: Office, wanted: Wanted | None = None, by: str = "chief Wu") -> Quality:
    chief = office.person(by)
    with office.db.transaction(read_only=True) as tx:
        return quality.quality(tx, wanted or Wanted(MARCH, APRIL), chief, office.clock.now())


def ask_for_papers(office: Office, case: Filed, key: str = "papers") -> None:
    row = office.row(case)
    ref = CaseRef(row.id, row.number, row.office_id, row.package_id, row.definition_id, row.version)
    with office.db.transaction() as tx:
        issue(tx, ref, key, Notice("one_time_notice", "letter", {}), office.clock.now())


def find_error(office: Office, case: Filed, error_class: str, outcome: str = "return") -> None:
    office.complete(case, "enter", "counter Lin")
    values = {"error_class": error_class, "return_reason": "see the paper"}
    office.complete(case, "look", "reviewer Tan", outcome, values)


def a_life(office: Office, seed: int) -> list[tuple[date, str, bool, list[str], int]]:
    """Thirty cases over two months: when, how, papers asked for, errors found, reviews done."""
    chance = random.Random(seed)
    lives = []
    for _ in range(30):
        office.clock.move(timedelta(hours=chance.choice((20, 40, 60))))
        channel = chance.choice(("counter", "post", "online"))
        case = file(office, channel)
        month = office.clock.now().astimezone(TAIPEI).date().replace(day=1)
        asked = chance.random() < 0.4
        if asked:
            for turn in range(chance.choice((1, 2))):  # told twice is one case
                ask_for_papers(office, case, f"papers {turn}")
        errors = [chance.choice(ERRORS) for _ in range(chance.choice((0, 0, 1, 2)))]
        for each in errors:
            find_error(office, case, each)
        office.complete(case, "enter", "counter Lin")
        office.complete(case, "look", "reviewer Tan", "approve")
        lives.append((month, channel, asked, errors, len(errors) + 1))
    return lives


@pytest.mark.parametrize("seed", range(3))
def test_it_says_what_the_rows_say(judged: Office, seed: int) -> None:
    lives = a_life(judged, seed)

    found = told(judged)

    for line, month in zip(found.months, (MARCH, APRIL), strict=True):
        mine = [life for life in lives if life[0] == month]
        assert line.key == month.isoformat()
        assert line.rates.filed == len(mine)
        assert line.rates.corrected == sum(life[2] for life in mine)
        assert line.rates.reviewed == sum(life[4] for life in mine)
        assert line.rates.returned == sum(len(life[3]) for life in mine)
    mine = [life for life in lives if life[0] in (MARCH, APRIL)]
    errors = Counter(each for life in mine for each in life[3])
    assert {each.name: each.found for each in found.errors} == errors
    assert sum(each.percent for each in found.errors) == pytest.approx(100)
    ways = Counter(life[1] for life in mine)
    assert {each.name: each.filed for each in found.channels} == ways
    assert [line.key for line in found.packages] == ["JUDGED"]
    assert found.packages[0].rates == found.whole


def test_an_error_put_right_at_the_review_counts_like_one_sent_back(judged: Office) -> None:
    find_error(judged, file(judged), "typing", "correct")

    found = told(judged, Wanted(MARCH, MARCH))

    assert (found.whole.reviewed, found.whole.returned) == (1, 1)
    assert found.whole.error_percent == 100


def test_a_way_of_applying_is_held_against_the_year_before(judged: Office) -> None:
    early = file(judged, "online")
    last_year = datetime(2025, 3, 20, 9, tzinfo=TAIPEI)
    with judged.db.transaction() as tx:
        mine = update(tables.cases).where(tables.cases.c.id == early.id)
        tx.execute(mine.values(filed_at=last_year))
    for _ in range(3):
        file(judged, "online")
    file(judged)

    found = {each.name: each for each in told(judged, Wanted(MARCH, MARCH)).channels}

    assert (found["online"].filed, found["online"].year_before) == (3, 1)
    assert found["online"].growth == pytest.approx(200)
    assert found["counter"].growth is None
    assert found["online"].percent == 75


def test_a_void_notice_a_confidential_case_and_a_chase_count_nowhere(judged: Office) -> None:
    voided, hidden, chase = file(judged), file(judged), file(judged)
    for case in (voided, hidden):
        ask_for_papers(judged, case)
    with judged.db.transaction() as tx:
        of_case = update(tables.notices).where(tables.notices.c.case_id == voided.id)
        tx.execute(of_case.values(voided_at=judged.clock.now()))
        secret = update(tables.cases).where(tables.cases.c.id == hidden.id)
        tx.execute(secret.values(confidential=True))

    with judged.db.transaction() as tx:
        of_nobody = update(tables.cases).where(tables.cases.c.id == chase.id)
        tx.execute(of_nobody.values(channel="rung"))

    found = told(judged, Wanted(MARCH, MARCH))

    assert (found.whole.filed, found.whole.corrected) == (1, 0)


def test_an_office_that_is_not_below_is_refused_and_so_is_no_span(judged: Office) -> None:
    with pytest.raises(Rejected, match="no such office"):
        told(judged, Wanted(MARCH, MARCH, office_id="elsewhere"))
    with pytest.raises(Rejected, match="1 to 36 months"):
        told(judged, Wanted(APRIL, MARCH))


def test_another_office_is_not_counted(judged: Office) -> None:
    file(judged)
    with judged.db.transaction() as tx:
        other = an_office(tx, "elsewhere")
        stranger = an_officer(tx, "chief Ho", ("chief",), other)

    with judged.db.transaction(read_only=True) as tx:
        found = quality.quality(tx, Wanted(MARCH, MARCH), stranger, judged.clock.now())

    assert found.whole.is_nothing
    assert found.errors == found.channels == ()
    assert OFFICE not in found.office_ids
