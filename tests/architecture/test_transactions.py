"""Rule 5 and rule 6: one verb, one transaction, opened at the edge; nothing is sent inside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EDGES = frozenset(
    {
        # Beats take one due row per transaction, so they open it themselves.
        "engine/due.py",
        "engine/message_beat.py",
        "engine/sealing.py",
        "sla/escalation.py",
        "sla/month_figures.py",
        "sla/monthly_lists.py",
        "sla/duties.py",
        "sla/queues.py",
        "engine/accounts.py",  # a password is hashed between two transactions, never in one
        "engine/verification.py",  # reads a chain of any length in pieces
        "engine/list_reading.py",  # a long table is read outside the one that keeps it
        "engine/workers.py",  # says that a worker lives, apart from what it works on
        "engine/housekeeping.py",  # forgets some at a time, so that nobody waits for it
        "engine/installation.py",  # asked once, when a process starts
        "engine/commands.py",  # the command line's edge
        "agencies/dispatch.py",
        "agencies/attachment_scans.py",  # a scanner is asked between two transactions, never in one
        "engine/backups.py",  # copies whole databases; a command and no verb
        "engine/rewrapping.py",  # wraps keys again some at a time, so that nobody waits for it
    }
)
NETWORK = frozenset({"urllib3", "requests", "httpx", "socket", "http", "smtplib", "urllib"})


def modules(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    for package in packages:
        yield from _read(package)


@lru_cache
def _read(package: str) -> tuple[tuple[str, ast.Module], ...]:
    files = (ROOT / package).rglob("*.py")
    return tuple(
        (file.relative_to(ROOT).as_posix(), ast.parse(file.read_text()))
        for file in sorted(files)
        if "node_modules" not in file.parts
    )


def calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def attribute_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def test_only_the_store_ends_a_transaction() -> None:
    found = [
        f"{name}:{call.lineno}"
        for name, tree in modules("engine", "sla", "agencies", "api", "web")
        for call in calls(tree)
        if attribute_of(call) in {"commit", "rollback", "begin"}
    ]

    assert found == []


def test_verbs_are_given_their_transaction() -> None:
    found = {
        name
        for name, tree in modules("engine", "sla")
        for call in calls(tree)
        if attribute_of(call) in {"transaction", "run"}
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in {"db", "database"}
    }

    assert found <= EDGES


def test_the_engine_reaches_no_network() -> None:
    found = [
        f"{name}: {imported}"
        for name, tree in modules("engine", "sla", "feel")
        for node in ast.walk(tree)
        for imported in _imports(node)
        if imported.split(".")[0] in NETWORK and not imported.startswith("urllib.parse")
    ]

    assert found == []


def test_nobody_uses_an_orm() -> None:
    found = [
        f"{name}: {imported}"
        for name, tree in modules("engine", "sla", "agencies", "api", "web", "store")
        for node in ast.walk(tree)
        for imported in _imports(node)
        if imported.startswith("sqlalchemy.orm")
    ]

    assert found == []


@pytest.mark.parametrize("table", ["history", "clock_entries", "history_seals", "history_blocks"])
def test_rows_that_tell_what_happened_are_never_changed(table: str) -> None:
    found = [
        f"{name}:{call.lineno}"
        for name, tree in modules("engine", "sla", "agencies", "api", "web", "store")
        for call in calls(tree)
        if isinstance(call.func, ast.Name)
        and call.func.id in {"update", "delete"}
        and call.args
        and isinstance(call.args[0], ast.Name)
        and call.args[0].id == table
    ]

    assert found == []


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []
