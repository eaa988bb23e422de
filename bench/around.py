"""What lies around a million cases: promises to agencies, timers, incidents, notices to people.

Made by SQL from the copied cases, by the last digits of their numbers, so that the desks of
operators and everybody's notices have as much to read as years of work would leave there.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table

from store import tables

AROUND = (tables.outbox, tables.timers, tables.incidents, tables.person_notices)
_NOW = "'2026-03-02T00:30:00.000000Z'"  # half an hour before the measurement's clock
_CLOSED = "s.status = 'closed'"
_OPEN = "s.status = 'active'"


def surround(tx: Connection) -> None:
    """Add the rows; of the cases that were copied, in the one office there is."""
    empty = "'\\x'::bytea" if tx.dialect.name == "postgresql" else "x''"
    names = "'\\x5b5d'::bytea" if tx.dialect.name == "postgresql" else "x'5b5d'"
    facts = "'\\x7b7d'::bytea" if tx.dialect.name == "postgresql" else "x'7b7d'"
    _outbox(tx, empty, names)
    _timers(tx)
    _incidents(tx)
    _notices(tx, facts)
    # As far as here the history is sealed; else it is all work to be done.
    tx.exec_driver_sql(
        "INSERT INTO history_seals (history_id, office_id, block, row_hash) "
        "SELECT h.id, h.office_id, 1, '' FROM history h WHERE h.id = (SELECT max(id) FROM history)"
    )


def _outbox(tx: Connection, empty: str, names: str) -> None:
    """One closed case in five told an agency; of the open, every second one waits for an answer,
    one in ten has one to send and one in ten could not."""
    told = {
        "key": "'notify'",
        "number": "0",
        "operation": "'agency.notify'",
        "peer": "'tax'",
        "kind": "'address'",
        "field_names": names,
        "ciphertext": empty,
        "created_at": "s.filed_at",
        "fence": "0",
        "attempts": "1",
    }
    done = {"status": "'confirmed'", "sent_at": "s.filed_at", "answered_at": "s.filed_at"}
    _of_cases(tx, tables.outbox, told | done, f"{_CLOSED} AND {_ends('0', '5')}")
    for status, digits in (("sent", "13579"), ("queued", "0"), ("failed", "2")):
        unanswered = {"status": f"'{status}'", "next_attempt_at": "s.filed_at"}
        _of_cases(tx, tables.outbox, told | unanswered, f"{_OPEN} AND {_ends(*digits)}")


def _timers(tx: Connection) -> None:
    """One closed case in five had a timer; of the open, half wait for one, and one in ten had one
    that fired today."""
    timer = {
        "key": "'timer'",
        "process_id": "s.package_id",
        "element_id": "'wait'",
        "point": "'due'",
        "due_at": "s.filed_at",
        "created_at": "s.filed_at",
        "fence": "0",
        "attempts": "0",
    }
    fired = {"status": "'fired'", "fired_at": "s.filed_at"}
    _of_cases(tx, tables.timers, timer | fired, f"{_CLOSED} AND {_ends('1', '6')}")
    today = {"status": "'fired'", "fired_at": _NOW, "due_at": _NOW}
    _of_cases(tx, tables.timers, timer | today, f"{_OPEN} AND {_ends('1')}")
    waiting = {"status": "'waiting'"}
    _of_cases(tx, tables.timers, timer | waiting, f"{_OPEN} AND {_ends(*'24680')}")


def _incidents(tx: Connection) -> None:
    """One case in a hundred had one, and one open case in a hundred has one."""
    incident = {
        "source": "'outbox'",
        "code": "'agency.refused'",
        "message": "'The agency refused what it was told'",
        "raised_at": "s.filed_at",
    }
    _of_cases(
        tx,
        tables.incidents,
        incident | {"status": "'resolved'", "resolved_at": "s.filed_at"},
        f"{_CLOSED} AND {_ends('42')}",
    )
    _of_cases(tx, tables.incidents, incident | {"status": "'open'"}, f"{_OPEN} AND {_ends('42')}")


def _notices(tx: Connection, facts: str) -> None:
    """The supervisor was told of every tenth open case, and has read nine in ten of these."""
    chief = (
        "(SELECT p.id FROM persons p JOIN accounts a ON a.person_id = p.id "
        "WHERE a.login = 'chief.wang')"
    )
    notice = {
        "person_id": chief,
        "kind": "'rung'",
        "detail": facts,
        "created_at": "s.filed_at",
    }
    _of_cases(tx, tables.person_notices, notice, f"{_OPEN} AND {_ends('03')}")
    read = notice | {"read_at": "s.filed_at"}
    rest = [f"{tens}3" for tens in range(1, 10)]
    _of_cases(tx, tables.person_notices, read, f"{_OPEN} AND {_ends(*rest)}")


def _ends(*digits: str) -> str:
    """The case number ends in one of these."""
    length = len(digits[0])
    listed = ", ".join(f"'{each}'" for each in digits)
    return f"substr(s.number, length(s.number) - {length - 1}, {length}) IN ({listed})"


def _of_cases(tx: Connection, table: Table, values: Mapping[str, str], which: str) -> None:
    """A row for each of these cases; it has the id of the case, since no other row here does."""
    row = {"id": "s.id", "office_id": "s.office_id", "case_id": "s.id", **values}
    sql = (
        f"INSERT INTO {table.name} ({', '.join(row)}) "
        f"SELECT {', '.join(row.values())} FROM cases s WHERE {which}"
    )
    tx.exec_driver_sql(sql)
