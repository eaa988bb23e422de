"""A real SMTP server on loopback: greets, upgrades to TLS, lets in, takes letters, fails when told.

It speaks RFC 5321, 3207 and 4954 as far as a client that sends one letter needs, over real sockets
with a certificate of its own authority.
"""

from __future__ import annotations

import base64
import datetime as days
import email
import email.policy
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import BinaryIO, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.clock import GivenClock

HANG = b"hang"
CUT = b"cut"
"""In place of a reply: say nothing more, or break off. After a letter: it has been taken."""


@dataclass
class Behaviour:
    """`replies` differ from the usual by command; `LETTER` is the reply to a letter.

    `user` and `password` are asked for where they are set; `starttls` says that it is offered.
    """

    replies: Mapping[str, bytes] = field(default_factory=dict)
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: ssl.SSLContext | None = None
    implicit: bool = False


@dataclass
class MailServerHere:
    """A server that runs: its port, and all that it has taken, in order."""

    port: int
    letters: list[EmailMessage] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    was_secure: list[bool] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)


@contextmanager
def mail_server(behaviour: Behaviour | None = None) -> Iterator[MailServerHere]:
    """Serve until the end of the block, one thread for each connection."""
    how = behaviour or Behaviour()
    ending = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        here = MailServerHere(listening.getsockname()[1])
        accepting = threading.Thread(target=_accept, args=(listening, how, here, ending))
        accepting.start()
        try:
            yield here
        finally:
            ending.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            accepting.join(5)


def _accept(
    listening: socket.socket, how: Behaviour, here: MailServerHere, ending: threading.Event
) -> None:
    while not ending.is_set():
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_Session(connection, how, here, ending).serve, daemon=True).start()


class _Session:
    def __init__(
        self,
        connection: socket.socket,
        how: Behaviour,
        here: MailServerHere,
        ending: threading.Event,
    ) -> None:
        self._connection, self._how, self._here, self._ending = connection, how, here, ending
        self._is_secure = False

    def serve(self) -> None:
        with suppress(OSError, ssl.SSLError):
            if self._how.implicit:
                self._secure()
            self._lines = cast(BinaryIO, self._connection.makefile("rb"))
            if self._say(self._how.replies.get("GREETING", b"220 here ESMTP")):
                while self._turn():
                    pass
        self._connection.close()

    def _turn(self) -> bool:
        line = self._lines.readline().decode("ascii", "replace").strip()
        if not line:
            return False
        command, _, rest = line.partition(" ")
        command = command.upper()
        self._here.commands.append(command)
        told = self._how.replies.get(command)
        if told is not None:
            return self._say(told)
        act = getattr(self, f"_on_{command.lower()}", None)
        return self._say(b"250 OK") if act is None else bool(act(rest))

    def _on_ehlo(self, _: str) -> bool:
        able = [b"250-here"]
        if self._how.starttls and not self._is_secure:
            able.append(b"250-STARTTLS")
        if self._how.user:
            able.append(b"250-AUTH PLAIN")
        return self._say(b"\r\n".join([*able, b"250 8BITMIME"]))

    def _on_starttls(self, _: str) -> bool:
        self._say(b"220 go on")
        self._secure()
        self._lines = cast(BinaryIO, self._connection.makefile("rb"))
        return True

    def _on_auth(self, rest: str) -> bool:
        given = base64.b64decode(rest.removeprefix("PLAIN").strip()).split(b"\0")
        if given[1:] == [self._how.user.encode(), self._how.password.encode()]:
            return self._say(b"235 welcome")
        return self._say(b"535 not you")

    def _on_data(self, _: str) -> bool:
        self._say(b"354 go on")
        body = b"".join(iter(self._lines.readline, b".\r\n")).replace(b"\r\n..", b"\r\n.")
        letter = email.message_from_bytes(body, policy=email.policy.default)
        reply = self._how.replies.get("LETTER", b"250 taken")
        if reply in (HANG, CUT) or reply.startswith(b"2"):
            self._here.letters.append(cast(EmailMessage, letter))
            self._here.was_secure.append(self._is_secure)
            self._here.arrived.set()
        return self._say(reply)

    def _on_quit(self, _: str) -> bool:
        self._say(b"221 bye")
        return False

    def _secure(self) -> None:
        assert self._how.tls is not None
        self._connection = self._how.tls.wrap_socket(self._connection, server_side=True)
        self._is_secure = True

    def _say(self, reply: bytes) -> bool:
        if reply == HANG:
            self._ending.wait(20)
            return False
        if reply == CUT:
            return False
        self._connection.sendall(reply + b"\r\n")
        return True


def certificates(folder: Path, name: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """A server's TLS for an address of loopback, and the file of the authority that vouches."""
    authority_key, key = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    authority = _certificate("an authority of the tests", authority_key, None, authority_key)
    certificate = _certificate(name, key, authority, authority_key)
    trusted, chain = folder / "authority.pem", folder / "server.pem"
    trusted.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    chain.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context, trusted


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin = GivenClock().now() - days.timedelta(days=3650)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + days.timedelta(days=36500))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if issuer is None:
        builder = builder.add_extension(_signs(), critical=True)
    else:
        address = x509.IPAddress(ipaddress.ip_address(name))
        builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _signs() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
