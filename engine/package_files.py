"""The files of one process package: what each is, and the package read from them.

A package is read the same way from a folder, from a draft in the database and from a zip: from its
files by their paths in the folder (`forms/birth-entry.form`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.parsers import expat

import orjson
from lxml import etree

from engine.manifests import Manifest, PackageError, parse_manifest

MAX_FILE = 2_000_000  # bytes
MAX_FILES = 200
MANIFEST, LIMITS = "package.yaml", "limits.yaml"
_NAME = r"[^/\\\x00-\x20\x7f:*?\"<>|]{1,80}"
_KINDS = {
    "package": re.compile(re.escape(MANIFEST)),
    "limits": re.compile(re.escape(LIMITS)),
    "bpmn": re.compile(rf"{_NAME}\.bpmn"),
    "dmn": re.compile(rf"{_NAME}\.dmn"),
    "form": re.compile(rf"forms/{_NAME}\.form"),
    "scenario": re.compile(rf"scenarios/{_NAME}\.yaml"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a closure. `kind` is bpmn, dmn, form, limits or package; `name` is unique in it:
    the process id, the file under `bpmn/`, the form id, the package id."""

    kind: str
    name: str
    content: bytes

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Package:
    """One folder. File names are paths under the library's folder; `files` are all of its files
    by their paths in the folder itself (empty for a version that was deployed)."""

    manifest: Manifest
    manifest_part: Part
    folder: str
    diagram_file: str
    diagram: Part
    forms: Mapping[str, Part]
    limits: Part | None
    decision_files: Mapping[str, Part]
    scenarios: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict, hash=False)

    @property
    def id(self) -> str:
        return self.manifest.id


def kind_of(path: str) -> str:
    """What the file is: bpmn, dmn, form, limits, package or scenario. Raises PackageError."""
    for kind, pattern in _KINDS.items():
        if pattern.fullmatch(path) and ".." not in path:
            return kind
    raise PackageError(
        path[:120],
        "is no file of a package; there are package.yaml, limits.yaml, one .bpmn, .dmn tables, "
        "forms/*.form and scenarios/*.yaml",
    )


def load(root: Path, folder: Path) -> Package:
    """The package in a folder under the library's `root`. Raises PackageError."""
    name = folder.relative_to(root).as_posix()
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    files = {
        path: read(file, f"{name}/{path}")
        for file in found
        for path in (file.relative_to(folder).as_posix(),)
        if any(pattern.fullmatch(path) for pattern in _KINDS.values())
    }
    return package_of(name, files)


def read(file: Path, name: str) -> bytes:
    """The file's bytes. Raises PackageError if there are too many."""
    if file.stat().st_size > MAX_FILE:
        raise PackageError(name, f"is larger than {MAX_FILE} bytes")
    return file.read_bytes()


def package_of(folder: str, files: Mapping[str, bytes]) -> Package:
    """The package made of `files` (path in the folder → content). Raises PackageError."""
    return _package_of(folder, tuple(sorted(files.items())))


@lru_cache(maxsize=256)
def _package_of(folder: str, listed: tuple[tuple[str, bytes], ...]) -> Package:
    files = dict(listed)
    if MANIFEST not in files:
        raise PackageError(folder, f"has no {MANIFEST}")
    manifest = parse_manifest(files[MANIFEST], f"{folder}/{MANIFEST}")
    kinds = {path: kind_of(path) for path in files}
    diagrams = [path for path, kind in kinds.items() if kind == "bpmn"]
    if len(diagrams) != 1:
        raise PackageError(folder, f"holds {len(diagrams)} .bpmn files, expected exactly one")
    limits = files.get(LIMITS)
    return Package(
        manifest=manifest,
        manifest_part=Part("package", manifest.id, files[MANIFEST]),
        folder=folder,
        diagram_file=f"{folder}/{diagrams[0]}",
        diagram=Part("bpmn", manifest.process, files[diagrams[0]]),
        forms={
            form.name: form
            for path, kind in kinds.items()
            if kind == "form"
            for form in (_form(folder, path, files[path]),)
        },
        limits=Part("limits", manifest.id, limits) if limits is not None else None,
        decision_files={
            f"{folder}/{path}": Part("dmn", f"{folder}/{path}", files[path])
            for path, kind in kinds.items()
            if kind == "dmn"
        },
        scenarios=tuple(f"{folder}/{path}" for path, kind in kinds.items() if kind == "scenario"),
        files=files,
    )


def _form(folder: str, path: str, content: bytes) -> Part:
    where, stem = f"{folder}/{path}", path.removeprefix("forms/").removesuffix(".form")
    try:
        form_id = orjson.loads(content).get("id")
    except (orjson.JSONDecodeError, AttributeError) as broken:
        raise PackageError(where, f"this is no form: {broken}") from broken
    if form_id != stem:
        raise PackageError(where, f"has the id {form_id!r}, expected {stem!r} as the file")
    return Part("form", form_id, content)


# --- what is in the files -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Table:
    """What a DMN file holds, without compiling it."""

    namespace: str
    decisions: frozenset[str]
    imports: tuple[str, ...]


@lru_cache(maxsize=256)
def read_table(content: bytes, where: str) -> Table:
    """The ids of a DMN file. Raises PackageError."""
    root = xml_root(content, where)
    return Table(
        namespace=root.get("namespace", ""),
        decisions=frozenset(
            element.get("id", "") for element in root.iterfind("{*}decision") if element.get("id")
        ),
        imports=tuple(element.get("namespace", "") for element in root.iterfind("{*}import")),
    )


@lru_cache(maxsize=512)
def called_processes(diagram: bytes) -> tuple[str, ...]:
    """The processes a diagram calls, read from its XML even where it does not compile."""
    try:
        root = xml_root(diagram, "diagram")
    except PackageError:
        return ()
    called = (element.get("calledElement", "") for element in root.iterfind(".//{*}callActivity"))
    return tuple(dict.fromkeys(each for each in called if each))


def xml_root(content: bytes, where: str) -> Any:
    """The root of an XML file from outside. Raises PackageError, with the line."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    if b"<!DOCTYPE" in content:
        raise PackageError(where, "has a DOCTYPE; remove it")
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as broken:
        place, told = f"{where} line {broken.lineno}", _plainly(content) or str(broken)
        raise PackageError(place, f"this is not XML: {told}") from broken


def _plainly(content: bytes) -> str | None:
    """What is wrong, in one of the few sentences that are worded in both languages."""
    try:
        expat.ParserCreate().Parse(content, True)  # noqa: FBT003 — expat takes it by place
    except expat.ExpatError as broken:
        return expat.ErrorString(broken.code)
    return None


def variables_of(form: Part) -> frozenset[str]:
    """The case variables a form writes; personal data (`data.…`) is none."""
    return frozenset(
        key.split(".")[0]
        for key in _keys(orjson.loads(form.content).get("components") or ())
        if not key.startswith("data.")
    )


def _keys(components: Any) -> Iterator[str]:
    for component in components:
        if isinstance(component, dict):
            if component.get("key"):
                yield str(component["key"])
            yield from _keys(component.get("components") or ())
