"""Reading an uploaded file as XML without letting it do anything but be read.

A BPMN file comes from outside. Before a parser sees it, its size, its encoding and the absence of
a DOCTYPE are checked, so that no entity exists that could be expanded or fetched; the parser then
loads nothing, resolves nothing and keeps libxml2's own limits on depth and size.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

import SpiffWorkflow.bpmn.parser as spiff_parser
from lxml import etree

from engine.bpmn.findings import Report

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_DEPTH: Final = 100
MAX_ATTRIBUTES: Final = 200

_ENCODINGS: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "utf-16"})
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: it begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
)
_DECLARATION: Final = re.compile(
    r"""\A\s*<\?xml\s[^>]*?(?:\bencoding\s*=\s*["']([A-Za-z0-9._-]*)["'])?[^>]*?\?>"""
)
_ENCODING: Final = re.compile(r"""\bencoding\s*=\s*["']([^"']*)["']""")
_DOCTYPE: Final = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def read(xml: bytes, report: Report) -> Any | None:
    """Return the root element of `xml` (comments and processing instructions dropped).

    None, with a finding in `report`, if it is not XML that we are willing to read.
    """
    if len(xml) > MAX_BYTES:
        report.add("xml.too-large", "", size=len(xml), most=MAX_BYTES)
        return None
    text = _decode(xml, report)
    if text is None:
        return None
    # No honest diagram needs the word, not even in a comment; so it is not looked for cleverly.
    if _DOCTYPE.search(text):
        report.add("xml.doctype", "")
        return None
    return _parse(text, report)


def _decode(xml: bytes, report: Report) -> str | None:
    encoding = next((name for mark, name in _MARKS if xml.startswith(mark)), "utf-8")
    try:
        text = xml.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as problem:
        report.add("xml.encoding", "", problem=f"byte {problem.start} is not {encoding}")
        return None
    declaration = _DECLARATION.match(text)
    declared = _ENCODING.search(declaration.group(0)) if declaration else None
    if encoding == "utf-32" or (declared and declared.group(1).lower() not in _ENCODINGS):
        report.add("xml.encoding", "", problem=declared.group(1) if declared else encoding)
        return None
    return text[declaration.end() :] if declaration else text


def _parse(text: str, report: Report) -> Any | None:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        report.add("xml.malformed", "", problem=problem)
        return None
    return root if _is_modest(root, report) else None


def _is_modest(root: Any, report: Report) -> bool:
    """Whether the tree has a shape that every later pass can walk in bounded time."""
    depth, deepest = 0, 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
        if event == "start" and len(element.attrib) > MAX_ATTRIBUTES:
            report.add("xml.too-deep", "", line=element.sourceline)
            return False
    if deepest > MAX_DEPTH:
        report.add("xml.too-deep", "", line=root.sourceline)
        return False
    return True


_VALIDATING: Final = Lock()
"""A schema keeps the errors of its last validation in itself, and uploads come in many threads."""


@lru_cache(maxsize=1)
def _schema() -> Any:
    # SpiffWorkflow ships the standard's XSD; reading them costs 7 ms, once per process.
    path = Path(spiff_parser.__file__).parent / "schema" / "BPMN20.xsd"
    return etree.XMLSchema(etree.parse(path, etree.XMLParser(no_network=True)))


def check_schema(root: Any, report: Report) -> None:
    """Add a finding for everything in `root` that the BPMN 2.0 schema does not allow there."""
    with _VALIDATING:  # and libxml2 cannot read the same schema in two threads at once
        schema = _schema()
        errors = [] if schema.validate(root) else list(schema.error_log)
    for error in errors:
        problem = re.sub(r"\{[^}]*\}", "", error.message)
        report.add("xml.schema", _owner(_at(root, error)), line=error.line, problem=problem)


def _at(root: Any, error: Any) -> Any:
    """The element that the schema complains of, or the root where its path cannot be followed."""
    prefixes = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        found = root.xpath(error.path or "/*", namespaces=prefixes)
    except etree.XPathError:  # a prefix that is declared further in
        return root
    return found[0] if found else root


def _owner(element: Any) -> str:
    while element is not None:
        if element.get("id"):
            return str(element.get("id"))
        element = element.getparent()
    return ""
