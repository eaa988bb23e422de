"""Who may import whom: the contract holds, and each of its clauses can fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.checkout import PACKAGES, ROOT, settings

LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(LINT_IMPORTS), "--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_our_imports_keep_the_contract() -> None:
    done = lint_imports(ROOT)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contract_covers_every_package() -> None:
    assert sorted(settings()["tool"]["importlinter"]["root_packages"]) == sorted(PACKAGES)


@pytest.fixture
def small_tree(tmp_path: Path) -> Path:
    """A tree with our packages and hardly anything in them, which keeps the contract."""
    for package in (*PACKAGES, "engine/bpmn"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("")
    (tmp_path / "app.py").write_text("import api, web\n")
    (tmp_path / "engine/bpmn/parser.py").write_text("import SpiffWorkflow\n")
    (tmp_path / "engine/cases.py").write_text("import store, feel, engine.bpmn.parser\n")
    return tmp_path


def test_a_tree_that_keeps_the_contract_passes(small_tree: Path) -> None:
    done = lint_imports(small_tree)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "imported", "clause"),
    [
        ("feel/terms.py", "engine", "imports only lines below"),
        ("feel/terms.py", "store", "names on one line are strangers"),
        ("api/cases.py", "web", "names on one line are strangers"),
        ("sla/clocks.py", "agencies", "names on one line are strangers"),
        ("engine/timers.py", "sla", "imports only lines below"),
        ("sla/clocks.py", "app", "nothing imports it"),
        ("engine/bpmn/tokens.py", "sqlalchemy", "engine.bpmn is pure"),
        ("engine/bpmn/tokens.py", "store", "engine.bpmn is pure"),
        ("engine/user_tasks.py", "SpiffWorkflow", "only engine.bpmn knows SpiffWorkflow"),
        ("web/pages.py", "SpiffWorkflow", "only engine.bpmn knows SpiffWorkflow"),
    ],
)
def test_a_broken_clause_is_found(
    small_tree: Path, module: str, imported: str, clause: str
) -> None:
    (small_tree / module).write_text(f"import {imported}\n")

    done = lint_imports(small_tree)

    assert done.returncode == 1
    broken = [line for line in done.stdout.splitlines() if " BROKEN" in line]
    assert any(clause in line for line in broken), done.stdout
