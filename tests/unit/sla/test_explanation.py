"""Asking in words, and the answer in words."""

import json
from datetime import date

import pytest

from sla.acts import Acts, Pause, PauseGround
from sla.errors import Refusal
from sla.explanation import answer, lines
from sla.golden import Office, ask
from sla.periods import DEFAULTS
from sla.rules import all_rules, rule
from sla.steps import Action
from sla.wording import UNIT_WORDS, WORDING
from tests.unit.sla.calendars import NATIONAL, closed


@pytest.mark.parametrize("start", ["2025-12-16", "114/12/16", "民國114年12月16日", "1141216"])
def test_a_start_is_read_as_people_write_it(start: str) -> None:
    assert ask("STAT_BIRTH_60D", start).due == date(2026, 2, 23)


def test_a_length_and_a_unit_may_be_given() -> None:
    assert ask("PROC_WORKDAY", "2026-03-06", "3").due == date(2026, 3, 11)
    assert ask("PROC_WORKDAY", "2026-03-06", "3", "calendar_day").due == date(2026, 3, 9)
    assert ask("PROC_CALENDAR", "2026-03-02", "7+7").due == date(2026, 3, 16)
    assert ask("DOC_DAYS_USED", "2005-10-07", "to 2005-10-14").text() == "4"


def test_a_limit_of_no_day_is_told_as_on_the_spot() -> None:
    friday, saturday = (ask("PROC_WORKDAY", day, "0") for day in ("2026-03-06", "2026-03-07"))

    assert (friday.due, saturday.due) == (date(2026, 3, 6), date(2026, 3, 9))
    assert [step.action for step in friday.steps] == [
        *(Action.STARTS, Action.WORKING_DAYS, Action.ENDS),
    ]
    told = "".join((*lines(friday), *lines(friday, "en")))
    assert "當日辦結，末日為 115 年 3 月 6 日（五）" in told
    assert "On the spot: the last day is Fri 6 March 2026" in told


def test_the_calendar_of_an_office_counts_its_closures() -> None:
    found = ask("PROC_WORKDAY", "2026-07-07", "3", office=Office(closed("2026-07-08")))

    assert found.due == date(2026, 7, 13)


def test_the_answer_is_json_with_a_due_date_and_steps() -> None:
    found = json.loads(json.dumps(ask("STAT_BIRTH_60D", "2025-12-16").to_dict("en")))

    assert found["due"] == "2026-02-23"
    assert found["due_at"] == "2026-02-23T16:00:00+00:00"
    actions = [step["action"] for step in found["steps"]]
    assert actions == ["starts", "first_day_excluded", "calendar_days", "rolled", "ends"]
    rolled = found["steps"][3]
    assert rolled["before"] == "2026-02-14"
    assert rolled["after"] == "2026-02-23"
    assert rolled["article"] == "Administrative Procedure Act, Art. 48(4)"
    assert "Lunar New Year" in rolled["fact"]
    assert "行政院" in rolled["source"]


def test_the_answer_is_lines_of_text_in_both_languages() -> None:
    found = ask("STAT_BIRTH_60D", "2025-12-16")

    zh, en = lines(found), lines(found, "en")

    assert zh[:2] == ["出生登記申請期限 60 日（STAT_BIRTH_60D）", "期限：115 年 2 月 23 日（一）"]
    assert "115/2/15 小年夜" in zh[5]
    assert "〔行政程序法第48條第4項〕" in zh[5]
    assert en[1] == "Due: Mon 23 February 2026"
    assert en[4] == (
        "3. 60 days on, the last day is Sat 14 February 2026. Days run on; rest days inside the"
        " period are not taken out [Administrative Procedure Act, Art. 48(2)]"
    )


def test_hours_are_answered_with_a_time() -> None:
    found = ask("CHILD_PROTECTION_24H", "2026-02-14T10:30")

    assert found.text() == "2026-02-15T10:30"
    assert lines(found, "en")[1] == "Due: Sun 15 February 2026 10:30"


def test_one_day_is_not_written_as_days() -> None:
    found = ask("DOC_MOST_URGENT_1WD", "2026-03-02", office=Office(NATIONAL))

    assert "Working day 1 is" in lines(found, "en")[4]
    assert "1 day on," in lines(ask("PROC_CALENDAR", "2026-03-02", "1"), "en")[4]


def test_working_days_name_the_days_they_leave_out() -> None:
    found = ask("PROC_WORKDAY", "2026-03-05", "3")

    assert "115 年 3 月 10 日（二）；不計 3/7（六）、3/8（日）" in lines(found)[4]
    assert "; not counted: Sat 7 Mar, Sun 8 Mar" in lines(found, "en")[4]


def test_many_days_left_out_are_counted_by_their_reasons() -> None:
    told = lines(ask("PROC_WORKDAY", "2026-02-12", "3"))[4]

    assert "不計 星期六、日 3 日、小年夜 1 日、農曆除夕 1 日、春節 3 日" in told


def test_days_left_out_after_a_pause_are_named_too() -> None:
    acts = Acts(pauses=(Pause(date(2026, 3, 4), date(2026, 3, 5), PauseGround.CORRECTION),))

    found = answer(
        rule("PROC_WORKDAY", date(2026, 3, 2)).with_length("3", None),
        date(2026, 3, 2),
        NATIONAL,
        DEFAULTS,
        acts,
    )

    assert (
        "停止進行 2 日，末日改為 115 年 3 月 9 日（一）；不計 3/7（六）、3/8（日）"
        in lines(found)[5]
    )


def test_every_action_and_unit_has_words_with_known_gaps() -> None:
    gaps = dict.fromkeys(("before", "after", "amount", "s", "passed", "skipped", "words"), "x")

    assert set(WORDING) == {action.value for action in Action}
    for sentences in WORDING.values():
        assert all(sentence.format(**gaps) for sentence in sentences)
    for version in (version for versions in all_rules().values() for version in versions):
        if "processing" in version.kind:
            assert version.unit.value in UNIT_WORDS


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("NO_SUCH_RULE", "2026-03-02"), "rule.unknown"),
        (("STAT_REG_30D", "soon"), "date.unreadable"),
        (("STAT_REG_30D", "2026-02-30"), "date.impossible"),
        (("STAT_REG_30D", "2026-03-02T25:00"), "start.unreadable"),
        (("STAT_REG_30D", "2026-03-02", "x"), "length.unreadable"),
        (("STAT_REG_30D", "2026-03-02", "3", "fortnight"), "unit.unknown"),
        (("PROC_WORKDAY", "2026-03-02"), "rule.length_missing"),
        (("PROC_WORKDAY", "2026-03-02", "5000"), "calendar.not_loaded"),
        (("FINE_TIER", "2026-03-02", "x"), "fine.days_late"),
        (("STAT_BIRTH_60D", "1990-03-02"), "rule.not_in_force"),
        (("DOC_DAYS_USED", "2005-10-07", "to 2005-10-01"), "period.finished_before_start"),
    ],
)
def test_a_wrong_question_is_refused_with_a_code_and_two_sentences(
    asked: tuple[str, ...], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        ask(*asked)

    assert refused.value.code == code
    assert refused.value.text("zh-TW") != refused.value.text("en")
