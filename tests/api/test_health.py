"""What load balancers and Prometheus are told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from engine.clock import SystemClock
from engine.workers import Pulse
from store.database import open_database
from tests.api.house import House


class WrongClock(SystemClock):
    """Three seconds ahead of the database."""

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=3)


def test_a_process_that_answers_lives(house: House) -> None:
    assert house.stranger().get("/health/live").get_json() == {"status": "ok"}


def test_what_works_is_ready(either_house: House) -> None:
    Pulse("host:1:worker", "worker", lambda now: None).tell(either_house.db, SystemClock().now())

    answer = either_house.stranger().get("/health/ready")

    assert answer.status_code == 200
    assert set(answer.get_json().values()) == {"ok"}


def test_without_a_worker_calls_are_served_and_it_is_said(either_house: House) -> None:
    answer = either_house.stranger().get("/health/ready")

    assert (answer.status_code, answer.get_json()["workers"]) == (200, "none")


def test_a_clock_apart_from_the_databases_is_not_ready(either_house: House) -> None:
    object.__setattr__(either_house.context, "real_clock", WrongClock())

    answer = either_house.stranger().get("/health/ready")

    assert answer.status_code == 503
    assert answer.get_json()["clock"] == "apart"


def test_a_schema_of_another_time_is_not_ready(either_house: House) -> None:
    with either_house.db.transaction() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")

    answer = either_house.stranger().get("/health/ready")

    assert (answer.status_code, answer.get_json()["schema"]) == (503, "other revision")


def test_a_database_that_is_gone_is_not_ready_and_doors_say_so(
    house: House, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("gone")
    db = open_database(f"sqlite:///{folder}/gone.db")
    db.engine.dispose()
    (folder / "gone.db").unlink(missing_ok=True)
    for left in folder.iterdir():
        left.unlink()
    folder.rmdir()
    object.__setattr__(house.context, "db", db)

    ready = house.stranger().get("/health/ready")

    assert (ready.status_code, ready.get_json()["database"]) == (503, "unreachable")


def test_figures_are_counted_and_name_nobody(either_house: House) -> None:
    lin = either_house.sign_in("counter.lin")
    case = lin.file()
    lin.file("NOTIFY", note="tax")
    lin.file("NOTIFY", note="nobody")
    lin.get(f"/cases/{case['id']}")
    lin.get("/cases/nothing-at-all")
    either_house.clock.move(timedelta(days=7))

    text = lin.get("/metrics").get_data(as_text=True)

    lines = text.splitlines()
    route = 'method="GET",route="/api/v1/cases/<uuid:case_id>",status="200"'
    assert f"huzheng_requests_total{{{route}}} 1.0" in lines
    assert 'huzheng_cases{status="active"} 3.0' in lines
    assert 'huzheng_clocks_overdue{of="cases"} 1.0' in lines
    assert 'huzheng_outbox{status="queued"} 1.0' in lines
    assert 'huzheng_due_rows{kind="outbox"} 1.0' in lines
    assert 'huzheng_incidents_open{source="engine"} 1.0' in lines
    assert any(line.startswith("huzheng_request_seconds_bucket") for line in lines)
    assert case["id"] not in text
    assert case["number"] not in text
    assert "nothing-at-all" not in text


def test_pages_are_counted_too(house: House) -> None:
    house.app.add_url_rule("/page/<name>", "page", lambda name: name)
    house.app.test_client().get("/page/secret")

    text = house.stranger().get("/metrics").get_data(as_text=True)

    assert 'huzheng_requests_total{method="GET",route="/page/<name>",status="200"} 1.0' in text
