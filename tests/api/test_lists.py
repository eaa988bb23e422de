"""Lists of persons over the API: how far they are, their bad rows, the cases they became."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from engine import deployments, list_work
from engine.actors import system
from engine.packages import load_library
from tests.api.caller import Caller, refusal
from tests.api.house import HERE, House
from tests.support.listing import HEADING, people, write_packages


@pytest.fixture
def lin(house: House, tmp_path: Path) -> Caller:
    write_packages(tmp_path)
    with house.db.transaction() as tx:
        for each in ("EACH", "LISTED"):
            deployments.deploy(tx, load_library(tmp_path), each, system(HERE), house.clock.now())
    return house.sign_in("counter.lin")


def _handed_in(house: House, lin: Caller, table: str) -> dict[str, Any]:
    """A list that was read and filed."""
    case = lin.file("LISTED")
    form = {"file": (io.BytesIO(table.encode()), "list.csv")}
    added = lin.call("POST", f"/cases/{case['id']}/attachments", data=form)
    assert added.status_code == 201, added.get_data(as_text=True)
    answer = lin.complete(lin.claim(case["id"]), values={}, data={})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    while list_work.advance_next(house.db, house.clock.now()):
        pass
    (listed,) = lin.get(f"/cases/{case['id']}/lists").get_json()["items"]
    return dict(listed)


def test_a_list_tells_its_figures_its_bad_rows_and_its_cases(house: House, lin: Caller) -> None:
    rows = "".join(f"王小明,{each},\n" for each in people(52))

    listed = _handed_in(house, lin, HEADING + rows + "李大同,A123456788,\n")

    path = f"/lists/{listed['id']}"
    told = lin.get(path).get_json()
    assert (told["status"], told["rows"], told["filed"], told["bad"]) == ("done", 53, 52, 1)
    (bad,) = lin.get(f"{path}/faults").get_json()["items"]
    assert (bad["line"], bad["code"], bad["path"]) == (54, "taiwan_id", "data.applicant.id_number")
    first = lin.get(f"{path}/cases").get_json()
    second = lin.get(f"{path}/cases?after={first['after']}").get_json()
    lines = [each["line"] for each in (*first["items"], *second["items"])]
    assert lines == list(range(2, 54))
    assert second["after"] is None
    assert first["items"][0]["case"]["subject_label"] == "王○明"


def test_a_table_that_is_no_list_says_why(house: House, lin: Caller) -> None:
    listed = _handed_in(house, lin, "姓名,姓名\n王小明,王小明\n")

    assert (listed["status"], listed["refusal"]) == ("refused", "list.column_twice")


def test_strangers_do_not_see_a_list(house: House, lin: Caller) -> None:
    listed = _handed_in(house, lin, HEADING + f"王小明,{people(1)[0]},\n")
    other = house.sign_in("counter.elsewhere")

    for path in ("", "/faults", "/cases"):
        assert refusal(other.get(f"/lists/{listed['id']}{path}")) == (404, "list.not_found")
