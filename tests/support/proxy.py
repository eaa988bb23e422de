"""A TCP proxy before PostgreSQL that can go silent or cut, as networks do."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Proxy:
    """Forwards 127.0.0.1:`port` to a UNIX socket until told to misbehave."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._silent = threading.Event()
        self._cut_before = b""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def go_silent(self) -> None:
        """Go on taking what is sent, forward nothing: every packet is still acknowledged."""
        self._silent.set()

    def cut_at(self, words: bytes) -> None:
        """Forward what holds these words, and cut before the answer."""
        self._cut_before = words

    def close(self) -> None:
        for each in (self._listening, *self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._target)
                self._sockets += [client, server]
                for source, sink, is_question in ((client, server, True), (server, client, False)):
                    threading.Thread(
                        target=self._pump, args=(source, sink, is_question), daemon=True
                    ).start()

    def _pump(self, source: socket.socket, sink: socket.socket, is_question: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self._silent.is_set():
                    continue
                is_last = is_question and self._cut_before and self._cut_before in data
                if is_last:
                    source.shutdown(socket.SHUT_RDWR)
                sink.sendall(data)


@contextmanager
def proxy_before(socket_folder: str) -> Iterator[Proxy]:
    proxy = Proxy(f"{socket_folder}/.s.PGSQL.5432")
    try:
        yield proxy
    finally:
        proxy.close()
