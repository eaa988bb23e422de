# sizes: exempt — families of examples, one short function each
"""Makes `derived.csv`: dated examples of our own derivation, family by family.

`python -m tests.golden.derive` writes the file. Each family below says by which article and how it
is derived; every expected value is counted by `day_by_day` on the calendar typed in by hand.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.golden.day_by_day import (
    days_after,
    months_after,
    on_a_working_day,
    span,
    working_days_after,
    working_days_before,
)
from tests.golden.plain_calendar import ONE, works

FILE = Path(__file__).with_name("derived.csv")
COLUMNS = (
    *("id", "rule", "start_date", "unit", "length", "facts", "calendar_notes"),
    *("expected_due", "derivation"),
)
Row = tuple[str, str, str, str, dict[str, Any], str, str]
"""Rule, start, unit, length, facts, expected value, derivation."""


def day(text: str) -> date:
    return date.fromisoformat(text)


def sweep(first: str, last: str, step: int) -> list[date]:
    """Every `step`-th day: with 7 no divisor of it, all weekdays come up."""
    return span(day(first), day(last))[::step]


def said(*days: date) -> str:
    return " -> ".join(f"{each:%m/%d} ({each:%a})" for each in days)


def filing(rule: str, n: int, starts: list[date]) -> Iterator[Row]:
    for start in starts:
        plain = days_after(start, n)
        due = on_a_working_day(plain)
        steps = said(plain) if plain == due else said(plain, due)
        yield rule, str(start), "calendar_day", str(n), {}, str(due), f"+{n} = {steps}"


def registration() -> Iterator[Row]:
    """A registration is applied for within 30 days; the first day is not counted, rest days inside
    are not taken out, a last day on a rest day moves (HA 48(1); APA 48(2), 48(4)).
    """
    yield from filing("STAT_REG_30D", 30, sweep("2024-01-03", "2027-11-20", 23))


def birth() -> Iterator[Row]:
    """A birth within 60 days (HA 48(1)); the sweep crosses four Lunar New Years."""
    yield from filing("STAT_BIRTH_60D", 60, sweep("2024-01-05", "2027-10-25", 37))


def first_household() -> Iterator[Row]:
    """Settlement permit: 30 days from the day after issue (Settlement Rules 27)."""
    yield from filing("FIRST_HOUSEHOLD_30D", 30, sweep("2024-02-01", "2027-11-01", 137))


def death_data() -> Iterator[Row]:
    """The office's own duty within 5 days of receipt (Death Data Reporting Regulations 6); rolled,
    which is a reading.
    """
    yield from filing("DEATH_DATA_5D", 5, sweep("2024-02-01", "2027-12-01", 71))


def demand() -> Iterator[Row]:
    """The least term of a demand: 7 days from service (HR 19(2))."""
    yield from filing("DUNNING_MIN_7D", 7, sweep("2024-01-31", "2027-12-10", 47))


def appeal() -> Iterator[Row]:
    """An appeal within 30 days from the day after the decision arrived (Appeals Act 14; Civil Code
    122).
    """
    yield from filing("APPEAL_30D", 30, sweep("2024-01-09", "2027-11-20", 67))


def calendar_limits() -> Iterator[Row]:
    """Processing limits in calendar days: holidays counted, the end rolled (APA 48, 51)."""
    for n in (1, 3, 6, 10):
        yield from filing("PROC_CALENDAR", n, sweep("2024-02-05", "2027-12-01", 211))


def moves() -> Iterator[Row]:
    """Three months of stay, day 1 the day after it began, ending by 48(3); then 30 days; the end
    moves (HA 16 to 18). Starts at the ends of months are where "add three months" goes wrong.
    """
    ends = [each for each in span(day("2024-01-27"), day("2027-07-31")) if (each + ONE).day <= 3]
    for start in [*ends[::3], *sweep("2024-01-12", "2027-08-01", 61)]:
        stay = months_after(start, 3)
        due = on_a_working_day(days_after(stay, 30))
        text = f"3 months end {said(stay)}; +30 = {said(days_after(stay, 30), due)}"
        yield "STAT_MOVE_3M_30D", str(start), "month+calendar_day", "3m+30", {}, str(due), text


def abroad() -> Iterator[Row]:
    """Two years abroad, then 30 days (HA 16(3), 42)."""
    for start in (day("2024-02-28"), day("2024-02-29"), *sweep("2024-01-15", "2025-10-30", 59)):
        away = months_after(start, 24)
        due = on_a_working_day(days_after(away, 30))
        text = f"24 months end {said(away)}; +30 = {said(due)}"
        yield "STAT_ABROAD_2Y_30D", str(start), "month+calendar_day", "24m+30", {}, str(due), text


def two_months() -> Iterator[Row]:
    """Nothing published: two months (APA 51(2)), ended by 48(3), rolled by 48(4)."""
    ends = [each for each in span(day("2024-01-28"), day("2027-10-05")) if (each + ONE).day <= 2]
    for start in [*ends[::4], *sweep("2024-01-20", "2027-10-01", 83)]:
        end = months_after(start, 2)
        due = on_a_working_day(end)
        yield "PROC_DEFAULT_2M", str(start), "month", "2", {}, str(due), said(end, due)


def working_limits() -> Iterator[Row]:
    """Working days: the day of receipt is not counted, only days the office works are (setting)."""
    for n in (1, 3, 6, 14):
        for start in sweep("2024-01-24", "2027-12-02", 149):
            due = working_days_after(start, n)
            yield "PROC_WORKDAY", str(start), "working_day", str(n), {}, str(due), said(due)


def documents() -> Iterator[Row]:
    """Document classes: most urgent 1, urgent 3, ordinary 6 working days (Manual 78); fixed terms
    and special control count holidays (79).
    """
    for rule, n in (("DOC_MOST_URGENT_1WD", 1), ("DOC_URGENT_3WD", 3), ("DOC_ORDINARY_6WD", 6)):
        for start in sweep("2024-02-06", "2027-12-01", 271):
            due = working_days_after(start, n)
            yield rule, str(start), "working_day", str(n), {}, str(due), said(due)
    yield from filing("DOC_FIXED_TERM_10D", 10, sweep("2024-02-02", "2027-11-20", 277))
    yield from filing("DOC_PROJECT_30D", 30, sweep("2024-02-02", "2027-11-20", 281))


def used() -> Iterator[Row]:
    """Days a document took: working days after the start, up to the day it was finished (Manual
    79).
    """
    for start in sweep("2024-02-05", "2027-11-01", 127):
        end = start + timedelta(days=12)
        n = sum(works(each) for each in span(start + ONE, end))
        text = f"{n} working days in the 12 days after"
        facts = {"finished": str(end)}
        yield "DOC_DAYS_USED", str(start), "working_day", f"to {end}", facts, str(n), text


def longer_working_limits() -> Iterator[Row]:
    """Courts report within 15 working days (Death Data Reporting Regulations 4); passports 14
    working days after payment; petitions 6 working days from the next one (Taipei).
    """
    for rule, n in (
        ("DEATH_COURT_REPORT_15WD", 15),
        ("PASSPORT_ONESTOP_14WD", 14),
        ("PETITION_6WD", 6),
        ("IDCARD_NEXT_WD", 1),
    ):
        for start in sweep("2024-01-22", "2027-11-30", 239):
            due = working_days_after(start, n)
            yield rule, str(start), "working_day", str(n), {}, str(due), said(due)


def extensions() -> Iterator[Row]:
    """One extension of at most the same length, run on from the first end as moved (APA 51(3))."""
    for n in (5, 7, 30):
        for start in sweep("2024-01-30", "2027-09-30", 197):
            first = on_a_working_day(days_after(start, n))
            due = on_a_working_day(days_after(first, n))
            facts = {"extension": {"length": n, "unit": "calendar_day", "told": str(first)}}
            text = f"first end {said(first)}; extended {said(due)}"
            length = f"{n}+{n}"
            yield "PROC_EXTENSION_ONCE", str(start), "calendar_day", length, facts, str(due), text


def pauses() -> Iterator[Row]:
    """While papers are awaited the clock stands still, then the REST runs (APA 51(5); MOJ
    1999-11-19).
    """
    for n, wait in ((3, 4), (6, 6), (10, 15)):
        for start in sweep("2024-01-25", "2027-10-01", 173):
            first, last = start + timedelta(days=3), start + timedelta(days=3 + wait)
            out = frozenset(span(first, last))
            facts = {"pauses": [{"from": str(first), "to": str(last), "ground": "correction"}]}
            if first > working_days_after(start, n):
                out = frozenset()
            due = working_days_after(start, n, out)
            text = f"{said(first)} to {said(last)} not counted; {said(due)}"
            yield "PROC_WORKDAY_PAUSED", str(start), "working_day", str(n), facts, str(due), text


def closures() -> Iterator[Row]:
    """A closed day is no working day of that office; as the last day of a filing period it is an
    "other rest day" where the office says so (APA 48(4), setting).
    """
    for start in sweep("2024-03-04", "2027-09-30", 113):
        last = on_a_working_day(days_after(start, 30))
        facts: dict[str, Any] = {"closures": [{"date": str(last), "part": "all"}]}
        for rests in (True, False):
            due = on_a_working_day(last + ONE) if rests else last
            told = {**facts, "settings": {"closure_is_rest_day": rests}}
            text = f"{said(last)} closed -> {said(due)}"
            yield "STAT_REG_30D", str(start), "calendar_day", "30", told, str(due), text
        shut = working_days_after(start, 2)
        due = working_days_after(start, 3, open_on=lambda d, shut=shut: works(d) and d != shut)
        facts = {"closures": [{"date": str(shut), "part": "all"}]}
        yield "PROC_WORKDAY", str(start), "working_day", "3", facts, str(due), said(shut, due)


def public_notices() -> Iterator[Row]:
    """Public notice: a lapse of 20 or 60 days, not rolled; whether the day of posting counts is a
    setting (APA 81).
    """
    for rule, n in (("PUBLIC_NOTICE_20D", 20), ("PUBLIC_NOTICE_60D", 60)):
        for start in sweep("2024-01-10", "2027-10-01", 251):
            for counts in (False, True):
                due = days_after(start, n - counts)
                facts = {"settings": {"posting_day_counts": counts}}
                yield rule, str(start), "calendar_day", str(n), facts, str(due), said(due)


def served() -> Iterator[Row]:
    """A demand served by public notice runs from the end of the twentieth day; deposited, from the
    day of deposit (APA 74, 81; HR 19(2)).
    """
    for start in sweep("2024-01-12", "2027-10-01", 229):
        for method in ("public_notice", "deposit"):
            effect = days_after(start, 20) if method == "public_notice" else start
            due = on_a_working_day(days_after(effect, 7))
            facts = {"service": {"method": method, "on": str(start)}}
            text = f"effect {said(effect)}; +7 {said(due)}"
            yield "DUNNING_MIN_7D", str(start), "calendar_day", "7", facts, str(due), text


def fines() -> Iterator[Row]:
    """The table of fines by days late (MOI 2010-09-17), counted from the last day as moved; 900
    after a demand; none with a good reason (HA 79).
    """
    for last in (day("2026-02-23"), day("2025-09-30"), day("2024-02-29")):
        for late in (0, 1, 15, 16, 30, 31, 180, 181, 400):
            tier = 0 if late < 1 else 300 if late < 16 else 500 if late < 31 else 700
            amount = 900 if late > 180 else tier
            applied = {"applied": str(last + timedelta(days=late))}
            for more, ntd in (({}, amount), ({"good_reason": True}, 0)):
                facts = {**applied, **more}
                text = f"{late} days late"
                yield "FINE_TIER", str(last), "days_late", str(late), facts, f"TWD {ntd}", text
            if late:
                facts = {**applied, "dunned": True}
                yield "FINE_TIER", str(last), "days_late", str(late), facts, "TWD 900", "dunned"


def filed() -> Iterator[Row]:
    """Before the last day ends is in time (Civil Code 121); registered mail by its postmark (APA
    49).
    """
    for start in sweep("2024-01-15", "2027-09-30", 271):
        last = on_a_working_day(days_after(start, 30))
        after = last + ONE
        for facts, verdict in (
            ({"filed": f"{last}T23:59:59+08:00", "channel": "online"}, "in time"),
            ({"filed": f"{after}T00:00:00+08:00", "channel": "online"}, "late"),
            ({"postmark": str(last), "received": str(after + 2 * ONE)}, "in time"),
            ({"postmark": str(after), "received": str(after + 2 * ONE)}, "late"),
        ):
            text = f"last day {said(last)}"
            yield "FILED_IN_TIME", str(start), "calendar_day", "30", facts, verdict, text


def ages() -> Iterator[Row]:
    """An age is reached when the years end, the day of birth being day 1 (Civil Code 124)."""
    for born in (
        "2008-02-28",
        "2008-02-29",
        "2008-03-01",
        "2010-12-31",
        "2012-01-01",
        "2011-06-15",
    ):
        for years in (14, 18, 20):
            birth_day = day(born)
            leap_born = (birth_day.month, birth_day.day) == (2, 29)
            year = birth_day.year + years
            has_leap_day = year % 4 == 0
            reached = (
                date(year, 3, 1) if leap_born and not has_leap_day else birth_day.replace(year=year)
            )
            yield "AGE_REACHED", born, "year", str(years), {}, str(reached), said(reached)


def backwards() -> Iterator[Row]:
    """Marriage: within the three office days before the day named (MOI); the extension of the
    proof of loss 30 days before the end (Nationality Rules 11).
    """
    for named in sweep("2024-02-12", "2027-12-20", 73):
        first = working_days_before(named, 3)
        yield (
            "MARRIAGE_PREREG_3OD",
            str(named),
            "working_day_before",
            "3",
            {},
            str(first),
            said(first),
        )
    for end in sweep("2024-03-01", "2027-12-01", 251):
        last = end - timedelta(days=30)
        rule = "NATURALISATION_EXTENSION_REQUEST"
        yield rule, str(end), "calendar_day_before", "30", {}, str(last), said(last)


def loss_proof() -> Iterator[Row]:
    """Proof of loss of the old nationality within a year of the permit; whether that day counts is
    a setting (Nationality Act 9); computed by the Civil Code, rolled (122).
    """
    for start in (day("2024-02-29"), day("2024-02-28"), *sweep("2024-01-31", "2026-12-20", 97)):
        for counts in (False, True):
            end = months_after(start - ONE if counts else start, 12)
            due = on_a_working_day(end)
            facts = {"settings": {"permission_day_counts": counts}}
            rule = "NATURALISATION_LOSS_PROOF_1Y"
            yield rule, str(start), "year", "1", facts, str(due), said(end, due)


def hours() -> Iterator[Row]:
    """Hours run at once, holidays included (APA 48(1); Child Welfare Act 53)."""
    for start in sweep("2024-02-09", "2027-12-01", 199):
        begun = datetime.fromisoformat(f"{start}T17:35")
        due = f"{begun + timedelta(days=1):%Y-%m-%dT%H:%M}"
        yield "CHILD_PROTECTION_24H", f"{start}T17:35", "hour", "24", {}, due, "a day later"


def named_days() -> Iterator[Row]:
    """Days named by a rule stand, rest day or not."""
    for year in (2024, 2025, 2026):
        for month in range(1, 13):
            start = date(year, month, 11)
            nxt = date(year + month // 12, month % 12 + 1, 1)
            fifth = nxt.replace(day=5)
            length = "5th of next month"
            rule = "REPORT_IDCARD_MONTHLY"
            yield rule, str(start), "fixed_day", length, {}, str(fifth), said(fifth)
            last = nxt - ONE
            length = "last calendar day"
            rule = "REPORT_POP_MONTHLY_RUN"
            yield rule, str(start), "month_end", length, {}, str(last), said(last)


def sanctions() -> Iterator[Row]:
    """Adverse acts: the first day counts and a rest day stands, unless the ordinary count is
    better for the person (APA 48(5)).
    """
    for start in sweep("2024-02-01", "2027-11-01", 103):
        ordinary = on_a_working_day(days_after(start, 5))
        opposite = days_after(start, 4)
        for rule, due in (
            ("SANCTION_PERIOD", max(ordinary, opposite)),
            ("SANCTION_PERIOD_SHORT", min(ordinary, opposite)),
        ):
            text = f"ordinary {said(ordinary)}, opposite {said(opposite)}"
            yield rule, str(start), "calendar_day", "5", {}, str(due), text


def restoration() -> Iterator[Row]:
    """Restoration: 10 days after the cause ended, as many as the missed term if that was shorter,
    and never more than a year after it (APA 50).
    """
    for ended in sweep("2025-02-03", "2027-09-01", 131):
        for ago, term in ((20, 30), (20, 5), (360, 30)):
            missed = ended - timedelta(days=ago)
            n = min(10, term)
            outer = months_after(missed, 12)
            due = min(on_a_working_day(days_after(ended, n)), outer)
            facts = {"missed": {"last_day": str(missed), "days": term}}
            text = f"{n} days; not after {said(outer)}"
            yield "RESTORATION_10D", str(ended), "calendar_day", "10", facts, str(due), text


def weeks() -> Iterator[Row]:
    """A week ends on the day before the weekday of day 1 (APA 48(3))."""
    for start in sweep("2024-02-02", "2027-11-01", 241):
        end = days_after(start, 14)
        due = on_a_working_day(end)
        yield "PROC_CALENDAR", str(start), "week", "2", {}, str(due), said(end, due)


def receipts() -> Iterator[Row]:
    """Where the office has said so, what comes after closing time (17:00), or on a day it does not
    work, is received on the next working day; the day of receipt is not counted (setting).
    """
    for start in sweep("2024-02-07", "2027-11-25", 97):
        for hour in ("05:00", "16:59", "17:00", "23:30"):
            in_time = works(start) and hour < "17:00"
            received = start if in_time else working_days_after(start, 1)
            for policy, first in (("actual_date", start), ("next_working_day", received)):
                due = working_days_after(first, 3)
                facts = {"settings": {"receipt": policy}}
                text = f"received {said(first)}; {said(due)}"
                moment = f"{start}T{hour}"
                yield "PROC_WORKDAY", moment, "working_day", "3", facts, str(due), text


def half_days() -> Iterator[Row]:
    """A half-day closure leaves a working day; the office may treat a closed afternoon as rest, a
    closed morning never moves a last day (Supreme Court 1970; setting).
    """
    for start in sweep("2024-03-05", "2027-10-01", 151):
        last = on_a_working_day(days_after(start, 30))
        for part in ("morning", "afternoon"):
            for choice in ("working_day", "afternoon_is_rest"):
                moves = part == "afternoon" and choice == "afternoon_is_rest"
                due = on_a_working_day(last + ONE) if moves else last
                facts = {
                    "closures": [{"date": str(last), "part": part}],
                    "settings": {"half_day_closure": choice},
                }
                text = f"{part} of {said(last)} closed -> {said(due)}"
                yield "STAT_REG_30D", str(start), "calendar_day", "30", facts, str(due), text


FAMILIES = (
    *(registration, birth, first_household, death_data, demand, appeal, calendar_limits),
    *(moves, abroad, two_months, working_limits, documents, used, longer_working_limits),
    *(extensions, pauses, closures, public_notices, served, fines, filed, ages, backwards),
    *(loss_proof, hours, named_days, sanctions, restoration, weeks, receipts, half_days),
)


def derived() -> Iterator[dict[str, str]]:
    """All rows, numbered within their family."""
    for family in FAMILIES:
        for number, (rule, start, unit, length, facts, due, text) in enumerate(family(), 1):
            cells = (
                *(f"{family.__name__}-{number:03}", rule, start, unit, length),
                *(json.dumps(facts) if facts else "", "[own]", due, text),
            )
            yield dict(zip(COLUMNS, cells, strict=True))


def main() -> None:
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(derived())


if __name__ == "__main__":
    main()
