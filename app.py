"""Joins the parts: settings, wiring, the web application, the worker, the command line.

Nothing imports this module. What listens to what stands in `wire`; what time makes due stands in
`beats`. Both are lists you can read.
"""

from __future__ import annotations

import atexit
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
import structlog
import yaml
from flask import Flask
from sqlalchemy import Connection, insert, select

import api
import web
from agencies import dispatch, outbox
from agencies import notices as agency_notices
from agencies.directory import DIRECTORY
from agencies.sandbox import create_sandbox
from agencies.transports import Endpoint, HttpTransport, MailTransport, Transport
from engine import (
    cases,
    events,
    functions,
    history,
    keys,
    messages,
    service_tasks,
    signals,
    timers,
)
from engine import commands as engine_commands
from engine.clock import Clock, SystemClock
from engine.demo_clock import DemoClock
from engine.keyring import Keyring
from feel import commands as feel_commands
from sla import chase, escalation, listeners
from sla import commands as sla_commands
from sla import functions as sla_functions
from sla.beats import Beat, Worker
from store.database import Database, open_database
from store.tables import installation

HERE = Path(__file__).resolve().parent
LIBRARY = HERE / "bpmn"
log = structlog.get_logger()


# --- settings -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are. From the environment; every default is safe and local."""

    database_url: str
    secrets_folder: Path
    public_url: str
    agencies_file: Path | None
    smtp_url: str | None
    mail_sender: str

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        var = Path(environ.get("HUZHENG_VAR", "var")).resolve()
        var.mkdir(parents=True, exist_ok=True)
        agencies_file = environ.get("HUZHENG_AGENCIES")
        return cls(
            database_url=environ.get("DATABASE_URL", f"sqlite:///{var / 'huzheng.db'}"),
            secrets_folder=Path(environ.get("HUZHENG_SECRETS", var / "secrets")),
            public_url=environ.get("HUZHENG_PUBLIC_URL", "http://127.0.0.1:8080"),
            agencies_file=Path(agencies_file) if agencies_file else None,
            smtp_url=environ.get("HUZHENG_SMTP_URL"),
            mail_sender=environ.get("HUZHENG_MAIL_SENDER", "huzheng@office.invalid"),
        )

    def secret(self, name: str) -> bytes:
        """A secret of this installation, made once, readable by its owner only."""
        self.secrets_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.secrets_folder / name
        if not path.exists():
            # Exclusive: of two processes that start together, one makes it and both read it.
            try:
                with os.fdopen(
                    os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
                ) as f:
                    f.write(secrets.token_hex(32).encode())
            except FileExistsError:
                pass
        return path.read_bytes()


@dataclass(frozen=True, slots=True)
class Parts:
    """What a process works with."""

    settings: Settings
    db: Database
    clock: Clock
    demo: bool


def open_parts(settings: Settings) -> Parts:
    """Open the database, load the keys, wire the listeners. The schema must be at head."""
    db = open_database(settings.database_url)
    db.upgrade()
    demo = _mode(db) == "demo"
    keys.use(keyring_of(settings, demo=demo))
    wire()
    return Parts(settings, db, DemoClock(db) if demo else SystemClock(), demo)


def keyring_of(settings: Settings, *, demo: bool) -> Keyring:
    """Demo data is protected by keys that everybody knows; real data by the office's own."""
    return Keyring.for_demo() if demo else Keyring.load(settings.secrets_folder / "keys")


def _mode(db: Database) -> str | None:
    with db.transaction(read_only=True) as tx:
        return tx.scalar(select(installation.c.mode).where(installation.c.id == 1))


def install(db: Database, mode: str, now: datetime) -> None:
    """Say what this database is, once. Refuses to turn one kind into the other."""
    known = _mode(db)
    if known == mode:
        return
    if known is not None:
        raise click.ClickException(
            f"Expected a {mode} database, but this is a {known} one; set DATABASE_URL to another"
        )
    with db.transaction() as tx:
        tx.execute(insert(installation).values(id=1, mode=mode, created_at=now))


# --- wiring -------------------------------------------------------------------------------------


def wire() -> None:
    """Who listens to whom, and what the operations of diagrams mean."""
    events.subscribe(events.CaseFiled, listeners.case_filed)
    events.subscribe(events.CaseClosed, listeners.case_ended)
    events.subscribe(events.CaseWithdrawn, listeners.case_ended)
    events.subscribe(events.CaseClosed, chase.tell_closed)
    events.subscribe(events.CaseWithdrawn, chase.tell_closed)
    events.subscribe(events.CaseWithdrawn, outbox.forget_case)
    events.subscribe(events.UserTaskCreated, listeners.user_task_created)
    events.subscribe(events.UserTaskEnded, listeners.user_task_ended)
    events.subscribe(events.ClockTimerScheduled, listeners.timer_scheduled)
    events.subscribe(events.ServiceTaskCancelled, outbox.forget)

    service_tasks.register("clock.start", listeners.start_clock)
    service_tasks.register("clock.pause", listeners.pause_clock)
    service_tasks.register("clock.resume", listeners.resume_clock)
    service_tasks.register("clock.stop", listeners.stop_clock)
    service_tasks.register("notice.issue", agency_notices.issue)
    service_tasks.register("agency.notify", outbox.enqueue)
    service_tasks.register("agency.look_up", outbox.enqueue)
    service_tasks.register("case.annotate", cases.annotate_from_diagram)

    for name, function in sla_functions.FUNCTIONS.items():
        functions.register(name, function)


WAYS = escalation.Ways(mail=outbox.enqueue_mail, chase=chase.start)


def beats(parts: Parts, worker: str) -> tuple[Beat, ...]:
    """What time makes due."""
    transports = transports_of(parts.settings)

    def rungs(db: Database, now: datetime) -> bool:
        return escalation.fire_next_rung(db, WAYS, now)

    def send(db: Database, now: datetime) -> bool:
        return dispatch.send_next(db, transports, worker, now)

    def next_send(tx: Connection) -> datetime | None:
        return dispatch.next_due(tx, tuple(transports))

    return (
        Beat("timers", timers.fire_next, timers.next_due, ("timers",)),
        Beat("rungs", rungs, escalation.next_due, ("rungs",)),
        Beat("outbox", send, next_send, ("outbox",)),
        Beat("signals", signals.deliver_next, signals.next_due, ("jobs",)),
        Beat("messages", messages.deliver_next, messages.next_due, ("jobs",)),
        Beat("history", history.seal_next, _no_due, ("history",)),
    )


def _no_due(_tx: Connection) -> datetime | None:
    return None


def endpoints_of(settings: Settings) -> dict[str, Endpoint]:
    """Where the agencies are: `HUZHENG_AGENCIES`, a YAML file of id → url, secret_file."""
    if settings.agencies_file is None:
        return {}
    listed = yaml.safe_load(settings.agencies_file.read_text(encoding="utf-8")) or {}
    unknown = set(listed) - set(DIRECTORY)
    if unknown:
        raise click.ClickException(
            f"{settings.agencies_file}: there are no agencies {sorted(unknown)}; "
            f"known are {sorted(DIRECTORY)}"
        )
    folder = settings.agencies_file.parent
    return {
        agency: Endpoint(
            url=entry["url"].rstrip("/"),
            secret=(folder / entry["secret_file"]).read_bytes().strip(),
            callback=f"{settings.public_url}/api/v1/agencies/{agency}/answers",
        )
        for agency, entry in listed.items()
    }


def transports_of(settings: Settings) -> dict[str, Transport]:
    """The ways out. An operation without a way stays queued, and operations shows it."""
    ways: dict[str, Transport] = {}
    endpoints = endpoints_of(settings)
    if endpoints:
        agencies = HttpTransport(endpoints)
        ways["agency.notify"] = agencies
        ways["agency.look_up"] = agencies
    if settings.smtp_url:
        ways["mail.send"] = MailTransport(settings.smtp_url, settings.mail_sender)
    return ways


def create_app(parts: Parts) -> Flask:
    """The web application: pages and API over the same verbs."""
    app = Flask("huzheng", static_folder=None)
    app.secret_key = parts.settings.secret("session.key")
    api.create_api(
        app,
        api.ApiContext(
            db=parts.db,
            clock=parts.clock,
            demo=parts.demo,
            library=LIBRARY,
            endpoints=endpoints_of(parts.settings),
        ),
    )
    web.create_pages(
        app,
        web.WebContext(db=parts.db, clock=parts.clock, demo=parts.demo, library=LIBRARY),
    )
    return app


# --- command line -------------------------------------------------------------------------------


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """Huzheng BPM (戶政流程引擎): cases, legal time, agencies."""
    context.obj = context.obj or Opener()


@main.command()
@click.option("--demo", is_flag=True, help="A fictional office, alive, on 127.0.0.1 only.")
@click.option("--port", default=8080, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
def serve(*, demo: bool, port: int, host: str) -> None:
    """Web application and worker in one process."""
    settings = Settings.read()
    if demo:
        settings = _demo_settings(settings, port)
        if host not in ("127.0.0.1", "localhost", "::1"):
            raise click.ClickException("Demo mode has known passwords and listens on loopback only")
        _start_sandbox(settings)
        _seed(settings)
    parts = open_parts(settings)
    worker = Worker(parts.db, parts.clock, beats(parts, _name("serve")))
    worker.start()
    click.echo(f"Huzheng BPM is at http://{host}:{port}/  (Ctrl+C ends it)")
    _run_web(parts, host, port)
    worker.stop()


@main.command(name="web")
@click.option("--port", default=8080, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
def web_command(*, port: int, host: str) -> None:
    """The web application alone; start workers beside it."""
    _run_web(open_parts(Settings.read()), host, port)


@main.command()
def worker() -> None:
    """A worker alone: timers, ladders, sending, sealing."""
    parts = open_parts(Settings.read())
    running = Worker(parts.db, parts.clock, beats(parts, _name("worker")))
    running.start()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    click.echo("The worker is running (Ctrl+C ends it)")
    stopping.wait()
    running.stop()


@main.group(name="db")
def database() -> None:
    """The database."""


@database.command()
def upgrade() -> None:
    """Bring the schema to the newest version. Safe on many nodes at once."""
    db = open_database(Settings.read().database_url)
    db.upgrade()
    click.echo(f"The schema is at {db.schema_revision()}")


@database.command()
def init() -> None:
    """Make this a production database (once)."""
    settings = Settings.read()
    db = open_database(settings.database_url)
    db.upgrade()
    install(db, "production", SystemClock().now())
    if not (settings.secrets_folder / "keys").exists():
        Keyring.create(settings.secrets_folder / "keys")
        click.echo(f"Made new keys in {settings.secrets_folder / 'keys'}; back them up apart")
    click.echo("This is a production database. Next: huzheng office create, huzheng account create")


@main.group()
def demo() -> None:
    """The demo office."""


@demo.command()
@click.option("--cases", "wanted", default=200, show_default=True)
def seed(wanted: int) -> None:
    """Make the fictional office and its cases, through the engine itself."""
    settings = _demo_settings(Settings.read(), 8080)
    _seed(settings, wanted)


@main.command()
@click.option("--port", default=8090, show_default=True)
@click.option("--secret-file", type=click.Path(exists=True, path_type=Path), required=True)
def sandbox(*, port: int, secret_file: Path) -> None:
    """One process that plays every agency over HTTP, with faults on demand. Loopback only."""
    from waitress import serve as waitress_serve

    waitress_serve(
        create_sandbox(secret_file.read_bytes().strip()), host="127.0.0.1", port=port, threads=16
    )


@main.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    parts = open_parts(Settings.read())
    click.echo(json.dumps(api.document(create_app(parts)), ensure_ascii=False, indent=2))


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """Measure (from a checkout; the wheel carries no benchmarks)."""
    if not (HERE / "bench").is_dir():
        raise click.ClickException("The benchmarks are in the checkout, not in the wheel")
    sys.exit(subprocess.call([sys.executable, "-m", "bench", *arguments], cwd=HERE))  # noqa: S603


class Opener:
    """What database commands of the packages get: open only when asked."""

    def __init__(self) -> None:
        self._parts: Parts | None = None

    @property
    def parts(self) -> Parts:
        if self._parts is None:
            self._parts = open_parts(Settings.read())
        return self._parts

    @property
    def db(self) -> Database:
        return self.parts.db

    @property
    def clock(self) -> Clock:
        return self.parts.clock

    @property
    def library(self) -> Path:
        return LIBRARY


# --- running ------------------------------------------------------------------------------------


def _name(kind: str) -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{kind}"


def _run_web(parts: Parts, host: str, port: int) -> None:
    from waitress import create_server

    server = create_server(create_app(parts), host=host, port=port, threads=8, ident=None)
    signal.signal(signal.SIGTERM, lambda *_: server.close())
    try:
        server.run()
    except (KeyboardInterrupt, OSError):
        log.info("web server ended", action="web.ended")


def _demo_settings(settings: Settings, port: int) -> Settings:
    """Demo mode has its own database and secrets, and the sandbox for every agency."""
    from dataclasses import replace

    var = settings.secrets_folder.parent / "demo"
    var.mkdir(parents=True, exist_ok=True)
    url = os.environ.get("DATABASE_URL", f"sqlite:///{var / 'demo.db'}")
    ready = replace(
        settings,
        database_url=url,
        secrets_folder=var / "secrets",
        public_url=f"http://127.0.0.1:{port}",
    )
    ready.secret("agencies.key")
    file = var / "agencies.yaml"
    sandbox_port = _sandbox_port(file)
    listed = {
        agency: {
            "url": f"http://127.0.0.1:{sandbox_port}/{agency}",
            "secret_file": str(ready.secrets_folder / "agencies.key"),
        }
        for agency in DIRECTORY
    }
    file.write_text(yaml.safe_dump(listed), encoding="utf-8")
    return replace(ready, agencies_file=file)


def _sandbox_port(_file: Path) -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", int(os.environ.get("HUZHENG_SANDBOX_PORT", "0"))))
        port: int = probe.getsockname()[1]
        return port


def _start_sandbox(settings: Settings) -> None:
    if settings.agencies_file is None:
        return
    endpoints = yaml.safe_load(settings.agencies_file.read_text(encoding="utf-8"))
    port = endpoints["tax"]["url"].rsplit(":", 1)[1].split("/")[0]
    secret = endpoints["tax"]["secret_file"]
    command = [sys.executable, str(HERE / "app.py"), "sandbox", "--port", port]
    child = subprocess.Popen([*command, "--secret-file", secret])  # noqa: S603
    atexit.register(child.terminate)


def _seed(settings: Settings, wanted: int = 200) -> None:
    from web.demo_office import seed_demo

    db = open_database(settings.database_url)
    db.upgrade()
    install(db, "demo", SystemClock().now())
    parts = open_parts(settings)
    seed_demo(parts.db, LIBRARY, wanted, endpoints_of(settings)["tax"], WAYS, click.echo)
    parts.db.close()
    db.close()


main.add_command(engine_commands.process)
main.add_command(engine_commands.audit)
main.add_command(engine_commands.office)
main.add_command(engine_commands.account)
main.add_command(sla_commands.sla)
main.add_command(feel_commands.feel)


if __name__ == "__main__":
    main()
