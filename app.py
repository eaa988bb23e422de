# sizes: exempt — the one place that joins all parts
"""Joins the parts: settings, wiring, the web application, the worker, the command line.

Nothing imports this module. What listens to what stands in `wire`; what time makes due stands in
`beats`. Both are lists you can read.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import structlog
import waitress
from flask import Flask
from sqlalchemy import Connection

import api
import web
from agencies import (
    answers,
    attachment_scans,
    dispatch,
    endpoints,
    look_up_records,
    mails,
    outbox,
    progress_notices,
    virus_scanner,
)
from agencies import commands as agency_commands
from agencies import notices as agency_notices
from agencies.directory import DIRECTORY
from engine import (
    actions,
    appointments,
    attachments,
    backup_commands,
    cases,
    deployments,
    deputies,
    entry_marks,
    events,
    functions,
    heap,
    history,
    keyring,
    keys,
    linked_filing,
    list_work,
    lists,
    logs,
    messages,
    migrations,
    migrations_clocks,
    migrations_commands,
    migrations_work,
    notice_values,
    packages,
    queues,
    samples,
    service_tasks,
    signals,
    timers,
    workers,
)
from engine import commands as engine_commands
from engine.clock import SystemClock
from engine.demo_clock import DemoClock
from engine.errors import EngineError
from engine.housekeeping import Housekeeping
from engine.installation import Settings, install, keyring_of, mode_of, refuse_unsafe, version
from feel import commands as feel_commands
from sla import (
    away,
    booking_places,
    chase,
    closures,
    duties,
    escalation,
    holds,
    ladder_lint,
    ladder_moves,
    law_commands,
    limits,
    listeners,
    month_figures,
    monthly_lists,
    operations,
    outages,
    plan_items,
    process_reviews,
)
from sla import commands as sla_commands
from sla import functions as sla_functions
from sla import migrations as sla_migrations
from sla import notice_values as sla_notice_values
from sla import queues as sla_queues
from sla import transfers as sla_transfers
from sla.beats import Beat, Worker
from store.database import Database, Unreachable, open_database
from web import notice_paper, status_address

HERE = Path(__file__).resolve().parent
LIBRARY = HERE / "bpmn"
log = structlog.get_logger()


# --- parts --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parts:
    """What a process works with."""

    settings: Settings
    db: Database
    clock: SystemClock | DemoClock
    demo: bool


def open_parts(settings: Settings) -> Parts:
    """Open the database, load the keys, wire the listeners. The schema must be at head."""
    db = open_database(settings.database_url)
    db.upgrade()
    mode = mode_of(db)
    demo = mode == "demo"
    try:
        refuse_unsafe(settings, mode)
        keys.use(keyring_of(settings, demo=demo))
    except (EngineError, keys.BadKey):
        db.close()
        raise
    wire()
    clock = DemoClock(db) if demo else SystemClock()
    with db.transaction(read_only=True) as tx:
        clock.discipline(db.now(tx))
    return Parts(settings, db, clock, demo)


# --- wiring -------------------------------------------------------------------------------------


def wire() -> None:
    """Who listens to whom, and what the operations of diagrams mean."""
    events.subscribe(events.CaseFiled, listeners.case_filed)
    events.subscribe(events.CaseClosed, listeners.case_ended)
    events.subscribe(events.CaseWithdrawn, listeners.case_ended)
    events.subscribe(events.CaseFiled, entry_marks.case_filed)
    events.subscribe(events.UserTaskEnded, entry_marks.user_task_ended)
    events.subscribe(events.CaseClosed, chase.tell_closed)
    events.subscribe(events.CaseWithdrawn, chase.tell_closed)
    events.subscribe(events.CaseWithdrawn, outbox.forget_case)
    events.subscribe(events.UserTaskCreated, listeners.user_task_created)
    events.subscribe(events.UserTaskCreated, holds.user_task_created)
    events.subscribe(events.UserTaskEnded, listeners.user_task_ended)
    events.subscribe(events.UserTaskEnded, chase.tell_answered)
    events.subscribe(events.ClockTimerScheduled, listeners.timer_scheduled)
    events.subscribe(events.ServiceTaskWaits, away.asked)
    events.subscribe(events.ServiceTaskEnded, away.ended)
    events.subscribe(events.ApplicantWritten, agency_notices.applicant_written)
    events.subscribe(events.LimitHeld, progress_notices.held)
    events.subscribe(events.LimitGoesOn, progress_notices.goes_on)
    events.subscribe(events.CaseSuspended, progress_notices.suspended)
    events.subscribe(events.CaseResumed, progress_notices.resumed)
    events.subscribe(events.CaseTransferred, progress_notices.transferred)
    events.subscribe(events.AbsenceSet, deputies.absence_set)
    events.subscribe(events.CaseTransferred, sla_transfers.case_transferred)
    events.subscribe(events.CaseMigrated, sla_migrations.case_migrated)
    migrations.name_clocks_with(sla_migrations.clock_names)
    migrations_clocks.keep_clocks_with(ladder_moves.KEEPER)
    events.subscribe(events.ServiceTaskCancelled, outbox.forget)
    events.subscribe(events.ServiceTaskCancelled, lists.task_cancelled)
    packages.judge_limits_with(limits.check)
    packages.judge_ladders_with(ladder_lint.check)

    _wire_operations()
    for name, function in sla_functions.FUNCTIONS.items():
        functions.register(name, function)
    for name, maker in sla_functions.OF_PLACES.items():
        functions.register_of_places(name, maker)
    notice_values.provide("due_on", sla_notice_values.limits)
    notice_values.provide("due_why", sla_notice_values.limits)
    notice_values.provide("office_hours", sla_notice_values.hours)
    notice_values.provide("collect_at", sla_notice_values.collecting)
    notice_values.provide("collect_hours", sla_notice_values.collecting)
    actions.use_words(
        "agency", {each.id: (each.title_zh, each.title_en) for each in DIRECTORY.values()}
    )


def _wire_operations() -> None:
    """What the service tasks of diagrams may ask for."""
    service_tasks.register("clock.start", operations.start_clock)
    service_tasks.register("clock.pause", operations.pause_clock)
    service_tasks.register("clock.resume", operations.resume_clock)
    service_tasks.register("clock.stop", operations.stop_clock)
    service_tasks.register("notice.issue", agency_notices.issue)
    service_tasks.register("agency.notify", outbox.enqueue)
    service_tasks.register("agency.look_up", outbox.enqueue)
    service_tasks.register("look_up.file", look_up_records.file)
    service_tasks.register("agency.list", outbox.put_on_list)
    service_tasks.register("agency.repeat", outbox.repeat)
    service_tasks.register("case.annotate", cases.annotate_from_diagram)
    service_tasks.register("case.file", linked_filing.file_from_diagram)
    service_tasks.register("list.import", lists.import_from_diagram)
    service_tasks.register("list.tally", lists.tally_from_diagram)
    service_tasks.register("office.hold_clocks", outages.hold_clocks)
    service_tasks.register("office.release_clocks", outages.release_clocks)
    service_tasks.register("office.tell_delays", outages.tell_delays)
    service_tasks.register("appointment.find", appointments.find_from_diagram)
    service_tasks.register("booking.hold", booking_places.hold)
    service_tasks.register("booking.settle", booking_places.settle)
    service_tasks.register("queue.open", queues.open_from_diagram)
    service_tasks.register("leave.hand_over", deputies.hand_over_from_diagram)
    service_tasks.register("duty.record", duties.record)
    service_tasks.register("audit.sample", samples.draw_from_diagram)
    service_tasks.register("process.review", process_reviews.list_from_diagram)
    service_tasks.register("plan.read", plan_items.read_from_diagram)
    service_tasks.register("plan.enter", plan_items.enter_from_diagram)
    service_tasks.register("plan.report", plan_items.report_from_diagram)


WAYS = escalation.Ways(chase=chase.start)


def beats(parts: Parts, pulse: workers.Pulse) -> tuple[Beat, ...]:
    """What time makes due."""
    sender = dispatch.Sender(pulse.name, endpoints.ways_out(parts.settings))

    def rungs(db: Database, now: datetime) -> bool:
        return escalation.fire_next_rung(db, WAYS, now)

    def send(db: Database, now: datetime) -> bool:
        return dispatch.send_one(db, sender, now)

    def write_mail(db: Database, now: datetime) -> bool:
        return mails.write_next(db, parts.settings.public_url, now)

    def next_send(tx: Connection) -> datetime | None:
        return dispatch.next_due(tx, tuple(sender.transports))

    scanner = virus_scanner.scanner_at(parts.settings.virus_scanner)

    def scan(db: Database, now: datetime) -> bool:
        return scanner is not None and attachment_scans.scan_next(db, scanner, now)

    next_scan = attachment_scans.next_due if scanner else None

    return (
        Beat("timers", timers.fire_next, timers.next_due, ("timers",)),
        Beat("rungs", rungs, escalation.next_due, ("rungs",)),
        Beat("mails", write_mail, mails.next_due, ("mails",)),
        *(Beat(f"outbox {n}", send, next_send, ("outbox",)) for n in range(dispatch.LANES)),
        Beat("answers", answers.deliver_next, answers.next_due, ("jobs",)),
        Beat("signals", signals.deliver_next, signals.next_due, ("jobs",)),
        Beat("messages", messages.deliver_next, messages.next_due, ("jobs",)),
        Beat("attachments", scan, next_scan, ("attachments",)),
        Beat("closures", closures.advance_next, closures.next_due, ("jobs",)),
        Beat("lists", list_work.advance_next, list_work.next_due, ("jobs",)),
        Beat("outages", outages.advance_next, outages.next_due, ("jobs",)),
        Beat("queues", sla_queues.Watch().run, None, ("queues",)),
        Beat("duties", duties.Watch().run, None, ("duties",)),
        Beat("migrations", migrations_work.advance_next, migrations_work.next_due, ("jobs",)),
        Beat("history", history.seal_next, None, ("history",)),
        Beat("figures", month_figures.sum_up_next, None, ("figures",)),
        Beat("monthly lists", monthly_lists.make_next, None, ("monthly lists",)),
        Beat("workers", pulse.tell, None, ("workers",)),
        Beat("housekeeping", Housekeeping(SystemClock()).run, None, ("housekeeping",)),
    )


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
            endpoints=endpoints.endpoints_of(parts.settings),
            limits=api.Limits(api.Limiter(parts.settings.api_calls_a_minute)),
            files=attachments.rules_of(parts.settings),
            print_notice=lambda paper: notice_paper.printed_in(app, paper),
            status_address=lambda code: status_address.below(parts.settings.public_url, code),
        ),
    )
    web.create_pages(
        app,
        web.WebContext(
            db=parts.db,
            clock=parts.clock,
            demo=parts.demo,
            library=LIBRARY,
            https=parts.settings.public_url.startswith("https:"),
            mail=parts.settings.smtp_url is not None,
            public_url=parts.settings.public_url,
            files=attachments.rules_of(parts.settings),
            issuer=endpoints.issuer_of(parts.settings),
        ),
    )
    return app


# --- command line -------------------------------------------------------------------------------


@click.group(cls=engine_commands.Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """Huzheng BPM (戶政流程引擎): cases, legal time, agencies."""
    context.obj = context.obj or Opener()
    logs.configure()
    wire()


@main.command()
@click.option("--demo", is_flag=True, help="A fictional office, alive, on 127.0.0.1 only.")
@click.option("--port", default=8080, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
def serve(*, demo: bool, port: int, host: str) -> None:
    """Web application and worker in one process."""
    settings = Settings.read()
    if demo:
        # A visitor reads this terminal: progress and trouble, not every deed.
        logs.configure(level=logging.WARNING)
        settings = _demo_settings(settings, port)
        if host not in ("127.0.0.1", "localhost", "::1"):
            raise click.ClickException("Demo mode has known passwords and listens on loopback only")
        _start_sandbox(settings)
        _seed(settings)
    with _opened(settings) as parts, _working(parts, "serve"):
        click.echo(f"Huzheng BPM is at http://{host}:{port}/  (Ctrl+C ends it)")
        _run_web(parts, host, port)


@main.command(name="web")
@click.option("--port", default=8080, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
def web_command(*, port: int, host: str) -> None:
    """The web application alone; start workers beside it."""
    with _opened(Settings.read()) as parts:
        _run_web(parts, host, port)


@main.command()
def worker() -> None:
    """A worker alone: timers, ladders, sending, sealing."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with _opened(Settings.read()) as parts, _working(parts, "worker"), _settling(parts):
        click.echo("The worker is running (Ctrl+C ends it)")
        stopping.wait()


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
        keyring.Keyring.create(settings.secrets_folder / "keys")
        click.echo(f"Made new keys in {settings.secrets_folder / 'keys'}; back them up apart")
    click.echo("This is a production database. Next: huzheng office create, huzheng account create")


@main.group()
def demo() -> None:
    """The demo office."""


@demo.command()
@click.option("--cases", "wanted", type=int, help="How many; 200, or 20,000 of a year.")
@click.option("--year", "is_year", is_flag=True, help="A whole year of the office, and its check.")
@click.option("--seed", "chosen", default=115, show_default=True, help="Of a year: which one.")
@click.option("--workers", default=2, show_default=True, help="Of a year: processes, at most 8.")
def seed(*, wanted: int | None, is_year: bool, chosen: int, workers: int) -> None:
    """Make the fictional office and its cases, through the engine itself.

    With --year it lives a whole year, the same one for the same seed, and checks it against the
    rules afterwards: each line says of how many things it was found true. Ends with 1 if one is
    not.
    """
    settings = _demo_settings(Settings.read(), 8080)
    if is_year:
        _seed_year(settings, 20_000 if wanted is None else wanted, chosen, workers)
    else:
        _seed(settings, 200 if wanted is None else wanted)


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
    def clock(self) -> SystemClock | DemoClock:
        return self.parts.clock

    @property
    def library(self) -> Path:
        return LIBRARY


# --- running ------------------------------------------------------------------------------------


@contextmanager
def _opened(settings: Settings) -> Iterator[Parts]:
    parts = open_parts(settings)
    try:
        yield parts
    finally:
        parts.db.close()


@contextmanager
def _working(parts: Parts, kind: str) -> Iterator[None]:
    """Run the worker meanwhile, and let it end what it does."""
    name = f"{socket.gethostname()}:{os.getpid()}:{kind}"
    pulse = workers.Pulse(name, kind, parts.clock.discipline, version())
    worker = Worker(parts.db, parts.clock, beats(parts, pulse))
    worker.start()
    try:
        yield
    finally:
        worker.stop()
        pulse.end(parts.db)


@contextmanager
def _settling(parts: Parts) -> Iterator[None]:
    """Load what stays for months meanwhile, so that nobody waits for it: seconds, with all
    processes of an office, which the first visitor after a restart shall not wait for either."""
    ending = threading.Event()
    thread = threading.Thread(target=_settle, args=(parts, ending), name="settling", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def _settle(parts: Parts, ending: threading.Event) -> None:
    try:
        with parts.db.transaction(read_only=True) as tx:
            versions = deployments.active_anywhere(tx)
        for version_id in versions:
            if ending.is_set():
                return
            with parts.db.transaction(read_only=True) as tx:
                deployments.definition(tx, version_id)
    except (EngineError, Unreachable) as error:  # whoever needs one loads it, or is told why not
        log.warning("not all versions are loaded", action="settling.stopped", error=str(error))
        return
    heap.settle()


def _run_web(parts: Parts, host: str, port: int) -> None:
    server = waitress.create_server(create_app(parts), host=host, port=port, threads=8, ident=None)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with _settling(parts):
            server.run()  # an interruption ends it: no new request, those begun are finished
    finally:
        server.close()
        log.info("web server ended", action="web.ended")


def _interrupt(*_: Any) -> None:
    """Closing the server here would leave it to chance when it ends: its loop goes on for as long
    as somebody keeps a connection open."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def _demo_settings(settings: Settings, port: int) -> Settings:
    """Demo mode has its own database and secrets, and the sandbox for every agency."""
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
    endpoints.write_sandbox_file(file, _free_port(), ready.secrets_folder / "agencies.key")
    return replace(ready, agencies_file=file)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", int(os.environ.get("HUZHENG_SANDBOX_PORT", "0"))))
        port: int = probe.getsockname()[1]
        return port


def _start_sandbox(settings: Settings) -> None:
    port = endpoints.endpoints_of(settings)["tax"].url.rsplit(":", 1)[1].split("/")[0]
    secret = settings.secrets_folder / "agencies.key"
    command = [sys.executable, str(HERE / "app.py"), "sandbox", "--port", port]
    child = subprocess.Popen([*command, "--secret-file", str(secret)])  # noqa: S603
    atexit.register(child.terminate)


def _seed(settings: Settings, wanted: int = 200) -> None:
    from web.demo_office import Seeding, seed_demo

    with _demo_database(settings) as db:
        agencies = endpoints.endpoints_of(settings)["tax"]
        seed_demo(db, Seeding(LIBRARY, wanted), agencies, WAYS, click.echo)


def _seed_year(settings: Settings, wanted: int, chosen: int, workers: int) -> None:
    from engine.packages import load_library
    from web.demo_office.dealing import Year
    from web.demo_office.seed_year import Hands, seed_year

    year = Year(load_library(LIBRARY), wanted, chosen)
    agencies = endpoints.endpoints_of(settings)["tax"]
    with (
        _demo_database(settings) as db,
        click.progressbar(length=1_000, label=f"{wanted:,} cases") as bar,
    ):

        def heard(share: float) -> None:
            bar.update(int(share * 1_000) - bar.pos)

        found = seed_year(db, year, agencies, WAYS, Hands(workers, click.echo, heard))
    for invariant in found:
        click.echo("\n".join(invariant.lines()))
    if any(invariant.broken for invariant in found):
        raise SystemExit(1)


@contextmanager
def _demo_database(settings: Settings) -> Iterator[Database]:
    """The demo database, installed as one, with the application wired to it."""
    with closing(open_database(settings.database_url)) as db:
        db.upgrade()
        install(db, "demo", SystemClock().now())
        with closing(open_parts(settings).db) as ready:
            yield ready


main.add_command(agency_commands.sandbox)
engine_commands.process.add_command(law_commands.docs_command)
main.add_command(engine_commands.process)
main.add_command(migrations_commands.cases)
main.add_command(engine_commands.audit)
main.add_command(backup_commands.backup)
main.add_command(backup_commands.restore)
main.add_command(backup_commands.keys_group)
main.add_command(engine_commands.search)
main.add_command(engine_commands.office)
main.add_command(engine_commands.account)
main.add_command(sla_commands.sla)
main.add_command(feel_commands.feel)


if __name__ == "__main__":
    main()
