"""A deployed version as a library of its own: what lint says of it, and its files as stored."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, select

from engine.errors import NotFound
from engine.manifests import parse_manifest
from engine.package_files import LIMITS, MANIFEST
from engine.packages import FileFinding, Library, Package, Part, compiled
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


def own_files(tx: Connection, definition_id: UUID, package: Package) -> dict[str, bytes]:
    """What a version holds of the package itself, by the paths its files have in `package`.

    Only what it runs is stored: no scenarios, and no form that nothing uses. `package` is the same
    package now, for the name of its diagram and its folder.
    """
    parts = tx.execute(
        select(definition_parts.c.kind, definition_parts.c.name, artifacts.c.content)
        .join(artifacts, artifacts.c.hash == definition_parts.c.artifact_hash)
        .where(definition_parts.c.definition_id == definition_id)
    ).all()
    stored = {(part.kind, part.name): part.content for part in parts}
    process = package.manifest.process
    found = {
        MANIFEST: stored.get(("package", package.id)),
        LIMITS: stored.get(("limits", package.id)),
        package.diagram_file.rpartition("/")[2]: stored.get(("bpmn", process)),
    }
    for kind, name in stored:
        if kind == "dmn" and name.rpartition("/")[0] == package.folder:
            found[name.rpartition("/")[2]] = stored[kind, name]
    diagram, manifest = stored.get(("bpmn", process)), stored.get(("package", package.id))
    if diagram is not None and manifest is not None:
        wanted = set(compiled(diagram).forms)
        wanted.add(parse_manifest(manifest, MANIFEST).start_form or "")
        found |= {f"forms/{name}.form": stored.get(("form", name)) for name in sorted(wanted)}
    return {path: content for path, content in found.items() if content is not None}
