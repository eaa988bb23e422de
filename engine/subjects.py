"""The person whose matter a case is: masked in lists, hashed for search, kept up with the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, update

from engine import case_rows, deployments, keys, masking, search_terms
from engine.form_options import value_at
from engine.identity_numbers import canonical
from engine.manifests import Manifest
from store.prepared import Prepared
from store.tables import cases

LABEL = 80


def subject_columns(package: Manifest, data: Mapping[str, Any]) -> dict[str, Any]:
    """How the person appears in lists (masked) and in search (hashed)."""
    name = value_at({"data": data}, package.subject_name)
    number = value_at({"data": data}, package.subject_number)
    has_name = isinstance(name, str) and bool(name.strip())
    has_number = isinstance(number, str) and bool(number.strip())
    return {
        "subject_label": masking.mask_name(name)[:LABEL] if has_name else "",
        "name_hash": keys.keyed_hash("name", name.strip()) if has_name else None,
        "subject_hash": keys.keyed_hash("id_number", canonical(number)) if has_number else None,
    }


def enter(
    tx: Connection, office_id: str, case_id: UUID, package: Manifest, data: Mapping[str, Any]
) -> None:
    """Make a case that was just filed findable by the people in it."""
    search_terms.keep(tx, office_id, case_id, search_terms.terms_of(office_id, package, data))


def refill(tx: Connection, after: UUID | None, limit: int) -> UUID | None:
    """Make the next cases after `after` (by id) findable anew; the last one's id, None at the end.

    For cases that were filed before there were search terms. Cases whose data was shredded have
    none; their terms, if any, are dropped.
    """
    wanted = select(*case_rows.COLUMNS).select_from(case_rows.JOINED).order_by(cases.c.id)
    if after is not None:
        wanted = wanted.where(cases.c.id > after)
    rows = tx.execute(wanted.limit(limit)).all()
    for row in rows:
        case = case_rows.of_row(row)
        package = deployments.definition(tx, case.definition_id).package
        terms = search_terms.terms_of(case.office_id, package, case.data)
        search_terms.replace(tx, case.office_id, case.id, terms)
    return rows[-1].case_id if rows else None


def follow(
    tx: Connection, office_id: str, case_id: UUID, package: Manifest, change: tuple[Any, Any]
) -> None:
    """Keep list and search up with personal data that changed; `change` is before and after."""
    before, after = change
    terms = search_terms.terms_of(office_id, package, after)
    if terms != search_terms.terms_of(office_id, package, before):
        search_terms.replace(tx, office_id, case_id, terms)
    columns = subject_columns(package, after)
    if columns != subject_columns(package, before):
        _CHANGE.run(tx, {"case": case_id, **columns})


_CHANGE = Prepared(
    update(cases)
    .where(cases.c.id == bindparam("case"))
    .values(
        subject_label=bindparam("subject_label"),
        name_hash=bindparam("name_hash"),
        subject_hash=bindparam("subject_hash"),
    )
)
