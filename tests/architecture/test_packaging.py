"""What is installed is what was locked, and no install script of a stranger ever runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.architecture.checkout import ROOT, locked, script, settings, tracked_files

UI = ROOT / "web" / "ui"
PYTHON_LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))

# Node and npm as the build sees them: they say their version, note what they were asked, and
# `node build.mjs OUT` leaves a manifest.
NODE = """#!{python}
import pathlib, sys
if sys.argv[1:] == ["--version"]:
    print("v{version}.1.0")
else:
    with open({log!r}, "a") as log:
        print("node", *sys.argv[1:], file=log)
    out = pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    (out / "manifest.json").write_text("{{}}")
"""
NPM = """#!{python}
import sys
with open({log!r}, "a") as log:
    print("npm", *sys.argv[1:], file=log)
"""


class Build:
    """A copy of web/ui in a folder of its own, built with a Node that only takes notes."""

    def __init__(self, folder: Path) -> None:
        self.ui = folder / "web" / "ui"
        self.tools = folder / "bin"
        self.log = folder / "log"
        self.log.touch()
        self.tools.mkdir()
        for path in tracked_files():
            if path.is_relative_to(UI):
                copy = self.ui / path.relative_to(UI)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())

    def give_node(self, version: int) -> None:
        words = {"python": sys.executable, "version": version, "log": str(self.log)}
        for name, text in (("node", NODE), ("npm", NPM)):
            (self.tools / name).write_text(text.format(**words))
            (self.tools / name).chmod(0o755)

    def run(self, deed: str, **switches: str) -> str:
        environment = {"PATH": str(self.tools), "HOME": os.environ.get("HOME", ""), **switches}
        command = [sys.executable, "web/ui/frontend.py", deed]
        folder = self.ui.parents[1]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def notes(self) -> list[str]:
        return self.log.read_text().splitlines()


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return Build(tmp_path)


def test_the_browser_parts_come_from_the_lock_without_install_scripts(build: Build) -> None:
    build.give_node(20)

    build.run("build")

    npm, node = build.notes()
    assert npm.split()[:2] == ["npm", "ci"]
    assert "--ignore-scripts" in npm.split()
    assert node.split()[:2] == ["node", "build.mjs"]


def test_bundles_that_are_up_to_date_are_not_built_again(build: Build) -> None:
    build.give_node(20)
    build.run("build")

    build.run("build")

    assert len(build.notes()) == 2


@pytest.mark.parametrize("source", ["src/viewer.js", "package-lock.json", "build.mjs"])
def test_a_changed_source_is_built(build: Build, source: str) -> None:
    build.give_node(20)
    build.run("build")

    with (build.ui / source).open("a") as file:
        file.write("\n")
    build.run("build")

    assert len(build.notes()) == 4


def test_a_new_enough_node_of_the_system_is_used(build: Build) -> None:
    build.give_node(20)

    assert build.run("requirement") == ""


def test_an_old_node_a_missing_one_or_a_wish_brings_the_locked_wheel(build: Build) -> None:
    (lock,) = locked("requirements-node.lock").items()
    wheel = "==".join(lock)
    assert build.run("requirement") == wheel

    build.give_node(19)
    assert build.run("requirement") == wheel

    build.give_node(20)
    assert build.run("requirement", HUZHENG_UI_NODE="wheel") == wheel


def test_the_browser_parts_can_be_left_out(build: Build) -> None:
    build.give_node(20)

    build.run("build", HUZHENG_UI_SKIP="1")

    assert build.notes() == []
    assert build.run("requirement", HUZHENG_UI_SKIP="1", HUZHENG_UI_NODE="wheel") == ""


def test_no_command_of_ours_lets_install_scripts_run() -> None:
    command = re.compile(r"npm[\"', ]+(?:ci|install|i)\b.*")
    careless = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in tracked_files()
        if path.suffix in {"", ".py", ".md", ".yaml", ".yml", ".json", ".toml", ".mjs"}
        for found in command.finditer(path.read_text(encoding="utf-8"))
        if path != Path(__file__) and "--ignore-scripts" not in found.group()
    ]

    assert careless == []
    assert "ignore-scripts=true" in (UI / ".npmrc").read_text().splitlines()


def test_the_npm_lock_has_hashes_and_no_addresses() -> None:
    lock: dict[str, Any] = json.loads((UI / "package-lock.json").read_text())

    packages = {name: about for name, about in lock["packages"].items() if name}

    assert len(packages) > 30
    assert [name for name, about in packages.items() if "resolved" in about] == []
    unsafe = [n for n, about in packages.items() if not about["integrity"].startswith("sha512-")]
    assert unsafe == []


def test_npm_packages_are_pinned_exactly() -> None:
    package = json.loads((UI / "package.json").read_text())

    wanted = {**package["dependencies"], **package["devDependencies"]}

    assert [f"{n} {v}" for n, v in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", v)] == []


def test_every_npm_package_we_ask_for_is_used() -> None:
    package = json.loads((UI / "package.json").read_text())
    sources = [file for file in (UI / "src").rglob("*") if file.suffix in (".js", ".mjs", ".css")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in sources)

    idle = [
        n for n in package["dependencies"] if not re.search(rf"""["']{n}(/[^"']*)?["']""", text)
    ]

    assert len(sources) > 5
    assert idle == []


@pytest.mark.parametrize("lock", PYTHON_LOCKS)
def test_a_python_lock_has_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]

    assert entries
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text
    assert "--index-url" not in text


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.lock", settings()["project"]["dependencies"]),
        ("requirements-dev.lock", settings()["project"]["dependencies"]),
        ("requirements-dev.lock", settings()["project"]["optional-dependencies"]["dev"]),
        ("requirements-build.lock", settings()["dependency-groups"]["build"]),
        ("requirements-build.lock", settings()["build-system"]["requires"]),
        ("requirements-node.lock", settings()["dependency-groups"]["node"]),
        ("requirements-node.lock", [script("web/ui/frontend.py").NODE_WHEEL]),
    ],
)
def test_the_locks_hold_what_pyproject_asks_for(lock: str, wanted: list[str]) -> None:
    versions = locked(lock)

    for line in wanted:
        requirement = Requirement(line)
        assert requirement.specifier.contains(versions[requirement.name.lower()]), line


def test_the_locks_agree_with_each_other() -> None:
    developer = locked("requirements-dev.lock")

    assert locked("requirements.lock").items() <= developer.items()
    build = locked("requirements-build.lock")
    assert {name: build[name] for name in build.keys() & developer.keys()}.items() <= (
        developer.items()
    )


def test_the_wheel_carries_the_bundles_and_not_their_sources() -> None:
    wheel = settings()["tool"]["hatch"]["build"]["targets"]["wheel"]

    assert wheel["artifacts"] == ["web/static/dist/**"]
    assert wheel["exclude"] == ["web/ui"]
