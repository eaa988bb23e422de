"""How much one text may ask for. The figures are far above what a real decision needs."""

from __future__ import annotations

from feel.errors import BudgetExceeded

MAX_TEXT = 20_000  # characters of one expression
MAX_NESTING = 64  # brackets, ifs, fors … inside each other
MAX_TREE_DEPTH = 200  # also counts long chains such as 1 + 1 + 1 + …
MAX_STEPS = 500_000  # syntax nodes evaluated inside loops and calls, and elements touched
MAX_CALL_DEPTH = 40  # user functions calling each other; each costs a few Python frames
MAX_STRING = 100_000  # characters of a computed string
MAX_LIST = 50_000  # elements of a computed list
MAX_VALUE_DEPTH = 60  # lists in contexts in lists …
MAX_EXPONENT = 100_000  # of `**`
MAX_INTEGER_BITS = 4_096  # of a Python int given from outside
MAX_DIAGNOSTICS = 50


class Meter:
    """Counts what is left for one evaluation; decision models share one over all their texts."""

    __slots__ = ("calls", "steps")

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self.steps = steps
        self.calls = 0

    def spend(self, steps: int) -> None:
        """Take `steps` off the budget, or raise BudgetExceeded."""
        self.steps -= steps
        if self.steps < 0:
            raise BudgetExceeded(
                f"Expected at most {MAX_STEPS} steps, but the expression needs more; "
                "narrow its lists or its loops"
            )

    def enter(self) -> None:
        """Count one more user function in progress, or raise BudgetExceeded."""
        if self.calls >= MAX_CALL_DEPTH:
            raise BudgetExceeded(
                f"Expected functions to call each other at most {MAX_CALL_DEPTH} deep, "
                "but they go deeper; end the recursion earlier"
            )
        self.calls += 1

    def leave(self) -> None:
        self.calls -= 1


def check_string(text: str) -> str:
    """Return `text`, or raise BudgetExceeded if it is longer than MAX_STRING."""
    check_text_length(len(text))
    return text


def check_text_length(length: int) -> None:
    """Raise BudgetExceeded if a string of this length would be longer than MAX_STRING."""
    if length > MAX_STRING:
        raise BudgetExceeded(f"Expected strings of at most {MAX_STRING} characters")


def check_length(length: int) -> None:
    """Raise BudgetExceeded if a list of this length would be longer than MAX_LIST."""
    if length > MAX_LIST:
        raise BudgetExceeded(f"Expected lists of at most {MAX_LIST} elements")
