"""How the tests of FEEL ask for a value and compare it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from feel import evaluate_text
from feel.limits import Meter
from feel.values import equal, kind, to_feel


def codes(text: str, context: Mapping[str, Any] | None = None) -> list[str]:
    """Return the codes of the diagnostics of `text`, in order."""
    return [str(found.code) for found in evaluate_text(text, context or {}).diagnostics]


def value(text: str, context: Mapping[str, Any] | None = None) -> Any:
    return evaluate_text(text, context or {}).value


def assert_gives(text: str, expected: Any, context: Mapping[str, Any] | None = None) -> None:
    """Fail unless `text` has exactly this value: kind and value, so that 1 is not true."""
    found = evaluate_text(text, context or {})
    wanted = to_feel(expected)
    told = f"{text} gives {found.value!r} {[str(d) for d in found.diagnostics]}"
    assert kind(found.value) == kind(wanted), told
    assert equal(found.value, wanted, Meter()) is True, told
