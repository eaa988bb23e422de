"""The system under test as operating system processes: started, killed by their id, looked at."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import urllib3
import yaml

from tests.chaos import forks

ROOT = Path(__file__).resolve().parents[2]
START_UP = 30.0  # seconds a process may take to answer
LONGEST_RUN = 120.0  # seconds for one that ends by itself


@dataclass
class System:
    """One installation in a folder of its own. `changes` are those of `tests.chaos.launcher`."""

    folder: Path
    database_url: str
    changes: tuple[str, ...] = ("short_leases",)
    processes: dict[str, BaseProcess] = field(default_factory=dict)
    starts: int = 0
    http: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(connect=1, read=5)
        )
    )

    def __post_init__(self) -> None:
        self.web_port, self.sandbox_port = _free_port(), _free_port()
        self.url = f"http://127.0.0.1:{self.web_port}"
        self.sandbox_url = f"http://127.0.0.1:{self.sandbox_port}"
        self._secret = self.folder / "agencies.key"
        self._secret.write_text(secrets.token_hex(32))
        agencies = {"tax": {"url": f"{self.sandbox_url}/tax", "secret_file": str(self._secret)}}
        (self.folder / "agencies.yaml").write_text(yaml.safe_dump(agencies))

    # --- before and after -----------------------------------------------------------------------

    def prepare(self, *options: str) -> list[dict[str, str]]:
        """Make the production database and its office. Returns the accounts."""
        self.run("tests.chaos.launcher", "--", "db", "init")
        told = self.run("tests.chaos.office", *options)
        staff: list[dict[str, str]] = json.loads(told.splitlines()[-1])
        return staff

    def stop(self) -> None:
        """End what still runs, by its id."""
        for name in list(self.processes):
            self.kill(name)
        self.http.clear()

    def run(self, module: str, *words: str) -> str:
        """Run the module's `main(words)` to its end. Returns what it printed."""
        died, told = self._to_its_end(module, words, "")
        if died:
            raise AssertionError(f"{words} was killed:\n{told}")
        return told

    def dies_at(self, failpoint: str, module: str, *words: str) -> bool:
        """Run the module's `main(words)`. Whether it came to the failpoint before its end."""
        return self._to_its_end(module, words, failpoint)[0]

    # --- processes ------------------------------------------------------------------------------

    def start(self, name: str, failpoint: str = "") -> None:
        """Start `web`, `sandbox` or a worker (any other name), perhaps to die at a failpoint."""
        arguments = {
            "web": ("web", "--port", str(self.web_port)),
            "sandbox": (
                *("sandbox", "--port", str(self.sandbox_port)),
                *("--secret-file", str(self._secret)),
            ),
        }.get(name, ("worker",))
        self.starts += 1
        log = self.folder / f"{name}.log"
        words = (*self.changes, "--", *arguments)
        self.processes[name] = self._begin("tests.chaos.launcher", words, log, failpoint)

    def kill(self, name: str) -> bool:
        """SIGKILL. True if the process was alive until now, False if a failpoint was faster."""
        process = self.processes.pop(name)
        was_alive = process.is_alive()
        process.kill()
        process.join(10)
        if process.exitcode != -signal.SIGKILL:
            raise AssertionError(
                f"{name} ended by itself with {process.exitcode}:\n{self.log(name)}"
            )
        return was_alive

    def is_alive(self, name: str) -> bool:
        return self.processes[name].is_alive()

    def wait_until_up(self, url: str, name: str) -> None:
        """Wait until `url` answers; returns also if `name` has died before."""
        pause = threading.Event()
        for _ in range(int(START_UP / 0.05)):
            try:
                self.http.request("GET", f"{url}/health/live")
                return
            except urllib3.exceptions.HTTPError:
                if not self.is_alive(name):
                    return
            pause.wait(0.05)
        raise AssertionError(f"{name} does not answer after {START_UP} s:\n{self.log(name)}")

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")[-4_000:]

    def received(self) -> list[dict[str, Any]]:
        """What the agencies took, once for each idempotency key."""
        answer = self.http.request("GET", f"{self.sandbox_url}/control/received")
        effects: list[dict[str, Any]] = answer.json()["effects"]
        return effects

    # --- below ----------------------------------------------------------------------------------

    def _environment(self) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "DATABASE_URL": self.database_url,
            "HUZHENG_VAR": str(self.folder),
            "HUZHENG_AGENCIES": str(self.folder / "agencies.yaml"),
            "HUZHENG_PUBLIC_URL": self.url,
            "HUZHENG_API_CALLS_A_MINUTE": "0",
        }

    def _to_its_end(self, module: str, words: Sequence[str], failpoint: str) -> tuple[bool, str]:
        log = self.folder / "run.log"
        log.unlink(missing_ok=True)
        process = self._begin(module, words, log, failpoint)
        process.join(LONGEST_RUN)
        told = log.read_text(errors="replace") if log.exists() else ""
        if process.exitcode not in (0, -signal.SIGKILL):
            raise AssertionError(f"{words} ended with {process.exitcode}:\n{told}")
        return process.exitcode != 0, told

    def _begin(self, module: str, words: Sequence[str], log: Path, failpoint: str) -> BaseProcess:
        return forks.start(module, words, {**self._environment(), "FAILPOINT": failpoint}, log)


def workers(count: int) -> Sequence[str]:
    return [f"worker-{number}" for number in range(count)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
