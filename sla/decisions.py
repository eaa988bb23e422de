"""The decision tables that legal time reads: `bpmn/decisions/*.dmn`, parsed once per process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from feel import dmn
from feel.dmn.model import Decision
from feel.dmn.table import DecisionTable
from feel.dmn.work import Work
from feel.errors import Code
from sla.errors import RuleError

FOLDER = Path(__file__).resolve().parent.parent / "bpmn" / "decisions"


@lru_cache(maxsize=32)
def model(table: str) -> dmn.Model:
    """The parsed decision model `bpmn/decisions/<table>.dmn`."""
    return dmn.parse((FOLDER / f"{table}.dmn").read_bytes(), strict=True)


def evaluate(table: str, decision: str, inputs: Mapping[str, Any]) -> Any:
    """What `decision` of that table gives for `inputs`; None (or an empty list) without a row.

    Raises RuleError where the table itself cannot answer: wrong inputs, or two rows for one case.
    """
    result = model(table).evaluate(decision, inputs)
    faults = [found.message for found in result.diagnostics if found.code is not Code.NO_RULE]
    if faults:
        raise _broken(table, decision, "; ".join(faults))
    return result.value


def rows(table: str, decision: str) -> Iterator[Mapping[str, Any]]:
    """The results of every row of a decision table, whichever case it is for."""
    return rows_of(model(table), table, decision)


def rows_of(parsed: dmn.Model, table: str, decision: str) -> Iterator[Mapping[str, Any]]:
    """As `rows`, of a version of the table that is not (yet) the released one."""
    for node in parsed.nodes.values():
        if isinstance(node, Decision) and node.id == decision:
            if not isinstance(node.logic, DecisionTable):
                break
            yield from _results(table, node.logic)
            return
    raise _broken(table, decision, "there is no such decision table")


def _results(table: str, found: DecisionTable) -> Iterator[Mapping[str, Any]]:
    names = [output.name for output in found.outputs]
    for rule in found.rules:
        # The cells of such a table are constants: they need no case to be worked out.
        work = Work({})
        values = [cell.evaluate({}, work) for cell in rule.results]
        if work.diagnostics:
            raise _broken(table, rule.id, work.diagnostics[0].message)
        yield dict(zip(names, values, strict=True))


def _broken(table: str, element: str, why: str) -> RuleError:
    return RuleError(
        "decision.broken",
        zh=f"決策表 {table}.dmn 的 {element} 無法計算：{why}。",
        en=f"{element} of {table}.dmn cannot be worked out: {why}.",
    )
