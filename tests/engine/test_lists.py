"""A list of persons becomes a case each: the operation `list.import`, and its job."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from engine import attachments, cases, events, list_view, list_work, lists, service_tasks
from engine.attachments import Place, Rules
from engine.cases import Filed
from engine.errors import NotFound
from store import tables
from tests.support.driver import CaseDriver
from tests.support.factories import an_office
from tests.support.listing import GOOD, HEADING, people, write_packages


@pytest.fixture
def case(driver: CaseDriver, packages: Path) -> Iterator[Filed]:
    service_tasks.register("list.import", lists.import_from_diagram)
    service_tasks.register("list.tally", lists.tally_from_diagram)
    events.subscribe(events.ServiceTaskCancelled, lists.task_cancelled)
    write_packages(packages)
    driver.deploy("EACH")
    driver.deploy("LISTED")
    return driver.file("LISTED")


def hand_in(driver: CaseDriver, case: Filed, content: str | bytes, name: str = "list.csv") -> None:
    """Add the file as the case's list, and let the process import it."""
    data = content.encode() if isinstance(content, str) else content
    prepared = attachments.prepare(name, io.BytesIO(data), Rules())
    with driver.db.transaction() as tx:
        attachments.add(
            tx, case.id, prepared, Place("list"), driver.person("counter Lin"), driver.clock.now()
        )
    driver.complete(case, "add", by="counter Lin")


def work(driver: CaseDriver, most: int = 1_000) -> int:
    done = 0
    while done < most and list_work.advance_next(driver.db, driver.clock.now()):
        done += 1
    return done


def filed(driver: CaseDriver, case: Filed) -> list[Any]:
    of_list = tables.cases.c.parent_case_id == case.id
    with driver.db.transaction(read_only=True) as tx:
        return list(tx.execute(select(tables.cases).where(of_list).order_by(tables.cases.c.number)))


def listed(driver: CaseDriver, case: Filed) -> list_view.CaseList:
    with driver.db.transaction(read_only=True) as tx:
        return list_view.of_case(tx, case.id, driver.person("counter Lin"))[0]


def faults(driver: CaseDriver, case: Filed) -> list[tuple[int, str]]:
    with driver.db.transaction(read_only=True) as tx:
        found = list_view.faults_of(tx, listed(driver, case), driver.person("counter Lin"))
    return [(each.line, each.error.code) for each in found.rows]


def breaking_at(nth: int) -> list[int]:
    """Let the filing of the nth case from now on break, once. Says when it has."""
    seen, broken = [0], []

    def listener(_tx: Connection, _event: events.CaseFiled, _now: datetime) -> None:
        seen[0] += 1
        if seen[0] == nth:
            broken.append(nth)
            raise RuntimeError("the lights went out")

    events.subscribe(events.CaseFiled, listener)
    return broken


def test_every_good_row_becomes_a_case_and_bad_ones_are_named(
    driver: CaseDriver, case: Filed
) -> None:
    rows = (
        f"王小明,{GOOD[0]},甲\n李大同,A123456788,乙\n,,\n陳美玉,{GOOD[2]},丙\n王小明,{GOOD[0]},丁\n"
    )
    hand_in(driver, case, HEADING + rows)

    work(driver)

    assert [(row.subject_label, row.package_id) for row in filed(driver, case)] == [
        ("王○明", "EACH"),
        ("陳○玉", "EACH"),
    ]
    assert faults(driver, case) == [(3, "taiwan_id"), (6, "row_twice")]
    now = listed(driver, case)
    assert (now.status, now.rows, now.filed, now.bad) == ("done", 4, 2, 2)
    assert driver.open_tasks(case) == ["read"]
    told = driver.variables(case)
    assert {name: int(told[name]) for name in ("rows", "filed", "known", "bad", "open")} == {
        "rows": 4,
        "filed": 2,
        "known": 0,
        "bad": 2,
        "open": 2,
    }


def test_what_all_rows_share_stands_in_each_case(driver: CaseDriver, case: Filed) -> None:
    hand_in(driver, case, HEADING + f"王小明,{GOOD[0]},甲\n")

    work(driver)

    (row,) = filed(driver, case)
    variables = driver.variables(Filed(row.id, row.number, ""))
    assert (variables["amount"], variables["note"]) == (7, "甲")


def test_a_list_in_big5_is_read(driver: CaseDriver, case: Filed) -> None:
    hand_in(driver, case, (HEADING + f"王小明,{GOOD[0]},甲\n").encode("cp950"))

    work(driver)

    assert [row.subject_label for row in filed(driver, case)] == ["王○明"]


def test_work_that_is_broken_off_goes_on_and_files_nobody_twice(
    driver: CaseDriver, case: Filed
) -> None:
    numbers = people(3 * list_work.BATCH + 1)
    hand_in(driver, case, HEADING + "".join(f"王小明,{number},\n" for number in numbers))
    work(driver, most=2)  # read, and one batch

    assert listed(driver, case).filed == list_work.BATCH
    broken = breaking_at(3)
    list_work.advance_next(driver.db, driver.clock.now())
    assert broken == [3]
    assert listed(driver, case).filed == list_work.BATCH == len(filed(driver, case))
    driver.clock.move(timedelta(seconds=2))
    work(driver)

    marks = [row.subject_hash for row in filed(driver, case)]
    assert len(marks) == len(set(marks)) == len(numbers)
    assert listed(driver, case).status == "done"


def test_a_second_list_files_only_whom_the_first_had_not(driver: CaseDriver, case: Filed) -> None:
    hand_in(driver, case, HEADING + f"王小明,{GOOD[0]},\n李大同,A123456788,\n")
    work(driver)
    driver.complete(case, "read", by="counter Lin", outcome="again")
    driver.clock.move(timedelta(minutes=1))

    hand_in(driver, case, HEADING + f"王小明,{GOOD[0]},\n李大同,{GOOD[1]},\n")
    work(driver)

    assert [row.subject_label for row in filed(driver, case)] == ["王○明", "李○同"]
    now = listed(driver, case)
    assert (now.rows, now.known, now.filed, now.bad) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (HEADING.replace("說明", "姓名") + "甲,A123456789,乙\n", "list.column_twice"),
        ('姓名\n"王小明\n', "attachment.broken"),
    ],
)
def test_a_table_that_is_no_list_is_refused_whole(
    driver: CaseDriver, case: Filed, content: str, code: str
) -> None:
    hand_in(driver, case, content)

    work(driver)

    assert (listed(driver, case).status, listed(driver, case).refusal) == ("refused", code)
    assert driver.open_tasks(case) == ["add"]
    assert filed(driver, case) == []


def test_without_a_file_another_is_asked_for(driver: CaseDriver, case: Filed) -> None:
    driver.complete(case, "add", by="counter Lin")

    work(driver)

    assert listed(driver, case).refusal == "list.no_file"
    assert driver.open_tasks(case) == ["add"]


def test_a_withdrawn_case_files_no_more(driver: CaseDriver, case: Filed) -> None:
    numbers = people(2 * list_work.BATCH)
    hand_in(driver, case, HEADING + "".join(f"王小明,{number},\n" for number in numbers))
    work(driver, most=2)

    with driver.db.transaction() as tx:
        cases.withdraw(tx, case.id, "no", driver.person("counter Lin"), driver.clock.now())
    work(driver)

    assert len(filed(driver, case)) == list_work.BATCH
    assert listed(driver, case).status == "cancelled"


def test_nothing_of_a_list_lies_open_in_the_database(driver: CaseDriver, case: Filed) -> None:
    hand_in(driver, case, HEADING + f"歐陽金絲雀,{GOOD[0]},\n歐陽金絲雀,A123456788,\n")
    work(driver, most=1)

    with driver.db.transaction(read_only=True) as tx:
        for table in tables.metadata.tables.values():
            for row in tx.execute(select(table)):
                assert "歐陽金絲雀" not in repr(row), table.name
                assert GOOD[0] not in repr(row), table.name


def test_another_office_does_not_see_it(driver: CaseDriver, case: Filed) -> None:
    hand_in(driver, case, HEADING + f"王小明,{GOOD[0]},\n")
    list_id = listed(driver, case).id
    with driver.db.transaction() as tx:
        an_office(tx, "elsewhere")
    stranger = driver.person("counter Wu", "elsewhere")

    with (
        driver.db.transaction(read_only=True) as tx,
        pytest.raises(NotFound, match="no such list"),
    ):
        list_view.one(tx, list_id, stranger)
