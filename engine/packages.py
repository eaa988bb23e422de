"""Process packages on disk: the library of `bpmn/`, closures, and lint of a whole package.

A closure is every file a package can reach, pinned by hash: its own, those of called processes,
and the tables of decisions. What is deployed is a closure; the files on disk may change after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import orjson

from engine import (
    decisions,
    forms,
    functions,
    operations,
    package_files,
    package_judges,
    public_faults,
)
from engine.bpmn import Definition, DefinitionRefused, Finding, Severity, compile_definition
from engine.bpmn import Library as Names
from engine.bpmn import lint as lint_diagram
from engine.errors import NotFound
from engine.manifests import PackageError, read_yaml
from engine.package_files import Package, Part, Table, called_processes, read_table, variables_of
from engine.package_judges import forget_judges, judge_ladders_with, judge_limits_with
from engine.permissions import HANDLERS
from engine.technical_words import in_chinese

__all__ = [
    "GROUPS",
    "LAW",
    "Closure",
    "FileFinding",
    "Library",
    "Package",
    "Part",
    "Table",
    "compiled",
    "forget_judges",
    "judge_ladders_with",
    "judge_limits_with",
    "load_library",
    "read_table",
    "variables_of",
]

GROUPS = HANDLERS | {"control"}
"""Candidate groups a diagram may name."""
LAW = "decisions/legal-limits.dmn"
"""The table of legal periods; part of every closure that has limits."""
LADDER = "ladder"
"""The kind of package that draws the ladder of clocks; limits.yaml names it by its id."""
_OF_LADDERS = frozenset({"package", "bpmn", "dmn"})


@dataclass(frozen=True)
class Closure:
    """Everything a version can reach. Two closures with one hash behave alike."""

    package_id: str
    parts: tuple[Part, ...]

    @cached_property
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


class Library:
    """All packages under one folder. Immutable; load it anew to see changed files."""

    def __init__(self, root: Path, packages: Mapping[str, Package], tables: Mapping[str, Part]):
        self.root = root
        self.packages = packages
        self.tables = tables  # decision files many use
        self._by_process = {package.manifest.process: package for package in packages.values()}
        self._told: dict[tuple[Any, ...], tuple[FileFinding, ...]] = {}
        self._closures: dict[str, Closure] = {}

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

    def with_package(self, package: Package) -> Library:
        """The same library with this package in place of the one with its id."""
        return Library(self.root, {**self.packages, package.id: package}, self.tables)

    def package_of(self, process_id: str) -> Package | None:
        return self._by_process.get(process_id)

    # --- closures -------------------------------------------------------------------------------

    def closure(self, package_id: str) -> Closure:
        """Everything the package can reach. Raises PackageError for what is not there."""
        if package_id not in self._closures:
            self._closures[package_id] = self._closed(package_id)
        return self._closures[package_id]

    def _closed(self, package_id: str) -> Closure:
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
        for part in self._ladder_parts(package_id):
            parts.setdefault((part.kind, part.name), part)
        return Closure(package_id, tuple(parts[key] for key in sorted(parts)))

    def _ladder_parts(self, package_id: str) -> Iterator[Part]:
        """The ladders that the limits of all it reaches name. Their own limits stay at home: those
        are for rehearsals."""
        for package in self._reached(self.package(package_id)):
            for ladder in self.ladders_of(package):
                yield from (part for part in self._parts_of(ladder) if part.kind in _OF_LADDERS)

    def ladders_of(self, package: Package) -> list[Package]:
        """The ladder packages that the package's own limits name, by id."""
        if package.limits is None:
            return []
        limits = _readable(package.limits.content, package.limits.name)
        named = {
            plan.get("ladder")
            for section in ("clocks", "tasks")
            for plan in (limits.get(section) or {}).values()
            if isinstance(plan, dict)
        }
        listed = limits.get("ladders") or {}
        found = (self.packages.get(str(name)) for name in named if name and name not in listed)
        drawn = [each for each in found if each is not None and each.manifest.kind == LADDER]
        return sorted(drawn, key=lambda each: each.id)

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
        """What lint says of every file the package can reach, errors first.

        It answers for a package that is broken as well: what cannot be read is an error.
        """
        found = [
            each
            for package in self._met(self.package(package_id))
            for each in self._findings_of(package)
        ]
        order = list(Severity)
        return sorted(found, key=lambda each: order.index(each.finding.severity))

    def _findings_of(self, package: Package) -> tuple[FileFinding, ...]:
        """A shared part is met by nearly every package, so what is said of one is kept: as long as
        the same judges and functions are wired."""
        key = (package.id, package_judges.limits(), package_judges.ladders(), functions.names())
        if key not in self._told:
            self._told[key] = tuple(self._judged(package))
        return self._told[key]

    def _judged(self, package: Package) -> Iterator[FileFinding]:
        yield from _limits_findings(package)
        yield from self._ladder_findings(package)
        yield from _form_findings(package)
        yield from self._table_findings(package)
        yield from self._public_findings(package)
        for finding in self._findings(package):
            yield FileFinding(package.diagram_file, finding)

    def _ladder_findings(self, package: Package) -> Iterator[FileFinding]:
        judge = package_judges.ladders()
        for file, element, zh, en in () if judge is None else judge(self, package):
            odd = Finding("ladder.invalid", Severity.ERROR, element, zh, en, "", "")
            yield FileFinding(f"{package.folder}/{file}" if file else package.diagram_file, odd)

    def _table_findings(self, package: Package) -> Iterator[FileFinding]:
        shared = {name: part.content for name, part in self.tables.items()}
        for name, part in package.decision_files.items():
            own = {other: each.content for other, each in package.decision_files.items()}
            try:
                read_table(part.content, name)
                decisions.read_decisions({name: part.content}, {**shared, **own})
            except PackageError as bad:
                yield _unreadable(name, bad)

    def _public_findings(self, package: Package) -> Iterator[FileFinding]:
        file = f"{package.folder}/{package_files.MANIFEST}"
        advice = {"public.unworded": public_faults.unworded, "public.hard": public_faults.hard}
        for rule, faults in advice.items():
            for zh, en in faults(package):
                yield FileFinding(file, Finding(rule, Severity.WARNING, "", zh, en, "", ""))
        if package.manifest.public is None:
            return
        try:
            definition = self.definition(package)
        except PackageError:
            return  # the diagram has findings of its own
        names = self._names(package)
        reached = (names.decisions or frozenset(), names.clocks or frozenset())
        for zh, en in public_faults.faults(package, definition, *reached):
            yield FileFinding(file, Finding("public.invalid", Severity.ERROR, "", zh, en, "", ""))

    def names(self, package_id: str) -> Names:
        """The names that the diagram of the package may refer to."""
        return self._names(self.package(package_id))

    def _met(self, first: Package) -> list[Package]:
        """The package and those it calls, as far as they are there; nothing need compile."""
        order, seen = [first], {first.id}
        for package in order:
            for process_id in called_processes(package.diagram.content):
                called = self._by_process.get(process_id)
                if called is not None and called.id not in seen:
                    seen.add(called.id)
                    order.append(called)
        return order

    def _findings(self, package: Package) -> tuple[Finding, ...]:
        return _linted(package.diagram.content, _frozen(self._names(package)))

    def _names(self, package: Package) -> Names:
        tables = (*package.decision_files.values(), *self.tables.values())
        limits = [
            found
            for reached in self._met(package)
            if reached.limits is not None
            for found in (_readable(reached.limits.content, reached.limits.name),)
        ]
        start = package.forms.get(package.manifest.start_form or "")
        return Names(
            processes=frozenset(self._by_process),
            decisions=frozenset().union(*(_decisions_of(table) for table in tables)),
            forms={form_id: variables_of(form) for form_id, form in package.forms.items()},
            operations=operations.RESULTS,
            clocks=frozenset(name for each in limits for name in each.get("clocks") or ()),
            limits=frozenset(name for each in limits for name in each.get("tasks") or ()),
            groups=GROUPS,
            start_variables=variables_of(start) if start else None,
            functions=functions.names(),
        )


@lru_cache(maxsize=256)
def _linted(diagram: bytes, names: tuple[Any, ...]) -> tuple[Finding, ...]:
    """Linting takes a good part of a second, and most diagrams have not changed since."""
    known: list[Any] = [dict(each[1]) if _is_mapping(each) else each for each in names]
    return tuple(lint_diagram(diagram, library=Names(*known)))


_MAPPING = "mapping"


def _frozen(names: Names) -> tuple[Any, ...]:
    """The names as something that can be compared: mappings become sets of pairs."""
    return tuple(
        (_MAPPING, frozenset((key, frozenset(each)) for key, each in part.items()))
        if isinstance(part, Mapping)
        else part
        for part in (getattr(names, slot) for slot in Names.__slots__)
    )


def _is_mapping(part: Any) -> bool:
    return isinstance(part, tuple) and len(part) == 2 and part[0] == _MAPPING


@lru_cache(maxsize=256)
def _readable(limits: bytes, name: str) -> Mapping[str, Any]:
    """A limits.yaml for its names; a broken one names nothing, and is a finding of its own."""
    try:
        return read_yaml(limits, name)
    except PackageError:
        return {}


def _decisions_of(table: Part) -> frozenset[str]:
    try:
        return read_table(table.content, table.name).decisions
    except PackageError:
        return frozenset()


def _unreadable(file: str, bad: PackageError) -> FileFinding:
    zh = f"檔案無法使用：{bad.facts.get('zh', bad.message)}"
    return FileFinding(file, Finding("file.invalid", Severity.ERROR, "", zh, bad.message, "", ""))


def _limits_findings(package: Package) -> Iterator[FileFinding]:
    judge = package_judges.limits()
    if judge is None or package.limits is None:
        return
    file = f"{package.folder}/limits.yaml"
    for zh, en in judge(package.limits.content, file):
        yield FileFinding(file, Finding("limits.invalid", Severity.ERROR, "", zh, en, "", ""))


def _form_findings(package: Package) -> Iterator[FileFinding]:
    for form in package.forms.values():
        file = f"{package.folder}/forms/{form.name}.form"
        for told in _problems(form.content):
            zh = f"表單 {form.name}：{in_chinese(told) or told}"
            en = f"Form {form.name}: {told}"
            yield FileFinding(file, Finding("form.invalid", Severity.ERROR, "", zh, en, "", ""))


@lru_cache(maxsize=1024)
def _problems(form: bytes) -> tuple[str, ...]:
    try:
        forms.parse(orjson.loads(form))
    except forms.BadForm as bad:
        return tuple(bad.problems)
    return ()


def load_library(folder: Path | str) -> Library:
    """Read all packages under `folder` (the `bpmn/` folder). Raises PackageError."""
    root = Path(folder)
    if not root.is_dir():
        raise PackageError(str(root), "there is no such folder")
    tables = {
        name: Part("dmn", name, package_files.read(file, name))
        for file in sorted((root / "decisions").glob("*.dmn"))
        for name in (file.relative_to(root).as_posix(),)
    }
    packages: dict[str, Package] = {}
    processes: dict[str, str] = {}
    for file in sorted(root.rglob("package.yaml")):
        package = package_files.load(root, file.parent)
        for known, key in ((packages, package.id), (processes, package.manifest.process)):
            if key in known:
                name = file.relative_to(root).as_posix()
                raise PackageError(name, f"{key} is already taken by another package")
        packages[package.id] = package
        processes[package.manifest.process] = package.id
    return Library(root, packages, tables)


@lru_cache(maxsize=512)
def compiled(xml: bytes) -> Definition:
    """The definition of a diagram, compiled once per content and process."""
    return compile_definition(xml)
