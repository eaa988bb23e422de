"""A rule may differ from place to place: the office before its city, the city before the nation."""

from datetime import date

import pytest

from sla.errors import RuleError
from sla.rules import Places, places_of, processing_limit, rule

ON = date(2026, 3, 2)
TAIPEI = places_of("臺北市中正區戶政事務所", "臺北市")
FONGSHAN = places_of("高雄市鳳山戶政事務所", "高雄市")
TAICHUNG = places_of("臺中市西屯區戶政事務所", "臺中市")
NOWHERE = places_of("示範市南區戶政事務所", "示範市")


@pytest.mark.parametrize(
    ("rule_id", "places", "length", "unit"),
    [
        ("PETITION", TAIPEI, "6", "working_day"),
        ("PETITION", NOWHERE, "30", "calendar_day"),
        ("PETITION", (), "30", "calendar_day"),
        ("BIRTH_GRANT", TAIPEI, "60", "calendar_day"),
        ("BIRTH_GRANT", places_of("新北市鶯歌戶政事務所", "新北市"), "1", "year"),
        ("PETITION_6WD", NOWHERE, "6", "working_day"),  # named by its own id
        ("STAT_REG_30D", TAIPEI, "30", "calendar_day"),
        ("CORRECTION_TERM_7D", TAIPEI, "7", "calendar_day"),  # some office's plan, nothing nearer
    ],
)
def test_the_nearest_rule_counts(rule_id: str, places: Places, length: str, unit: str) -> None:
    found = rule(rule_id, ON, places)

    assert (found.length, found.unit.value) == (length, unit)


def test_a_rule_that_others_have_and_we_do_not_is_never_guessed() -> None:
    with pytest.raises(RuleError) as refused:
        rule("BIRTH_GRANT", ON, NOWHERE)

    assert refused.value.code == "rule.elsewhere"
    assert "city:臺北市" in refused.value.en


@pytest.mark.parametrize(
    ("item", "places", "expected"),
    [
        ("english_transcript", FONGSHAN, ("6", "day")),
        ("english_transcript", TAICHUNG, ("5", "working_day")),
        ("english_transcript", NOWHERE, ("2", "month")),  # nobody has set one: APA 51(2)
        ("birth", FONGSHAN, None),  # at once
        ("first_passport", NOWHERE, ("14", "working_day")),
        ("doubtful", NOWHERE, ("3", "day")),
    ],
)
def test_the_limit_of_an_item(item: str, places: Places, expected: tuple[str, str] | None) -> None:
    found = processing_limit(item, ON, places)

    assert (found and (found.length, found.unit.value)) == expected


def test_the_limit_of_an_item_is_picked_by_the_day_of_receipt() -> None:
    before = processing_limit("first_passport", date(2023, 2, 19), NOWHERE)
    after = processing_limit("first_passport", date(2023, 2, 20), NOWHERE)

    assert before is not None
    assert after is not None
    assert (before.length, after.length) == ("8", "14")
