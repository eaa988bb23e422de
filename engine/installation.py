"""This installation: its settings from the environment, its secrets, and what its database is."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import insert, select

from engine.errors import Conflict
from engine.keyring import BadKey, Keyring
from store.database import Database
from store.tables import installation

SHORTEST_SECRET = 32


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are. From the environment; every default is safe and local."""

    database_url: str
    secrets_folder: Path
    public_url: str
    agencies_file: Path | None
    smtp_url: str | None
    mail_sender: str
    smtp_password_file: Path | None = None
    smtp_ca_file: Path | None = None
    api_calls_a_minute: int = 120  # per account and process; 0: as many as they like
    file_megabytes: int = 20  # the largest attachment
    case_megabytes: int = 200  # all attachments of one case
    virus_scanner: str | None = None  # tcp:host:port or unix:/path of a clamd

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        var = Path(environ.get("HUZHENG_VAR", "var")).resolve()
        var.mkdir(parents=True, exist_ok=True)
        agencies_file = environ.get("HUZHENG_AGENCIES")
        return cls(
            database_url=environ.get("DATABASE_URL", f"sqlite:///{var / 'huzheng.db'}"),
            secrets_folder=Path(environ.get("HUZHENG_SECRETS", var / "secrets")),
            public_url=environ.get("HUZHENG_PUBLIC_URL", "http://127.0.0.1:8080"),
            agencies_file=Path(agencies_file) if agencies_file else None,
            smtp_url=environ.get("HUZHENG_SMTP_URL"),
            mail_sender=environ.get("HUZHENG_MAIL_SENDER", "huzheng@office.invalid"),
            smtp_password_file=_file(environ, "HUZHENG_SMTP_PASSWORD_FILE"),
            smtp_ca_file=_file(environ, "HUZHENG_SMTP_CA_FILE"),
            api_calls_a_minute=int(environ.get("HUZHENG_API_CALLS_A_MINUTE", "120")),
            file_megabytes=int(environ.get("HUZHENG_FILE_MEGABYTES", "20")),
            case_megabytes=int(environ.get("HUZHENG_CASE_MEGABYTES", "200")),
            virus_scanner=environ.get("HUZHENG_VIRUS_SCANNER") or None,
        )

    def secret(self, name: str) -> bytes:
        """A secret of this installation, made once, readable by its owner only."""
        self.secrets_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.secrets_folder / name
        if not path.exists():
            # Written apart and linked into place: of two processes that start together one makes
            # it, and neither ever reads half of it.
            draft = self.secrets_folder / f".{name}.{secrets.token_hex(8)}"
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
                f.write(secrets.token_hex(32).encode())
            with suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        return path.read_bytes()


def _file(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]) if environ.get(name) else None


def version() -> str:
    """The version of this program, as it was installed."""
    try:
        return metadata.version("huzheng-bpm")
    except metadata.PackageNotFoundError:
        return "0"


def mode_of(db: Database) -> str | None:
    """`demo` or `production`; None before anybody has said so."""
    with db.transaction(read_only=True) as tx:
        return tx.scalar(select(installation.c.mode).where(installation.c.id == 1))


def keyring_of(settings: Settings, *, demo: bool) -> Keyring:
    """Demo data is protected by keys that everybody knows; real data by the office's own.

    Raises BadKey where the keys of a production installation are missing, readable by others, or
    the demo's.
    """
    if demo:
        return Keyring.for_demo()
    keyring = Keyring.load(settings.secrets_folder / "keys")
    if keyring.is_for_demo:
        raise BadKey(
            f"{settings.secrets_folder / 'keys'} holds the demo's keys, which everybody knows and "
            "which protect nothing. Make new ones with `huzheng db init` in an empty folder"
        )
    return keyring


def refuse_unsafe(settings: Settings, mode: str | None) -> None:
    """Stop the start of a production installation that would not be safe.

    Raises Conflict with a sentence: nobody has said what the database is; a secret that others may
    read, or too short a one; an address without TLS that is not this machine's own.
    """
    if mode == "demo":
        return
    if mode is None:
        raise Conflict(
            "installation.unknown",
            "Nobody has said what this database is. Run `huzheng db init` for a production "
            "installation, or `huzheng serve --demo` for the demo office",
        )
    folder = settings.secrets_folder
    for name in ("session.key", "agencies.key"):
        file = folder / name
        if file.exists():
            _refuse_bad_secret(file)
    address = urlsplit(settings.public_url)
    if address.scheme != "https" and address.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise Conflict(
            "installation.no_tls",
            f"HUZHENG_PUBLIC_URL is {settings.public_url}: sessions and personal data would cross "
            "the network in clear. Put a proxy with TLS in front and give its https address",
        )


def _refuse_bad_secret(file: Path) -> None:
    if file.stat().st_mode & 0o077:
        raise Conflict(
            "installation.secret_open",
            f"Others may read {file}; allow only its owner: chmod 600 {file}",
        )
    if len(file.read_bytes().strip()) < SHORTEST_SECRET:
        raise Conflict(
            "installation.secret_short",
            f"{file} holds less than {SHORTEST_SECRET} characters; delete it and a new one is made",
        )


def install(db: Database, mode: str, now: datetime) -> None:
    """Say what this database is, once. Raises Conflict rather than turn one kind into the other."""
    known = mode_of(db)
    if known == mode:
        return
    if known is not None:
        raise Conflict(
            "installation.mode",
            f"Expected a {mode} database, but this is a {known} one; set DATABASE_URL to another",
        )
    with db.transaction() as tx:
        tx.execute(insert(installation).values(id=1, mode=mode, created_at=now))
