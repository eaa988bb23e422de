"""`huzheng sla explain`: for people, for machines, for a whole file."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from engine.clock import SystemClock
from sla.calendars import seed_national_days
from store import tables
from store.database import open_database
from tests.cli.conftest import Huzheng
from tests.support.factories import OFFICE, an_office

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "golden-sample.csv"
BIRTH = ("sla", "explain", "--rule", "STAT_BIRTH_60D", "--start")


def test_a_date_for_machines(huzheng: Huzheng) -> None:
    told = huzheng(*BIRTH, "2025-02-05", "--json")

    answer = json.loads(told.stdout)
    assert (told.exit_code, answer["due"]) == (0, "2025-04-07")
    assert answer["due_at"] == "2025-04-07T16:00:00+00:00"
    assert {"action", "fact", "rule", "article", "source"} <= set(answer["steps"][0])


@pytest.mark.parametrize(
    ("lang", "words"), [("zh-TW", ("期限", "行政程序法")), ("en", ("Due", "2025"))]
)
def test_a_date_for_people(huzheng: Huzheng, lang: str, words: tuple[str, ...]) -> None:
    told = huzheng(*BIRTH, "114/2/5", "--lang", lang)

    assert told.exit_code == 0
    assert all(word in told.stdout for word in words)


def test_the_golden_file_row_by_row(huzheng: Huzheng) -> None:
    told = huzheng("sla", "explain", "--csv", str(GOLDEN))

    assert told.exit_code == 0
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        expected = {row["id"]: row["expected_due"] for row in csv.DictReader(file)}
    found = {row["id"]: row["due"] for row in csv.DictReader(io.StringIO(told.stdout))}
    assert found == expected
    assert len(found) > 30


def test_a_row_without_an_answer_fails_the_command_and_the_others_are_told(
    huzheng: Huzheng, tmp_path: Path
) -> None:
    lines = GOLDEN.read_text(encoding="utf-8").splitlines()
    file = tmp_path / "rows.csv"
    bad = lines[1].replace(lines[1].split(",")[1], "NO_SUCH_RULE").replace("G0", "X0")
    file.write_text("\n".join([lines[0], bad, lines[2]]), encoding="utf-8")

    told = huzheng("sla", "explain", "--csv", str(file))

    assert told.exit_code == 1
    assert "NO_SUCH_RULE" in told.stderr
    assert len(told.stdout.splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("--start", "2025-02-05"), 2, "--rule"),
        (("--rule", "STAT_BIRTH_60D"), 2, "--start"),
        (("--rule", "STAT_BIRTH_61D", "--start", "2025-02-05"), 1, "STAT_BIRTH_60D"),
        (("--rule", "STAT_BIRTH_60D", "--start", "yesterday"), 1, "yesterday"),
        (("--rule", "PROC_WORKDAY", "--start", "2026-03-02"), 1, "PROC_WORKDAY"),
        (
            ("--rule", "PROC_WORKDAY", "--start", "2026-03-02", "--length", "3", "--unit", "moon"),
            1,
            "moon",
        ),
        (("--csv", "no-such-file.csv"), 2, "no-such-file.csv"),
        (
            ("--rule", "STAT_BIRTH_60D", "--start", "2025-02-05", "--office", "nowhere"),
            1,
            "db init",
        ),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_sentence(
    huzheng: Huzheng, words: tuple[str, ...], status: int, sentence: str
) -> None:
    told = huzheng("sla", "explain", *words)

    assert told.exit_code == status
    assert sentence in told.stderr
    assert "Traceback" not in told.output


def test_a_file_that_is_none_is_said_in_a_sentence(huzheng: Huzheng, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("name,age\nLin,7\n", encoding="utf-8")

    told = huzheng("sla", "explain", "--csv", str(file))

    assert told.exit_code == 2
    assert "no column id, rule" in told.stderr


def test_an_office_answers_by_its_own_calendar(
    huzheng: Huzheng, place: Path, sqlite_template: Path
) -> None:
    (place / "var").mkdir()
    shutil.copy(sqlite_template, place / "var" / "huzheng.db")
    db = open_database(f"sqlite:///{place / 'var' / 'huzheng.db'}")
    with db.transaction() as tx:
        an_office(tx)
        seed_national_days(tx, OFFICE, 2025, 2027, SystemClock().now())
        tx.execute(insert(tables.installation), _demo())
        row = {"office_id": OFFICE, "name": "sla.saturday_end", "value": "monday_noon"}
        more = {"source": "公告", "changed_at": SystemClock().now()}
        tx.execute(insert(tables.office_settings), {**row, **more})
    db.close()

    # 3 June + 30 days = 4 July 2026, a Saturday, so Monday; this office closes it at noon.
    asked = ("sla", "explain", "--rule", "STAT_REG_30D", "--start", "2026-06-04", "--json")
    assert json.loads(huzheng(*asked).stdout)["due_at"] == "2026-07-06T16:00:00+00:00"
    told = json.loads(huzheng(*asked, "--office", OFFICE).stdout)
    assert told["due_at"] == "2026-07-06T04:00:00+00:00"


def _demo() -> dict[str, object]:
    return {"id": 1, "mode": "demo", "created_at": SystemClock().now()}


def test_facts_are_asked_on_the_command_line(huzheng: Huzheng) -> None:
    asked = ("sla", "explain", "--rule", "FILED_IN_TIME", "--start", "2026-05-10", "--json")

    told = huzheng(*asked, "--facts", '{"postmark": "2026-06-09", "received": "2026-06-11"}')
    refused = huzheng(*asked, "--facts", '{"moon": "full"}')
    broken = huzheng(*asked, "--facts", "{")

    assert json.loads(told.stdout)["due"] == "in time"
    assert (refused.exit_code, "moon" in refused.stderr) == (1, True)
    assert (broken.exit_code, "JSON" in broken.stderr) == (1, True)


def test_an_explanation_names_the_row_and_the_calendar_it_used(huzheng: Huzheng) -> None:
    answer = json.loads(huzheng(*BIRTH, "2025-02-05", "--json").stdout)

    assert answer["jurisdiction"] == "national"
    assert answer["valid_from"] == "2015-01-21"
    assert answer["calendar"].startswith("national-")
    assert answer["steps"][2]["amount"] == 60


def test_the_rules_are_listed_for_people_and_machines(huzheng: Huzheng) -> None:
    everything = json.loads(huzheng("sla", "rules", "--json").stdout)
    found = huzheng("sla", "rules", "--rule", "birth_grant", "--lang", "en")
    tables = json.loads(huzheng("sla", "rules", "--tables", "--json").stdout)["tables"]

    assert len(everything) > 100
    assert {"id", "article", "jurisdiction", "valid_from", "source", "certainty"} <= set(
        everything[0]
    )
    assert found.stdout.count("BIRTH_GRANT ") == 3
    assert "Taipei City" in found.stdout
    assert {table["decision"] for table in tables} >= {"lateFine", "dunning", "processingLimit"}
    assert huzheng("sla", "rules", "--rule", "NO_SUCH").exit_code == 1


def test_the_page_of_the_docs_is_printed(huzheng: Huzheng) -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "legal-limits.md"

    assert huzheng("sla", "rules", "--markdown").stdout == page.read_text(encoding="utf-8")


def test_what_was_due_as_known_then_can_be_asked(
    huzheng: Huzheng, place: Path, sqlite_template: Path
) -> None:
    (place / "var").mkdir()
    shutil.copy(sqlite_template, place / "var" / "huzheng.db")
    db = open_database(f"sqlite:///{place / 'var' / 'huzheng.db'}")
    entered = datetime(2026, 7, 5, 1, tzinfo=UTC)  # 09:00 in Taipei
    with db.transaction() as tx:
        an_office(tx)
        seed_national_days(tx, OFFICE, 2025, 2027, datetime(2025, 1, 1, tzinfo=UTC))
        tx.execute(insert(tables.installation), _demo())
        tx.execute(
            insert(tables.calendar_days),
            {
                "office_id": OFFICE,
                "day": date(2026, 7, 8),
                "is_working": False,
                "part": "all",
                "reason_zh": "颱風",
                "reason_en": "typhoon",
                "source": "公告",
                "disaster": True,
                "known_from": entered,
            },
        )
    db.close()

    # 7 July + 3 working days: 8, 9 and 10 July, until the closure of the 8th was announced.
    asked = ("sla", "explain", "--rule", "PROC_WORKDAY", "--start", "2026-07-07", "--length", "3")
    office = ("--office", OFFICE, "--json")
    before = huzheng(*asked, *office, "--known-on", "2026-07-04")
    after = huzheng(*asked, *office, "--known-on", "2026-07-05")

    assert json.loads(before.stdout)["due"] == "2026-07-10"
    assert json.loads(after.stdout)["due"] == "2026-07-13"
    assert huzheng(*asked, "--known-on", "2026-07-05").exit_code == 2
