"""Files of papers that an applicant sends along: judged as those that the staff add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import FileStorage, MultiDict

from engine import attachments
from engine.attachments import Prepared
from engine.errors import Conflict, EngineError
from web.errors import sentence
from web.online_forms import Filled
from web.pages import in_language
from web.visits import context, say

FILE = "file."


@dataclass(frozen=True, slots=True)
class Files:
    """Files of papers, ready to be kept, and what is wrong with the others (id, sentence)."""

    prepared: tuple[tuple[str, Prepared], ...]
    refused: tuple[tuple[str, str], ...]


def files_of(given: MultiDict[str, FileStorage], filled: Filled) -> Files:
    """The files of the papers this matter needs, judged as those that the staff add."""
    prepared: list[tuple[str, Prepared]] = []
    refused: list[tuple[str, str]] = []
    for paper in filled.papers:
        for file in given.getlist(f"{FILE}{paper.id}"):
            if not file.filename:
                continue
            try:
                prepared.append((paper.id, _prepared(file, prepared)))
            except EngineError as why:
                title = in_language(paper.title.zh, paper.title.en)
                told = f"{title}{say('list.colon')}{sentence(why)}"
                refused.append((f"file-{paper.id}", told))
    return Files(tuple(prepared), tuple(refused))


def _prepared(file: FileStorage, others: Sequence[tuple[str, Prepared]]) -> Prepared:
    found = attachments.prepare(str(file.filename), file.stream, context().files)
    if any(each.digest == found.digest for _, each in others):
        raise Conflict("attachment.twice", "The case has this very file already")
    return found
