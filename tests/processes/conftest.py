"""What the expressions of the packages may call, as `app.py` registers it."""

from __future__ import annotations

import pytest

from engine import functions
from sla.functions import FUNCTIONS


@pytest.fixture(autouse=True)
def functions_of_legal_time() -> None:
    """Each test anew: whoever took the application's wiring down has forgotten them."""
    for name, function in FUNCTIONS.items():
        functions.register(name, function)
