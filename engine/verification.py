"""Finds what was changed in the sealed history: by computing every chain anew from the rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select, tuple_

from engine.sealing import (
    FIRST_PREVIOUS,
    LATE_WINDOW,
    LATEST,
    Anchor,
    block_hash,
    highest_sealed,
    row_hash,
)
from store.column_types import plainly
from store.tables import history, history_blocks, history_seals

if TYPE_CHECKING:
    from store.database import Database

MAX_FINDINGS = 100
BLOCKS_AT_ONCE = 20
ROWS_AT_ONCE = 50_000


class Tampering(StrEnum):
    """What is wrong with the history."""

    CHANGED = "changed"  # a sealed row is not what it was
    MISSING = "missing"  # a sealed row, or the seal of a row, is gone
    INSERTED = "inserted"  # a row was put among sealed ones
    BROKEN = "broken"  # a block does not fit its rows or the block before
    CUT = "cut"  # the end is gone: an anchor kept outside names a block that is not there


@dataclass(frozen=True, slots=True)
class Finding:
    office_id: str
    block: int | None
    history_id: int | None
    what: Tampering
    sentence: str


@dataclass(frozen=True, slots=True)
class Verification:
    """`pending` rows are not sealed yet. At most 100 findings are listed."""

    blocks: int
    rows: int
    pending: int
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        return not self.findings

    @property
    def first_bad_row(self) -> int | None:
        """The id of the first history row that is wrong; None also where only a block is."""
        bad = [found.history_id for found in self.findings if found.history_id is not None]
        return min(bad, default=None)


def verify(tx: Connection, anchors: Iterable[Anchor] = ()) -> Verification:
    """Compare the whole history with its seals, and with anchors kept outside if given.

    Reads everything once, in constant memory. Run `seal_next` before it where the last second
    counts too. For a large history see `verify_database`.
    """
    verifier = _Verifier(anchors)
    while verifier.next_blocks(tx):
        pass
    while verifier.next_unsealed(tx):
        pass
    return verifier.result()


def verify_database(db: Database, anchors: Iterable[Anchor] = ()) -> Verification:
    """As `verify`, in many short transactions, so that it neither times out nor blocks anybody."""
    verifier = _Verifier(anchors)
    for step in (verifier.next_blocks, verifier.next_unsealed):
        going_on = True
        while going_on:
            with db.transaction(read_only=True) as tx:
                going_on = step(tx)
    return verifier.result()


_SENTENCES = {
    Tampering.CHANGED: "History row {row} of {office} (block {block}) is not what was sealed.",
    Tampering.MISSING: "History row {row} of {office} was sealed in block {block} and is gone.",
    Tampering.INSERTED: "History row {row} of {office} was put among rows sealed before it.",
    Tampering.BROKEN: "Block {block} of {office} does not fit its rows or the block before it.",
    Tampering.CUT: "Block {block} of {office} is known from outside, but is gone or another now.",
}


class _Verifier:
    """Goes through the blocks and then through the unsealed rows, some at a time."""

    def __init__(self, anchors: Iterable[Anchor]) -> None:
        self._kept = {(anchor.office_id, anchor.number): anchor for anchor in anchors}
        self._place = ("", 0)  # the last block seen
        self._previous = FIRST_PREVIOUS
        self._row = -(2**62)  # the last history id looked at
        self._blocks = self._rows = self._pending = 0
        self._findings: list[Finding] = []

    def result(self) -> Verification:
        for office_id, number in sorted(self._kept):  # what was found was taken out on the way
            self._note(office_id, number, None, Tampering.CUT)
        return Verification(self._blocks, self._rows, self._pending, tuple(self._findings))

    # --- chains ---------------------------------------------------------------------------------

    def next_blocks(self, tx: Connection) -> bool:
        key = tuple_(history_blocks.c.office_id, history_blocks.c.number)
        blocks = (
            tx.execute(
                select(history_blocks)
                .where(key > self._place)
                .order_by(history_blocks.c.office_id, history_blocks.c.number)
                .limit(BLOCKS_AT_ONCE)
            )
            .mappings()
            .all()
        )
        for office_id, of_office in groupby(blocks, key=itemgetter("office_id")):
            self._check_blocks(tx, office_id, list(of_office))
        return bool(blocks)

    def _check_blocks(self, tx: Connection, office_id: str, blocks: Sequence[Any]) -> None:
        rows = _sealed_rows(tx, office_id, blocks[0]["number"], blocks[-1]["number"])
        by_block = {number: list(of) for number, of in groupby(rows, key=itemgetter("block"))}
        for block in blocks:
            self._check_block(block, by_block.get(block["number"], []))

    def _check_block(self, block: Any, rows: Sequence[Any]) -> None:
        office_id, number = block["office_id"], block["number"]
        if office_id != self._place[0]:
            self._place, self._previous = (office_id, 0), FIRST_PREVIOUS
        self._blocks += 1
        for row in rows:
            self._check_row(row, office_id, number)
        hashes = [row["sealed_hash"] for row in rows]
        computed = block_hash(office_id, number, self._previous, hashes)
        follows = number == self._place[1] + 1 and block["previous_hash"] == self._previous
        if not follows or block["rows"] != len(rows) or block["hash"] != computed:
            self._note(office_id, number, None, Tampering.BROKEN)
        anchor = self._kept.get((office_id, number))
        if anchor is not None and anchor.hash == block["hash"]:
            del self._kept[office_id, number]
        self._place, self._previous = (office_id, number), block["hash"]

    def _check_row(self, row: Any, office_id: str, number: int) -> None:
        self._rows += 1
        if row["id"] is None:
            self._note(office_id, number, row["history_id"], Tampering.MISSING)
        elif row_hash(row) != row["sealed_hash"] or row["office_id"] != office_id:
            self._note(office_id, number, row["history_id"], Tampering.CHANGED)

    # --- rows without a seal --------------------------------------------------------------------

    def next_unsealed(self, tx: Connection) -> bool:
        """Unsealed rows are pending, unless they lie among sealed ones and are too old."""
        end = tx.execute(
            select(history.c.id)
            .where(history.c.id > self._row)
            .order_by(history.c.id)
            .offset(ROWS_AT_ONCE - 1)
            .limit(1)
        ).scalar()
        highest = highest_sealed(tx)
        last_seal = tx.execute(select(func.max(history_blocks.c.sealed_at))).scalar_one()
        for row in _unsealed_rows(tx, self._row, end):
            too_old = last_seal is not None and row.at <= last_seal - LATEST
            if row.id < highest and (too_old or row.id <= highest - LATE_WINDOW):
                self._note(row.office_id, None, row.id, Tampering.INSERTED)
            else:
                self._pending += 1
        self._row = end if end is not None else self._row
        return end is not None

    def _note(
        self, office_id: str, block: int | None, history_id: int | None, what: Tampering
    ) -> None:
        if len(self._findings) < MAX_FINDINGS:
            sentence = _SENTENCES[what].format(office=office_id, block=block, row=history_id)
            self._findings.append(Finding(office_id, block, history_id, what, sentence))


def _sealed_rows(tx: Connection, office_id: str, first: int, last: int) -> Sequence[Any]:
    query = (
        select(
            history_seals.c.block,
            history_seals.c.history_id,
            history_seals.c.row_hash.label("sealed_hash"),
            *plainly(history),
        )
        .outerjoin(history, history.c.id == history_seals.c.history_id)
        .where(history_seals.c.office_id == office_id, history_seals.c.block.between(first, last))
        .order_by(history_seals.c.block, history_seals.c.history_id)
    )
    return tx.execute(query).mappings().all()


def _unsealed_rows(tx: Connection, after: int, end: int | None) -> Sequence[Any]:
    query = (
        select(history.c.id, history.c.office_id, history.c.at)
        .outerjoin(history_seals, history_seals.c.history_id == history.c.id)
        .where(history.c.id > after, history_seals.c.history_id.is_(None))
        .order_by(history.c.id)
    )
    return tx.execute(query if end is None else query.where(history.c.id <= end)).all()
