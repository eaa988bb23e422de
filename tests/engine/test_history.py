"""The history: told in words, sealed into chains, and no change to it goes unnoticed."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection

from engine import actions, history
from engine.actors import Actor, system
from engine.history import Anchor, Entry, Tampering
from store.database import Database
from tests.engine.rows import NOW, OFFICE, a_case, a_definition, an_office, an_officer

ROOT = Path(__file__).parents[2]


def write(db: Database, count: int, office_id: str = OFFICE) -> None:
    with db.transaction() as tx:
        history.append(
            tx,
            *(
                Entry("case.annotated", system(office_id), NOW, object_id=f"note {at}")
                for at in range(count)
            ),
        )


@pytest.fixture
def sealed(db: Database) -> Database:
    """Three blocks of four rows each, in one office, and one block in another."""
    with db.transaction() as tx:
        an_office(tx)
        an_office(tx, "kh-lingya")
    for second in range(3):
        write(db, 4)
        assert history.seal_next(db, NOW + timedelta(seconds=second)) is True
    write(db, 2, "kh-lingya")
    assert history.seal_next(db, NOW + timedelta(seconds=4)) is True
    return db


def tamper(db: Database, *statements: str) -> None:
    """As somebody with the database's password would: past the application and its rules."""
    connection = db.engine.raw_connection()
    cursor = connection.cursor()
    if db.is_postgresql:
        cursor.execute("SET session_replication_role = replica")
    else:
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("BEGIN")
    for statement in statements:
        cursor.execute(statement.replace("BLOB", "bytea") if db.is_postgresql else statement)
        assert cursor.rowcount > 0, statement
    connection.commit()
    connection.invalidate()


def verified(db: Database, *anchors: Anchor) -> history.Verification:
    with db.transaction(read_only=True) as tx:
        found = history.verify(tx, anchors)
    assert history.verify_database(db, anchors) == found
    return found


def kinds(found: history.Verification) -> set[Tampering]:
    return {finding.what for finding in found.findings}


# --- sealing ------------------------------------------------------------------------------------


def test_an_untouched_history_is_sound(sealed: Database) -> None:
    found = verified(sealed)

    assert found.is_sound
    assert (found.blocks, found.rows, found.pending) == (4, 14, 0)
    assert history.seal_next(sealed, NOW + timedelta(seconds=9)) is False


def test_what_is_not_sealed_yet_is_pending_and_not_wrong(sealed: Database) -> None:
    write(sealed, 5)

    found = verified(sealed)

    assert found.is_sound
    assert found.pending == 5


def test_a_row_that_commits_late_with_a_lower_id_is_sealed_too(sealed: Database) -> None:
    # given: numbers 101 and 102 were drawn; 102 committed first and was sealed
    tamper(sealed, _raw_insert(102))
    history.seal_next(sealed, NOW + timedelta(seconds=5))

    tamper(sealed, _raw_insert(101))
    assert history.seal_next(sealed, NOW + timedelta(seconds=6)) is True

    found = verified(sealed)
    assert found.is_sound
    assert (found.rows, found.pending) == (16, 0)


def _raw_insert(row_id: int, at: str = "2026-03-02T01:00:00.000000Z") -> str:
    return (
        "INSERT INTO history (id, office_id, at, action, detail) "
        f"VALUES ({row_id}, '{OFFICE}', '{at}', 'case.annotated', CAST('{{}}' AS BLOB))"
    )


# --- tampering ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "action = 'case.closed'",
        "at = '2026-03-02T02:00:00.000000Z'",
        "person_id = NULL, object_id = 'other'",
        "purpose = 'invented'",
        "step = 7",
        "office_id = 'kh-lingya'",
        "detail = CAST('{\"a\":1}' AS BLOB)",
    ],
)
def test_a_changed_row_is_found(sealed: Database, change: str) -> None:
    tamper(sealed, f"UPDATE history SET {change} WHERE id = 6")

    found = verified(sealed)

    assert found.first_bad_row == 6
    assert kinds(found) == {Tampering.CHANGED}


def test_a_changed_row_with_a_recomputed_seal_breaks_its_block(sealed: Database) -> None:
    tamper(
        sealed,
        "UPDATE history SET action = 'case.closed' WHERE id = 6",
        f"UPDATE history_seals SET row_hash = '{'a' * 64}' WHERE history_id = 6",
    )

    assert {Tampering.CHANGED, Tampering.BROKEN} == kinds(verified(sealed))


def test_a_deleted_row_is_found(sealed: Database) -> None:
    tamper(sealed, "DELETE FROM history WHERE id = 7")

    found = verified(sealed)

    assert found.first_bad_row == 7
    assert kinds(found) == {Tampering.MISSING}
    assert "row 7" in found.findings[0].sentence


def test_a_row_deleted_with_its_seal_breaks_its_block(sealed: Database) -> None:
    tamper(
        sealed,
        "DELETE FROM history_seals WHERE history_id = 7",
        "DELETE FROM history WHERE id = 7",
        "UPDATE history_blocks SET rows = 3 WHERE number = 2 AND office_id = 'kh-fengshan'",
    )

    found = verified(sealed)

    assert kinds(found) == {Tampering.BROKEN}
    assert {(finding.office_id, finding.block) for finding in found.findings} == {(OFFICE, 2)}


def test_a_row_put_among_sealed_ones_is_found_and_never_sealed(sealed: Database) -> None:
    write(sealed, 1)
    history.seal_next(sealed, NOW + timedelta(hours=1))

    tamper(sealed, _raw_insert(0, at="2026-03-02T00:30:00.000000Z"))
    history.seal_next(sealed, NOW + timedelta(hours=1, seconds=1))

    found = verified(sealed)
    assert kinds(found) == {Tampering.INSERTED}
    assert found.first_bad_row == 0


def test_a_row_put_into_a_block_with_a_seal_is_found(sealed: Database) -> None:
    tamper(
        sealed,
        _raw_insert(0),
        "INSERT INTO history_seals (history_id, office_id, block, row_hash) "
        f"VALUES (0, '{OFFICE}', 1, '{'b' * 64}')",
        f"UPDATE history_blocks SET rows = 5 WHERE number = 1 AND office_id = '{OFFICE}'",
    )

    assert {Tampering.CHANGED, Tampering.BROKEN} == kinds(verified(sealed))


def test_two_rows_that_changed_places_are_found(sealed: Database) -> None:
    tamper(
        sealed,
        "UPDATE history SET id = 900 WHERE id = 2",
        "UPDATE history SET id = 2 WHERE id = 3",
        "UPDATE history SET id = 3 WHERE id = 900",
    )

    found = verified(sealed)

    assert [finding.history_id for finding in found.findings] == [2, 3]
    assert kinds(found) == {Tampering.CHANGED}


def test_two_blocks_that_changed_places_are_found(sealed: Database) -> None:
    tamper(
        sealed,
        f"UPDATE history_blocks SET number = 90 WHERE number = 1 AND office_id = '{OFFICE}'",
        f"UPDATE history_blocks SET number = 1 WHERE number = 2 AND office_id = '{OFFICE}'",
        f"UPDATE history_blocks SET number = 2 WHERE number = 90 AND office_id = '{OFFICE}'",
    )

    assert kinds(verified(sealed)) == {Tampering.BROKEN}


def test_a_block_taken_out_of_the_middle_is_found(sealed: Database) -> None:
    tamper(
        sealed,
        "DELETE FROM history WHERE id BETWEEN 5 AND 8",
        "DELETE FROM history_seals WHERE block = 2",
        "DELETE FROM history_blocks WHERE number = 2",
    )

    assert kinds(verified(sealed)) == {Tampering.BROKEN}


def test_a_cut_tail_is_found_with_an_anchor_only(sealed: Database) -> None:
    with sealed.transaction(read_only=True) as tx:
        kept = history.anchors(tx)

    tamper(
        sealed,
        "DELETE FROM history WHERE id BETWEEN 9 AND 12",
        f"DELETE FROM history_seals WHERE block = 3 AND office_id = '{OFFICE}'",
        f"DELETE FROM history_blocks WHERE number = 3 AND office_id = '{OFFICE}'",
    )

    assert verified(sealed).is_sound
    found = verified(sealed, *kept)
    assert [(finding.what, finding.block) for finding in found.findings] == [(Tampering.CUT, 3)]


def test_a_chain_computed_anew_is_found_with_an_anchor_only(sealed: Database) -> None:
    with sealed.transaction(read_only=True) as tx:
        kept = history.anchors(tx)

    tamper(
        sealed,
        "UPDATE history SET action = 'case.closed' WHERE id = 1",
        "DELETE FROM history_seals",
        "DELETE FROM history_blocks",
    )
    history.seal_next(sealed, NOW + timedelta(seconds=9))

    assert verified(sealed).is_sound
    assert kinds(verified(sealed, *kept)) == {Tampering.CUT}


def test_an_anchor_that_still_holds_is_no_finding(sealed: Database) -> None:
    with sealed.transaction(read_only=True) as tx:
        kept = history.anchors(tx)
    write(sealed, 3)
    history.seal_next(sealed, NOW + timedelta(seconds=9))

    assert [anchor.number for anchor in kept] == [3, 1]
    assert verified(sealed, *kept).is_sound
    forged = dataclasses.replace(kept[0], hash="c" * 64)
    assert kinds(verified(sealed, forged)) == {Tampering.CUT}


# --- in words -----------------------------------------------------------------------------------


@pytest.fixture
def tx(db: Database) -> Iterator[Connection]:
    with db.transaction() as connection:
        an_office(connection)
        yield connection


def told(tx: Connection, actor: Actor, action: str, **columns: Any) -> history.HistoryEvent:
    case_id = a_case(tx, a_definition(tx), "115-0001")
    history.append(tx, Entry(action, actor, NOW, case_id=case_id, **columns))
    [event] = history.timeline(tx, case_id, history.Names({"review": "後線複核"}))
    return event


def test_a_deed_of_a_person_is_told_with_their_name(tx: Connection) -> None:
    officer = an_officer(tx, "周示範")

    event = told(tx, officer, "user_task.claimed", element_id="review")

    assert event.zh == "周示範領取「後線複核」"
    assert event.text("en") == "周示範 claimed “後線複核”"
    assert (event.actor_name, event.person_id) == ("周示範", officer.person_id)


def test_dates_are_told_as_people_write_them(tx: Connection) -> None:
    detail = {"clock": "processing", "due_at": "2026-03-10T09:00:00+00:00"}

    event = told(tx, system(OFFICE), "clock.started", detail=detail)

    assert event.zh == "期限「處理期限」起算，115 年 3 月 10 日（二） 17:00 屆滿"
    assert event.en == "The clock “processing time” started; due Tue 10 March 2026 17:00"


def test_a_limit_of_whole_days_is_told_to_end_with_its_last_day(tx: Connection) -> None:
    detail = {"clock": "completion", "due_at": "2026-11-30T16:00:00+00:00"}

    event = told(tx, system(OFFICE), "clock.started", detail=detail)

    assert "115 年 11 月 30 日（一） 24:00 屆滿" in event.zh


def test_a_missing_fact_and_an_old_action_stay_readable(tx: Connection) -> None:
    event = told(tx, system(OFFICE), "notification.confirmed", detail={"agency": "健保署"})

    assert event.zh == "健保署 已確認（—）"
    assert actions.sentences("gone.for_good", {}, "") == ("gone.for_good", "gone.for_good")


def test_facts_are_never_read_as_templates(tx: Connection) -> None:
    detail = {"message": "paper", "reason": "{actor.__class__} {0} 100%"}

    event = told(tx, system(OFFICE), "message.quarantined", detail=detail)

    assert event.zh == "訊息「paper」無法歸案，已隔離：{actor.__class__} {0} 100%"


def test_another_case_is_not_in_the_story(tx: Connection) -> None:
    told(tx, system(OFFICE), "case.resumed")

    assert history.timeline(tx, uuid4()) == []


def test_every_action_written_anywhere_has_its_sentences() -> None:
    written = _written_actions()

    assert len(written) > 3
    assert not written - set(actions.SENTENCES), "add the sentence to engine/actions.py"


def test_every_sentence_is_told_in_both_languages() -> None:
    for action, sentence in actions.SENTENCES.items():
        zh, en = actions.sentences(action, {}, "")
        assert zh, action
        assert en, action
        assert zh != en, action
        assert sentence.zh.isascii() is False, action
        assert sentence.en.encode("ascii", "replace").decode().replace("?", "").isascii(), action


def _written_actions() -> set[str]:
    """Every text that any module of ours hands to the history as an action."""
    found: set[str] = set()
    for package in ("engine", "sla", "agencies", "api", "web"):
        for path in (ROOT / package).rglob("*.py"):
            if path.name != "actions.py" and "node_modules" not in path.parts:
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                    found |= set(_actions_of(node))
    return found


def _actions_of(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="log"))):
            return  # logs have actions of their own
        case ast.Call():
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            given = [keyword.value for keyword in node.keywords if keyword.arg == "action"]
            if any(word in called.lower() for word in ("entry", "tell", "note", "end_wait")):
                given += node.args
            for value in given:
                yield from _texts(value)
        case ast.Dict():
            values = [text for value in node.values for text in _texts(value)]
            keys = {key.value for key in node.keys if isinstance(key, ast.Constant)}
            if "action" in keys or any(text in actions.SENTENCES for text in values):
                yield from values


def _texts(value: ast.expr) -> Iterator[str]:
    match value:
        case ast.IfExp():
            yield from _texts(value.body)
            yield from _texts(value.orelse)
        case ast.Constant(value=str() as text) if re.fullmatch(r"[a-z_]+\.[a-z_]+", text):
            yield text
