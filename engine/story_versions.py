"""The names of a moved case's story: each line in the words of the version it was written under.

Ids of steps change between versions. A line keeps the id of its time, and what goes on under an
old key keeps it even after the move; so a line is read with the version that was in force, and
what was renamed is followed by its key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine import deployments
from engine.deployments import Loaded
from engine.errors import NotFound
from engine.history import Names
from engine.story_names import ENGLISH, STEP, names_for
from store.tables import definitions

_MOVED, _RENAMED = "case.migrated", "element.renamed"


@dataclass(frozen=True, slots=True)
class OverTime:
    """The naming of one case's story (`engine.history.Naming`). `now` is its present version."""

    tx: Connection
    now: Loaded

    def of_lines(self, lines: Sequence[Any]) -> Iterator[tuple[Names, str | None]]:
        """A step that no version knows is called a step of the process, never by its id."""
        moves = [line for line in lines if line["action"] == _MOVED]
        versions = _by_part(self._versions(moves))
        part, renamed = 0, dict[str, str]()
        for line in lines:
            part += line["action"] == _MOVED and part + 1 < len(versions)
            if line["action"] == _RENAMED:
                renamed[line["object_id"]] = line["element_id"]
            element_id = renamed.get(line["object_id"] or "", line["element_id"])
            yield _knowing(versions[part], element_id), element_id

    def _versions(self, moves: Sequence[Any]) -> list[Names]:
        """The names of each version the case has run on, the first one first."""
        loaded = [self._left(moves[0])] if moves else []
        loaded += [self._version(UUID(each["object_id"])) for each in moves[:-1]]
        known = [each for each in (*loaded, self.now) if each is not None]
        return [names_for(self.tx, each) for each in known]

    def _left(self, move: Any) -> Loaded | None:
        """The version the case was moved from: by its id, or by its number in older lines."""
        detail = move["detail"]
        if "from" in detail:
            return self._version(UUID(detail["from"]))
        target = select(definitions.c.office_id, definitions.c.package_id).where(
            definitions.c.id == UUID(move["object_id"])
        )
        owner = self.tx.execute(target).first()
        if owner is None:
            return None
        former: UUID | None = self.tx.scalar(
            select(definitions.c.id).where(
                definitions.c.office_id == owner.office_id,
                definitions.c.package_id == owner.package_id,
                definitions.c.version == detail.get("former"),
            )
        )
        return None if former is None else self._version(former)

    def _version(self, definition_id: UUID) -> Loaded | None:
        try:
            return deployments.definition(self.tx, definition_id)
        except NotFound:
            return None


def _by_part(versions: Sequence[Names]) -> list[Names]:
    """Each version's names; what it does not know is lent by the others, the former ones first."""
    found = []
    for at, own in enumerate(versions):
        merged = own
        for other in (*reversed(versions[:at]), *versions[at + 1 :]):
            merged = _lent(merged, other)
        found.append(merged)
    return found


def _lent(own: Names, other: Names) -> Names:
    fresh = {each: name for each, name in other.elements.items() if each not in own.elements}
    return Names(
        elements={**fresh, **own.elements},
        english={**{i: e for i, e in other.english.items() if i in fresh}, **own.english},
        worded={**other.worded, **own.worded},
        outcomes={**other.outcomes, **own.outcomes},
        fields={**other.fields, **own.fields},
    )


def _knowing(names: Names, element_id: str | None) -> Names:
    if element_id is None or element_id in names.elements:
        return names
    return Names(
        elements={**names.elements, element_id: STEP},
        english={**names.english, element_id: ENGLISH[STEP]},
        worded=names.worded,
        outcomes=names.outcomes,
        fields=names.fields,
    )
