"""`package.yaml`: what a process package is, read and checked (`docs/process-packages.md`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from engine import technical_words
from engine.errors import Rejected
from engine.public_words import (
    OnlineFiling,
    PublicApplicants,
    PublicFee,
    PublicLimit,
    PublicStep,
    PublicWords,
    Text,
)
from engine.technical_words import place_in_chinese
from engine.yaml_reading import load_yaml
from feel import Expression, FeelSyntaxError, compile_expression

__all__ = [
    "KINDS",
    "Manifest",
    "PackageError",
    "Paper",
    "Text",
    "expression",
    "parse_manifest",
    "read_yaml",
]

KINDS = ("registration", "document", "shared", "ladder")
_KEYS = frozenset(
    {
        "id",
        "process",
        "kind",
        "title",
        "summary",
        "starts",
        "groups",
        "start_form",
        "household_office",
        "subject",
        "papers",
        "confidential",
        "confidential_when",
        "public",
        "sources",
    }
)
_PUBLIC_KEYS = frozenset(
    {"what", "search", "online", "who", "applicants", "limits", "fees", "fine", "steps"}
    | {"afterwards", "bring", "progress", "filing"}
)
PROOFS = frozenset({"certificate"})
"""How people prove who they are when they file online: the citizen digital certificate."""
_HTTPS = re.compile(r"https://[\w.-]+(:\d+)?(/\S*)?")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,19}")


class PackageError(Rejected):
    """A file of a package is wrong. The sentence names the file, and the line or key."""

    def __init__(self, where: str, why: str) -> None:
        message = f"{where}: {why}"
        chinese = technical_words.in_chinese(why)
        told = {} if chinese is None else {"zh": f"{place_in_chinese(where)}：{chinese}"}
        super().__init__("package.invalid", message, where=where, why=why, en=message, **told)


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper the intake check ticks. `required` is FEEL over the start form's values; `when` is
    that condition in words, where those of the form would read badly."""

    id: str
    title: Text
    required: str = "true"
    replaced_by: str | None = None  # the agency that can be asked instead
    when: Text | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    id: str
    process: str  # process id in the .bpmn
    kind: str
    title: Text
    summary: Text
    starts: tuple[str, ...]  # channels that may file it
    groups: tuple[str, ...]  # who may file
    start_form: str | None
    household_office: str | None  # FEEL over `data` and the start form's values: an office id
    subject_name: str  # where in the data the person's name and ID number lie
    subject_number: str
    papers: tuple[Paper, ...] = ()
    sources: tuple[str, ...] = ()
    public: PublicWords | None = None
    confidential: bool = False  # seen by who filed it, the chief and the director only
    confidential_when: str | None = None  # FEEL over `data` and the start form's values: likewise


def parse_manifest(content: bytes, where: str) -> Manifest:
    """Read a package.yaml. Raises PackageError; `where` is the file's name."""
    document = read_yaml(content, where)
    unknown = sorted(set(document) - _KEYS)
    if unknown:
        raise PackageError(where, f"unknown key {unknown[0]}; known are {', '.join(sorted(_KEYS))}")
    found = _Reader(document, where)
    subject = document.get("subject") or {}
    manifest = Manifest(
        id=found.name("id"),
        process=found.name("process"),
        kind=found.one_of("kind", KINDS),
        title=found.both("title"),
        summary=found.both("summary") if "summary" in document else Text("", ""),
        starts=found.texts("starts"),
        groups=found.texts("groups"),
        start_form=found.optional("start_form"),
        household_office=found.expression("household_office"),
        subject_name=str(subject.get("name", "data.applicant.name")),
        subject_number=str(subject.get("id_number", "data.applicant.id_number")),
        papers=tuple(
            _paper(paper, f"{where}: papers[{i}]")
            for i, paper in enumerate(document.get("papers") or ())
        ),
        sources=found.texts("sources"),
        public=_public(document["public"], f"{where}: public") if "public" in document else None,
        confidential=found.yes_or_no("confidential"),
        confidential_when=found.expression("confidential_when"),
    )
    if manifest.starts and not manifest.start_form:
        raise PackageError(where, "start_form is missing; a process that is filed asks something")
    return manifest


def read_yaml(content: bytes, where: str) -> Mapping[str, Any]:
    """A YAML mapping. Raises PackageError naming the line."""
    try:
        document = load_yaml(content)
    except yaml.YAMLError as broken:
        mark = getattr(broken, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        raise PackageError(f"{where}{line}", f"this is not YAML: {broken}") from broken
    if not isinstance(document, dict) or not all(isinstance(key, str) for key in document):
        raise PackageError(where, "expected a mapping of keys to values")
    return document


def expression(text: str, where: str) -> Expression:
    """Compile FEEL text of a package. Raises PackageError."""
    try:
        return compile_expression(text.removeprefix("="))
    except FeelSyntaxError as wrong:
        raise PackageError(where, f"`{text}` is no FEEL expression: {wrong}") from wrong


def _paper(paper: Any, where: str) -> Paper:
    if not isinstance(paper, dict) or not isinstance(paper.get("id"), str):
        raise PackageError(where, "expected a mapping with id and title")
    found = _Reader(paper, where)
    required = str(paper.get("required", "true")).lower()
    expression(str(paper.get("required", "true")), f"{where}.required")
    return Paper(
        id=paper["id"],
        title=found.both("title"),
        required=required if required in ("true", "false") else str(paper["required"]),
        replaced_by=found.optional("replaced_by"),
        when=found.perhaps_both("when"),
    )


def _public(section: Any, where: str) -> PublicWords:
    found = _mapping(section, where)
    unknown = sorted(set(found.document) - _PUBLIC_KEYS)
    if unknown:
        known = ", ".join(sorted(_PUBLIC_KEYS))
        raise PackageError(where, f"unknown key {unknown[0]}; known are {known}")
    limits, applicants = section.get("limits") or {}, section.get("applicants")
    return PublicWords(
        online=_address(found, "online"),
        what=found.both("what"),
        search=found.both("search"),
        who=found.perhaps_both("who"),
        bring=tuple(each.words() for each in found.each("bring")),
        applicants=None if applicants is None else _applicants(applicants, f"{where}.applicants"),
        limits=tuple(
            PublicLimit(clock, _mapping(limits, f"{where}.limits").both(clock)) for clock in limits
        ),
        fees=tuple(_fee(each) for each in found.each("fees")),
        fine=found.optional("fine"),
        steps=tuple(PublicStep(each.text("at"), each.words()) for each in found.each("steps")),
        afterwards=tuple(each.words() for each in found.each("afterwards")),
        progress=found.yes_or_no("progress"),
        filing=_filing(section["filing"], f"{where}.filing") if section.get("filing") else None,
    )


def _filing(section: Any, where: str) -> OnlineFiling:
    found = _mapping(section, where)
    inputs, proofs = found.document.get("inputs") or {}, found.document.get("proofs") or []
    for name, text in _mapping(inputs, f"{where}.inputs").document.items():
        expression(str(text), f"{where}.inputs.{name}")
    if not proofs or set(proofs) - PROOFS:
        raise PackageError(where, f"proofs is {proofs!r}, expected some of {sorted(PROOFS)}")
    return OnlineFiling(
        found.text("decision"),
        {name: str(text) for name, text in inputs.items()},
        found.optional("clock"),
        tuple(proofs),
        found.both("who"),
    )


def _address(found: _Reader, key: str) -> str | None:
    address = found.optional(key)
    if address is not None and not _HTTPS.fullmatch(address):
        raise PackageError(
            found.where,
            f"{key} is {address!r}, expected an address such as https://example.gov.tw/apply",
        )
    return address


def _applicants(section: Any, where: str) -> PublicApplicants:
    found = _mapping(section, where)
    decision, relation, proxy = (found.text(key) for key in ("decision", "relation", "proxy"))
    return PublicApplicants(decision, relation, proxy, found.both("ground"))


def _fee(found: _Reader) -> PublicFee:
    inputs = found.document.get("inputs") or {}
    _mapping(inputs, f"{found.where}.inputs")
    title, unit, ground = (found.both(key) for key in ("title", "unit", "ground"))
    return PublicFee(found.text("decision"), inputs, title, unit, ground)


def _mapping(section: Any, where: str) -> _Reader:
    if not isinstance(section, dict):
        raise PackageError(where, "expected a mapping of keys to values")
    return _Reader(section, where)


@dataclass(frozen=True, slots=True)
class _Reader:
    document: Mapping[str, Any]
    where: str

    def name(self, key: str) -> str:
        value = self.document.get(key)
        if not isinstance(value, str) or not _ID.fullmatch(value):
            raise PackageError(
                self.where, f"{key} is {value!r}, expected a short id such as P01 without spaces"
            )
        return value

    def optional(self, key: str) -> str | None:
        value = self.document.get(key)
        if value is not None and not isinstance(value, str):
            raise PackageError(self.where, f"{key} is {value!r}, expected text")
        return value

    def yes_or_no(self, key: str) -> bool:
        value = self.document.get(key, False)
        if not isinstance(value, bool):
            raise PackageError(self.where, f"{key} is {value!r}, expected true or false")
        return value

    def text(self, key: str) -> str:
        value = self.optional(key)
        if not value:
            raise PackageError(self.where, f"{key} is missing")
        return value

    def each(self, key: str) -> Iterator[_Reader]:
        """The mappings of a list, each with its place."""
        value = self.document.get(key) or []
        if not isinstance(value, list):
            raise PackageError(self.where, f"{key} is {value!r}, expected a list")
        for i, item in enumerate(value):
            yield _mapping(item, f"{self.where}.{key}[{i}]")

    def expression(self, key: str) -> str | None:
        value = self.optional(key)
        if value is not None:
            expression(value, f"{self.where}: {key}")
        return value

    def one_of(self, key: str, known: tuple[str, ...]) -> str:
        value = self.document.get(key)
        if value not in known:
            raise PackageError(self.where, f"{key} is {value!r}, expected {' or '.join(known)}")
        return str(value)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.document.get(key) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise PackageError(self.where, f"{key} is {value!r}, expected a list of texts")
        return tuple(value)

    def both(self, key: str) -> Text:
        value = self.document.get(key)
        if not isinstance(value, dict) or not value.get("zh-TW") or not value.get("en"):
            raise PackageError(self.where, f"{key} needs a text in zh-TW and one in en")
        return Text(str(value["zh-TW"]), str(value["en"]))

    def perhaps_both(self, key: str) -> Text | None:
        return self.both(key) if key in self.document else None

    def words(self) -> Text:
        """The mapping itself as a text."""
        return _Reader({"words": self.document}, self.where).both("words")
