"""`python -m bench.through_http`: completions through HTTP and the API, and how late timers fire.

Real processes on loopback: web servers (`--nodes`, each on a port of its own), a worker and
PostgreSQL, on all the cores there are, which the caller shares. Cases are filed and their first
tasks claimed beforehand; what is counted is `POST …/complete`, answered 200 and durable.
"""

from __future__ import annotations

import json
import queue
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import click
from sqlalchemy import select, update

from bench.databases import POSTGRESQL, scratch
from bench.ours import OFFICE, Ours, now, prepare
from bench.sampling import Sample
from bench.work import DATA, FORMS, START
from engine import accounts, sessions, user_tasks
from engine.actors import Actor, system
from engine.installation import install
from store.database import Database
from store.tables import timers as timers_table
from store.tables import user_tasks as tasks_table
from tests.support.served import Served

TIMERS_A_SECOND = 20
_pause = threading.Event()


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, its bytes made beforehand: the caller shares the cores."""

    port: int
    sent: bytes


@click.command()
@click.option("--nodes", default=2, show_default=True, help="Web servers.")
@click.option("--callers", default=8, show_default=True, help="Connections that ask at once.")
@click.option("--completions", default=3_000, show_default=True)
@click.option("--timers", default=400, show_default=True, help=f"{TIMERS_A_SECOND} due a second.")
def main(*, nodes: int, callers: int, completions: int, timers: int) -> None:
    """Measure what somebody outside sees (see docs/performance.md)."""
    with scratch(with_postgresql=True) as place, ExitStack() as stack:
        url, staff = prepare(place, POSTGRESQL)
        ours = Ours(url, staff)
        stack.callback(ours.close)
        install(ours.db, "demo", now())
        token = _signed_in(ours.db, staff.recorder)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="huzheng-bench-")))
        ports = [stack.enter_context(_process(folder, url, "web")).web_port for _ in range(nodes)]
        claimed = list(_claimed(ours, staff.recorder, completions + callers * nodes))
        asked = [
            Asked(ports[at % nodes], _request(task, token, ports[at % nodes]))
            for at, task in enumerate(claimed)
        ]
        _drive(asked[: callers * nodes], callers)  # warms up
        took, seconds = _drive(asked[callers * nodes :], callers)
        _tell_completions(took, seconds)
        stack.enter_context(_process(folder, url, "worker"))
        _tell_lateness(_lateness(ours, timers))


# --- completions --------------------------------------------------------------------------------


def _signed_in(db: Database, actor: Actor) -> str:
    with db.transaction() as tx:
        new = accounts.NewAccount(actor.person_id, "bench.counter", must_change_password=False)  # type: ignore[arg-type]
        account = accounts.create_account(tx, new, system(OFFICE), now())
        return sessions.start(tx, account, now())


def _claimed(ours: Ours, actor: Actor, count: int) -> Iterator[tuple[UUID, int]]:
    """Id and version of so many first tasks, each of a case of its own."""
    sample = Sample("ours", POSTGRESQL, count)
    for _ in range(count):
        case_id = ours.file("W", START, DATA, sample)
        with ours.db.transaction() as tx:
            of_case = tasks_table.c.case_id == case_id
            task_id = tx.execute(select(tasks_table.c.id).where(of_case)).scalar_one()
            user_tasks.claim(tx, task_id, actor, now())
            version = select(tasks_table.c.version).where(tasks_table.c.id == task_id)
            yield task_id, tx.execute(version).scalar_one()


def _request(task: tuple[UUID, int], token: str, port: int) -> bytes:
    task_id, version = task
    body = json.dumps({"values": FORMS["intake"]}).encode()
    head = (
        f"POST /api/v1/user-tasks/{task_id}/complete HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f'If-Match: "{version}"',
        f"Idempotency-Key: {uuid4()}",
    )
    return "\r\n".join((*head, "", "")).encode() + body


def _drive(asked: list[Asked], callers: int) -> tuple[list[float], float]:
    """Ask everything, so many at once; seconds of each, and of all."""
    waiting: queue.SimpleQueue[Asked] = queue.SimpleQueue()
    for each in asked:
        waiting.put(each)
    took: list[float] = []
    refused: list[str] = []
    threads = [
        threading.Thread(target=_caller, args=(waiting, took, refused)) for _ in range(callers)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refused:
        raise SystemExit(f"{len(refused)} of {len(asked)} were refused, the first: {refused[0]}")
    return took, time.perf_counter() - began


def _caller(waiting: queue.SimpleQueue[Asked], took: list[float], refused: list[str]) -> None:
    lines: dict[int, socket.socket] = {}
    while True:
        try:
            each = waiting.get_nowait()
        except queue.Empty:
            break
        if each.port not in lines:
            lines[each.port] = socket.create_connection(("127.0.0.1", each.port), 30)
            lines[each.port].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began = time.perf_counter()
        lines[each.port].sendall(each.sent)
        answer = _answer(lines[each.port])
        took.append(time.perf_counter() - began)
        if b" 200 " not in answer.split(b"\r\n", 1)[0]:
            refused.append(answer[-400:].decode(errors="replace"))
    for line in lines.values():
        line.close()


def _answer(line: socket.socket) -> bytes:
    """One answer, whole: its head says how long the body is."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += _some(line)
    head, _, body = read.partition(b"\r\n\r\n")
    length = next(
        int(each.split(b":")[1])
        for each in head.split(b"\r\n")
        if each.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += _some(line)
    return head + b"\r\n\r\n" + body


def _some(line: socket.socket) -> bytes:
    read = line.recv(65_536)
    if not read:
        raise SystemExit("The server closed the connection")
    return read


def _tell_completions(took: list[float], seconds: float) -> None:
    ms = [1000 * each for each in sorted(took)]
    p50, p99 = statistics.median(ms), ms[int(0.99 * len(ms))]
    click.echo(
        f"{len(ms)} through HTTP in {seconds:.1f} s: {len(ms) / seconds:,.0f} a second, "
        f"p50 {p50:.1f} ms, p99 {p99:.1f} ms ({p99 / p50:.1f} times), longest {ms[-1]:.0f} ms"
    )


# --- timers -------------------------------------------------------------------------------------


def _lateness(ours: Ours, count: int) -> list[float]:
    """Seconds after its moment that each timer fired, evenly due in the seconds to come."""
    sample = Sample("ours", POSTGRESQL, count)
    for _ in range(count):  # the third task of W has a boundary timer
        case_id = ours.file("W", START, DATA, sample)
        for element in ("intake", "check"):
            ours.do(case_id, element, FORMS[element], sample)
    with ours.db.transaction() as tx:
        waiting = select(timers_table.c.id).where(timers_table.c.status == "waiting").limit(count)
        ids = list(tx.scalars(waiting))
        first = now() + timedelta(seconds=2)
        for at, timer in enumerate(ids):
            due_at = first + timedelta(seconds=at / TIMERS_A_SECOND)
            moved = update(timers_table).where(timers_table.c.id == timer)
            tx.execute(moved.values(due_at=due_at))
    ours.db.wake("timers")
    fired = select(timers_table.c.due_at, timers_table.c.fired_at).where(
        timers_table.c.id.in_(ids), timers_table.c.status == "fired"
    )
    latest = time.monotonic() + len(ids) / TIMERS_A_SECOND + 30
    while time.monotonic() < latest:
        _pause.wait(1)
        with ours.db.transaction(read_only=True) as tx:
            rows = tx.execute(fired).all()
        if len(rows) == len(ids):
            return [(row.fired_at - row.due_at).total_seconds() for row in rows]
    raise SystemExit(f"Only {len(rows)} of {len(ids)} timers fired")


def _tell_lateness(late: list[float]) -> None:
    ordered = sorted(late)
    click.echo(
        f"{len(ordered)} timers, {TIMERS_A_SECOND} due a second: late by "
        f"{1000 * statistics.median(ordered):.0f} ms at the median, "
        f"{1000 * ordered[int(0.99 * len(ordered))]:.0f} ms at p99"
    )


# --- processes ----------------------------------------------------------------------------------


@contextmanager
def _process(folder: Path, url: str, name: str) -> Iterator[Served]:
    """One process of the product, once it answers."""
    served = Served(folder, url, {"HUZHENG_API_CALLS_A_MINUTE": "0", "HUZHENG_AGENCIES": ""})
    served.start(name)
    try:
        yield served
    finally:
        served.stop()


if __name__ == "__main__":
    main()
