"""Which desk serves somebody, judged by the table."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from engine.desks import Asked, Desk, desk_for
from engine.forms import Label


def a_desk(name: str, **criteria: Any) -> Desk:
    return Desk(uuid4(), Label(name, name), criteria.pop("status", "open"), **criteria)


DESKS = (
    a_desk("care", needs=("elderly", "pregnant")),
    a_desk("English", languages=("en",)),
    a_desk("plates", packages=("P41", "field")),
    a_desk("English plates", languages=("en",), packages=("field",)),
    a_desk("branch"),
    a_desk("Hakka", languages=("hak",), status="closed"),
)


@pytest.mark.parametrize(
    ("asked", "desk"),
    [
        (Asked("P01"), None),
        (Asked("P01", needs=("pregnant",)), "care"),
        (Asked("P01", needs=("infant",)), None),
        (Asked("P01", "en"), "English"),
        (Asked("P01", "en", ("elderly",)), "English"),  # the other desk may not speak it
        (Asked("P41"), "plates"),
        (Asked("P40"), "plates"),  # of the section
        (Asked("P41", needs=("elderly",)), "care"),
        (Asked("P41", "en"), "English plates"),  # who names more
        (Asked("P01", "hak"), None),  # out of use
        (Asked("P01", "vi"), None),
    ],
)
def test_the_desk_that_serves_somebody(asked: Asked, desk: str | None) -> None:
    found = desk_for(DESKS, asked)

    assert (found.name.en if found else None) == desk
