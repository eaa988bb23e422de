"""A draft on the desk: its files, the package they make, what lint says, and saving with care."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine import diagram_edits, draft_libraries, package_autosaves, package_drafts, permissions
from engine.bpmn import Severity, lint
from engine.errors import Conflict, EngineError
from engine.manifests import PackageError
from engine.package_autosaves import Autosave
from engine.package_drafts import Draft, Edit
from engine.packages import FileFinding, Library, Package
from web.deeds import settle
from web.errors import sentence, status_of
from web.library import current_library
from web.pages import in_language
from web.visits import actor, context, now, reading


@dataclass(frozen=True)
class Desk:
    """`library` is None where the files make no package; `broken` then says why."""

    draft: Draft
    files: Mapping[str, bytes]
    library: Library | None
    base: Library
    broken: PackageError | None
    may_edit: bool

    @property
    def id(self) -> UUID:
        return self.draft.id

    @property
    def package(self) -> Package | None:
        return self.library.package(self.draft.package_id) if self.library else None

    @property
    def title(self) -> str:
        """What the process is called, for headings; its id where nobody can read that."""
        package = self.package
        told = in_language(package.manifest.title.zh, package.manifest.title.en) if package else ""
        branch = f" · {self.draft.name}" if self.draft.name else ""
        return f"{self.draft.package_id} {told}{branch}"

    @cached_property
    def diagram_path(self) -> str:
        return next((path for path in self.files if path.endswith(".bpmn")), "")

    @cached_property
    def findings(self) -> list[FileFinding]:
        """What lint says of the draft, errors first; of a broken one what can be said at all."""
        if self.library is not None:
            return self.library.lint(self.draft.package_id)
        return (
            [FileFinding(self.diagram_path, each) for each in lint(self.files[self.diagram_path])]
            if self.diagram_path
            else []
        )

    @property
    def errors(self) -> int:
        told = sum(each.finding.severity is Severity.ERROR for each in self.findings)
        return told + (self.broken is not None)

    @cached_property
    def lines(self) -> Mapping[str, int]:
        """The line of each element in the diagram, for findings."""
        return diagram_edits.lines(self.files.get(self.diagram_path, b""))

    def is_own(self, finding: FileFinding) -> bool:
        """Whether the finding is about a file of the draft, not of a process it calls."""
        return self.package is None or finding.file.startswith(f"{self.package.folder}/")

    def path_of(self, finding: FileFinding) -> str:
        """The finding's file as a path in the draft."""
        folder = f"{self.package.folder}/" if self.package else ""
        return finding.file.removeprefix(folder)


def open_desk(tx: Connection, draft_id: UUID, number: int | None = None) -> Desk:
    """The draft with everything around it. Raises NotFound."""
    draft = package_drafts.draft(tx, draft_id, actor(), number)
    files = package_drafts.contents(tx, draft)
    base = installed(tx)
    library, broken = None, None
    try:
        package = draft_libraries.package_from(base, draft.package_id, files)
        library = base.with_package(package)
    except PackageError as error:
        broken = error
    may_edit = permissions.may_deploy(actor()) is None and draft.state == "open"
    may_edit = may_edit and draft.number == draft.newest
    return Desk(draft, files, library, base, broken, may_edit)


def seen_number() -> int:
    """The version the form was shown with."""
    told = request.form.get("seen", "") or request.headers.get("X-Seen-Version", "")
    return int(told) if told.isdecimal() and len(told) < 9 else 0


Change = Callable[[Desk], Mapping[str, bytes | None]]
"""What the form asks to change, from the files as they were when it was shown."""


def save(
    draft_id: UUID, change: Change, back: str, *, comment: str = "", told: str = "studio.saved"
) -> ResponseReturnValue:
    """Save what a form changes and go `back`; on a stale version nothing typed is lost.

    The change is made on the version the form was shown with. If somebody else has saved since,
    the outcome is kept as the actor's own unsaved file, and the page with the choices opens.
    """
    seen = seen_number()
    with reading() as tx:
        desk = open_desk(tx, draft_id, seen or None)
        changes = change(desk)
    try:
        edit = Edit(draft_id, desk.draft.number, changes, comment)
        return settle(lambda tx, at: _saved(tx, edit, back), told)
    except Conflict as stale:
        if stale.code != "package_draft.stale":
            raise
        return redirect(keep_unsaved(draft_id, desk.draft.number, changes), 303)


def _saved(tx: Connection, edit: Edit, back: str) -> str:
    package_drafts.save(tx, edit, actor(), now())
    for path in edit.changes:
        package_autosaves.forget(tx, edit.draft_id, path, actor())
    return back


def keep_unsaved(draft_id: UUID, number: int, changes: Mapping[str, bytes | None]) -> str:
    """Keep what could not be saved, and say where it can be seen."""
    first = ""
    with context().db.transaction() as tx:
        for path, content in changes.items():
            if content is not None:
                first = first or path
                package_autosaves.keep(
                    tx, draft_id, Autosave(path, number, content, now()), actor()
                )
    return url_for("web.studio_unsaved.show", draft_id=draft_id, path=first)


def refusal(refused: EngineError | None) -> tuple[str, int]:
    """The sentence and the status of a form that is shown again with what was typed."""
    return (sentence(refused), status_of(refused)) if refused is not None else ("", 200)


def installed(tx: Connection) -> Library:
    """The packages of the installation, with what the office deployed from the studio."""
    return draft_libraries.installed(tx, on_disk(), actor().office_id)


def on_disk() -> Library:
    """The packages as they lie in the installation's folder."""
    return current_library(context().library)


def found(desk: Desk) -> list[dict[str, Any]]:
    """What lint says, for the marks on the diagram and the list beside it."""
    told = [
        {
            "element_id": each.finding.element_id
            if desk.path_of(each) == desk.diagram_path
            else "",
            "file": desk.path_of(each),
            "line": desk.lines.get(each.finding.element_id),
            "severity": "info" if each.finding.severity is Severity.NOTE else each.finding.severity,
            "message": in_language(
                f"{each.finding.message_zh}{each.finding.mend_zh}",
                f"{each.finding.message_en} {each.finding.mend_en}",
            ),
        }
        for each in desk.findings
    ]
    if desk.broken is not None:
        about = {"element_id": "", "file": "", "line": None, "severity": "error"}
        told.insert(0, {**about, "message": sentence(desk.broken)})
    return told
