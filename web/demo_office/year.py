"""A whole year of the demo office, lived in shares at the same time: ADR 21.

The office is founded once, in a database of its own. Its year is dealt out to a fixed number of
shares; each is lived through the engine, with its own beats, in a copy of that database, and what
came of them goes into one database at the end. The shares are the same however many processes work
on them, so a seed is a year: the same cases, numbers and due dates.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select

from engine import heap, ids, serials
from engine.minguo import FIRST_YEAR
from store import tables
from store.database import Database
from web.demo_office.dealing import SHARES, YEAR, Share
from web.demo_office.duties import told
from web.demo_office.founding import World, open_copy
from web.demo_office.plan import Habits, Plan, Stage
from web.demo_office.processes import CONTEXT, side_by_side

HABITS = Habits(forgotten=0.02, withdrawn=0.006, left=0.002)
MINGUO = range(YEAR - 1 - FIRST_YEAR, YEAR + 2 - FIRST_YEAR)
"""The years in which numbers are given out: of the month before, of the year, of its last night."""
Heard = Callable[[float], None]
OFFICE_FILE = "office.db"


def live_all(
    folder: Path, shares: Sequence[Share], world: World, workers: int, heard: Heard
) -> list[Path]:
    """Live all shares of the year in files of `folder`, where the founded office is, by so many
    processes; tells how much of it is over."""
    files = [folder / f"share-{number}.db" for number in range(SHARES)]
    done: Any = CONTEXT.Array("d", SHARES, lock=False)
    begun: Any = CONTEXT.Value("i", 0)

    def take() -> int:
        """The next share that nobody has begun."""
        with begun.get_lock():
            begun.value += 1
            return int(begun.value) - 1

    def hear(number: int, share: float, told: Callable[[], None]) -> None:
        done[number] = share
        told()

    def work(told: Callable[[], None] = lambda: None) -> None:
        while (number := take()) < SHARES:
            shutil.copyfile(folder / OFFICE_FILE, files[number])
            live(files[number], number, shares[number], world, partial(hear, number, told=told))

    def tell() -> None:
        heard(sum(done) / SHARES)

    if workers == 1:
        work(tell)
    else:
        side_by_side([work] * workers, tell)
    return files


def live(file: Path, number: int, share: Share, world: World, heard: Heard) -> None:
    """Live one share of the year in `file`, a copy of the founded office."""
    year = world.year
    random = Random(f"{year.seed}/{number}")  # noqa: S311
    db = open_copy(file)
    heap.settle()  # the library stays to the end
    try:
        _number_from(db, number)
        plan = Plan(Stage(db, world.people, world.endpoint, mails=1), world.ways, random, HABITS)
        for at, (package_id, scenario) in share:
            plan.add(package_id, scenario, at)
        if number == 0:
            plan.keep_duties(told(year.library), year.begins, year.ends)
        length = year.ends - year.begins
        with ids.drawn_from(random), serials.every(SHARES):
            plan.work(year.ends, lambda at, _filed: heard((at - year.begins) / length))
    finally:
        db.close()
    heard(1.0)


def _number_from(db: Database, number: int) -> None:
    """Of the numbers that follow, the share gives out every `SHARES`-th, from its own on."""
    with db.transaction() as tx:
        offices = sorted(tx.scalars(select(tables.offices.c.id)))
        for table in (tables.case_numbers, tables.notice_numbers):
            given = {(row.office_id, row.year): row.last for row in tx.execute(select(table))}
            tx.execute(table.delete())
            rows = [
                {"office_id": office, "year": minguo, "last": given.get((office, minguo), 0)}
                for office in offices
                for minguo in MINGUO
            ]
            before = number + 1 - SHARES
            tx.execute(table.insert(), [{**row, "last": row["last"] + before} for row in rows])
