"""A virus scanner on a real socket that speaks clamd's protocol; it knows one virus."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

VIRUS = b"X5O!P%@AP-EICAR"
FOUND = "Win.Test.EICAR_HDB-1"


class FakeClamd(socketserver.ThreadingTCPServer):
    """`scanned` are the bodies it was given; `most` bytes of one it takes, then it hangs up."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, most: int = 1 << 30, answer: bytes | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.scanned: list[bytes] = []
        self.most, self.answer = most, answer

    @property
    def address(self) -> str:
        return f"tcp:127.0.0.1:{self.server_address[1]}"


class _Conversation(socketserver.StreamRequestHandler):
    server: FakeClamd

    def handle(self) -> None:
        command = self._until_nul()
        if command == b"zPING":
            self.wfile.write(b"PONG\0")
        elif command == b"zINSTREAM":
            self.wfile.write(self._verdict() + b"\0")

    def _verdict(self) -> bytes:
        body = b""
        while length := int.from_bytes(self.rfile.read(4), "big"):
            body += self.rfile.read(length)
            if len(body) > self.server.most:
                return b"INSTREAM size limit exceeded. ERROR"
        self.server.scanned.append(body)
        if self.server.answer is not None:
            return self.server.answer
        return f"stream: {FOUND} FOUND".encode() if VIRUS in body else b"stream: OK"

    def _until_nul(self) -> bytes:
        found = b""
        while not found.endswith(b"\0"):
            found += self.rfile.read(1)
        return found[:-1]


@contextmanager
def running_scanner(most: int = 1 << 30, answer: bytes | None = None) -> Iterator[FakeClamd]:
    with FakeClamd(most, answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
