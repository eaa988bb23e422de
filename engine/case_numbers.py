"""Case numbers: the office's code, the Minguo year and a serial, such as `EA-115-00042`.

The serial has five digits, as people know it, and takes more where an office files more than
99,999 cases in a year; so numbers in their order are no longer texts in theirs (`BY_NUMBER`).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from engine import serials
from engine.clock import legal_day
from engine.errors import Rejected
from engine.minguo import FIRST_YEAR
from store.prepared import Prepared
from store.tables import case_numbers, cases, offices

HIGHEST = 9_999_999
"""With the longest code of an office, all that the column holds."""
BY_NUMBER = (func.length(cases.c.number), cases.c.number)
"""Cases of one office and year in the order of their numbers."""
_TYPED = re.compile(r"(?:(?:(?P<code>[A-Z]{1,12})-?)?(?P<year>\d{2,3})-)?(?P<serial>\d{1,7})")


def next_number(tx: Connection, office_id: str, now: datetime) -> str:
    """The next number of the office's year, without gaps.

    Raises Rejected (`office.not_found`, `case.numbers_spent`).
    """
    year = _year(now)
    row = {"office_id": office_id, "of_office": office_id, "year": year, "last": 1}
    row["step"] = serials.step()
    try:
        given = _NEXT[tx.dialect.name].first(tx, row)
    except IntegrityError as error:
        raise Rejected("office.not_found", f"There is no office {office_id}") from error
    if given.last > HIGHEST:
        raise Rejected(
            "case.numbers_spent", f"Office {given.code} has filed {HIGHEST} cases this year"
        )
    return _written(given.code, year, given.last)


def meant(tx: Connection, typed: str, office_id: str, now: datetime) -> str | None:
    """The number that is meant by a whole one in capitals, or by its last part with or without the
    year: then of this office, and this year. None for any other text."""
    told = _TYPED.fullmatch(typed)
    if told is None:
        return None
    code = told["code"] or tx.scalar(select(offices.c.code).where(offices.c.id == office_id))
    return _written(str(code), told["year"] or _year(now), int(told["serial"]))


def _written(code: str, year: int | str, serial: int) -> str:
    return f"{code}-{year}-{serial:05}"


def _year(now: datetime) -> int:
    return legal_day(now).year - FIRST_YEAR


def _next(insert_into: Any) -> Prepared:
    statement = insert_into(case_numbers)
    code = select(offices.c.code).where(offices.c.id == bindparam("of_office"))
    return Prepared(
        statement.on_conflict_do_update(
            index_elements=["office_id", "year"],
            set_={"last": case_numbers.c.last + bindparam("step")},
        ).returning(case_numbers.c.last, code.scalar_subquery().label("code"))
    )


_NEXT = {"postgresql": _next(postgresql.insert), "sqlite": _next(sqlite.insert)}
