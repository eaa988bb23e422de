"""The analyst's desk: process packages, their versions, diagrams, lint, and deploying them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, Connection, ScalarSelect, func, literal, select, union_all

from engine import confidence, deployments, package_drafts, permissions, proposals
from engine.bpmn import DefinitionRefused, Severity
from engine.errors import NotFound
from engine.manifests import KINDS, PackageError
from engine.packages import FileFinding, Library, Package
from store.tables import cases, definitions, persons
from web.deeds import settle
from web.diagrams import diagram
from web.pages import in_language, page
from web.policies import ANALYSIS, policy
from web.studio_desk import installed, on_disk
from web.visits import actor, reading

blueprint = Blueprint("definitions", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One package in the list. `closure_error` says why it cannot be deployed at all."""

    package: Package
    active: Any | None
    running: int
    is_changed: bool
    errors: int
    warnings: int
    closure_error: str | None = None


@blueprint.get("/definitions")
@policy(ANALYSIS)
def index() -> ResponseReturnValue:
    """What waits for a second person, the drafts, and every package with its active version."""
    with reading() as tx:
        library = installed(tx)
        active, running = _active(tx), _running(tx, library.packages)
        lines = [
            _line(library, package, active.get(package.id), running.get(package.id, 0))
            for package in sorted(library.packages.values(), key=lambda each: each.id)
        ]
        grouped = [(kind, [each for each in lines if _kind(each) == kind]) for kind in KINDS]
        return page(
            tx,
            "definitions.html",
            grouped=grouped,
            waiting=proposals.waiting(tx, actor().office_id),
            drafts=package_drafts.listed(tx, actor().office_id),
            titles={each.id: each.manifest.title for each in library.packages.values()},
            may_propose=permissions.may_deploy(actor()) is None,
        )


@blueprint.get("/definitions/<package_id>")
@policy(ANALYSIS)
def show(package_id: str) -> ResponseReturnValue:
    """One package: its versions and how many cases run on each, its diagram, its drafts."""
    with reading() as tx:
        library = installed(tx)
        drafts = package_drafts.listed(tx, actor().office_id, package_id)
        if drafts and package_id not in library.packages:
            # A new process has no page of its own before its first approval but its draft's.
            return redirect(url_for("web.studio.show", draft_id=drafts[0].id), 303)
        package = library.package(package_id)
        versions = _versions(tx, package_id)
        active = next((row for row in versions if row.state == "active"), None)
        line = _line(library, package, active, _running(tx, [package_id]).get(package_id, 0))
        definition = None if line.closure_error else library.definition(package)
        calls = sorted(definition.calls) if definition else []
        called = [library.package_of(process) for process in calls]
        return page(
            tx,
            "definition.html",
            line=line,
            package=package,
            versions=versions,
            running=_running_by_version(tx, package_id),
            proposed=proposals.of_package(tx, actor().office_id, package_id),
            drafts=drafts,
            findings=library.lint(package_id),
            called=[each for each in called if each is not None],
            decisions=sorted(definition.decisions) if definition else [],
            may_propose=permissions.may_deploy(actor()) is None,
            may_approve={
                row.id: permissions.may_approve(row.created_by, actor())
                for row in versions
                if row.state == "draft"
            },
        )


@blueprint.get("/definitions/<package_id>/diagram.bpmn")
@policy(ANALYSIS)
def file(package_id: str) -> Response:
    """The package's own diagram, as the next draft would begin with it."""
    with reading() as tx:
        return diagram(installed(tx).package(package_id).diagram.content)


@blueprint.get("/definitions/<package_id>/findings.json")
@policy(ANALYSIS)
def findings(package_id: str) -> Response:
    """What lint says of the package's own diagram, for the marks on it."""
    with reading() as tx:
        library = installed(tx)
    package = library.package(package_id)
    return jsonify(
        [
            {
                "element_id": each.finding.element_id,
                "severity": "info"
                if each.finding.severity is Severity.NOTE
                else each.finding.severity,
                "message": in_language(
                    f"{each.finding.message_zh}{each.finding.mend_zh}",
                    f"{each.finding.message_en} {each.finding.mend_en}",
                ),
            }
            for each in library.lint(package_id)
            if each.file == package.diagram_file
        ]
    )


@blueprint.post("/definitions/<package_id>/propose")
@policy(ANALYSIS)
def propose(package_id: str) -> ResponseReturnValue:
    """Store the package as it is on disk as a version that somebody else approves."""
    library = on_disk()
    deployments.prepare(library, package_id)  # a second's work, before the transaction
    comment = request.form.get("comment", "").strip()[:500]

    def deed(tx: Connection, now: datetime) -> str:
        deployments.propose(tx, library, package_id, actor(), now, comment)
        return url_for("web.definitions.show", package_id=package_id)

    return settle(deed, "definitions.proposed")


@blueprint.post("/definitions/<package_id>/versions/<uuid:definition_id>/approve")
@policy(ANALYSIS)
def approve(package_id: str, definition_id: UUID) -> ResponseReturnValue:
    """Put a proposed version into use. Its author cannot."""

    def deed(tx: Connection, now: datetime) -> str:
        proposals.approve(tx, definition_id, proposals.Verdict(), actor(), now)
        return url_for("web.definitions.show", package_id=package_id)

    return settle(deed, "definitions.approved")


def _line(library: Library, package: Package, active: Any | None, running: int) -> Line:
    try:
        found = library.lint(package.id)
        closure_hash = library.closure(package.id).hash
    except (PackageError, DefinitionRefused, NotFound) as error:
        return Line(
            package,
            active,
            running,
            is_changed=True,
            errors=1,
            warnings=0,
            closure_error=error.message,
        )
    return Line(
        package,
        active,
        running,
        is_changed=active is None or active.closure_hash != closure_hash,
        errors=_count(found, Severity.ERROR),
        warnings=_count(found, Severity.WARNING),
    )


def _count(found: Sequence[FileFinding], severity: Severity) -> int:
    return sum(1 for each in found if each.finding.severity is severity)


def _kind(line: Line) -> str:
    return line.package.manifest.kind


def _active(tx: Connection) -> dict[str, Any]:
    rows = tx.execute(
        select(definitions).where(
            definitions.c.office_id == actor().office_id, definitions.c.state == "active"
        )
    ).all()
    return {row.package_id: row for row in rows}


_MOST_COUNTED = 1_000


def _running(tx: Connection, package_ids: Iterable[str]) -> dict[str, int]:
    """Cases that run on each package, counted to a thousand: more is said as more."""
    each = [
        select(literal(package_id).label("package_id"), _counted(package_id).label("n"))
        for package_id in package_ids
    ]
    return {row.package_id: row.n for row in tx.execute(union_all(*each))} if each else {}


def _counted(package_id: str, *which: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many cases of a package run, at most a thousand."""
    some = (
        select(cases.c.id)
        .where(
            cases.c.office_id == actor().office_id,
            cases.c.package_id == package_id,
            cases.c.status == "active",
            *which,
            confidence.seen_by(actor()),
        )
        .limit(_MOST_COUNTED)
    )
    return select(func.count()).select_from(some.subquery()).scalar_subquery()


def _running_by_version(tx: Connection, package_id: str) -> dict[UUID, int]:
    """Cases that run on each version, counted to a thousand: more is said as more."""
    found = {}
    ids = select(definitions.c.id).where(
        definitions.c.office_id == actor().office_id, definitions.c.package_id == package_id
    )
    for definition_id in tx.scalars(ids.order_by(definitions.c.version.desc()).limit(50)).all():
        counted = _counted(package_id, cases.c.definition_id == definition_id)
        found[definition_id] = int(tx.scalar(select(counted)) or 0)
    return found


def _versions(tx: Connection, package_id: str) -> Sequence[Any]:
    author, deployer = persons.alias("author"), persons.alias("deployer")
    return tx.execute(
        select(
            definitions,
            author.c.display_name.label("author"),
            deployer.c.display_name.label("deployer"),
        )
        .outerjoin(author, author.c.id == definitions.c.created_by)
        .outerjoin(deployer, deployer.c.id == definitions.c.deployed_by)
        .where(definitions.c.office_id == actor().office_id, definitions.c.package_id == package_id)
        .order_by(definitions.c.version.desc())
    ).all()
