"""The command line as people type it, in an empty place of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import app
from tests.support.wiring import wired

Huzheng = Callable[..., Result]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this installation keeps what it makes."""
    for name in ("DATABASE_URL", "HUZHENG_AGENCIES", "HUZHENG_SECRETS", "HUZHENG_SMTP_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HUZHENG_VAR", str(tmp_path / "var"))
    return tmp_path


@pytest.fixture
def huzheng(place: Path) -> Iterator[Huzheng]:
    """`huzheng("sla", "explain", …)`; an exception nobody meant is the test's own."""
    opener = app.Opener()

    def run(*words: str) -> Result:
        told = CliRunner().invoke(app.main, list(words), obj=opener)
        if told.exception is not None and not isinstance(told.exception, SystemExit):
            raise told.exception
        return told

    with wired():
        yield run
    if opener._parts is not None:
        opener._parts.db.close()
