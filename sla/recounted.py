"""Writing what a recalculation found: the clocks that moved, and those that stay where they are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, update

from engine.actors import system
from sla.benches import Bench
from sla.clock_rows import both_languages
from sla.followers import follow_still
from sla.moves import Move, write, write_all
from sla.steps import Explained
from sla.targets import target_at
from store.prepared import Prepared
from store.tables import clocks


def write_counted(
    tx: Connection,
    moves: list[tuple[Move, Bench]],
    still: list[tuple[Row[Any], Explained, Bench]],
    bench: Bench,
) -> None:
    """Those counted on the office's own bench in a few statements; one that came from another
    office by itself, with its own calendar."""
    actor = system(bench.calendar.office)
    write_all(tx, [move for move, own in moves if own is bench], bench, actor)
    for move, own in moves:
        if own is not bench:
            write(tx, move, own, actor)
    _confirm(tx, [(clock, result) for clock, result, own in still if own is bench], bench)
    for clock, result, own in still:
        if own is not bench:
            _confirm(tx, [(clock, result)], own)


def _confirm(tx: Connection, still: list[tuple[Row[Any], Explained]], bench: Bench) -> None:
    """These dates hold with the new calendar too; from now on they are counted with it, and their
    explanations name it. A limit that stands still has no date, but what is left of it may change.
    """
    if not still:
        return
    _CONFIRM.run_many(
        tx,
        [
            {
                "clock": clock.id,
                "known": bench.known,
                "aims_at": target_at(clock, result, bench),
                "left": None if result.remaining is None else {"amount": result.remaining},
                "steps": both_languages(result),
            }
            for clock, result in still
        ],
    )
    follow_still(tx, still, bench)


_CONFIRM = Prepared(
    update(clocks)
    .where(clocks.c.id == bindparam("clock"))
    .values(
        calendar_known=bindparam("known"),
        target_at=bindparam("aims_at"),
        remaining=bindparam("left", type_=clocks.c.remaining.type),
        explanation=bindparam("steps", type_=clocks.c.explanation.type),
    )
)
