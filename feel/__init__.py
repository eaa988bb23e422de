"""FEEL and DMN 1.3: expressions and decisions, without I/O, clock or Python code.

    >>> compile_expression("amount > 1000 and kind = \"x\"")({"amount": 1200, "kind": "x"})
    True

How values map:

| FEEL | given as | comes out as |
| --- | --- | --- |
| number | Decimal, int, float (by its repr) | Decimal, 34 digits |
| string, boolean, null | str, bool, None | the same |
| date | datetime.date | the same |
| time | datetime.time | the same; naive, offset or ZoneInfo |
| date and time | datetime.datetime | the same; naive, offset or ZoneInfo |
| days and time duration | datetime.timedelta | the same |
| years and months duration | feel.values.YearsMonths | the same |
| list | list, tuple or other sequence | list |
| context | any mapping with text keys | dict |
| range | feel.values.Range | the same |
| function | feel.values.Function | the same |

A date or time without a zone is local: it is compared with others without a zone only. Zones are
kept as written (`+08:00` or `@Asia/Taipei`). Nothing else crosses the border: an object of any
other type is a diagnostic, and no attribute of a Python object can be reached by a path.

Errors: text that is no expression raises FeelSyntaxError. An evaluation never raises for what the
text or the data do: the value is null and a Diagnostic says why. `now()` and `today()` take their
answer from `functions` or from variables of that name, never from a clock.
"""

from feel.errors import (
    BudgetExceeded,
    Code,
    Diagnostic,
    Fault,
    FeelError,
    FeelSyntaxError,
    Position,
)
from feel.expression import (
    Evaluation,
    Expression,
    UnaryTests,
    compile_expression,
    compile_unary_tests,
    evaluate_text,
)

__all__ = [
    "BudgetExceeded",
    "Code",
    "Diagnostic",
    "Evaluation",
    "Expression",
    "Fault",
    "FeelError",
    "FeelSyntaxError",
    "Position",
    "UnaryTests",
    "compile_expression",
    "compile_unary_tests",
    "evaluate_text",
]
