"""Peers on loopback that behave as badly as a test wants, over real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from waitress import create_server

Behaviour = Callable[[socket.socket], None]


@contextmanager
def peer(behave: Behaviour) -> Iterator[int]:
    """A TCP server whose every connection is treated by `behave`. Yields its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    stopping = threading.Event()
    threads: list[threading.Thread] = []

    def serve() -> None:
        while not stopping.is_set():
            with suppress(TimeoutError):
                connection, _ = listener.accept()
                thread = threading.Thread(target=_quietly, args=(connection, behave), daemon=True)
                threads.append(thread)
                thread.start()

    serving = threading.Thread(target=serve, daemon=True)
    serving.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        stopping.set()
        serving.join()
        listener.close()


def _treat(connection: socket.socket, behave: Behaviour) -> None:
    with connection, suppress(OSError):
        connection.settimeout(5)
        behave(connection)


def read_call(connection: socket.socket) -> bytes:
    """A whole HTTP call: headers and as much body as they announce."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65_536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def answering(head: str, body: bytes = b"") -> Behaviour:
    """Read the call, answer so."""

    def behave(connection: socket.socket) -> None:
        read_call(connection)
        length = f"\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        connection.sendall(f"HTTP/1.1 {head}{length}".encode() + body)

    return behave


def drip(connection: socket.socket, data: bytes, every: float) -> None:
    """One byte at a time, so that no single read ever times out."""
    pause = threading.Event()
    for byte in data:
        connection.sendall(bytes([byte]))
        pause.wait(every)


def reset(connection: socket.socket) -> None:
    """End with a RST instead of a FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    connection.close()


@contextmanager
def served(app: Any) -> Iterator[int]:
    """A WSGI application by waitress on a free port of loopback."""
    server = create_server(app, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=_run, args=(server,), daemon=True)
    thread.start()
    try:
        yield int(server.effective_port)
    finally:
        server.close()
        thread.join(timeout=5)


def _run(server: Any) -> None:
    # A server that is closed while it waits for calls finds its socket gone: that is its end.
    with suppress(OSError, ValueError):
        server.run()


def _quietly(connection: Any, behave: Any) -> None:
    # The other side may hang up first; that is what is being tested there.
    with suppress(OSError):
        _treat(connection, behave)
