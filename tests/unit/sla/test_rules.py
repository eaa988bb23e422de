"""The table of limits, read; and which version counts on which day."""

import csv
from datetime import date
from pathlib import Path

import pytest

from sla.articles import LAWS, law_source, render
from sla.errors import RuleError
from sla.rules import Certainty, Kind, Roll, Rule, Starts, all_rules, rule
from sla.spans import Unit, parse_fixed_day, parse_spans

GOLDEN = Path(__file__).parents[2] / "golden" / "golden-sample.csv"
ALL = [version for versions in all_rules().values() for version in versions]


def test_every_rule_of_the_golden_file_is_in_the_table_with_its_unit_and_length() -> None:
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found = rule(row["rule"], date.fromisoformat(row["start_date"][:10]))
            assert found.unit.value == row["unit"]
            assert found.length in (None, row["length"]), row["id"]


@pytest.mark.parametrize("found", ALL, ids=lambda found: found.id)
def test_every_rule_can_be_counted_and_says_where_it_stands(found: Rule) -> None:
    assert found.title_zh
    assert found.title_en.isascii()
    assert found.source
    if found.unit is Unit.FIXED_DAY:
        parse_fixed_day(found.length or "")
    elif found.length and found.unit is not Unit.MONTH_END:
        assert all(span.amount > 0 for span in found.spans())
    for reference in found.article.split("; "):
        assert not reference or reference.split(" ")[0] in LAWS


@pytest.mark.parametrize("rule_id", all_rules())
def test_versions_of_a_rule_do_not_overlap(rule_id: str) -> None:
    ends: dict[str, list[date]] = {}
    for version in all_rules()[rule_id]:
        before = ends.setdefault(version.jurisdiction, [])
        begins = version.valid_from or date.min
        assert all(end < begins for end in before)
        before.append(version.valid_to or date.max)
        assert begins <= before[-1]


@pytest.mark.parametrize(
    ("rule_id", "on", "length"),
    [
        ("PASSPORT_ONESTOP", "2020-08-11", "8"),
        ("PASSPORT_ONESTOP", "2023-02-19", "8"),
        ("PASSPORT_ONESTOP", "2023-02-20", "14"),
        ("STAT_BIRTH_60D", "2015-01-21", "60"),
        ("STAT_REG_30D_OLD_BIRTH", "2007-07-03", "30"),
    ],
)
def test_the_version_is_picked_by_the_day_the_law_counts(
    rule_id: str, on: str, length: str
) -> None:
    assert rule(rule_id, date.fromisoformat(on)).length == length


@pytest.mark.parametrize(
    ("rule_id", "on"),
    [
        ("PASSPORT_ONESTOP", "2020-08-10"),
        ("STAT_BIRTH_60D", "2010-01-01"),
        ("STAT_REG_30D_OLD_BIRTH", "2010-01-01"),
    ],
)
def test_what_was_in_force_is_never_guessed(rule_id: str, on: str) -> None:
    with pytest.raises(RuleError) as refused:
        rule(rule_id, date.fromisoformat(on))

    assert refused.value.code == "rule.not_in_force"
    assert on in refused.value.en


def test_an_unknown_rule_is_refused_with_the_nearest_ids() -> None:
    with pytest.raises(RuleError, match="STAT_BIRTH_60D"):
        rule("stat_birth_60", date(2026, 1, 1))


def test_a_rule_without_a_length_asks_for_one() -> None:
    with pytest.raises(RuleError, match="PROC_WORKDAY has no length"):
        rule("PROC_WORKDAY", date(2026, 1, 1)).spans()


def test_the_rules_that_do_not_move_are_the_ones_nobody_has_to_act_in() -> None:
    stands = {version.kind for version in ALL if version.roll is Roll.STANDS}

    assert stands == {
        *(Kind.LAPSE, Kind.AGE, Kind.OPENS, Kind.BEFORE, Kind.REPORT, Kind.FINE),
        *(Kind.DUTY, Kind.DOCUMENT),  # the 24 hours of child protection; days used
    }


def test_a_disputed_first_day_is_marked_as_a_reading() -> None:
    disputed = [version for version in ALL if version.starts is Starts.POSTING_DAY]

    assert {version.certainty for version in disputed} == {Certainty.READING}


@pytest.mark.parametrize(
    ("reference", "zh", "en"),
    [
        ("APA 48(4)", "行政程序法第48條第4項", "Administrative Procedure Act, Art. 48(4)"),
        (
            "HA 48-2; HR 19(5)",
            "戶籍法第48條之2、戶籍法施行細則第19條第5項",
            "Household Registration Act, Art. 48-2;"
            " Enforcement Rules of the Household Registration Act, Art. 19(5)",
        ),
        ("NA 5(1-3)", "國籍法第5條第1項第3款", "Nationality Act, Art. 5(1)(3)"),
        ("法務部函", "法務部函", "法務部函"),
        ("", "", ""),
    ],
)
def test_references_are_written_out(reference: str, zh: str, en: str) -> None:
    assert render(reference, "zh-TW") == zh
    assert render(reference, "en") == en


def test_a_reference_leads_to_the_law() -> None:
    assert law_source("APA 48(4); CC 122").endswith("pcode=A0030055")
    assert law_source("法務部函") == ""


@pytest.mark.parametrize(
    ("text", "unit", "spans"),
    [
        ("3m+30", Unit.MONTH_AND_DAY, [(3, Unit.MONTH), (30, Unit.CALENDAR_DAY)]),
        ("7 + 7", Unit.WORKING_DAY, [(7, Unit.WORKING_DAY), (7, Unit.WORKING_DAY)]),
        ("2y", Unit.MONTH, [(2, Unit.YEAR)]),
        ("1w", Unit.CALENDAR_DAY, [(1, Unit.WEEK)]),
    ],
)
def test_lengths_are_read(text: str, unit: Unit, spans: list[tuple[int, Unit]]) -> None:
    assert [(span.amount, span.unit) for span in parse_spans(text, unit)] == spans


@pytest.mark.parametrize("text", ["02-29", "13-01", "00-10", "31th of next month", "5th", ""])
def test_a_day_not_every_year_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="5th of next month"):
        parse_fixed_day(text)
