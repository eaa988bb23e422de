"""What the text in the one search box may mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from engine import case_numbers, search_terms
from engine.case_list import CaseFilter
from engine.forms import Label
from engine.identity_numbers import is_identity_number
from engine.minguo import DateError, parse_date

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
    number = case_numbers.meant(tx, plain.upper(), office_id, now)
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
