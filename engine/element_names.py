"""What steps are called in English, for lists that know a step by its id and its Chinese name.

An English name is a translation of the Chinese one. So a case on an older version is told in the
English of the newest active version that has the same step under the same Chinese name: a
translation that was added or mended serves running cases, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection

from engine import deployments
from engine.bpmn.definition import Element
from engine.deployments import Loaded
from engine.recent import Recent


@dataclass(frozen=True, slots=True)
class English:
    """English names by (element id, Chinese name), and by the Chinese name alone."""

    placed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str, element_id: str = "") -> str:
        """The English of a step's Chinese name; empty where nobody has worded it."""
        return self.placed.get((element_id, name)) or self.named.get(name, "")


class Telling:
    """Tells the steps of one list in English, as versions of the office word them; asks for the
    active ones once, if at all."""

    def __init__(self, tx: Connection, office_id: str) -> None:
        self._tx = tx
        self._office_id = office_id
        self._active: English | None = None

    def __call__(self, name: str, element_id: str = "", definition_id: UUID | None = None) -> str:
        """The English of a step, of a case on that version; the Chinese where there is none."""
        if self._active is None:
            self._active = english(self._tx, self._office_id)
        told = self._active.of(name, element_id)
        if not told and definition_id is not None:
            told = _version(deployments.definition(self._tx, definition_id)).of(name, element_id)
        return told or name


_KEPT = 256
_versions = Recent[UUID, English](_KEPT)  # versions are immutable
_merged = Recent[tuple[UUID, ...], English](8)


def english(tx: Connection, office_id: str) -> English:
    """The English names of the versions that are active in an office."""
    active = deployments.all_active(tx, office_id)
    ids = tuple(loaded.id for loaded in active)
    found = _merged.get(ids)
    if found is None:
        found = _together(_version(loaded) for loaded in active)
        _merged.put(ids, found)
    return found


def _version(loaded: Loaded) -> English:
    found = _versions.get(loaded.id)
    if found is None:
        found = english_of(loaded)
        _versions.put(loaded.id, found)
    return found


def _together(each: Iterable[English]) -> English:
    placed: dict[tuple[str, str], str] = {}
    named: dict[str, str] = {}
    for one in each:
        placed |= one.placed
        named |= one.named
    return English(placed, named)


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
