"""Figures as tables for people and as dictionaries for machines. A cell is median (min–max)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from bench.floor import Recording
from bench.sampling import Sample, Spread
from bench.work import sizes

EXPECTED = {"naive": 5.0, "floor": 0.25}
"""Ours over theirs: at least five times the naive engine, at least a quarter of the floor."""
_FIGURES: Mapping[str, Callable[[Sample], float]] = {
    "completions/s": lambda s: s.per_second("complete"),
    "claim+complete/s": lambda s: s.per_second("claim", "complete"),
    "all deeds: completions/s": lambda s: s.per_second("file", "claim", "complete"),
    "complete p50 ms": lambda s: s.quantile_ms("complete", 0.5),
    "complete p99 ms": lambda s: s.quantile_ms("complete", 0.99),
    "CPU ms/completion": lambda s: s.cpu_ms("complete"),
    "CPU ms, all deeds": lambda s: s.cpu_ms("file", "claim", "complete"),
    "KB/case": lambda s: s.bytes_per_case / 1024,
}


def heading(setting: Mapping[str, Any]) -> None:
    click.echo("; ".join(f"{name} {value}" for name, value in setting.items()))
    click.echo(f"forms of W, bytes of JSON: {sizes()}\n")


def interpreter(samples: Sequence[Sample]) -> dict[str, Any]:
    """Steps a second of the interpreter alone."""
    steps = Spread.of(sample.per_second("complete") for sample in samples)
    click.echo(f"interpreter, in memory (load + advance + dump): {steps} steps/s\n")
    return {"steps/s": steps.as_dict()}


def durable(store: str, samples: Sequence[Sample], recording: Recording) -> dict[str, Any]:
    """Durable work on one database: ours, the floor, the naive engine, and the ratios."""
    by_who = {
        who: [sample for sample in samples if sample.who == who]
        for who in ("floor", "ours", "naive")
    }
    figures = {
        who: {name: Spread.of(map(figure, taken)) for name, figure in _FIGURES.items()}
        for who, taken in by_who.items()
    }
    rows = [[who, *(str(figures[who][name]) for name in _FIGURES)] for who in figures]
    _table(f"durable work W on {store}", ["", *_FIGURES], rows)
    counted = {kind: recording.statements_per(kind) for kind in ("file", "claim", "complete")}
    click.echo(
        "statements of ours: "
        + ", ".join(f"{number:.1f} to {kind}" for kind, number in counted.items())
    )
    ratios = _ratios(by_who)
    for name, ratio in ratios.items():
        click.echo(f"{name}: {ratio}")
    click.echo()
    return {
        "figures": {
            who: {name: spread.as_dict() for name, spread in each.items()}
            for who, each in figures.items()
        },
        "statements": counted,
        "ratios": {name: ratio.as_dict() for name, ratio in ratios.items()},
    }


def _ratios(by_who: Mapping[str, Sequence[Sample]]) -> dict[str, Spread]:
    """Ours over theirs, round by round, so that a slow minute is slow for both. The ratios of CPU
    time are steadier where other work shares the core.

    The naive engine knows no claim: to be fair to it, only completions are compared, and then the
    whole of a case with our claims counted against us.
    """
    found = {}
    for other, kinds in (
        ("naive", ("complete",)),
        ("naive", ("file", "claim", "complete")),
        ("floor", ("complete",)),
        ("floor", ("file", "claim", "complete")),
    ):
        what = "completions" if len(kinds) == 1 else "whole cases"
        found[f"ours/{other}, {what} (expected at least {EXPECTED[other]:g})"] = Spread.of(
            ours.per_second(*kinds) / theirs.per_second(*kinds)
            for ours, theirs in zip(by_who["ours"], by_who[other], strict=True)
        )
        found[f"CPU time {other}/ours, {what}"] = Spread.of(
            theirs.cpu_ms(*kinds) / ours.cpu_ms(*kinds)
            for ours, theirs in zip(by_who["ours"], by_who[other], strict=True)
        )
    return found


def ages(store: str, ours: Mapping[int, float], naive: Mapping[int, float]) -> dict[str, Any]:
    """A completion in later and later rounds of a rework loop."""
    numbers = sorted({*ours, *naive})
    rows = [
        [who, *(f"{found[number]:.2f}" if number in found else "–" for number in numbers)]
        for who, found in (("ours", ours), ("naive", naive))
    ]
    heads = [f"round {number}" for number in numbers]
    _table(f"CPU ms per completion by age of the case on {store}", ["", *heads], rows)
    return {"ours": dict(ours), "naive": dict(naive)}


def lists(store: str, found: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
    """What people look at, with more and more open cases."""
    names = [name for name in found[0] if name != "open cases"]
    heads = [f"{row['open cases']:,.0f} open" for row in found]
    rows = [[name, *(f"{row[name]:.2f}" for row in found)] for name in names]
    _table(f"ms per list or deed on {store}, pages of 20", ["", *heads], rows)
    return [dict(row) for row in found]


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(line[at]) for line in (heads, *rows)) for at in range(len(heads))]
    click.echo(title)
    for line in (heads, ["-" * width for width in widths], *rows):
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("| " + " | ".join(cells) + " |")
    click.echo()
