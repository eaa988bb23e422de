"""What of a case's entry stands beside the form of a task, and how clear.

Who reviews or approves compares the whole entry with what was filed; so does whoever has a task
whose form shows all of it. Another form shows what it names. Personal data is clear for who has the
task; others see what the form names masked, and of a review nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from engine import comparison, deployments, entry_marks, entry_shown, kept_words
from engine.bpmn.interpreter import load_state, variables
from engine.case_papers import PaperRow, papers_of
from engine.case_path import case_path
from engine.case_rows import Case
from engine.form_shows import COMPARE, NOTHING
from engine.forms import DATA, Form
from engine.notes import Note

_REVIEWS = ("review", "approve")
_SAID_OF_IT = kept_words.KEPT | {"error_class"}
"""What reviewers and chases say of an entry; it is no part of the entry they compare."""


@dataclass(frozen=True, slots=True)
class TaskEntry:
    """`compared` is the whole entry beside what was filed and last reviewed, `shown` what else the
    form names of it. `papers` are the case's, where who has the task reads any of it."""

    compared: comparison.Comparison | None = None
    shown: tuple[entry_shown.Shown, ...] = ()
    papers: tuple[PaperRow, ...] = ()
    meant_for: str = COMPARE

    @property
    def looked_at(self) -> tuple[str, ...]:
        """The personal data of the entry that is shown, by path."""
        rows = self.compared.rows if self.compared else self.shown
        return tuple(row.path for row in rows if row.path.startswith(DATA))

    @property
    def purpose(self) -> str | None:
        """What for, a code of `engine.purposes`; None where no personal data is shown."""
        return self.meant_for if self.looked_at else None


def entry_of(
    tx: Connection,
    case: Case,
    form: Form | None,
    duty: str | None,
    said: Sequence[Note],
    *,
    is_mine: bool,
) -> TaskEntry:
    """The caller has checked who reads; `is_mine` says that they have the task."""
    shows = NOTHING if form is None else form.shows
    compares = duty in _REVIEWS or shows.is_all
    if not (shows.keys or (compares and is_mine)):
        return TaskEntry()
    loaded = deployments.definition(tx, case.definition_id)
    # The case's own variables: a task may lie in a process of its own, which sees few of them.
    known = kept_words.shown(variables(load_state(case.state)), said)
    papers = papers_of(case, loaded, case_path(tx, case, loaded).done) if is_mine else ()
    forms = loaded.forms.values()
    if compares and is_mine:
        marks = entry_marks.of_case(tx, case)
        compared = comparison.compare(case.data, known, marks, forms, _SAID_OF_IT)
        return TaskEntry(compared, papers=papers, meant_for=shows.purpose)
    shown = entry_shown.shown(shows, case.data, known, forms, is_clear=is_mine)
    return TaskEntry(None, shown, papers, shows.purpose)
