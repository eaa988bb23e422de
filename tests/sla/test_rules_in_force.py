"""Whoever asks for a date gets it by the rules in force: a diagram, the command line, a page of
procedures; and for an earlier day by those that were known then."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

import app
from engine.actors import Actor
from sla import calendar_edits, entered_rules, golden, procedures, rule_edits
from sla.benches import bench_of
from sla.calendars import rules_of, seed_national_days
from sla.rules import Rule, rule
from tests.support.factories import OFFICE, an_office
from tests.support.office import Office, taipei
from tests.support.packages import diagram, flows, user_task, write_package

ASKS = diagram(
    "ASKS",
    '<extensionElements><hz:variable name="last"/></extensionElements><startEvent id="start"/>'
    '<scriptTask id="ask" scriptFormat="feel" hz:resultVariable="last">'
    '<script>last day under("RESIDENCE_CHECK_6WD", date("2026-03-02"))</script></scriptTask>'
    + user_task("done")
    + '<endEvent id="end"/>'
    + flows("start>ask", "ask>done", "done>end"),
)
FIRST = date(2026, 3, 2)  # a Monday; six working days end on the 10th, eight on the 12th


def keeper(office: Office, name: str, group: str, office_id: str = OFFICE) -> Actor:
    who = office.person(f"{group} {name}", office_id)
    return Actor(who.person_id, who.account_id, office_id, frozenset({group}), who.name)


def enter(office: Office, length: str, office_id: str = OFFICE, **more: Any) -> None:
    """A new version of the rule, proposed and approved at this moment."""
    former = rule("RESIDENCE_CHECK_6WD", FIRST)
    version = replace(former, length=length, valid_from=FIRST, source="市府函", **more)
    change = calendar_edits.change_of_rules((version,), "修正", "市府函", office.clock.now())
    author = keeper(office, f"Luo {office_id}", "analyst", office_id)
    with office.db.transaction() as tx:
        edit = calendar_edits.propose(tx, change, author, office.clock.now())
    other = keeper(office, f"Ho {office_id}", "director", office_id)
    with office.db.transaction() as tx:
        calendar_edits.approve(tx, edit, other, office.clock.now())


def asked(office: Office) -> Any:
    """What a diagram gets for `last day under`."""
    return office.variables(office.file("ASKS"))["last"]


@pytest.fixture
def asking(office: Office) -> Office:
    write_package(office.packages, "ASKS", ASKS)
    office.deploy("ASKS")
    return office


def test_a_diagram_counts_by_the_rule_in_force_where_its_case_is(asking: Office) -> None:
    before = asked(asking)
    enter(asking, "8")
    after = asked(asking)
    with asking.db.transaction() as tx:
        an_office(tx, "kh-zuoying")
        seed_national_days(tx, "kh-zuoying", 2025, 2027, asking.clock.now())
    enter(asking, "3", "kh-zuoying")

    assert (before, after) == (date(2026, 3, 10), date(2026, 3, 12))
    assert asked(asking) == after, "what another office enters is its own affair"


def test_an_entered_rule_of_the_own_city_counts_before_the_nation(asking: Office) -> None:
    enter(asking, "8")
    enter(asking, "4", jurisdiction="city:kaohsiung")

    assert asked(asking) == date(2026, 3, 6)


def test_what_was_known_then_is_told_also_after_another_took_its_place(office: Office) -> None:
    begun = office.clock.now()
    known: dict[str, Any] = {"6": begun}
    for length in ("8", "4"):
        office.clock.move(timedelta(days=1))
        enter(office, length)
        known[length] = office.clock.now()
    office.clock.move(timedelta(days=1))

    told = {length: by(office, moment) for length, moment in known.items()}

    assert told == {"6": (), "8": ("8",), "4": ("4",)}
    with office.db.transaction(read_only=True) as tx:
        now = entered_rules.known_by(tx, OFFICE, office.clock.now())
        assert now == rules_of(tx, OFFICE)[1] == bench_of(tx, OFFICE, office.clock.now()).rules


def by(office: Office, moment: Any) -> tuple[Any, ...]:
    with office.db.transaction(read_only=True) as tx:
        return tuple(each.length for each in entered_rules.known_by(tx, OFFICE, moment))


def test_the_country_comes_first_and_the_office_last(office: Office) -> None:
    with office.db.transaction() as tx:
        an_office(tx, "kh-below", parent_id=OFFICE)
    enter(office, "3", "kh-below")
    enter(office, "8")

    with office.db.transaction(read_only=True) as tx:
        known = entered_rules.known_by(tx, "kh-below", office.clock.now())
        assert known == rules_of(tx, "kh-below")[1]
    assert [each.length for each in known] == ["8", "3"]


def test_the_command_line_answers_by_the_rules_in_force_and_by_those_known_then(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.clock.move_to(taipei("2026-03-04", "09:00"))
    enter(office, "8")
    office.clock.move_to(taipei("2026-03-06", "09:00"))
    enter(office, "4")

    due = {day: explained(office, "--known-on", day)["due"] for day in ("2026-03-03", "2026-03-04")}
    now = explained(office)

    assert due == {"2026-03-03": "2026-03-10", "2026-03-04": "2026-03-12"}
    assert (now["due"], now["source"]) == ("2026-03-06", "市府函")


def explained(office: Office, *more: str) -> dict[str, Any]:
    words = ("--rule", "RESIDENCE_CHECK_6WD", "--start", "2026-03-02", "--office", OFFICE, "--json")
    opener = app.Opener()
    opener._parts = office  # type: ignore[assignment]
    told = CliRunner().invoke(app.main, ["sla", "explain", *words, *more], obj=opener)
    assert told.exit_code == 0, told.output
    answer: dict[str, Any] = json.loads(told.stdout)
    return answer


def test_a_service_takes_effect_by_the_rule_in_force(office: Office) -> None:
    released = rule("PUBLIC_NOTICE_20D", FIRST)
    longer = replace(released, length="25", valid_from=FIRST, edit=f"{OFFICE}/1")
    served = '{"service": {"method": "public_notice", "on": "2026-03-02"}}'

    found = {
        length: golden.ask("DUNNING_MIN_7D", "2026-03-02", facts=served, office=place)
        for length, place in (("20", golden.NATION), ("25", golden.Office(rules=(longer,))))
    }

    # 2 March and 20 days are 22 March, 25 days 27 March; seven days more 29 March, a Sunday, and
    # 3 April, a day off in 2026, whose next working day is Tuesday the 7th.
    assert {length: each.due for length, each in found.items()} == {
        "20": date(2026, 3, 30),
        "25": date(2026, 4, 7),
    }


def test_the_page_of_a_procedure_tells_the_length_in_force(office: Office) -> None:
    office.deploy_real("P08")
    before = lengths(office)
    former: Rule = rule("STAT_MOVE_3M_30D", FIRST)
    longer = replace(former, length="3m+40", valid_from=FIRST, source="修法")
    director = keeper(office, "Ho", "director")
    with office.db.transaction() as tx:
        rule_edits.enter(tx, [longer], "修法", "1", director, office.clock.now())

    assert any("30" in each for each in before)
    assert any("40" in each for each in lengths(office))


def lengths(office: Office) -> list[str]:
    with office.db.transaction(read_only=True) as tx:
        found = procedures.one_published(tx, OFFICE, "P08", office.clock.now())
    return [each.length.zh for each in found.limits]
