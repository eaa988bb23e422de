"""Rows as a golden file may hold them, beside those of the sample.

Each expected value was worked out by hand from the articles named; the working is in the comment.
"""

import json
from typing import Any

import pytest

from sla.errors import Refusal
from sla.golden import evaluate, explained


def row(rule: str, start: str, unit: str, length: str, **facts: Any) -> dict[str, str]:
    text = json.dumps(facts) if facts else ""
    return {
        "id": "X",
        "rule": rule,
        "start_date": start,
        "unit": unit,
        "length": length,
        "facts": text,
    }


REG = ("STAT_REG_30D", "calendar_day", "30")


@pytest.mark.parametrize(
    ("start", "due"),
    [
        # Make-up Saturdays are working days (MOJ 2010-02-03): 1/18 + 30 = 2/17 (Sat, worked).
        ("2024-01-18", "2024-02-17"),
        ("2025-01-09", "2025-02-08"),  # 1/9 + 22 = 1/31, + 30 = 2/8 (Sat, worked)
        # From 2026 Labour Day is a day off of agencies: 4/1 + 30 = 5/1 (Fri), then Sat, Sun.
        ("2026-04-01", "2026-05-04"),
        # 2025-10-25 (Sat) is made up on Fri 10-24: 9/24 + 30 = 10/24, then Sat, Sun, Mon.
        ("2025-09-24", "2025-10-27"),
        # Constitution Day is off since the law of 2025: 11/25 + 30 = 12/25 (Thu) -> Fri 12/26.
        ("2025-11-25", "2025-12-26"),
        ("2026-05-10", "2026-06-09"),  # 5/10 + 30 = 6/9 (Tue)
        ("2026-05-10T23:59", "2026-06-09"),  # one minute before midnight is still 5/10
        ("2026-05-10T16:01:00Z", "2026-06-10"),  # 00:01 of 5/11 in Taipei
        ("2026-05-10T23:59:00+09:00", "2026-06-09"),  # 22:59 of 5/10 in Taipei
        # 2024-04-03 was worked; 4/4 and 4/5 were off, then Sat and Sun: 3/5 + 30 = 4/4.
        ("2024-03-04", "2024-04-03"),
        ("2024-03-05", "2024-04-08"),
    ],
)
def test_thirty_days(start: str, due: str) -> None:
    assert evaluate(row(REG[0], start, *REG[1:])) == due


@pytest.mark.parametrize(
    ("rule", "start", "length", "due"),
    [
        # 3 months from 3/1/2025 end 5/31 (month-first), + 30 = 6/30 (Mon).
        ("STAT_MOVE_3M_30D", "2025-02-28", "3m+30", "2025-06-30"),
        # 3 months from 12/1/2025 end 2/28/2026, + 30 = 3/30 (Mon).
        ("STAT_MOVE_3M_30D", "2025-11-30", "3m+30", "2026-03-30"),
        # Day 1 = 12/1; 11/29 would have day 1 = 11/30, no 2/30: end 2/28, + 30 = 3/30 (Mon).
        ("STAT_MOVE_3M_30D", "2025-11-29", "3m+30", "2026-03-30"),
        # 3 months from 1/16/2026 end 4/15, + 30 = 5/15 (Fri): the 3 months end on no rest day,
        # and would not move if they did (from 12/1: end 2/28, a Saturday, see above).
        ("STAT_MOVE_3M_30D", "2026-01-15", "3m+30", "2026-05-15"),
        # 2 years from 3/1/2024 end 2/28/2026, + 30 = 3/30 (Mon).
        ("STAT_ABROAD_2Y_30D", "2024-02-29", "24m+30", "2026-03-30"),
    ],
)
def test_months_then_days(rule: str, start: str, length: str, due: str) -> None:
    assert evaluate(row(rule, start, "month+calendar_day", length)) == due


@pytest.mark.parametrize(
    ("start", "due"),
    [
        # Day 1 = 12/31; February 2026 has no 31st, so its last day, Sat 2/28 -> Mon 3/2.
        ("2025-12-30", "2026-03-02"),
        ("2026-03-16", "2026-05-18"),  # day 1 = 3/17, end 5/16 (Sat) -> Mon 5/18
        ("2024-06-30", "2024-09-02"),  # day 1 = 7/1, end 8/31 (Sat) -> Mon 9/2
    ],
)
def test_two_months_when_no_period_was_set(start: str, due: str) -> None:
    assert evaluate(row("PROC_DEFAULT_2M", start, "month", "2")) == due


@pytest.mark.parametrize(
    ("start", "length", "due"),
    [
        ("2008-12-18", "30", "2009-01-17"),  # Saturday, worked: no move
        ("2009-05-07", "30", "2009-06-06"),  # Saturday, worked: no move
        ("2009-05-08", "30", "2009-06-08"),  # 5/8 + 30 = 6/7 (Sun) -> Mon
    ],
)
def test_an_appeal(start: str, length: str, due: str) -> None:
    assert evaluate(row("APPEAL_30D", start, "calendar_day", length)) == due


CLOSED = {"date": "2026-07-08", "part": "all"}


@pytest.mark.parametrize(
    ("rule", "start", "length", "closure", "moves", "due"),
    [
        # 6/8 + 30 = 7/8 (Wed), closed: a rest day only where the office says so.
        ("STAT_REG_30D", "2026-06-08", "30", {}, True, "2026-07-09"),
        ("STAT_REG_30D", "2026-06-08", "30", {}, False, "2026-07-08"),
        # Half a day closed leaves the day worked.
        *(
            (*case, {"part": part}, True, due)
            for part in ("morning", "afternoon")
            for *case, due in (
                ("STAT_REG_30D", "2026-06-08", "30", "2026-07-08"),
                ("PROC_WORKDAY", "2026-07-07", "3", "2026-07-10"),
            )
        ),
        # A limit in working days never counts a closed day; another office's closure is not ours.
        ("PROC_WORKDAY", "2026-07-07", "3", {}, False, "2026-07-13"),
        ("PROC_WORKDAY", "2026-07-07", "3", {"office": "x"}, True, "2026-07-10"),
        # 3 calendar days from 7/5 end on the closed 7/8 -> 7/9.
        ("PROC_CALENDAR", "2026-07-05", "3", {}, True, "2026-07-09"),
    ],
)
def test_closures(
    rule: str, start: str, length: str, closure: dict[str, str], moves: bool, due: str
) -> None:
    case = row(
        rule,
        start,
        "working_day" if rule == "PROC_WORKDAY" else "calendar_day",
        length,
        closures=[CLOSED | closure],
        settings={"closure_is_rest_day": moves},
    )

    assert evaluate(case) == due


def pause(first: str, last: str, ground: str = "correction") -> dict[str, str]:
    return {"from": first, "to": last, "ground": ground}


@pytest.mark.parametrize(
    ("unit", "length", "pauses", "due"),
    [
        # 3/3 (1), 3/4 (2), 3/5 (3); paused 3/6-3/9; 3/10 (4), 3/11 (5); paused 3/12-3/13;
        # 3/16 (6).
        ("working_day", "6", [("2026-03-06", "2026-03-09"), ("2026-03-12", "2026-03-13")], "03-16"),
        # 3/3 (1) ... 3/10 (6): a pause that begins after the end changes nothing.
        ("working_day", "6", [("2026-03-11", "2026-03-20")], "03-10"),
        # A pause over a weekend only takes no working day.
        ("working_day", "6", [("2026-03-07", "2026-03-08")], "03-10"),
        # Two grounds at once count once: 3/3 (1), 3/4 (2), paused 3/5-3/11, 3/12 (3).
        ("working_day", "3", [("2026-03-05", "2026-03-10"), ("2026-03-09", "2026-03-11")], "03-12"),
        # 3/2 + 7 = 3/9; four days out -> 3/13 (Fri).
        ("calendar_day", "7", [("2026-03-05", "2026-03-08")], "03-13"),
    ],
)
def test_pauses(unit: str, length: str, pauses: list[tuple[str, str]], due: str) -> None:
    rule = "PROC_WORKDAY_PAUSED" if unit == "working_day" else "PROC_CALENDAR"
    case = row(rule, "2026-03-02", unit, length, pauses=[pause(*days) for days in pauses])

    assert evaluate(case) == f"2026-{due}"


def test_a_clock_that_stands_still_has_no_due_date_but_a_remainder() -> None:
    still = row(
        "PROC_WORKDAY_PAUSED",
        "2026-03-02",
        "working_day",
        "6",
        pauses=[{"from": "2026-03-05", "ground": "correction"}],
    )

    found = explained(still)

    # 3/3 (1) and 3/4 (2) have run; four of six are left.
    assert (found.due, found.due_at, found.remaining, found.text()) == (None, None, 4, "paused")


@pytest.mark.parametrize(
    ("start", "receipt", "due"),
    [
        # Fri 3/6 at 18:00: on the actual date day 1 is Mon 3/9; else received 3/9, day 1 is 3/10.
        ("2026-03-06T18:00", "actual_date", "2026-03-11"),
        ("2026-03-06T18:00", "next_working_day", "2026-03-12"),
        ("2026-03-06T16:59", "next_working_day", "2026-03-11"),
        ("2026-03-06T05:00", "next_working_day", "2026-03-11"),
        ("2026-03-07T00:01", "next_working_day", "2026-03-12"),  # Saturday -> received Mon 3/9
    ],
)
def test_receipt_outside_office_hours(start: str, receipt: str, due: str) -> None:
    case = row("PROC_WORKDAY", start, "working_day", "3", settings={"receipt": receipt})

    assert evaluate(case) == due


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        # Due 6/9 (5/10 + 30). A period ends when its last day ends (Civil Code 121(1)).
        ({"filed": "2026-06-09T23:59:59+08:00", "channel": "online"}, "in time"),
        ({"filed": "2026-06-10T00:00:00+08:00", "channel": "online"}, "late"),
        ({"filed": "2026-06-09T16:00:00Z", "channel": "online"}, "late"),
        ({"filed": "2026-06-09", "channel": "counter"}, "in time"),
        # APA 49: the postmark of registered mail is the filing date.
        ({"postmark": "2026-06-09", "received": "2026-06-11"}, "in time"),
        ({"postmark": "2026-06-10", "received": "2026-06-11", "channel": "post"}, "late"),
        (
            {"filed": "2026-06-09", "received": "2026-06-11", "channel": "registered_mail"},
            "in time",
        ),
        ({"filed": "2026-06-11", "postmark": "2026-06-09", "channel": "mail"}, "in time"),
    ],
)
def test_filed_in_time(facts: dict[str, str], verdict: str) -> None:
    assert evaluate(row("FILED_IN_TIME", "2026-05-10", "calendar_day", "30", **facts)) == verdict


def test_an_appeal_counts_from_its_arrival_not_from_the_postmark() -> None:
    # Appeals Act 14(3): the day the office received it. Due 2016-01-07.
    facts = {"postmark": "2016-01-07", "received": "2016-01-08", "channel": "post"}

    assert evaluate(row("APPEAL_30D", "2015-12-08", "calendar_day", "30", **facts)) == "late"


@pytest.mark.parametrize(
    ("late", "dunned", "amount"),
    [
        *((0, False, 0), (1, False, 300), (15, False, 300), (16, False, 500), (30, False, 500)),
        *((31, False, 700), (180, False, 700), (181, False, 900), (2000, False, 900)),
        *((1, True, 900), (0, True, 900)),
    ],
)
def test_fines_by_days_late(late: int, dunned: bool, amount: int) -> None:
    case = row("FINE_TIER", "2026-02-23", "days_late", str(late), dunned=dunned)

    assert evaluate(case) == f"TWD {amount}"


@pytest.mark.parametrize(
    ("birth", "years", "reached"),
    [
        ("2008-05-11", "18", "2026-05-11"),  # complete when 2026-05-10 ends
        ("2008-02-29", "18", "2026-03-01"),  # 2026 has no 2/29: the years end with February
        ("2008-02-29", "20", "2028-02-29"),
        ("2012-01-01", "14", "2026-01-01"),
    ],
)
def test_ages(birth: str, years: str, reached: str) -> None:
    assert evaluate(row("AGE_REACHED", birth, "year", years)) == reached


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        # The posting day counts: 3/2 is day 1, 3/21 day 20.
        (
            row(
                "PUBLIC_NOTICE_20D",
                "2026-03-02",
                "calendar_day",
                "20",
                settings={"posting_day_counts": True},
            ),
            "2026-03-21",
        ),
        (
            row(
                "NATURALISATION_LOSS_PROOF_1Y",
                "2025-05-15",
                "year",
                "1",
                settings={"permission_day_counts": True},
            ),
            "2026-05-14",
        ),
        # 3/20 + 5 = 3/25 (Wed)
        (row("DEATH_DATA_5D", "2026-03-20", "calendar_day", "5"), "2026-03-25"),
        # 2/14 + 7 = 2/21; the real first notice of 2008 set 3/5.
        (
            row("DUNNING_MIN_7D", "2008-02-14", "calendar_day", "7", term_set_to="2008-03-05"),
            "2008-02-21",
        ),
        # New Year 2016 was off from Sat 2/6: the office days before are 2/5, 2/4, 2/3 (MOI).
        (row("MARRIAGE_PREREG_3OD", "2016-02-08", "working_day_before", "3"), "2016-02-03"),
        # 3/1 - 30 days: 28 days to 2/1 (2026 is no leap year), two more.
        (
            row("NATURALISATION_EXTENSION_REQUEST", "2026-03-01", "calendar_day_before", "30"),
            "2026-01-30",
        ),
        # The 24 hours pass over midnight of the last day of a month.
        (row("CHILD_PROTECTION_24H", "2026-02-28T23:30", "hour", "24"), "2026-03-01T23:30"),
        (row("CHILD_PROTECTION_24H", "2026-02-28T15:30Z", "hour", "24"), "2026-03-01T23:30"),
        # December's report falls in January of the next year.
        (
            row("REPORT_IDCARD_MONTHLY", "2026-12-31", "fixed_day", "5th of next month"),
            "2027-01-05",
        ),
        (
            row("REPORT_POP_MONTHLY_RUN", "2024-02-01", "month_end", "last calendar day"),
            "2024-02-29",
        ),
        # 10-10 is off: 10/11, 10/12 = 2; the day itself is not counted.
        (
            row("DOC_DAYS_USED", "2005-10-07", "working_day", "to 2005-10-12"),
            "2",
        ),
        (
            row("PROC_EXTENSION_ONCE", "2026-03-02", "calendar_day", "7+5"),
            "2026-03-16",  # 3/9, then + 5 = 3/14 (Sat) -> Mon 3/16
        ),
        # A week: day 1 = Tue 3/3, the seventh is Mon 3/9.
        (row("PROC_CALENDAR", "2026-03-02", "week", "1"), "2026-03-09"),
        # Friday evening: day 1 = Mon 3/9.
        (row("PETITION_6WD", "2026-03-06T21:00", "working_day", "6"), "2026-03-16"),
    ],
)
def test_other_shapes(case: dict[str, str], expected: str) -> None:
    assert evaluate(case) == expected


@pytest.mark.parametrize(
    ("case", "says"),
    [
        (row("STAT_REG_3OD", "2026-03-02", "calendar_day", "30"), "STAT_REG_30D"),
        (row("STAT_REG_30D", "2026-02-30", "calendar_day", "30"), "2026-02-30"),
        (row("STAT_REG_30D", "2026-03-02", "calendar_day", "thirty"), "thirty"),
        (row("STAT_REG_30D", "2026-03-02", "calendar_day", "30", holidays=[]), "holidays"),
        (row("STAT_REG_30D", "2026-03-02", "calendar_day", "30", settings={"x": 1}), "'x'"),
        (row("STAT_BIRTH_60D", "2010-03-02", "calendar_day", "60"), "2010-03-02"),
        (row("CHILD_PROTECTION_24H", "2026-02-28", "hour", "24"), "time such as"),
        (row("STAT_REG_30D", "2026-03-02", "fortnight", "2"), "fortnight"),
        ({"id": "X", "rule": "STAT_REG_30D", "start_date": "2026-03-02"}, "length"),
        (
            row(
                "PROC_WORKDAY",
                "2026-03-02",
                "working_day",
                "3",
                pauses=[pause("2026-03-04", "2026-03-05", "workload")],
            ),
            "workload",
        ),
        (row("PROC_EXTENSION_ONCE", "2026-03-02", "calendar_day", "7+8"), "APA 51(3)"),
        (row("PROC_EXTENSION_ONCE", "2026-03-02", "calendar_day", "7+7+7"), "once"),
        (
            row(
                "STAT_REG_30D",
                "2026-03-02",
                "calendar_day",
                "30",
                pauses=[pause("2026-03-05", "2026-03-06")],
            ),
            "not a processing period",
        ),
    ],
)
def test_a_row_that_cannot_be_answered_is_refused_with_a_sentence(
    case: dict[str, str], says: str
) -> None:
    with pytest.raises(Refusal) as refused:
        evaluate(case)

    assert says in refused.value.en
    assert refused.value.zh
