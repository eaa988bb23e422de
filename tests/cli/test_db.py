"""`huzheng db`: the schema, and what kind of database this is."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.installation import mode_of
from store.database import open_database
from tests.cli.conftest import Huzheng
from tests.support.databases import PostgreSQL

APP = Path(__file__).resolve().parents[2] / "app.py"


def test_the_schema_is_brought_to_the_newest(huzheng: Huzheng, place: Path) -> None:
    for _ in range(2):
        told = huzheng("db", "upgrade")
        assert (told.exit_code, told.stdout.startswith("The schema is at ")) == (0, True)

    db = open_database(f"sqlite:///{place / 'var' / 'huzheng.db'}")
    assert db.schema_revision() is not None
    db.close()


def test_many_nodes_upgrade_at_once(
    place: Path, postgresql_server: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql_server.create(empty=True)
    monkeypatch.setenv("DATABASE_URL", url)

    def upgrade(_n: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(APP), "db", "upgrade"]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    with ThreadPoolExecutor(3) as nodes:
        told = list(nodes.map(upgrade, range(3)))

    assert [each.returncode for each in told] == [0, 0, 0], told
    postgresql_server.drop(url)


def test_a_production_database_is_made_once_with_keys_of_its_own(
    huzheng: Huzheng, place: Path
) -> None:
    first = huzheng("db", "init")
    assert first.exit_code == 0
    keys = sorted((place / "var" / "secrets").rglob("*"))
    assert keys

    again = huzheng("db", "init")
    assert again.exit_code == 0
    assert sorted((place / "var" / "secrets").rglob("*")) == keys
    db = open_database(f"sqlite:///{place / 'var' / 'huzheng.db'}")
    assert mode_of(db) == "production"
    db.close()


def test_a_production_database_is_no_demo(
    huzheng: Huzheng, monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    huzheng("db", "init")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{place / 'var' / 'huzheng.db'}")

    told = huzheng("demo", "seed", "--cases", "1")

    assert told.exit_code == 1
    assert "production" in told.stderr


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y", "sqlite://"])
def test_a_url_that_names_no_database_is_said_in_a_sentence(
    huzheng: Huzheng, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    told = huzheng("db", "upgrade")

    assert told.exit_code == 1
    assert "DATABASE_URL" in told.stderr


def test_demo_mode_listens_on_loopback_only(huzheng: Huzheng) -> None:
    told = huzheng("serve", "--demo", "--host", "0.0.0.0")

    assert told.exit_code == 1
    assert "loopback" in told.stderr


@pytest.mark.parametrize("words", [(), ("sla",), ("db",), ("process",), ("feel",), ("sandbox",)])
def test_every_verb_says_how_it_is_used(huzheng: Huzheng, words: tuple[str, ...]) -> None:
    told = huzheng(*words, "--help")

    assert told.exit_code == 0
    assert "Usage:" in told.stdout
