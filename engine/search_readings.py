"""What the text in the one search box may mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection, select

from engine import search_terms
from engine.case_list import CaseFilter
from engine.clock import legal_day
from engine.forms import Label
from engine.identity_numbers import is_identity_number
from engine.minguo import FIRST_YEAR, DateError, parse_date
from store.tables import offices

_WHOLE = re.compile(r"([A-Z]{1,12})-?(\d{2,3})-(\d{1,5})")
_IN_YEAR = re.compile(r"(\d{2,3})-(\d{1,5})")
_SERIAL = re.compile(r"\d{1,5}")
_DATE = re.compile(r"\d{1,4}[/.年]\d{1,2}[/.月]\d{1,2}日?|\d{4}-\d{2}-\d{2}|民國.+")


@dataclass(frozen=True, slots=True)
class Reading:
    """What typed text may mean: `number`, `id_number`, `birth_date`, `name`, `process`."""

    kind: str
    filter: CaseFilter


def readings(
    tx: Connection, text: str, office_id: str, titles: Mapping[str, Label], now: datetime
) -> list[Reading]:
    """What the text of the one search box may mean, the likeliest first.

    An ID number; a case number, whole, or its last part with or without the year; a date, as a
    date of birth; the id or the title of a process; else a name, whole or in part.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if is_identity_number(plain):
        return [Reading("id_number", CaseFilter(id_number=plain))]
    number = _number(tx, plain.upper(), office_id, now)
    if number is not None:
        return [Reading("number", CaseFilter(number=number))]
    born = _birth_date(plain)
    if born is not None:
        return [Reading("birth_date", CaseFilter(birth_date=born))]
    of_process = [
        Reading("process", CaseFilter(package_id=package_id))
        for package_id in _processes(plain, titles)
    ]
    return [*of_process[:1], *_names(plain, of_process)]


def _names(plain: str, of_process: list[Reading]) -> Iterator[Reading]:
    """A title in full is no name; a part of one may be both."""
    if not search_terms.name_parts(plain):
        return
    if not of_process or len(plain) <= 3:
        yield Reading("name", CaseFilter(name=plain))


def _number(tx: Connection, plain: str, office_id: str, now: datetime) -> str | None:
    whole = _WHOLE.fullmatch(plain)
    if whole:
        return f"{whole[1]}-{whole[2]}-{int(whole[3]):05}"
    code = tx.scalar(select(offices.c.code).where(offices.c.id == office_id))
    in_year = _IN_YEAR.fullmatch(plain)
    if in_year:
        return f"{code}-{in_year[1]}-{int(in_year[2]):05}"
    if _SERIAL.fullmatch(plain):
        return f"{code}-{legal_day(now).year - FIRST_YEAR}-{int(plain):05}"
    return None


def _birth_date(plain: str) -> date | None:
    if not _DATE.fullmatch(plain):
        return None
    try:
        return parse_date(plain)
    except DateError:
        return None


def _processes(plain: str, titles: Mapping[str, Label]) -> list[str]:
    wanted = plain.casefold()
    if len(wanted) < 2:
        return []
    exact = [found for found in titles if found.casefold() == wanted]
    named = [
        found
        for found, title in titles.items()
        if wanted in title.zh.casefold() or (len(wanted) > 3 and wanted in title.en.casefold())
    ]
    return exact or named


def with_filters(reading: Reading, given: CaseFilter) -> CaseFilter:
    """What was typed, narrowed by the filters beside the box."""
    typed = reading.filter
    return replace(
        given,
        number=typed.number,
        id_number=typed.id_number,
        name=typed.name,
        birth_date=typed.birth_date,
        package_id=typed.package_id or given.package_id,
    )
