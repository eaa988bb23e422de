"""`huzheng process`: packages are deployed and taken out again from the command line."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from engine.packages import load_library
from store.database import open_database
from store.tables import definitions
from tests.cli.conftest import Huzheng

LIBRARY = Path(__file__).resolve().parents[2] / "bpmn"
NOTICE = "shared/applicant-notice"


def an_office(huzheng: Huzheng) -> None:
    assert huzheng("db", "init").exit_code == 0
    made = huzheng(
        *("office", "create", "kh-test", "--code", "KT", "--name-zh", "測試戶所"),
        *("--name-en", "Test Office", "--city", "測試市"),
    )
    assert made.exit_code == 0, made.stderr


def test_a_package_is_deployed_once_and_comes_back_byte_for_byte(
    huzheng: Huzheng, place: Path
) -> None:
    an_office(huzheng)

    first = huzheng("process", "deploy", str(LIBRARY / NOTICE), "--office", "kh-test")
    again = huzheng("process", "deploy", str(LIBRARY / NOTICE), "--office", "kh-test")

    assert first.stdout == "C07 version 1: deployed\n", first.stderr
    assert again.stdout == "C07 version 1: unchanged\n"
    db = open_database(f"sqlite:///{place / 'var' / 'huzheng.db'}")
    with db.transaction(read_only=True) as tx:
        definition_id = tx.scalar(definitions.select().with_only_columns(definitions.c.id))
    db.close()
    told = huzheng("process", "export", str(definition_id), str(place / "out"))
    assert told.exit_code == 0, told.stderr
    package = load_library(LIBRARY).package("C07")
    assert (place / "out" / "C07.bpmn").read_bytes() == package.diagram.content
    for name, part in package.forms.items():
        assert (place / "out" / f"{name}.form").read_bytes() == part.content


def test_what_takes_long_is_done_while_others_may_write(huzheng: Huzheng, place: Path) -> None:
    an_office(huzheng)
    root = place / "bpmn"
    shutil.copytree(LIBRARY, root)
    limits = root / "registration/birth/limits.yaml"
    limits.write_text(limits.read_text().replace("STAT_BIRTH_60D", "NO_SUCH_RULE"))

    with closing(sqlite3.connect(place / "var" / "huzheng.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # somebody writes for as long as lint runs
        told = huzheng("process", "deploy", str(root / "registration/birth"), "--office", "kh-test")

    assert told.exit_code == 1
    assert re.search("NO_SUCH_RULE", told.stderr), told.stderr
