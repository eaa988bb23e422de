"""The papers of a case: asked for, given or missing, and since when.

A process keeps what it asks for in the variable `papers` (value, label, label_en) and what is
missing in `missing`; the check is the task whose form ticks `missing` out of `papers`. Before the
process has decided, the package's own list is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.bpmn.interpreter import load_state, variables
from engine.bpmn.state import State, active_elements, is_ended
from engine.case_path import PathStep
from engine.case_rows import Case
from engine.deployments import Loaded
from engine.forms import Label

PAPERS, MISSING = "papers", "missing"


class PaperStatus(StrEnum):
    """`asked`: nobody has checked yet. `expected`: the package may ask for it."""

    GIVEN = "given"
    MISSING = "missing"
    ASKED = "asked"
    EXPECTED = "expected"


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One paper. `at` is when it was checked, None where it was not; `who` checked it."""

    label: Label
    status: PaperStatus
    at: datetime | None = None
    who: str = ""


def papers_of(case: Case, loaded: Loaded, done: Sequence[PathStep]) -> tuple[PaperRow, ...]:
    """The papers of a case, in the order they are asked for. `done` are its steps so far."""
    state = load_state(case.state)
    asked = variables(state).get(PAPERS)
    if not isinstance(asked, list) or not asked:
        return tuple(
            PaperRow(Label(paper.title.zh, paper.title.en), PaperStatus.EXPECTED)
            for paper in loaded.package.papers
        )
    check = _last_check(done, _checking(loaded))
    missing = _missing(state) if check is not None and check.result == MISSING else frozenset()
    return tuple(_row(each, check, missing) for each in asked if isinstance(each, Mapping))


def _row(paper: Mapping[str, Any], check: PathStep | None, missing: Collection[Any]) -> PaperRow:
    zh = str(paper.get("label") or paper.get("title") or paper.get("value"))
    label = Label(zh, str(paper.get("label_en") or zh))
    if check is None:
        return PaperRow(label, PaperStatus.ASKED)
    is_missing = paper.get("value") in missing
    status = PaperStatus.MISSING if is_missing else PaperStatus.GIVEN
    return PaperRow(label, status, check.ended_at, check.who)


def _checking(loaded: Loaded) -> frozenset[str]:
    """The elements whose form ticks what is missing."""
    forms = {
        form_id
        for form_id, form in loaded.forms.items()
        if any(field.key == MISSING and field.values_key == PAPERS for field in form.inputs())
    }
    return frozenset(
        element.id
        for definition in loaded.definitions.values()
        for element in definition.elements.values()
        if element.user is not None and element.user.form_key in forms
    )


def _last_check(done: Iterable[PathStep], checking: Collection[str]) -> PathStep | None:
    checks = [step for step in done if step.element_id in checking]
    return checks[-1] if checks else None


def _missing(state: State) -> frozenset[Any]:
    """What the process still waits for, wherever in its calls it keeps it."""
    if is_ended(state):
        return frozenset()
    for *_, key in reversed(active_elements(state)):
        found = variables(state, key).get(MISSING)
        if isinstance(found, list) and found:
            return frozenset(each for each in found if isinstance(each, str))
    return frozenset()
