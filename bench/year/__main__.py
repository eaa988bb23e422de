"""`python -m bench.year`: live a year, replay it, and compare. Ends with 1 if anything differs."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bench.year.compare import Verdict, compare
from bench.year.run import Lived, living
from tests.support import databases


@click.command()
@click.option("--cases", default=20_000, show_default=True)
@click.option("--seed", default=115, show_default=True)
@click.option("--store", type=click.Choice(["sqlite", "postgresql"]), default="sqlite")
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path))
def main(*, cases: int, seed: int, store: str, file: Path | None) -> None:
    """Live a year of an office through the engine, replay it from its ledgers, and compare."""
    folder = Path(tempfile.mkdtemp(prefix="huzheng-year-", dir=databases.memory()))
    try:
        with click.progressbar(length=1_000, label=f"{cases:,} cases live") as bar:
            done = 0

            def say(share: float) -> None:
                nonlocal done
                bar.update(int(share * 1_000) - done)
                done = int(share * 1_000)

            with _place(store, folder) as url, living(url, folder, cases, seed, say) as lived:
                began = time.process_time()
                verdict = compare(lived.given, lived.kept, lived.told)
                took = time.process_time() - began
        told = {"cases": cases, "seed": seed, "store": store, **_told(lived, verdict, took)}
        click.echo(_table(told))
        if file is not None:
            file.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        sys.exit(1 if verdict.found else 0)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _place(store: str, folder: Path) -> Iterator[str]:
    if store == "sqlite":
        yield f"sqlite:///{folder / 'year.db'}"
        return
    with databases.postgresql(databases.memory()) as server:
        yield server.create()


def _told(lived: Lived, verdict: Verdict, took: float) -> dict[str, Any]:
    return {
        "live, CPU s": round(lived.seconds, 1),
        "replay and comparison, CPU s": round(took, 1),
        "what happened": dict(sorted(lived.told.deeds.items())),
        "on record": dict(lived.size),
        "compared": dict(sorted(verdict.compared.items())),
        "different": dict(sorted(verdict.found.items())),
        "differences": verdict.sentences,
    }


def _table(told: Mapping[str, Any]) -> str:
    lines = []
    for name, value in told.items():
        if isinstance(value, dict):
            lines += [f"{name}:", *(f"  {each:<44}{number:>12,}" for each, number in value.items())]
        elif isinstance(value, list):
            lines += [f"  {sentence}" for sentence in value]
        else:
            lines.append(f"{name}: {value}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
