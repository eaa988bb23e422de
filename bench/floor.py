"""The bare floor: what the database alone costs for exactly our statements and bytes.

A recording run of our engine notes, at the cursor, every statement, its parameters and every
commit, by kind of deed. The floor replays them with the raw driver on a copy of the database as
it was before that run: same statements, same parameters, same transaction boundaries. What ours
takes beyond it is Python: the interpreter, forms, rights, seals, and SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from bench.databases import Bare
from bench.ours import Ours
from bench.sampling import Sample, Stopwatch

COMMIT = "commit"
_PROOF = (
    "SELECT count(*) FROM history",
    "SELECT count(*) FROM user_tasks WHERE status = 'completed'",
    "SELECT count(*) FROM clock_entries",
    "SELECT sum(length(state)) FROM cases",
    "SELECT sum(length(ciphertext)) FROM case_data",
)


@dataclass(frozen=True, slots=True)
class Call:
    """One statement as the driver got it; `many` is executemany; COMMIT ends a transaction."""

    statement: str
    parameters: Any = ()
    many: bool = False


@dataclass(slots=True)
class Recording:
    """Deeds in order, each a kind and its calls; and what the database holds afterwards."""

    deeds: list[tuple[str, list[Call]]] = field(default_factory=list)
    proof: Sequence[Any] = ()

    def statements_per(self, kind: str) -> float:
        """Statements (without BEGIN and COMMIT) of one deed of a kind, on average."""
        of_kind = [calls for deed, calls in self.deeds if deed == kind]
        counted = sum(
            1
            for calls in of_kind
            for call in calls
            if not call.statement.startswith(("BEGIN", COMMIT))
        )
        return counted / len(of_kind)


def record(ours: Ours, cases: int) -> Recording:
    """Let our engine do `cases` cases of W, and note what reaches the driver."""
    recording = Recording()
    with _tapped(ours, recording):
        ours.run(cases)
    recording.deeds = [(kind, calls) for kind, calls in recording.deeds if kind != "look"]
    return recording


@contextmanager
def _tapped(ours: Ours, recording: Recording) -> Iterator[None]:
    calls: list[Call] = []

    def began(kind: str) -> None:
        nonlocal calls
        calls = []
        recording.deeds.append((kind, calls))

    def executed(
        _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: Any
    ) -> None:
        calls.append(Call(statement, parameters, many))

    def committed(_connection: Any) -> None:
        calls.append(Call(COMMIT))

    ours.between = began
    began("look")
    engine = ours.db.engine
    event.listen(engine, "before_cursor_execute", executed)
    event.listen(engine, "commit", committed)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", executed)
        event.remove(engine, "commit", committed)


def proof(database: Bare) -> list[Any]:
    """What shows that two databases had the same work done to them."""
    return [database.look(statement, ()) for statement in _PROOF]


def replay(recording: Recording, database: Bare, cases: int) -> Sample:
    """Do the recorded deeds again on a copy of the database from before."""
    sample = Sample("floor", database.kind, cases)
    cursor, commit = database.cursor, database.connection.commit
    for kind, calls in recording.deeds:
        with Stopwatch(sample, kind):
            for call in calls:
                if call.statement == COMMIT:
                    commit()
                elif call.many:
                    cursor.executemany(call.statement, call.parameters)
                else:
                    cursor.execute(call.statement, call.parameters)
                    if cursor.description is not None:
                        cursor.fetchall()
    sample.bytes_per_case = database.size() / cases
    done = proof(database)
    if done != list(recording.proof):
        raise SystemExit(f"floor: expected {recording.proof} after the replay, but got {done}")
    return sample
