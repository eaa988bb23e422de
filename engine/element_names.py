"""What steps are called in English, for lists that know a step by its id and its Chinese name.

An English name is a translation of the Chinese one. So a case on an older version is told in the
English of the newest active version that has the same step under the same Chinese name: a
translation that was added or mended serves running cases, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Connection, select

from engine import deployments
from engine.bpmn.definition import Element
from engine.deployments import Loaded
from store.tables import definitions


@dataclass(frozen=True, slots=True)
class English:
    """English names by (element id, Chinese name), and by the Chinese name alone."""

    placed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str, element_id: str = "") -> str:
        """The English of a step's Chinese name; empty where nobody has worded it."""
        return self.placed.get((element_id, name)) or self.named.get(name, "")


class Telling:
    """Tells the steps of one list in English; asks for the active versions once, if at all."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._active: English | None = None

    def __call__(self, name: str, element_id: str = "", definition_id: UUID | None = None) -> str:
        """The English of a step, of a case on that version; the Chinese where there is none."""
        if self._active is None:
            self._active = english(self._tx)
        told = self._active.of(name, element_id)
        if not told and definition_id is not None:
            told = _version(self._tx, definition_id).of(name, element_id)
        return told or name


_versions: dict[UUID, English] = {}  # versions are immutable


def english(tx: Connection) -> English:
    """The English names of the active versions; of two, that of the one deployed last."""
    rows = tx.scalars(
        select(definitions.c.id)
        .where(definitions.c.state == "active")
        .order_by(definitions.c.deployed_at)
    )
    ids = tuple(rows)
    for definition_id in ids:
        _version(tx, definition_id)
    return _merged(ids)


def _version(tx: Connection, definition_id: UUID) -> English:
    if definition_id not in _versions:
        _versions[definition_id] = english_of(deployments.definition(tx, definition_id))
    return _versions[definition_id]


def english_of(loaded: Loaded) -> English:
    """The English names of one version; its own process wins over those it calls."""
    placed: dict[tuple[str, str], str] = {}
    named: dict[str, str] = {}
    for element, told in _told(loaded):
        placed[element.id, element.name] = told
        named[element.name] = told
    return English(placed, named)


def _told(loaded: Loaded) -> Iterator[tuple[Element, str]]:
    for definition in (*loaded.definitions.values(), loaded.definition):
        for element in definition.elements.values():
            told = element.name_en or _of_form(loaded, element)
            if element.name and told:
                yield element, told


def _of_form(loaded: Loaded, element: Element) -> str:
    """Diagrams drawn before names were English have forms that are."""
    form = loaded.forms.get(element.user.form_key or "") if element.user else None
    return form.title.en if form is not None and form.title is not None else ""


@lru_cache(maxsize=8)
def _merged(ids: tuple[UUID, ...]) -> English:
    placed: dict[tuple[str, str], str] = {}
    named: dict[str, str] = {}
    for each in ids:
        placed |= _versions[each].placed
        named |= _versions[each].named
    return English(placed, named)
