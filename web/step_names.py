"""The names of steps in English: diagrams name them in Chinese, their forms in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Connection, select

from engine import deployments
from store.tables import definitions

_names: dict[UUID, Mapping[str, str]] = {}


def english_steps(tx: Connection) -> Mapping[str, str]:
    """English by Chinese name, of every step of the active versions that has a form with a title.

    Where two forms word one step differently, the version deployed last wins.
    """
    rows = tx.scalars(
        select(definitions.c.id)
        .where(definitions.c.state == "active")
        .order_by(definitions.c.deployed_at)
    )
    ids = tuple(rows)
    for definition_id in ids:
        if definition_id not in _names:  # versions are immutable
            _names[definition_id] = _steps_of(tx, definition_id)
    return _merged(ids)


@lru_cache(maxsize=8)
def _merged(ids: tuple[UUID, ...]) -> Mapping[str, str]:
    return {name: english for each in ids for name, english in _names[each].items()}


def _steps_of(tx: Connection, definition_id: UUID) -> Mapping[str, str]:
    loaded = deployments.definition(tx, definition_id)
    found = {}
    for definition in loaded.definitions.values():
        for element in definition.elements.values():
            form = loaded.forms.get(element.user.form_key or "") if element.user else None
            if form is not None and form.title is not None:
                found[element.name] = form.title.text("en")
    return found
