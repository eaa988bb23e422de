"""A virus scanner that speaks clamd's protocol (`INSTREAM`), over TCP or a Unix socket.

Called outside any transaction. The bytes are sent a piece at a time and never stored elsewhere.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass

_ANSWER = re.compile(r"^stream: (?:(?P<clean>OK)|(?P<found>.+) FOUND)$")
_LONGEST_ANSWER = 4_096


class ScannerFailed(Exception):
    """The scanner gave no verdict: not there, too slow, or it refused the stream."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """`address` is `tcp:host:port` or `unix:/path`. `patience` is in seconds, for each answer."""

    address: str
    patience: float = 30.0

    def scan(self, pieces: Iterable[bytes]) -> str | None:
        """The name of the virus that was found, None for none. Raises ScannerFailed."""
        with self._connected() as connection:
            # A scanner that refuses a stream says so and hangs up; its answer is still to be read.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(b"zINSTREAM\0")
                for piece in pieces:
                    connection.sendall(len(piece).to_bytes(4, "big") + piece)
                connection.sendall(bytes(4))
            answer = self._answer(connection)
        told = _ANSWER.match(answer)
        if told is None:
            raise ScannerFailed(f"Expected a verdict of the virus scanner, got {answer[:200]!r}")
        return told["found"]

    def is_there(self) -> bool:
        """Whether it answers."""
        try:
            with self._connected() as connection:
                connection.sendall(b"zPING\0")
                return self._answer(connection) == "PONG"
        except (ScannerFailed, OSError):
            return False

    def _connected(self) -> closing[socket.socket]:
        kind, _, rest = self.address.partition(":")
        try:
            if kind == "unix":
                connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                connection.settimeout(self.patience)
                connection.connect(rest)
            else:
                host, _, port = rest.rpartition(":")
                connection = socket.create_connection((host, int(port)), self.patience)
        except OSError as error:
            raise ScannerFailed(f"Nobody answers at {self.address}: {error}") from error
        return closing(connection)

    def _answer(self, connection: socket.socket) -> str:
        found = b""
        try:
            while not found.endswith(b"\0") and len(found) < _LONGEST_ANSWER:
                piece = connection.recv(_LONGEST_ANSWER)
                if not piece:
                    break
                found += piece
        except OSError as error:
            raise ScannerFailed(f"The virus scanner did not answer: {error}") from error
        return found.rstrip(b"\0").decode("utf-8", "replace").strip()


def scanner_at(address: str | None) -> Scanner | None:
    """The scanner of the settings. Raises ValueError for an address that cannot be one."""
    if not address:
        return None
    kind, _, rest = address.partition(":")
    host, _, port = rest.rpartition(":")
    if (kind == "unix" and rest.startswith("/")) or (kind == "tcp" and host and port.isdecimal()):
        return Scanner(address)
    raise ValueError(
        f"Expected HUZHENG_VIRUS_SCANNER as tcp:host:port or unix:/path, but got {address!r}"
    )
