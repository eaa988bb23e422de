"""The library as a draft sees it: the installed packages, what the studio deployed, and itself."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from engine import artifacts
from engine.actors import Actor
from engine.errors import NotFound
from engine.manifests import PackageError
from engine.package_drafts import Draft, contents
from engine.package_files import Package, package_of
from engine.packages import Library
from store.tables import definitions, package_draft_versions, proposals


def installed(tx: Connection, on_disk: Library, office_id: str) -> Library:
    """The packages of the installation; those the office deployed from a draft as they were."""
    library = on_disk
    for row in tx.execute(_DEPLOYED.where(definitions.c.office_id == office_id)):
        stored = artifacts.load(tx, set(row.files.values()))
        files = {path: stored[digest] for path, digest in row.files.items()}
        library = library.with_package(package_of(folder_of(on_disk, row.package_id), files))
    return library


def of_draft(tx: Connection, on_disk: Library, draft: Draft, actor: Actor) -> Library:
    """What the draft would be deployed with. Raises PackageError if it cannot be read."""
    base = installed(tx, on_disk, actor.office_id)
    return base.with_package(package_from(base, draft.package_id, contents(tx, draft)))


def package_from(base: Library, package_id: str, files: Mapping[str, bytes]) -> Package:
    """A draft's package. Raises PackageError."""
    folder = folder_of(base, package_id)
    package = package_of(folder, files)
    if package.id != package_id:
        raise PackageError(
            f"{folder}/package.yaml",
            f"says id {package.id}, but this is a draft of {package_id}; a package keeps its id",
        )
    other = base.package_of(package.manifest.process)
    if other is not None and other.id != package_id:
        raise PackageError(
            f"{folder}/package.yaml",
            f"says process {package.manifest.process}, which package {other.id} has already",
        )
    return package


def folder_of(library: Library, package_id: str) -> str:
    """Where the package lies, or would lie."""
    try:
        return library.package(package_id).folder
    except NotFound:
        return f"drafts/{package_id}"


_DEPLOYED = (
    select(definitions.c.package_id, package_draft_versions.c.files)
    .join(proposals, proposals.c.definition_id == definitions.c.id)
    .join(
        package_draft_versions,
        (package_draft_versions.c.draft_id == proposals.c.draft_id)
        & (package_draft_versions.c.number == proposals.c.draft_number),
    )
    .where(definitions.c.state == "active")
)
