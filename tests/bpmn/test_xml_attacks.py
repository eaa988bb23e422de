"""Files that are meant to hurt: each is refused with a sentence, quickly, and reaches nothing."""

from __future__ import annotations

import resource
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from engine.bpmn import DefinitionRefused, Severity, compile_definition, lint
from tests.bpmn.diagrams import HEAD, around, chain, diagram

SLOWEST = 5.0  # seconds of CPU: enough for a machine that is busy, not for what grows without end
MOST_MEMORY = 200 * 1024  # KiB more than before


def with_doctype(subset: str, use: str = "&x;") -> bytes:
    body = around(f'<task id="x" name="{use}"/>')
    return b'<?xml version="1.0"?><!DOCTYPE definitions ' + subset.encode() + b">" + diagram(body)


def laughs() -> bytes:
    lines = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
    )
    return with_doctype(f"[{lines}]", "&a9;")


def nested(depth: int) -> bytes:
    inner = "<subProcess>" * depth + "</subProcess>" * depth
    return f'{HEAD}<process id="p" isExecutable="true">{inner}</process></definitions>'.encode()


ATTACKS: dict[str, bytes] = {
    "billion laughs": laughs(),
    "quadratic blow-up": with_doctype(f'[<!ENTITY x "{"a" * 50_000}">]', "&x;" * 2_000),
    "external entity, file": with_doctype('[<!ENTITY x SYSTEM "file:///etc/passwd">]'),
    "external entity, relative file": with_doctype('[<!ENTITY x SYSTEM "pyproject.toml">]'),
    "external entity, http": with_doctype('[<!ENTITY x SYSTEM "http://127.0.0.1:{port}/x">]'),
    "parameter entity": with_doctype('[<!ENTITY % x SYSTEM "http://127.0.0.1:{port}/x"> %x;]', ""),
    "external DTD": with_doctype('SYSTEM "http://127.0.0.1:{port}/x.dtd"', ""),
    "public DTD": with_doctype('PUBLIC "-//X//EN" "http://127.0.0.1:{port}/x.dtd"', ""),
    "an honest DOCTYPE": with_doctype("[]", "name"),
    "DOCTYPE in small letters": b"<!doctype definitions>" + diagram(around('<task id="x"/>')),
    "DOCTYPE in UTF-16": laughs().decode().encode("utf-16"),
    "DOCTYPE in UTF-16 without a mark": b"\x00<\x00?" + laughs().decode()[2:].encode("utf-16-be"),
    "UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x+AD4-<x/>',
    "EBCDIC": '<?xml version="1.0" encoding="cp037"?><x/>'.encode("cp037"),
    "UTF-32": chain(1).decode().encode("utf-32"),
    "a declaration that lies": b'<?xml version="1.0" encoding="ISO-2022-JP"?><definitions/>',
    "XInclude": diagram(
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
    ),
    "60,000 levels": nested(60_000),
    "200 levels": nested(200),
    "20 MB of text": diagram(f"<documentation>{'a' * 20_000_000}</documentation>"),
    "1.9 MB of one name": diagram(around(f'<task id="x" name="{"a" * 1_900_000}" bad="1"/>')),
    "100,000 attributes": diagram(
        around(f'<task id="x" {" ".join(f"a{n}=" + chr(34) * 2 for n in range(100_000))}/>')
    ),
    "5,000 nodes": chain(5_000),
    "40,000 unknown elements": diagram("<nothing/>" * 40_000),
    "null bytes": b"\x00" * 1_000,
    "nothing": b"",
    "not XML": b"PK\x03\x04 this is a zip file",
    "HTML": b"<html><body/></html>",
    "a stylesheet instruction only": b'<?xml-stylesheet href="http://127.0.0.1:{port}/x"?>',
    "an unknown entity": diagram(around('<task id="x" name="&nothing;"/>')),
    "many namespaces": diagram("".join(f'<x{n}:a xmlns:x{n}="urn:{n}"/>' for n in range(20_000))),
}


class Canary(BaseHTTPRequestHandler):
    calls: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.calls.append(self.path)
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def canary() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Canary)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@contextmanager
def nothing_outside_is_touched() -> Iterator[None]:
    """An audit hook sees every file and socket Python opens; libxml2's own the canary sees."""
    seen: list[str] = []
    watching = [True]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if watching[0] and event in {"open", "socket.connect", "subprocess.Popen"}:
            name = str(arguments[0])
            if not name.endswith((".py", ".pyc", ".so", ".xsd")):
                seen.append(f"{event} {name}")

    sys.addaudithook(hook)
    try:
        yield
    finally:
        watching[0] = False
    assert seen == []


@pytest.mark.parametrize("name", ATTACKS)
def test_a_hostile_file_is_refused_with_a_sentence(name: str, canary: int) -> None:
    xml = ATTACKS[name].replace(b"{port}", str(canary).encode())
    lint(chain(1))  # the schema is read once per process, and not by the attack
    Canary.calls.clear()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()

    with nothing_outside_is_touched():
        findings = lint(xml)

    assert time.process_time() - started < SLOWEST
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MEMORY
    assert Canary.calls == []
    worst = findings[0]
    assert worst.severity is Severity.ERROR
    assert len(worst.message_en) < 500
    assert worst.message_zh
    assert worst.mend_en
    assert "root:" not in str(findings)
    with pytest.raises(DefinitionRefused):
        compile_definition(xml)


def test_a_doctype_is_called_by_its_name() -> None:
    for name in ("billion laughs", "external entity, file", "external DTD", "DOCTYPE in UTF-16"):
        assert [finding.rule for finding in lint(ATTACKS[name])] == ["xml.doctype"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_utf_8_and_utf_16_are_read(encoding: str) -> None:
    declared = "utf-16" if "16" in encoding else "utf-8"
    text = (
        f'<?xml version="1.0" encoding="{declared}"?>'
        + diagram(around('<task id="x" name="戶籍"/>')).decode()
    )

    definition = compile_definition(text.encode(encoding))

    assert definition.elements["x"].name == "戶籍"


def test_the_canary_sings_when_it_is_called(canary: int) -> None:
    """The control: a parser that does load what it is told to is noticed."""
    Canary.calls.clear()
    with socket.create_connection(("127.0.0.1", canary)) as visitor:
        visitor.sendall(b"GET /x HTTP/1.0\r\n\r\n")
        visitor.recv(100)

    assert Canary.calls == ["/x"]


def test_the_watch_on_files_sees_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    reading: Callable[[], object] = (tmp_path / "secret").read_text

    with pytest.raises(AssertionError), nothing_outside_is_touched():
        reading()
