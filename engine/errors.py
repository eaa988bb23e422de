"""Refusals. Each has a stable `code` and one sentence; the doors translate, nothing is swallowed.

The sentence is English and names what, where and how to mend it; screens show the translation of
the code, with `facts` filled in. It never carries personal data.
"""

from __future__ import annotations

from typing import Any


class EngineError(Exception):
    """A command was refused; nothing of it was done."""

    def __init__(self, code: str, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.facts = facts


class NotFound(EngineError):
    """There is no such thing, or not in an office the actor may see."""


class Forbidden(EngineError):
    """The actor may not do that."""


class Conflict(EngineError):
    """The state is not what the command expected."""


class Rejected(EngineError):
    """The command itself is wrong: a field, a value, a moment."""


class Unavailable(EngineError):
    """Cannot be done now and may work later; whether it was done may be unknown."""
