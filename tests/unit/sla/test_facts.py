"""What happened, as JSON: service, a missed term, days of the calendar; and words nobody knows."""

import json
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla.errors import Refusal
from sla.facts import read_facts
from sla.facts_words import NAMES
from sla.golden import evaluate, explained
from sla.periods import DEFAULTS
from tests.support.explanations import followed


def ask(rule: str, start: str, length: str = "", unit: str = "", **facts: Any) -> dict[str, str]:
    told = json.dumps(facts)
    return {
        "id": "X",
        "rule": rule,
        "start_date": start,
        "unit": unit,
        "length": length,
        "facts": told,
    }


@pytest.mark.parametrize(
    ("service", "due"),
    [
        # Handed over, deposited: from that day. 3/2 + 7 = 3/9 (Mon).
        ({"method": "in_person"}, "2026-03-09"),
        ("deposit", "2026-03-09"),
        ({"method": "post", "on": "2026-03-05"}, "2026-03-12"),
        # Posted 3/2, takes effect when 3/22 ends; + 7 = 3/29 (Sun) -> 3/30.
        ("public_notice", "2026-03-30"),
        # Sixty days abroad: 3/2 + 60 = 5/1; + 7 = 5/8 (Fri).
        ({"method": "public_notice", "abroad": True}, "2026-05-08"),
    ],
)
def test_a_term_runs_from_the_day_its_service_takes_effect(service: object, due: str) -> None:
    asked = ask("DUNNING_MIN_7D", "2026-03-02", service=service)

    assert evaluate(asked) == due
    assert followed(explained(asked).to_dict("en")) == due
    assert "served" in [step.action for step in explained(asked).steps]


@pytest.mark.parametrize(
    ("start", "missed", "due"),
    [
        # 3/2 + 10 = 3/12 (Thu).
        ("2026-03-02", {"last_day": "2026-02-10"}, "2026-03-12"),
        # The missed term had five days: 3/2 + 5 = 3/7 (Sat) -> 3/9.
        ("2026-03-02", {"last_day": "2026-02-10", "days": 5}, "2026-03-09"),
        # A year after 2025-03-05 is 2026-03-05, before the ten days are over.
        ("2026-03-02", "2025-03-05", "2026-03-05"),
    ],
)
def test_restoration_is_asked_in_ten_days_and_within_a_year(
    start: str, missed: object, due: str
) -> None:
    asked = ask("RESTORATION_10D", start, missed=missed)

    assert evaluate(asked) == due
    assert followed(explained(asked).to_dict("zh-TW")) == due


def test_restoration_is_refused_when_a_year_has_passed() -> None:
    with pytest.raises(Refusal, match="more than a year later"):
        evaluate(ask("RESTORATION_10D", "2026-03-06", missed="2025-03-05"))


def test_a_good_reason_leaves_no_fine() -> None:
    late = ask("FINE_TIER", "2026-02-23", "16", "days_late")
    excused = ask("FINE_TIER", "2026-02-23", "16", "days_late", good_reason=True)

    assert evaluate(late) == "TWD 500"
    assert evaluate(excused) == "TWD 0"


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ({}, "2026-03-11"),  # Fri 3/6: 3/9 (1), 3/10 (2), 3/11 (3)
        ({"working_days": ["2026-03-07"]}, "2026-03-10"),  # Saturday opening counts
        ({"rest_days": [{"date": "2026-03-09", "reason": "選舉"}]}, "2026-03-12"),
        ({"closures": "2026-03-10"}, "2026-03-12"),
        ({"closures": [{"on": "2026-03-10", "part": "am"}]}, "2026-03-11"),
        # Told 3/9 (counts), papers back 3/11 (does not): 3/9 (1), 3/12 (2), 3/13 (3).
        ({"pauses": [{"notice": "2026-03-09", "returned": "2026-03-11"}]}, "2026-03-13"),
    ],
)
def test_days_and_pauses_of_one_office(facts: dict[str, Any], due: str) -> None:
    assert evaluate(ask("PROC_WORKDAY", "2026-03-06", "3", "working_day", **facts)) == due


def test_the_place_may_be_a_fact() -> None:
    assert evaluate(ask("PETITION", "2026-03-06", city="臺北市")) == "2026-03-16"
    assert evaluate(ask("PETITION", "2026-03-06")) == "2026-04-07"  # 4/5 (Sun), 4/6 off


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"moon": "full"}, "moon"),
        ({"closures": [{"date": "2026-03-10", "colour": "red"}]}, "colour"),
        ({"pauses": [{"from": "2026-03-10", "why": "x"}]}, "why"),
        ({"pauses": [{"ground": "correction"}]}, "notice"),
        ({"settings": {"moon": 1}}, "moon"),
        ({"missed": {"days": 3}}, "last_day"),
        ({"service": {"method": "pigeon", "on": "2026-03-02"}}, "pigeon"),
        ({"closures": [7]}, "7"),
    ],
)
def test_a_fact_nobody_knows_is_refused_by_its_name(facts: dict[str, Any], word: str) -> None:
    with pytest.raises(Refusal) as refused:
        evaluate(ask("PROC_CALENDAR", "2026-03-02", "3", "calendar_day", **facts))

    assert word in refused.value.en
    assert word in refused.value.zh


def test_facts_stand_on_top_of_the_settings_of_the_office() -> None:
    office = DEFAULTS.with_choices({"saturday_end": "monday_noon"})

    found = read_facts({"settings": {"monday_cutoff": "whole_day"}}, office)
    kept = read_facts({}, office)

    assert found.settings.saturday_end == "monday"
    assert kept.settings.saturday_end == "monday_noon"


def test_an_hour_may_close_a_day_counted_backwards() -> None:
    found = explained(ask("BOOKING_CLOSES_1D", "2026-03-03"))

    assert found.due == date(2026, 3, 2)
    assert found.due_at is not None
    assert found.due_at.isoformat() == "2026-03-02T07:00:00+00:00"  # 15:00 in Taipei


def test_minutes_run_at_once() -> None:
    assert evaluate(ask("BOOKING_LATE_15MIN", "2026-03-02T10:50")) == "2026-03-02T11:05"


@pytest.mark.parametrize(
    ("asked", "code", "word"),
    [
        ({"facts": {"channel": "pigeon", "filed": "2026-03-04"}}, "facts.word", "registered_mail"),
        ({"facts": {"service": "pigeon"}}, "facts.word", "public_notice"),
        (
            {"facts": {"pauses": {"from": "2026-03-04", "ground": "holiday"}}},
            "facts.word",
            "no_fault",
        ),
        ({"facts": {"extension": {"length": "x", "unit": "day"}}}, "facts.number", "'x'"),
        ({"facts": {"extension": {"length": 3}}}, "facts.word", "calendar_day"),
        ({"facts": {"missed": {"last_day": "2026-03-04", "days": -1}}}, "facts.number", "-1"),
        ({"facts": {"settings": ["x"]}}, "facts.shape", "settings"),
        ({"facts": {"finished": "2026-02-30"}}, "date.impossible", "2026-02-30"),
        ({"length": "to 2026-99-99"}, "date.impossible", "2026-99-99"),
        ({"length": "99999", "unit": "month"}, "length.too_long", "hundred"),
        ({"length": "9999999999"}, "length.too_long", "hundred"),
        ({"rule": "CHILD_PROTECTION_24H", "length": "7+7"}, "length.one_piece", "7+7"),
        ({"rule": "FINE_TIER", "length": "9999999999"}, "fine.days_late", "days late"),
        ({"start": "9999-12-31"}, "start.year", "9999"),
        ({"start": "1566-01-01T10:00"}, "start.year", "1900"),
    ],
)
def test_what_cannot_be_is_refused_with_what_could_be(
    asked: dict[str, Any], code: str, word: str
) -> None:
    row = ask(
        asked.get("rule", "PROC_CALENDAR"),
        asked.get("start", "2026-03-02T10:00"),
        asked.get("length", "7"),
        asked.get("unit", ""),
        **asked.get("facts", {}),
    )

    with pytest.raises(Refusal) as refused:
        evaluate(row)

    assert (refused.value.code, word in refused.value.en) == (code, True), refused.value.en
    assert refused.value.zh


ODD = st.recursive(
    st.sampled_from(
        [None, True, 0, -3, 3.5, "", "x", "all", "2026-03-04", "2026-02-30", "correction"]
    ),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["from", "to", "date", "length", "unit", "on"]), inner)
    ),
    max_leaves=4,
)


@settings(max_examples=150)
@given(
    st.sampled_from(
        ["STAT_REG_30D", "PROC_WORKDAY_PAUSED", "FINE_TIER", "DOC_DAYS_USED", "AGE_REACHED"]
    ),
    st.sampled_from(["", "3", "3m+30", "7+7", "to 2026-13-01", "99999", "1@15:00"]),
    st.sampled_from(["", "month", "hour", "days_late", "fixed_day", "working_day_before"]),
    st.dictionaries(st.sampled_from(sorted(NAMES)), ODD, max_size=2),
)
def test_whatever_is_asked_there_is_an_answer_or_a_refusal(
    rule: str, length: str, unit: str, facts: dict[str, Any]
) -> None:
    with suppress(Refusal):
        assert evaluate(ask(rule, "2026-03-02T10:00", length, unit, **facts))
