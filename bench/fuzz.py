"""`python -m bench.fuzz`: random expressions and damaged diagrams; an answer or a refusal each.

No other exception, nothing that runs on, no memory that grows. A small sample of it runs with the
tests; the long run's figures stand in docs/conformance.md (`--write`).
"""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import click

from bench import fuzz_diagrams
from bench.fuzz_diagrams import Wrecker
from bench.fuzz_expressions import PLACES, REFUSALS, Writer

FIGURES = Path(__file__).with_suffix(".json")
HANGS_AFTER = 20.0  # seconds of one try; the budgets end honest work long before
SLOW = 3.0
MOST_GROWTH = 96 * 1024 * 1024  # bytes, after the first tenth
EVERY_PLACE = 8  # every so many expressions, one is tried at a place other than the first two


@dataclass
class Tally:
    """What became of the tries of one kind."""

    answers: int = 0
    refusals: int = 0
    slowest: float = 0.0
    places: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def tries(self) -> int:
        return self.answers + self.refusals + len(self.failures)


class Hang(BaseException):
    """A try that does not end. No `except Exception` on the way may swallow it."""


@contextmanager
def watched(tally: Tally, what: str, *, alarm: bool) -> Iterator[None]:
    """Count one try; what it should not raise, and what takes too long, is a failure."""
    begun = time.process_time()  # not the clock on the wall: others use the machine too
    if alarm:
        signal.setitimer(signal.ITIMER_REAL, HANGS_AFTER)
    try:
        yield
    except REFUSALS:
        tally.refusals += 1
    except (Hang, Exception) as failure:
        told = "".join(traceback.format_exception(failure)[-3:])
        tally.failures.append(f"{type(failure).__name__} from {what[:600]!r}\n{told}")
    else:
        tally.answers += 1
    finally:
        if alarm:
            signal.setitimer(signal.ITIMER_REAL, 0)
        spent = time.process_time() - begun
        tally.slowest = max(tally.slowest, spent)
        if spent > SLOW and not alarm:
            tally.failures.append(f"{spent:.1f} s of CPU for {what[:600]!r}")


def expressions(count: int, seed: int, *, alarm: bool = False, until: float = 0) -> Tally:
    """Try `count` expressions: all at the two plainest places, some at each of the others."""
    tally, chance = Tally(), random.Random(seed)
    writer, others = Writer(chance), list(PLACES)[2:]
    for number in range(count):
        if until and time.monotonic() > until:
            break
        text, given = writer.text(), writer.values()
        name = "cell" if number % 3 == 0 else "expression"
        if number % EVERY_PLACE == 0:
            name = others[number // EVERY_PLACE % len(others)]
        tally.places[name] += 1
        with watched(tally, f"{name}: {text}", alarm=alarm):
            PLACES[name](text, given)
    return tally


def diagrams(count: int, seed: int, *, alarm: bool = False, until: float = 0) -> Tally:
    """Try `count` damaged diagrams: compile, lint, start, and a few triggers."""
    tally, chance = Tally(), random.Random(seed)
    wrecker = Wrecker(chance, fuzz_diagrams.sources())
    folder = Path(tempfile.gettempdir()) / "huzheng-fuzz"
    for number in range(count):
        if until and time.monotonic() > until:
            break
        xml, before = wrecker.diagram(), len(tally.failures)
        with watched(tally, f"diagram {number}", alarm=alarm):
            if not fuzz_diagrams.run(xml, chance, linted=number % 4 == 0):
                tally.refusals += 1
                tally.answers -= 1
        if len(tally.failures) > before:
            kept = fuzz_diagrams.reproduce(folder, xml, number)
            tally.failures[-1] += f"kept as {kept}\n"
    return tally


def memory() -> int:
    """Bytes of this process that lie in memory now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _ring(_signal: int, _frame: FrameType | None) -> None:
    raise Hang


@click.command(help=__doc__)
@click.option("--expressions", "texts", type=int, default=100_000)
@click.option("--diagrams", "drawings", type=int, default=10_000)
@click.option("--seed", type=int, default=1)
@click.option("--minutes", type=float, default=0, help="Stop after so long, whatever is left.")
@click.option("--write", is_flag=True, help="Keep the figures for docs/conformance.md.")
def main(*, texts: int, drawings: int, seed: int, minutes: float, write: bool) -> None:
    signal.signal(signal.SIGALRM, _ring)
    until = time.monotonic() + 60 * minutes if minutes else 0.0
    begun = time.perf_counter()
    warm = [expressions(texts // 10, seed, alarm=True, until=until)]
    warm.append(diagrams(drawings // 10, seed, alarm=True, until=until))
    before = memory()
    words = expressions(texts - texts // 10, seed + 1, alarm=True, until=until)
    drawn = diagrams(drawings - drawings // 10, seed + 1, alarm=True, until=until)
    growth = memory() - before
    failures = [each for tally in (*warm, words, drawn) for each in tally.failures]
    figures = {
        "seed": seed,
        "expressions": warm[0].tries + words.tries,
        "expressions with an answer": warm[0].answers + words.answers,
        "expressions refused by name": warm[0].refusals + words.refusals,
        "places of expressions": len(warm[0].places | words.places),
        "slowest expression, seconds": round(max(warm[0].slowest, words.slowest), 2),
        "diagrams": warm[1].tries + drawn.tries,
        "diagrams compiled and run": warm[1].answers + drawn.answers,
        "diagrams refused by name": warm[1].refusals + drawn.refusals,
        "slowest diagram, seconds": round(max(warm[1].slowest, drawn.slowest), 2),
        "other exceptions and hangs": len(failures),
        "growth of memory after the first tenth, MB": round(growth / 2**20, 1),
        "minutes": round((time.perf_counter() - begun) / 60, 1),
    }
    click.echo("\n".join(failures[:20]))
    click.echo(json.dumps(figures, indent=2, ensure_ascii=False))
    if write and not failures:
        FIGURES.write_text(
            json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    sys.exit(bool(failures) or growth > MOST_GROWTH)


if __name__ == "__main__":
    main()
