"""The command line's part of agencies: `huzheng sandbox`."""

from __future__ import annotations

from pathlib import Path

import click
from waitress import serve

from agencies.sandbox import create_sandbox


@click.command()
@click.option("--port", default=8090, show_default=True)
@click.option("--secret-file", type=click.Path(exists=True, path_type=Path), required=True)
def sandbox(*, port: int, secret_file: Path) -> None:
    """One process that plays every agency over HTTP, with faults on demand. Loopback only."""
    secret = secret_file.read_bytes().strip()
    serve(create_sandbox(secret), host="127.0.0.1", port=port, threads=16)
