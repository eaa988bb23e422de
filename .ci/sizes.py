"""Print how long our functions and files are, against the budgets; fail only on "never over".

A long table, grammar or `match` over a closed list may be exempt. Its `def` line, or for a file one
of its first three lines, then says why:

    def project(...) -> None:  # sizes: exempt — one branch for each fact

Medians are a conversation, the ceiling is a wall. Docstrings are not counted: they are wanted.
"""

from __future__ import annotations

import ast
import re
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("app.py", "feel", "store", "engine", "sla", "agencies", "api", "web")
OTHER_CODE = ("tests", "bench", ".ci")
OURS = {name.removesuffix(".py") for name in PACKAGES}
EXEMPT = re.compile(r"# sizes: exempt (?:—|-|:) *\S+")
GENERATED = {"node_modules", "dist", "__pycache__", ".venv"}


@dataclass(frozen=True)
class Budget:
    """What a measure should be in the middle, at 95 in 100, and never exceed."""

    median: int
    most: int
    ceiling: int


BUDGETS = {
    "lines of a function": Budget(8, 30, 50),
    "lines of a test": Budget(8, 20, 40),
    "lines of a file": Budget(100, 300, 450),
    "our imports in a module": Budget(4, 8, 12),
    "parameters": Budget(3, 5, 6),
}


@dataclass(frozen=True)
class Measured:
    """One number, and where it was found."""

    measure: str
    size: int
    where: str
    is_exempt: bool = False

    @property
    def is_over(self) -> bool:
        return not self.is_exempt and self.size > BUDGETS[self.measure].ceiling


def measure_file(path: Path, name: str) -> Iterator[Measured]:
    """Measure one file; `name` is how the report calls it."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    is_exempt = any(EXEMPT.search(line) for line in lines[:3])
    yield Measured("lines of a file", len(lines), name, is_exempt)
    if path.suffix != ".py":
        return
    tree = ast.parse(text)
    yield Measured("our imports in a module", _our_imports(tree), name, is_exempt)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _measure_function(node, lines, name)


def _measure_function(
    node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str], name: str
) -> Iterator[Measured]:
    where = f"{name}:{node.lineno} {node.name}"
    signature = lines[node.lineno - 1 : node.body[0].lineno]
    is_exempt = any(EXEMPT.search(line) for line in signature)
    is_test = name.startswith("tests/") and node.name.startswith("test_")
    measure = "lines of a test" if is_test else "lines of a function"
    yield Measured(measure, _length(node), where, is_exempt)
    if not is_test:  # a test's parameters are fixtures
        yield Measured("parameters", _parameters(node), where, is_exempt)


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    length = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is not None:
        length -= (first.end_lineno or first.lineno) - first.lineno + 1
    return length


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return sum(argument.arg not in {"self", "cls"} for argument in given)


def _our_imports(tree: ast.Module) -> int:
    modules: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            modules.add(node.module)
    return sum(module.split(".")[0] in OURS for module in modules)


def source_files(root: Path) -> Iterator[Path]:
    """Our Python, and the JavaScript and CSS of the front end; nothing built or installed."""
    for place in (*PACKAGES, *OTHER_CODE):
        found = [root / place] if place.endswith(".py") else sorted((root / place).rglob("*"))
        for path in found:
            is_source = path.suffix in {".py", ".js", ".mjs", ".css"} and path.is_file()
            if is_source and not GENERATED.intersection(path.relative_to(root).parts):
                yield path


def measure_tree(root: Path) -> list[Measured]:
    """Measure every source file below `root`."""
    return [
        measured
        for path in source_files(root)
        for measured in measure_file(path, path.relative_to(root).as_posix())
    ]


def report(found: list[Measured]) -> Iterator[str]:
    """Say in lines of text how `found` stands against the budgets."""
    by_measure: dict[str, list[Measured]] = defaultdict(list)
    for measured in found:
        by_measure[measured.measure].append(measured)
    yield f"{'':26}{'count':>7}{'median':>12}{'95 %':>12}{'longest':>13}"
    for measure, budget in BUDGETS.items():
        all_of_it = by_measure[measure]
        if all_of_it:
            yield _line(measure, [measured.size for measured in all_of_it], budget)
            longest = sorted(all_of_it, key=lambda measured: -measured.size)[:3]
            yield from (f"    {m.size:>5}  {m.where}{_exempt(m)}" for m in longest)


def _line(measure: str, sizes: list[int], budget: Budget) -> str:
    median = f"{statistics.median(sizes):.0f} of {budget.median}"
    most = f"{sorted(sizes)[int(0.95 * (len(sizes) - 1))]} of {budget.most}"
    longest = f"{max(sizes)} of {budget.ceiling}"
    return f"{measure:26}{len(sizes):>7}{median:>12}{most:>12}{longest:>13}"


def _exempt(measured: Measured) -> str:
    return " (exempt)" if measured.is_exempt else ""


def main() -> int:
    found = measure_tree(Path(__file__).resolve().parents[1])
    print("\n".join(report(found)))
    over = [measured for measured in found if measured.is_over]
    for measured in over:
        ceiling = BUDGETS[measured.measure].ceiling
        print(f"over: {measured.where}: {measured.size} {measured.measure}, never over {ceiling}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
