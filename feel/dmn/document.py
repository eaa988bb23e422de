"""Reads DMN's XML safely, and refuses every element and attribute that nobody here consumes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from feel.dmn.errors import DmnError

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 60  # of elements inside each other

NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",  # 1.1
        "http://www.omg.org/spec/DMN/20180521/MODEL/",  # 1.2
        "https://www.omg.org/spec/DMN/20191111/MODEL/",  # 1.3
        "https://www.omg.org/spec/DMN/20211108/MODEL/",  # 1.4
        "https://www.omg.org/spec/DMN/20230324/MODEL/",  # 1.5
        "https://www.omg.org/spec/DMN/20240513/MODEL/",  # 1.6
    }
)

_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([^"']*)["']""")

EXPRESSIONS = frozenset(
    {
        "literalExpression",
        "decisionTable",
        "context",
        "invocation",
        "functionDefinition",
        "list",
        "relation",
        "conditional",
        "for",
        "some",
        "every",
        "filter",
    }
)

# Read by people only; they change no value. Everything below them is passed over with them.
IGNORED = frozenset(
    {
        "description",
        "extensionElements",
        "knowledgeSource",
        "authorityRequirement",
        "textAnnotation",
        "association",
        "group",
        "artifact",
        "elementCollection",
        "performanceIndicator",
        "organizationUnit",
        "businessContextElement",
        "question",
        "allowedAnswers",
        "supportedObjective",
        "impactedPerformanceIndicator",
        "decisionMaker",
        "decisionOwner",
        "usingProcess",
        "usingTask",
    }
)

_TEXT = ("expressionLanguage", {"text"})
_TYPE = (
    "typeLanguage isCollection",
    {"typeRef", "allowedValues", "typeConstraint", "itemComponent", "functionItem"},
)
_HREF: tuple[str, set[str]] = ("href", set())
_VARIABLE: tuple[str, set[str]] = ("typeRef", set())
_BOXED = EXPRESSIONS

# element → (its attributes besides id, name and label, its children besides the ignored)
SCHEMA: dict[str, tuple[str, set[str] | frozenset[str]]] = {
    "definitions": (
        "namespace expressionLanguage typeLanguage exporter exporterVersion",
        {
            "import",
            "itemDefinition",
            "decision",
            "inputData",
            "businessKnowledgeModel",
            "decisionService",
        },
    ),
    "import": ("namespace locationURI importType", set()),
    "itemDefinition": _TYPE,
    "itemComponent": _TYPE,
    "typeRef": ("", set()),
    "functionItem": ("outputTypeRef", {"parameters"}),
    "parameters": _VARIABLE,
    "allowedValues": _TEXT,
    "typeConstraint": _TEXT,
    "text": ("", set()),
    "decision": ("", {"variable", "informationRequirement", "knowledgeRequirement"} | _BOXED),
    "variable": _VARIABLE,
    "informationRequirement": ("", {"requiredDecision", "requiredInput"}),
    "knowledgeRequirement": ("", {"requiredKnowledge"}),
    "requiredDecision": _HREF,
    "requiredInput": _HREF,
    "requiredKnowledge": _HREF,
    "businessKnowledgeModel": ("", {"variable", "encapsulatedLogic", "knowledgeRequirement"}),
    "encapsulatedLogic": ("typeRef kind", {"formalParameter"} | _BOXED),
    "functionDefinition": ("typeRef kind", {"formalParameter"} | _BOXED),
    "formalParameter": _VARIABLE,
    "decisionService": (
        "",
        {"variable", "outputDecision", "encapsulatedDecision", "inputDecision", "inputData"},
    ),
    "outputDecision": _HREF,
    "encapsulatedDecision": _HREF,
    "inputDecision": _HREF,
    "inputData": ("href", {"variable"}),
    "literalExpression": ("typeRef expressionLanguage", {"text"}),
    "decisionTable": (
        "typeRef hitPolicy aggregation preferredOrientation outputLabel",
        {"input", "output", "annotation", "rule"},
    ),
    "input": ("", {"inputExpression", "inputValues"}),
    "inputExpression": ("typeRef expressionLanguage", {"text"}),
    "inputValues": _TEXT,
    "output": ("typeRef", {"outputValues", "defaultOutputEntry"}),
    "outputValues": _TEXT,
    "defaultOutputEntry": ("typeRef expressionLanguage", {"text"}),
    "annotation": ("", set()),
    "rule": ("", {"inputEntry", "outputEntry", "annotationEntry"}),
    "inputEntry": _TEXT,
    "outputEntry": ("typeRef expressionLanguage", {"text"}),
    "annotationEntry": ("", {"text"}),
    "context": ("typeRef", {"contextEntry"}),
    "contextEntry": ("", {"variable"} | _BOXED),
    "invocation": ("typeRef", {"binding"} | _BOXED),
    "binding": ("", {"parameter"} | _BOXED),
    "parameter": _VARIABLE,
    "list": ("typeRef", _BOXED),
    "relation": ("typeRef", {"column", "row"}),
    "column": _VARIABLE,
    "row": ("", _BOXED),
    "conditional": ("typeRef", {"if", "then", "else"}),
    "if": ("typeRef", _BOXED),
    "then": ("typeRef", _BOXED),
    "else": ("typeRef", _BOXED),
    "for": ("typeRef iteratorVariable", {"in", "return"}),
    "return": ("typeRef", _BOXED),
    "some": ("typeRef iteratorVariable", {"in", "satisfies"}),
    "every": ("typeRef iteratorVariable", {"in", "satisfies"}),
    "in": ("typeRef", _BOXED),
    "satisfies": ("typeRef", _BOXED),
    "filter": ("typeRef", {"in", "match"}),
    "match": ("typeRef", _BOXED),
}

FEEL_LANGUAGES = frozenset(
    {
        "",
        "feel",
        "http://www.omg.org/spec/FEEL/20140401",
        "http://www.omg.org/spec/DMN/20180521/FEEL/",
        "https://www.omg.org/spec/DMN/20180521/FEEL/",
        "https://www.omg.org/spec/DMN/20191111/FEEL/",
        "https://www.omg.org/spec/DMN/20211108/FEEL/",
        "https://www.omg.org/spec/DMN/20230324/FEEL/",
        "https://www.omg.org/spec/DMN/20240513/FEEL/",
    }
)


class Element:
    """One DMN element with its tag, attributes and the DMN elements below it."""

    def __init__(self, node: Any, path: str) -> None:
        self._node = node
        self.tag: str = etree.QName(node).localname
        self.id: str = node.get("id") or path
        self.children = tuple(
            Element(child, f"{path}/{etree.QName(child).localname}[{at}]")
            for at, child in enumerate(_dmn_children(node), start=1)
        )

    def get(self, name: str, default: str = "") -> str:
        """Return an attribute; empty and absent ones are the default."""
        value = self._node.get(name)
        return str(value).strip() if value else default

    def all(self, *tags: str) -> list[Element]:
        return [child for child in self.children if child.tag in tags]

    def first(self, *tags: str) -> Element | None:
        return next((child for child in self.children if child.tag in tags), None)

    def only(self, *tags: str) -> Element:
        """Return the one child with such a tag. Raises DmnError if there is none or several."""
        found = self.all(*tags)
        if len(found) != 1:
            names = "expression" if frozenset(tags) == EXPRESSIONS else f"<{'> or <'.join(tags)}>"
            raise DmnError(f"Expected one {names} in <{self.tag}>, found {len(found)}", self.id)
        return found[0]

    def expression(self) -> Element:
        return self.only(*EXPRESSIONS)

    def named(self) -> str:
        """Return the name. Raises DmnError if there is none."""
        name = " ".join(self.get("name").split())
        if not name:
            raise DmnError(f"Expected <{self.tag}> to have a name, but it has none", self.id)
        return name

    def text(self) -> str:
        """Return what stands in <text> (or in the element itself, for <typeRef> and <text>)."""
        if self.tag in {"text", "typeRef"}:
            return "".join(self._node.itertext()).strip()
        language = self.get("expressionLanguage")
        if language not in FEEL_LANGUAGES and language.lower() != "feel":
            raise DmnError(f"Expected FEEL as the language, but got {language!r}", self.id)
        inner = self.first("text")
        return inner.text() if inner else ""


def _dmn_children(node: Any) -> Iterator[Any]:
    for child in node:
        if isinstance(child.tag, str):
            name = etree.QName(child)
            if name.namespace in NAMESPACES and name.localname not in IGNORED:
                yield child


def read(xml: bytes) -> Element:
    """Return the <definitions> of a DMN document. Raises DmnError."""
    root = _parse_safely(xml)
    name = etree.QName(root)
    if name.namespace not in NAMESPACES or name.localname != "definitions":
        raise DmnError(f"Expected <definitions> of DMN 1.1 to 1.6, but found {root.tag}")
    _check_everything_is_consumed(root)
    return Element(root, "definitions")


def _parse_safely(xml: bytes) -> Any:
    if len(xml) > MAX_BYTES:
        raise DmnError(f"Expected a document of at most {MAX_BYTES} bytes, but got {len(xml)}")
    encoding = _ENCODING.match(xml)
    if b"\0" in xml or (encoding and encoding.group(1).lower() not in {b"utf-8", b"us-ascii"}):
        raise DmnError("Expected a document in UTF-8; save it in that encoding")
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise DmnError("Expected a document without DOCTYPE and entities; remove them")
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as refusal:
        raise DmnError(f"Expected well-formed XML, but: {refusal.msg}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise DmnError("Expected a document without DOCTYPE and entities; remove them")
    return root


def _check_everything_is_consumed(root: Any) -> None:
    pending: list[tuple[Any, int]] = [(root, 1)]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise DmnError(f"Expected elements at most {MAX_DEPTH} deep", node.get("id"))
        attributes, children = SCHEMA[etree.QName(node).localname]
        _check_attributes(node, attributes.split())
        for child in _dmn_children(node):
            tag = etree.QName(child).localname
            if tag not in children:
                parent = etree.QName(node).localname
                raise DmnError(
                    f"Expected no <{tag}> in <{parent}>: it is not understood here",
                    child.get("id") or node.get("id"),
                )
            pending.append((child, depth + 1))


def _check_attributes(node: Any, known: list[str]) -> None:
    for attribute in node.attrib:
        # Attributes of other namespaces are extensions of editors.
        if "{" not in attribute and attribute not in {*known, "id", "name", "label"}:
            tag = etree.QName(node).localname
            raise DmnError(
                f"Expected no attribute {attribute!r} on <{tag}>: it is not understood here",
                node.get("id"),
            )
