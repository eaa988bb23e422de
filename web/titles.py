"""What processes are called, by package id."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from engine import queries
from engine.forms import Label


def titles(tx: Connection, office_id: str) -> Mapping[str, Label]:
    """The titles of the active versions that the office, its city or the country has."""
    return queries.titles(tx, office_id)
