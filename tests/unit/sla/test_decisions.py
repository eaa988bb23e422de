"""The decision tables: proper DMN 1.3 documents, and what they decide."""

from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from sla.decisions import FOLDER, evaluate, rows
from sla.errors import RuleError
from sla.fines import late_fine
from sla.rules import all_rules, rule

TABLES = sorted(FOLDER.glob("*.dmn"))
DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
LAW = date(2026, 3, 2)


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    """The OMG's schema of DMN 1.3, which SpiffWorkflow carries."""
    found = files("SpiffWorkflow") / "dmn" / "parser" / "schema" / "DMN13.xsd"
    return etree.XMLSchema(etree.parse(str(found)))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_a_table_is_a_valid_dmn_document(table: Path, schema: etree.XMLSchema) -> None:
    tree = etree.parse(table)

    assert schema.validate(tree), schema.error_log
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for link in tree.iter(f"{DMN}requiredInput", f"{DMN}requiredDecision"):
        assert link.get("href", "").removeprefix("#") in ids


@pytest.mark.parametrize("rule_id", all_rules())
def test_the_engine_finds_each_version_where_it_is_in_force_and_nowhere_else(rule_id: str) -> None:
    def asked(on: date, place: str) -> Any:
        return evaluate("legal-limits", "legalLimit", {"rule": rule_id, "on": on, "place": place})

    for version in all_rules()[rule_id]:
        found = asked(version.valid_from or version.valid_to or LAW, version.jurisdiction)

        assert found["id"] == rule_id
        assert (found["length"], found["validFrom"]) == (version.length, version.valid_from)
        assert asked(LAW, "city:nowhere") is None
    first, last = all_rules()[rule_id][0], all_rules()[rule_id][-1]
    if first.valid_from:
        early = date.fromordinal(first.valid_from.toordinal() - 1)
        assert asked(early, first.jurisdiction) is None
    if last.valid_to:
        late = date.fromordinal(last.valid_to.toordinal() + 1)
        assert asked(late, last.jurisdiction) is None


@pytest.mark.parametrize(
    ("kind", "on", "expected"),
    [
        ("birth", "2026-03-02", "STAT_BIRTH_60D"),
        ("birth", "2007-07-03", "STAT_REG_30D_OLD_BIRTH"),
        ("death", "2026-03-02", "STAT_REG_30D"),
        ("move_in", "2026-03-02", "STAT_MOVE_3M_30D"),
        ("abroad_two_years", "2026-03-02", "STAT_ABROAD_2Y_30D"),
        ("first_household", "2026-03-02", "FIRST_HOUSEHOLD_30D"),
        ("marriage", "2026-03-02", None),
    ],
)
def test_the_window_of_a_registration(kind: str, on: str, expected: str | None) -> None:
    inputs = {"registrationType": kind, "on": date.fromisoformat(on)}

    found = evaluate("legal-limits", "statutoryWindow", inputs)

    assert found["rule"] == expected
    assert found["canBeLate"] is (expected is not None)
    if expected:
        assert rule(expected, date.fromisoformat(on))


def dunning(kind: str, *, court: bool = False, gone: bool = False) -> tuple[str, str | None]:
    found = evaluate(
        "dunning",
        "dunning",
        {"registrationType": kind, "decidedByCourt": court, "householdGone": gone},
    )
    return found["measure"], found["item"]


def test_dunning_follows_the_two_lists() -> None:
    assert dunning("birth") == ("dun_then_ex_officio", "48-2(1)")
    assert dunning("death") == ("dun_then_ex_officio", "48-2(5)")
    assert dunning("death_declaration") == ("ex_officio", "48-1(1)")
    assert dunning("acknowledgement", court=True) == ("dun_then_ex_officio", "48-2(9)")
    assert dunning("acknowledgement") == ("none", None)
    assert dunning("marriage") == ("none", None)
    assert dunning("move_out") == ("dun_then_ex_officio", "48-2(7)")
    assert dunning("move_out", gone=True) == ("move_to_office", "50")


@pytest.mark.parametrize(
    ("table", "decision", "inputs", "expected"),
    [
        ("passport", "passportFee", {"age": 13, "on": LAW}, {"amount": 900}),
        ("passport", "passportFee", {"age": 14, "on": LAW}, {"amount": 1300}),
        ("passport", "passportLimit", {"on": date(2023, 2, 19)}, {"workingDays": 8}),
        ("passport", "passportLimit", {"on": date(2023, 2, 20)}, {"workingDays": 14}),
        ("passport", "eGate", {"on": date(2024, 12, 31)}, {"minimumAge": 12}),
        ("passport", "eGate", {"on": date(2025, 1, 1)}, {"minimumAge": 10}),
        ("passport", "eGate", {"on": date(2025, 1, 1)}, {"minimumHeightCm": 120}),
        ("fees", "fee", {"feeItem": "english_transcript", "copyNumber": 1}, {"amount": 100}),
        ("fees", "fee", {"feeItem": "english_transcript", "copyNumber": 2}, {"amount": 15}),
        ("fees", "fee", {"feeItem": "id_card_replacement", "copyNumber": 1}, {"amount": 200}),
        (
            "fees",
            "feeWaiver",
            {"feeItem": "booklet", "waiverReason": "renumbering"},
            {"waived": True},
        ),
        ("fees", "feeWaiver", {"feeItem": "booklet", "waiverReason": "lost"}, {"waived": False}),
        ("fines", "bookletFine", {"occurrence": 4}, {"amount": 3000}),
        ("fines", "hospitalFine", {"occurrence": 2}, {"amount": 1500}),
        ("fines", "falseStatementFine", {"discoveredBy": "office"}, {"amount": 6000}),
        (
            "processing-limits",
            "processingLimit",
            {"caseItem": "english_transcript", "on": LAW, "place": "city:臺中市"},
            {"length": "5", "unit": "working_day"},
        ),
        (
            "processing-limits",
            "processingLimit",
            {"caseItem": "doubtful", "on": LAW, "place": "office"},
            {"length": "3"},
        ),
        ("dunning", "serviceAddress", {"attempt": 3}, {"address": "health_insurance"}),
        (
            "dunning",
            "serviceEffect",
            {"serviceMethod": "public_notice", "abroad": True},
            {"rule": "PUBLIC_NOTICE_60D"},
        ),
    ],
)
def test_what_the_tables_decide(
    table: str, decision: str, inputs: dict[str, Any], expected: dict[str, Any]
) -> None:
    found = evaluate(table, decision, inputs)

    assert {name: found[name] for name in expected} == expected


def told(kind: str, changes: list[str], flags: list[str]) -> set[tuple[str, str, str]]:
    inputs = {"registrationType": kind, "changes": changes, "flags": flags}
    found = evaluate("notification-matrix", "notifications", inputs)
    return {(row["agency"], row["basis"], row["timing"]) for row in found}


def test_a_move_is_told_to_the_five_who_keep_addresses_if_the_citizen_agrees() -> None:
    agencies = {agency for agency, basis, _ in told("move_in", ["address"], [])}

    assert agencies == {"tax", "motor_vehicle", "land", "water", "power"}


def test_a_foreign_spouses_move_is_told_to_immigration_as_a_duty() -> None:
    found = told("move_in", ["address"], ["foreign_spouse"])

    assert ("immigration", "duty", "same_working_day") in found


def test_a_birth_of_an_insured_mother_goes_to_the_bureau_on_the_same_day() -> None:
    assert ("labour_insurance", "consent", "same_day") in told("birth", [], ["labour_insured"])
    assert told("birth", [], []) == {("health_insurance", "consent", "same_working_day")}


def test_every_agency_gets_fields_of_its_own_only() -> None:
    inputs = {"registrationType": "birth", "changes": [], "flags": ["labour_insured"]}
    rows = {
        row["agency"]: row["fields"]
        for row in evaluate("notification-matrix", "notifications", inputs)
    }

    assert "bank_account" in rows["labour_insurance"]
    assert "bank_account" not in rows["health_insurance"]


def test_a_fine_before_the_table_is_not_guessed() -> None:
    version = rule("FINE_TIER", date(2010, 9, 17))

    assert late_fine(version, date(2010, 9, 17), days_late=16).text() == "TWD 500"
    with pytest.raises(RuleError, match="2009-01-02"):
        late_fine(version, date(2009, 1, 1), days_late=1)


@pytest.mark.parametrize(
    ("table", "decision", "inputs"),
    [
        ("fines", "lateFine", {"daysLate": "many", "dunned": False, "on": LAW}),
        ("legal-limits", "legalLimit", {"rule": "NO_SUCH_RULE", "on": LAW}),
    ],
)
def test_an_input_of_the_wrong_kind_is_refused_not_overlooked(
    table: str, decision: str, inputs: dict[str, Any]
) -> None:
    with pytest.raises(RuleError) as refused:
        evaluate(table, decision, inputs)

    assert refused.value.code == "decision.broken"
    assert f"{table}.dmn" in refused.value.zh


def test_a_decision_that_is_no_table_has_no_rows() -> None:
    with pytest.raises(RuleError, match="there is no such decision table"):
        list(rows("fines", "noSuchDecision"))
