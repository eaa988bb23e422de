"""A deployed version as a library of its own: what lint says of it, and its files as stored."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, select

from engine.errors import NotFound
from engine.manifests import parse_manifest
from engine.packages import FileFinding, Library, Package, Part
from store.tables import artifacts, cases, definition_parts


def file_of(tx: Connection, definition_id: UUID, kind: str, name: str) -> bytes:
    """One stored file of a version; `kind` and `name` as in `engine.packages.Part`."""
    content: bytes | None = tx.scalar(
        select(artifacts.c.content)
        .join(definition_parts, definition_parts.c.artifact_hash == artifacts.c.hash)
        .where(
            definition_parts.c.definition_id == definition_id,
            definition_parts.c.kind == kind,
            definition_parts.c.name == name,
        )
    )
    if content is None:
        raise NotFound("definition.no_such_file", f"The version has no {kind} {name}")
    return content


def findings(tx: Connection, definition_id: UUID, package_id: str) -> list[FileFinding]:
    """What lint says of the version as it was stored, whatever is on disk now."""
    return _library(tx, definition_id).lint(package_id)


def _library(tx: Connection, definition_id: UUID) -> Library:
    stored: dict[str, dict[str, Part]] = {}
    for row in tx.execute(
        select(definition_parts.c.kind, definition_parts.c.name, artifacts.c.content)
        .join(artifacts, artifacts.c.hash == definition_parts.c.artifact_hash)
        .where(definition_parts.c.definition_id == definition_id)
    ):
        stored.setdefault(row.kind, {})[row.name] = Part(row.kind, row.name, row.content)
    packages = {name: _package(part, stored) for name, part in stored.get("package", {}).items()}
    return Library(Path(), packages, stored.get("dmn", {}))


def _package(part: Part, stored: dict[str, dict[str, Part]]) -> Package:
    manifest = parse_manifest(part.content, f"{part.name}/package.yaml")
    return Package(
        manifest=manifest,
        manifest_part=part,
        folder=part.name,
        diagram_file=f"{manifest.process}.bpmn",
        diagram=stored["bpmn"][manifest.process],
        forms=stored.get("form", {}),
        limits=stored.get("limits", {}).get(part.name),
        decision_files={},
    )


def form_of_case(tx: Connection, case_id: UUID, form_id: str) -> bytes:
    """A form as the case's version has it, form-js JSON. The caller checks who reads."""
    definition_id = tx.scalar(select(cases.c.definition_id).where(cases.c.id == case_id))
    if definition_id is None:
        raise NotFound("case.not_found", "There is no such case in your office")
    return file_of(tx, definition_id, "form", form_id)
