"""This installation: its settings from the environment, its secrets, and what its database is."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert, select

from engine.errors import Conflict
from store.database import Database
from store.tables import installation


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are. From the environment; every default is safe and local."""

    database_url: str
    secrets_folder: Path
    public_url: str
    agencies_file: Path | None
    smtp_url: str | None
    mail_sender: str
    api_calls_a_minute: int = 120  # per account and process; 0: as many as they like

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
            api_calls_a_minute=int(environ.get("HUZHENG_API_CALLS_A_MINUTE", "120")),
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


def mode_of(db: Database) -> str | None:
    """`demo` or `production`; None before anybody has said so."""
    with db.transaction(read_only=True) as tx:
        return tx.scalar(select(installation.c.mode).where(installation.c.id == 1))


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
