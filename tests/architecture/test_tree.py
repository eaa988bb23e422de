"""What is committed stands alone: no machine's paths, no registry's address, nothing built."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.checkout import ROOT, tracked_files

LARGEST = 1_000_000  # bytes
BINARY = {".png", ".jpg", ".gz", ".woff2", ".mo", ".pdf", ".odt"}
FOLDERS_OF_A_MACHINE = re.compile(r"(?<![\w.$}~-])/(?:tmp|work|home|root|Users)/")
REGISTRIES = re.compile(r"registry\.npmjs|\bpypi\.(?:org|python)|python" r"hosted\.org|npmjs\.com")
CONFLICT = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)


def texts() -> list[tuple[str, str]]:
    me = Path(__file__)
    wanted = [p for p in tracked_files() if p != me and p.suffix not in BINARY]
    return [(p.relative_to(ROOT).as_posix(), p.read_text(encoding="utf-8")) for p in wanted]


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("the path of a machine", FOLDERS_OF_A_MACHINE),
        ("the address of a package registry", REGISTRIES),
        ("an unsettled merge", CONFLICT),
    ],
)
def test_no_file_carries(what: str, pattern: re.Pattern[str]) -> None:
    found = [
        f"{name}: {what}: {m.group()}" for name, text in texts() for m in pattern.finditer(text)
    ]

    assert found == []


@pytest.mark.parametrize("text", ["see /{}/x", 'open("/{}/someone/x")', "cd /{}/there"])
@pytest.mark.parametrize("root", ["tmp", "home", "work"])
def test_a_path_of_a_machine_is_found(text: str, root: str) -> None:
    assert FOLDERS_OF_A_MACHINE.search(text.format(root))


@pytest.mark.parametrize("text", ["docs/work/plan.md", "$HOME/tmp/x", "/workers/", "a/home/b"])
def test_a_path_of_ours_is_not(text: str) -> None:
    assert not FOLDERS_OF_A_MACHINE.search(text)


def test_every_file_ends_with_one_line_end() -> None:
    wrong = [
        name
        for name, text in texts()
        if text and (not text.endswith("\n") or text.endswith("\n\n"))
    ]

    assert wrong == []


def test_no_large_file_is_committed() -> None:
    large = [p.relative_to(ROOT).as_posix() for p in tracked_files() if p.stat().st_size > LARGEST]

    assert large == []


def test_nothing_built_or_installed_is_committed() -> None:
    built = [
        path.relative_to(ROOT).as_posix()
        for path in tracked_files()
        if {"node_modules", "dist", "__pycache__", ".venv"}.intersection(path.parts)
    ]

    assert built == []
