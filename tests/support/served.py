"""The system as its users run it: `huzheng` processes in a folder of their own, on loopback.

Nothing here opens the database. What has to be set up, the command line sets up.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import urllib3

ROOT = Path(__file__).resolve().parents[2]
START_UP = 60.0  # seconds a process may take to answer on a machine that is busy
PATIENCE = 60.0  # seconds until something that shall happen must have happened
_pause = threading.Event()


@dataclass(slots=True)
class Served:
    """A demo installation: one web server, one worker, and the agencies' sandbox."""

    folder: Path
    database_url: str
    settings: dict[str, str] = field(default_factory=dict)
    """Of the environment, over those of the demo; for processes started from now on."""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    web_port: int = field(default_factory=lambda: free_port())
    sandbox_port: int = field(default_factory=lambda: free_port())
    http: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(connect=2, read=30)
        )
    )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    # --- set-up ---------------------------------------------------------------------------------

    def found(self) -> None:
        """The demo office with its people and packages, and no case."""
        self.run("demo", "seed", "--cases", "0")

    def run(self, *arguments: str) -> str:
        """Run `huzheng` with these arguments and return what it prints."""
        done = subprocess.run(
            _command(*arguments),
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        if done.returncode != 0:
            raise AssertionError(
                f"{arguments} ended with {done.returncode}:\n{done.stderr[-4000:]}"
            )
        return done.stdout

    # --- processes ------------------------------------------------------------------------------

    def start(self, *names: str) -> None:
        """Start `web`, `worker`, `sandbox`; returns once those that listen answer."""
        for name in names:
            with (self.folder / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    _command(*self._arguments(name)),
                    cwd=self.folder,
                    env=self._environment(),
                    stdout=log,
                    stderr=log,
                )
        for name in names:
            if name != "worker":
                self._wait_until_up(name)

    def stop(self, *names: str) -> None:
        """Ask processes to end (SIGTERM), and wait until they have."""
        ending = {name: self.processes.pop(name) for name in names or tuple(self.processes)}
        for process in ending.values():
            process.send_signal(signal.SIGTERM)
        for process in ending.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")[-4_000:]

    def faults(self) -> list[str]:
        """What the processes themselves logged as an error, by process."""
        return [
            f"{file.stem}: {line}"
            for file in sorted(self.folder.glob("*.log"))
            for line in file.read_text(errors="replace").splitlines()
            if "[error" in line or line.startswith("Traceback")
        ]

    # --- below ----------------------------------------------------------------------------------

    def _arguments(self, name: str) -> tuple[str, ...]:
        if name == "sandbox":
            secret = str(self.folder / "demo" / "secrets" / "agencies.key")
            return ("sandbox", "--port", str(self.sandbox_port), "--secret-file", secret)
        return ("web", "--port", str(self.web_port)) if name == "web" else (name,)

    def _wait_until_up(self, name: str) -> None:
        url = self.url if name == "web" else self.sandbox_url

        def answers() -> bool:
            if self.processes[name].poll() is not None:
                raise AssertionError(f"{name} has ended:\n{self.log(name)}")
            try:
                return self.http.request("GET", f"{url}/health/live").status == 200
            except urllib3.exceptions.HTTPError:
                return False

        eventually(answers, f"{name} answers", START_UP)

    def _environment(self) -> dict[str, str]:
        """`huzheng demo seed` writes where the agencies are, and their key, below `demo`."""
        passed = ("PATH", "HOME", "LANG", "TMPDIR")
        return {
            **{name: os.environ[name] for name in passed if name in os.environ},
            "DATABASE_URL": self.database_url,
            "HUZHENG_VAR": str(self.folder),
            "HUZHENG_AGENCIES": str(self.folder / "demo" / "agencies.yaml"),
            "HUZHENG_PUBLIC_URL": self.url,
            "HUZHENG_SANDBOX_PORT": str(self.sandbox_port),
            **self.settings,
        }


def eventually(holds: Callable[[], bool], what: str, within: float = PATIENCE) -> None:
    """Look again and again until it holds: for what other processes do in their own time."""
    for _ in range(int(within / 0.2)):
        if holds():
            return
        _pause.wait(0.2)
    raise AssertionError(f"Expected that {what}, but not within {within:.0f} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _command(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "app.py"), *arguments]
