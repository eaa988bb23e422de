"""Process packages on disk: the library of `bpmn/`, closures, and lint of a whole package.

A closure is every file a package can reach, pinned by hash: its own, those of called processes,
and the tables of decisions. What is deployed is a closure; the files on disk may change after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import orjson
import yaml
from lxml import etree

from engine import functions, operations
from engine.bpmn import Definition, DefinitionRefused, Finding, Severity, compile_definition
from engine.bpmn import Library as Names
from engine.bpmn import lint as lint_diagram
from engine.errors import NotFound
from engine.manifests import Manifest, PackageError, parse_manifest, read_yaml
from engine.permissions import HANDLERS

GROUPS = HANDLERS | {"control"}
"""Candidate groups a diagram may name."""
LAW = "decisions/legal-limits.dmn"
"""The table of legal periods; part of every closure that has limits."""
MAX_FILE = 2_000_000  # bytes


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
class Closure:
    """Everything a version can reach. Two closures with one hash behave alike."""

    package_id: str
    parts: tuple[Part, ...]

    @property
    def hash(self) -> str:
        lines = sorted(f"{part.kind}\0{part.name}\0{part.hash}" for part in self.parts)
        return hashlib.sha256("\n".join([self.package_id, *lines]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class FileFinding:
    """What lint says, and of which file (a path under `bpmn/`)."""

    file: str
    finding: Finding

    def __str__(self) -> str:
        return f"{self.file}: {self.finding}"


@dataclass(frozen=True, slots=True)
class Package:
    """One folder. File names are paths under the library's folder."""

    manifest: Manifest
    manifest_part: Part
    folder: str
    diagram_file: str
    diagram: Part
    forms: Mapping[str, Part]
    limits: Part | None
    decision_files: Mapping[str, Part]
    scenarios: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.manifest.id


class Library:
    """All packages under one folder. Immutable; load it anew to see changed files."""

    def __init__(self, root: Path, packages: Mapping[str, Package], tables: Mapping[str, Part]):
        self.root = root
        self.packages = packages
        self.tables = tables  # decision files many use
        self._by_process = {package.manifest.process: package for package in packages.values()}

    def package(self, package_id: str) -> Package:
        """Raises NotFound."""
        try:
            return self.packages[package_id]
        except KeyError:
            raise NotFound(
                "package.not_found",
                f"There is no package {package_id} under {self.root}; "
                f"there are {', '.join(sorted(self.packages))}",
            ) from None

    def package_of(self, process_id: str) -> Package | None:
        return self._by_process.get(process_id)

    # --- closures -------------------------------------------------------------------------------

    def closure(self, package_id: str) -> Closure:
        """Everything the package can reach. Raises PackageError for what is not there."""
        parts: dict[tuple[str, str], Part] = {}
        for package in self._reached(self.package(package_id)):
            for part in self._parts_of(package):
                known = parts.setdefault((part.kind, part.name), part)
                if known.content != part.content:
                    raise PackageError(
                        package.folder,
                        f"{part.kind} {part.name} exists twice with different content among the "
                        f"packages {package_id} can reach; give one another id",
                    )
        return Closure(package_id, tuple(parts[key] for key in sorted(parts)))

    def _reached(self, first: Package) -> list[Package]:
        order, seen = [first], {first.id}
        for package in order:
            for process_id in sorted(self.definition(package).calls):
                called = self._by_process.get(process_id)
                if called is None:
                    raise PackageError(
                        package.diagram_file,
                        f"calls process {process_id}, which no package under {self.root} has",
                    )
                if called.id not in seen:
                    seen.add(called.id)
                    order.append(called)
        return order

    def _parts_of(self, package: Package) -> Iterator[Part]:
        yield package.manifest_part
        yield package.diagram
        definition = self.definition(package)
        wanted = set(definition.forms)
        if package.manifest.start_form:
            wanted.add(package.manifest.start_form)
        for form_id in sorted(wanted):
            if form_id not in package.forms:
                raise PackageError(
                    package.diagram_file, f"needs form {form_id}, which is not in forms/"
                )
            yield package.forms[form_id]
        for decision in sorted(definition.decisions):
            yield from self._tables_for(package, decision)
        if package.limits is not None:
            yield package.limits
            if LAW in self.tables:
                yield self.tables[LAW]

    def _tables_for(self, package: Package, decision: str) -> Iterator[Part]:
        table = self._table_with(package, decision)
        if table is None:
            raise PackageError(
                package.diagram_file,
                f"uses decision {decision}, which neither the package nor decisions/ has",
            )
        yield from self._with_imports(package, table)

    def _table_with(self, package: Package, decision: str) -> Part | None:
        for table in (*package.decision_files.values(), *self.tables.values()):
            if decision in read_table(table.content, table.name).decisions:
                return table
        return None

    def _with_imports(self, package: Package, table: Part) -> list[Part]:
        order = [table]
        candidates = (*package.decision_files.values(), *self.tables.values())
        for part in order:
            for namespace in read_table(part.content, part.name).imports:
                found = [
                    other
                    for other in candidates
                    if read_table(other.content, other.name).namespace == namespace
                ]
                if not found:
                    raise PackageError(part.name, f"imports {namespace}, which no table here is")
                order.extend(other for other in found[:1] if other not in order)
        return order

    def definition(self, package: Package) -> Definition:
        """The compiled diagram. Raises PackageError if its process is not the manifest's."""
        try:
            definition = compiled(package.diagram.content)
        except DefinitionRefused as refused:
            raise PackageError(package.diagram_file, refused.message) from refused
        if definition.process_id != package.manifest.process:
            raise PackageError(
                package.diagram_file,
                f"has process {definition.process_id}, but package.yaml says "
                f"{package.manifest.process}",
            )
        return definition

    # --- lint -----------------------------------------------------------------------------------

    def lint(self, package_id: str) -> list[FileFinding]:
        """What lint says of every diagram the package can reach, errors first."""
        found: list[FileFinding] = []
        for package in self._reached(self.package(package_id)):
            found.extend(_limits_findings(package))
            found.extend(
                FileFinding(package.diagram_file, finding) for finding in self._findings(package)
            )
        order = list(Severity)
        return sorted(found, key=lambda each: order.index(each.finding.severity))

    def _findings(self, package: Package) -> tuple[Finding, ...]:
        names = self._names(package)
        if package.id not in self._linted:
            self._linted[package.id] = tuple(lint_diagram(package.diagram.content, library=names))
        return self._linted[package.id]

    @cached_property
    def _linted(self) -> dict[str, tuple[Finding, ...]]:
        return {}

    def _names(self, package: Package) -> Names:
        tables = (*package.decision_files.values(), *self.tables.values())
        limits = [
            read_yaml(reached.limits.content, f"{reached.folder}/limits.yaml")
            for reached in self._reached(package)
            if reached.limits is not None
        ]
        start = package.forms.get(package.manifest.start_form or "")
        return Names(
            processes=frozenset(self._by_process),
            decisions=frozenset().union(
                *(read_table(table.content, table.name).decisions for table in tables)
            ),
            forms={form_id: variables_of(form) for form_id, form in package.forms.items()},
            operations=operations.RESULTS,
            clocks=frozenset(name for each in limits for name in each.get("clocks") or ()),
            limits=frozenset(name for each in limits for name in each.get("tasks") or ()),
            groups=GROUPS,
            start_variables=variables_of(start) if start else None,
            functions=functions.names(),
        )


Judge: TypeAlias = Callable[[bytes, str], Sequence[tuple[str, str]]]
_judges: dict[str, Judge] = {}


def judge_limits_with(judge: Judge) -> None:
    """Let `judge(content, file)` check every limits.yaml at lint and deployment. Each sentence it
    answers (in Chinese and English, naming file and key) is an error and refuses the package."""
    _judges["limits"] = judge


def forget_judges() -> None:
    """For tests that wire their own."""
    _judges.clear()


def _limits_findings(package: Package) -> Iterator[FileFinding]:
    judge = _judges.get("limits")
    if judge is None or package.limits is None:
        return
    file = f"{package.folder}/limits.yaml"
    for zh, en in judge(package.limits.content, file):
        yield FileFinding(file, Finding("limits.invalid", Severity.ERROR, "", zh, en, "", ""))


def load_library(folder: Path | str) -> Library:
    """Read all packages under `folder` (the `bpmn/` folder). Raises PackageError."""
    root = Path(folder)
    if not root.is_dir():
        raise PackageError(str(root), "there is no such folder")
    tables = {
        part.name: part
        for file in sorted((root / "decisions").glob("*.dmn"))
        for part in (_part(root, file, "dmn"),)
    }
    packages: dict[str, Package] = {}
    processes: dict[str, str] = {}
    for file in sorted(root.rglob("package.yaml")):
        package = _load(root, file)
        for known, key in ((packages, package.id), (processes, package.manifest.process)):
            if key in known:
                raise PackageError(_name(root, file), f"{key} is already taken by another package")
        packages[package.id] = package
        processes[package.manifest.process] = package.id
    return Library(root, packages, tables)


def merged_limits(own: bytes | None, called: Sequence[bytes]) -> bytes | None:
    """One limits.yaml of a process's own and those of the processes it calls.

    The process's own entries win. A clock of a called process is started by the diagram only:
    what is filed is the caller's case.
    """
    if not called:
        return own
    merged: dict[str, dict[str, Any]] = {}
    for content in called:
        sections = read_yaml(content, "limits.yaml")
        for section, entries in sections.items():
            started = {"start": "operation"} if section == "clocks" else {}
            for name, entry in (entries or {}).items():
                changed = {**entry, **started} if isinstance(entry, dict) else entry
                merged.setdefault(section, {})[name] = changed
    for section, entries in read_yaml(own or b"{}", "limits.yaml").items():
        merged.setdefault(section, {}).update(entries or {})
    return yaml.safe_dump(merged, allow_unicode=True, sort_keys=False).encode()


@lru_cache(maxsize=512)
def compiled(xml: bytes) -> Definition:
    """The definition of a diagram, compiled once per content and process."""
    return compile_definition(xml)


@dataclass(frozen=True, slots=True)
class Table:
    """What a DMN file holds, without compiling it."""

    namespace: str
    decisions: frozenset[str]
    imports: tuple[str, ...]


@lru_cache(maxsize=256)
def read_table(content: bytes, where: str) -> Table:
    """The ids of a DMN file. Raises PackageError."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    if b"<!DOCTYPE" in content:
        raise PackageError(where, "has a DOCTYPE; remove it")
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as broken:
        raise PackageError(where, f"this is not XML: {broken}") from broken
    return Table(
        namespace=root.get("namespace", ""),
        decisions=frozenset(
            element.get("id", "") for element in root.iterfind("{*}decision") if element.get("id")
        ),
        imports=tuple(element.get("namespace", "") for element in root.iterfind("{*}import")),
    )


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


def _load(root: Path, file: Path) -> Package:
    folder = file.parent
    manifest_part = _part(root, file, "package")
    manifest = parse_manifest(manifest_part.content, _name(root, file))
    diagrams = sorted(folder.glob("*.bpmn"))
    if len(diagrams) != 1:
        raise PackageError(
            _name(root, folder), f"holds {len(diagrams)} .bpmn files, expected exactly one"
        )
    limits = folder / "limits.yaml"
    return Package(
        manifest=manifest,
        manifest_part=Part("package", manifest.id, manifest_part.content),
        folder=_name(root, folder),
        diagram_file=_name(root, diagrams[0]),
        diagram=Part("bpmn", manifest.process, _read(root, diagrams[0])),
        forms=_forms(root, folder),
        limits=Part("limits", manifest.id, _read(root, limits)) if limits.exists() else None,
        decision_files={
            part.name: part
            for table in sorted(folder.glob("*.dmn"))
            for part in (_part(root, table, "dmn"),)
        },
        scenarios=tuple(
            _name(root, each) for each in sorted((folder / "scenarios").glob("*.yaml"))
        ),
    )


def _forms(root: Path, folder: Path) -> dict[str, Part]:
    forms: dict[str, Part] = {}
    for file in sorted((folder / "forms").glob("*.form")):
        content = _read(root, file)
        try:
            form_id = orjson.loads(content).get("id")
        except (orjson.JSONDecodeError, AttributeError) as broken:
            raise PackageError(_name(root, file), f"this is no form: {broken}") from broken
        if form_id != file.stem:
            raise PackageError(
                _name(root, file), f"has the id {form_id!r}, expected {file.stem!r} as the file"
            )
        forms[form_id] = Part("form", form_id, content)
    return forms


def _part(root: Path, file: Path, kind: str) -> Part:
    return Part(kind, _name(root, file), _read(root, file))


def _read(root: Path, file: Path) -> bytes:
    if file.stat().st_size > MAX_FILE:
        raise PackageError(_name(root, file), f"is larger than {MAX_FILE} bytes")
    return file.read_bytes()


def _name(root: Path, file: Path) -> str:
    return file.relative_to(root).as_posix()
