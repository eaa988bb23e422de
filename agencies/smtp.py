"""Mail through one SMTP server: where it is, how it is spoken to, and what its replies mean.

The letter's Message-ID is made of the promise's id, so a letter that comes twice (the server took
it and broke off before it said so) is one letter to every mail program that looks.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

from agencies.retry import Outcome, judge_mail
from agencies.transports import Deadline, Parcel, Receipt, cut_off
from engine.errors import Rejected

DEADLINE = Deadline(connect=5.0, total=30.0)  # servers greet strangers slowly; the lease is 60 s
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Security(StrEnum):
    STARTTLS = "starttls"  # begins in the open, goes on in TLS, or not at all
    TLS = "tls"  # TLS from the first byte
    PLAIN = "plain"


_SCHEMES = {
    "smtp": (Security.STARTTLS, 587),
    "smtp+starttls": (Security.STARTTLS, 587),
    "smtps": (Security.TLS, 465),
    "smtp+plain": (Security.PLAIN, 25),
}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes. `ca_file`: who vouches for the server, where the system's list does not."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None


def read_server(
    url: str, password_file: Path | None = None, ca_file: Path | None = None
) -> MailServer:
    """Read `scheme://[user[:password]@]host[:port]`: smtp, smtps, smtp+starttls or smtp+plain.

    `smtp` demands STARTTLS, except on loopback; `smtp+plain` is for a relay inside the house and
    takes no password. Raises Rejected that says what to write instead, never with the password.
    """
    address = urlsplit(url)
    if address.scheme not in _SCHEMES or not address.hostname:
        raise _wrong("it begins with smtp://, smtps:// or smtp+plain:// and names a host")
    security, usual_port = _SCHEMES[address.scheme]
    if address.scheme == "smtp" and address.hostname in LOOPBACK:
        security = Security.PLAIN
    try:
        port = address.port or usual_port
        password = unquote(address.password or "")
        if password_file is not None:
            password = password_file.read_text(encoding="utf-8").strip()
    except ValueError as unreadable:
        raise _wrong("its port is a number up to 65535") from unreadable
    except OSError as unreadable:
        raise _wrong(f"the file of its password cannot be read: {unreadable}") from unreadable
    if security is Security.PLAIN and password and address.hostname not in LOOPBACK:
        raise _wrong("a password goes through TLS only; write smtp:// or smtps://")
    user = unquote(address.username or "")
    return MailServer(address.hostname, port, security, user, password, ca_file)


class MailTransport:
    """Mail through one server. Raises nothing for what the server does; its replies decide."""

    def __init__(self, server: MailServer, sender: str, deadline: Deadline = DEADLINE) -> None:
        self._server, self._sender, self._deadline = server, sender, deadline
        self._tls = ssl.create_default_context(
            cafile=None if server.ca_file is None else str(server.ca_file)
        )

    def __call__(self, parcel: Parcel, at: datetime) -> Receipt:
        try:
            letter = self._letter(parcel, at)
        except (KeyError, ValueError) as wrong:
            return Receipt(Outcome.PERMANENT, None, f"no letter ({type(wrong).__name__})")
        try:
            with self._connected() as server:
                return self._hand_over(server, letter)
        except smtplib.SMTPAuthenticationError as refused:
            # It is our password that is wrong, not the letter: somebody mends it, and it goes.
            return Receipt(Outcome.PASSING, refused.smtp_code, "the mail server let us not in")
        except smtplib.SMTPResponseException as refused:
            return _refused(refused.smtp_code, "mail not taken")
        except (OSError, smtplib.SMTPException) as broken:
            return Receipt(Outcome.PASSING, None, f"mail not taken ({type(broken).__name__})")

    def _letter(self, parcel: Parcel, at: datetime) -> EmailMessage:
        to = str(parcel.body["to"])
        if not to.isascii():
            raise ValueError("an address beyond ASCII")
        letter = EmailMessage()
        letter["From"] = self._sender
        letter["To"] = to
        letter["Subject"] = str(parcel.body["subject"])
        letter["Message-ID"] = f"<{parcel.id}@{self._sender.rpartition('@')[2]}>"
        letter["Date"] = at.astimezone(UTC)
        letter["Auto-Submitted"] = "auto-generated"  # so that no holiday notice answers (RFC 3834)
        letter.set_content(str(parcel.body["text"]))
        return letter

    def _hand_over(self, server: smtplib.SMTP, letter: EmailMessage) -> Receipt:
        code, _ = server.mail(self._sender)
        if code != 250:
            return _refused(code, "the mail server refused the sender")
        code, _ = server.rcpt(letter["To"])
        if code not in (250, 251):
            return _refused(code, "the mail server refused the address")
        content = letter.as_bytes(policy=SMTP)
        try:
            code, _ = server.data(content)
        except smtplib.SMTPDataError as refused:
            return _refused(refused.smtp_code, "mail not taken")
        except (OSError, smtplib.SMTPServerDisconnected) as broken:
            # The letter may have been taken: its Message-ID makes the second one recognisable.
            return Receipt(Outcome.UNKNOWN, None, f"no reply ({type(broken).__name__})")
        if code != 250:
            return _refused(code, "mail not taken")
        return Receipt(Outcome.DELIVERED, code, "taken by the mail server")

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A server that has greeted us, in TLS where demanded, signed in where there is a user."""
        server = self._greeted()
        try:
            with cut_off(lambda: server.sock, self._deadline.total):
                if self._server.security is Security.STARTTLS:
                    server.starttls(context=self._tls)
                server.ehlo_or_helo_if_needed()
                if self._server.user:
                    server.login(self._server.user, self._server.password)
                yield server
                # A server that takes its leave badly has taken the letter all the same.
                with suppress(OSError, smtplib.SMTPException):
                    server.quit()
        finally:
            server.close()

    def _greeted(self) -> smtplib.SMTP:
        seconds = self._deadline.connect
        if self._server.security is Security.TLS:
            server: smtplib.SMTP = smtplib.SMTP_SSL(timeout=seconds, context=self._tls)
        else:
            server = smtplib.SMTP(timeout=seconds)
        # The library asks the host for TLS by the name it was made with, and by no other.
        server._host = self._server.host  # type: ignore[attr-defined]  # noqa: SLF001
        try:
            with cut_off(lambda: server.sock, self._deadline.total):
                code, _ = server.connect(self._server.host, self._server.port)
        except BaseException:
            server.close()
            raise
        if code != 220 or server.sock is None:
            server.close()
            raise smtplib.SMTPConnectError(code, b"")
        server.sock.settimeout(self._deadline.total)
        return server


def _refused(code: int, what: str) -> Receipt:
    return Receipt(judge_mail(code), code, what)


def _wrong(why: str) -> Rejected:
    return Rejected("mail.server", f"Cannot use HUZHENG_SMTP_URL: {why}")
