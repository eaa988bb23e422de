"""Functions the application gives to FEEL: what `feel/` itself must not know.

`app.py` registers those of legal time; the engine's own are the maskings. All are pure. Names may
have spaces, as FEEL's do: `mask name("王小明")`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine import masking
from engine.clock import TAIPEI, legal_day
from feel import Fault

Function = Callable[..., Any]


def _of_text(function: Callable[[str], str]) -> Function:
    """What FEEL may call with anything: null stays null, other kinds are a diagnostic."""

    def masked(text: Any) -> str | None:
        if text is None:
            return None
        if not isinstance(text, str):
            raise Fault("Expected text to mask, but got another kind of value")
        return function(text)

    return masked


_OURS: dict[str, Function] = {
    "mask name": _of_text(masking.mask_name),
    "mask id": _of_text(masking.mask_id),
    "mask address": _of_text(masking.mask_address),
    "mask phone": _of_text(masking.mask_phone),
    "mask email": _of_text(masking.mask_email),
}
_registered: dict[str, Function] = {}


def register(name: str, function: Function) -> None:
    """Give FEEL a function. The same name again replaces it."""
    _registered[name] = function


def names() -> frozenset[str]:
    """What expressions may call beside FEEL's own functions, for lint."""
    return frozenset({*_OURS, *_registered, "now", "today"})


def given(now: datetime) -> Mapping[str, Function]:
    """All functions, with `now()` and `today()` answering the given moment in Taipei."""
    return {
        **_OURS,
        **_registered,
        "now": lambda: now.astimezone(TAIPEI),
        "today": lambda: legal_day(now),
    }


def forget_registered() -> None:
    """For tests that register their own."""
    _registered.clear()
