"""The names of steps in the reader's language, where a list knows only the Chinese ones."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import Connection

from engine.element_names import Telling
from web.visits import actor, lang


def steps(tx: Connection) -> Callable[..., str]:
    """A function of a step's Chinese name and, where they are known, of its element id and the
    version of its case. It asks the database only for readers of English."""
    told = Telling(tx, actor().office_id)

    def step(name: str, element_id: str = "", definition_id: UUID | None = None) -> str:
        return name if lang().startswith("zh") else told(name, element_id, definition_id)

    return step
