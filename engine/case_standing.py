"""How a case stands, in words: its way, its papers and its story."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from engine import history
from engine.case_papers import PaperRow, papers_of
from engine.case_path import CasePath, case_path
from engine.case_rows import Case
from engine.deployments import Loaded
from engine.history import HistoryEvent
from engine.story_versions import OverTime

__all__ = ["CasePath", "HistoryEvent", "PaperRow", "Standing", "standing_of"]


@dataclass(frozen=True, slots=True)
class Standing:
    path: CasePath
    papers: tuple[PaperRow, ...]
    timeline: tuple[HistoryEvent, ...]  # oldest line first


def standing_of(tx: Connection, case: Case, loaded: Loaded) -> Standing:
    """The caller has checked who reads. Four statements, and two more for a case that was moved
    or runs on a version without English names."""
    path = case_path(tx, case, loaded)
    timeline = history.timeline(tx, case.id, OverTime(tx, loaded))
    return Standing(path, papers_of(case, loaded, path.done), tuple(timeline))
