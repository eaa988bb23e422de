# sizes: exempt — it stands before the whole application, as app.py joins it
"""A confidential case leaves no trace for who may not see it.

Two offices that differ in nothing but a report of a child at risk, with all that came of it: every
GET route of the pages and of the API answers both alike, body for body, by list and by id.
"""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zlib import crc32

from flask import Flask
from sqlalchemy import Connection, func, insert, select
from werkzeug.routing import AnyConverter, Rule

import api
import app as application
from agencies import answers, dispatch, mails
from agencies.retry import Outcome
from engine import attachments, case_links, cases, deployments, notices, sessions, timers
from engine.actors import Actor
from engine.attachments import Place, Rules
from engine.case_links import NewLink
from engine.cases import FileCase, Filed
from engine.clock import SystemClock
from engine.events import CaseRef
from engine.notices import Notice
from engine.packages import load_library
from sla import chase, escalation, month_figures, monthly_lists
from store import tables
from store.database import Database, open_database
from tests.support.agencies import FailingTransport
from tests.support.files import a_pdf
from tests.web.house import BIRTH, CHIEF, COUNTER, LIBRARY, House

CHILD = {"name": "王小測", "id_number": "A123456789", "address": "示範市東區示範路7號"}
REPORT = {"facts": "臂部多處瘀傷", "noticed_at": "櫃檯"}
ABUSE = {"risk_kind": "protection", "in_danger": True}
ALL_ELSE = (
    *("counter", "reviewer", "records", "secretary", "data", "field", "petition"),
    *("control", "analyst", "operator", "auditor"),
)
"""Every group but those of who may see it: somebody in all of them has every other desk."""
OTHERS = (
    *("counter.gao", "reviewer.chen", "records.huang", "secretary.tsai"),
    *("analyst.luo", "operator.he", "chief.north"),
)
EVERYWHERE = "records.huang"  # is put into ALL_ELSE, and walks the routes of a single thing as well
CURIOUS = (EVERYWHERE, "secretary.tsai")  # ask lists for what they can be asked for
OPERATIONS = ("agency.notify", "agency.look_up", "mail.send")
APART = {
    "/metrics": "of the whole installation and its offices together, for its operators alone",
    "/health/ready": "says how long it has been there",
    "/operations/system": "how much work the machines have, whatever it is about",
    "/design": "samples of what pages are made of",
    "/api/v1/openapi.json": "says nothing of any case",
    "/static/<path:filename>": "files of ours",
    "/overdue/list.pdf": "the page for the printer, as PDF",
    "/reports.pdf": "the page, as PDF",
    "/reports/quality.pdf": "the page, as PDF",
    "/duties.pdf": "the page, as PDF",
    "/petitions.pdf": "the page, as PDF",
    "/route-sheet.pdf": "the page, as PDF",
    "/rules": "the law's, and slow to draw",
    "/api/v1/calendar": "days, and slow to draw",
    "/live": "its validator moves with any deed of the office; what it answers is compared",
}
CHIEF_IS_TOLD = (
    *("/cases", "/overdue", "/overdue/print", "/overdue/list.ods", "/overdue/monthly/2026-03"),
    *("/operations", "/operations/outbox", "/notifications", "/worklist?tab=group"),
    *("/api/v1/cases", "/api/v1/overdue", "/api/v1/overdue/cases", "/api/v1/incidents"),
    *("/api/v1/outbox", "/api/v1/notifications", "/api/v1/user-tasks?view=group"),
)
"""Some of the many places where somebody who may see it meets the case."""
ASKED: Mapping[str, tuple[str, ...]] = {
    "/cases": ("status=active", "package=A1", "due=overdue", "overdue=1"),
    "/worklist": ("tab=group", "tab=waiting", "tab=mine", "due=overdue", "due=aim"),
    "/overdue": (
        *("view=office", "view=applicant", "view=section", "view=agency", "view=leave"),
        *("view=upcoming", "view=paused"),
    ),
    "/operations/outbox": ("view=sent", "view=dead", "view=all", "view=queued"),
    "/operations/timers": ("view=waiting", "view=fired"),
    "/operations": ("status=resolved",),
    "/definitions": ("q=A1",),
    "/api/v1/cases": ("status=active", "package=A1", "overdue=true"),
    "/api/v1/user-tasks": ("view=mine", "view=group", "view=waiting"),
    "/api/v1/overdue": ("which=upcoming", "which=overdue", "which=paused"),
    "/api/v1/overdue/cases": ("view=office", "view=section", "view=agency", "view=upcoming"),
    "/api/v1/timers": ("status=waiting", "status=fired"),
    "/api/v1/outbox": ("status=sent", "status=failed", "status=queued"),
    "/api/v1/incidents": ("status=open", "status=resolved"),
}
"""What lists are asked for besides nothing."""


def test_nobody_else_learns_that_there_is_a_confidential_case(house: House, tmp_path: Path) -> None:
    quiet, loud, report = two_offices(house.db, tmp_path)
    walks = [Walk(world, report) for world in (quiet, loud)]
    try:
        silent = [path for path in CHIEF_IS_TOLD if not walks[1].tells(CHIEF, path)]
        told = [f"{who} {path}: {why}" for who, path, why in differences(*walks, report)]
    finally:
        quiet.db.close()

    assert walks[0].seen > 700, "the walk has become short"
    assert not silent, "the walk would not have met it here"
    assert not told, "\n".join(told)


def differences(without: Walk, with_it: Walk, report: Report) -> Iterator[tuple[str, str, str]]:
    for who in (*OTHERS, None):
        for path in without.paths(who):
            before, after = without.get(who, path), with_it.get(who, path)
            if found := with_it.secrets(path, after):
                yield who or "a stranger", path, f"says {found}"
            if before != after:
                yield who or "a stranger", path, first_difference(before, after)


def first_difference(before: str, after: str) -> str:
    at = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
    return f"…{before[max(0, at - 60) : at + 60]!r} is …{after[max(0, at - 60) : at + 60]!r}"


# --- walking ------------------------------------------------------------------------------------


class Walk:
    """Goes along every GET route of one office, as people or as nobody."""

    def __init__(self, house: House, report: Report) -> None:
        self.house, self.report, self.seen = house, report, 0
        self.client = house.app.test_client(use_cookies=False)
        self.headers = {who: self._signed_in(who) for who in (*OTHERS, CHIEF)}

    def paths(self, who: str | None) -> list[str]:
        """Where to go: everywhere for who is everywhere, else where no thing is named."""
        api_app: Flask = self.house.app.extensions["huzheng.api.application"]
        rules = [*self.house.app.url_map.iter_rules(), *api_app.url_map.iter_rules()]
        found = []
        for rule in sorted(rules, key=lambda each: each.rule):
            if "GET" not in (rule.methods or ()) or rule.rule in APART:
                continue
            if rule.arguments and who not in (EVERYWHERE, None):
                continue
            path = str(rule.build({name: self._given(rule, name) for name in rule.arguments})[1])
            asked = ASKED.get(rule.rule, ()) if who in CURIOUS else ()
            found += [path, *(f"{path}?{query}" for query in asked)]
        return [*found, *self.report.searches]

    def _given(self, rule: Rule, name: str) -> str:
        """The thing of that name; of a choice between words the first."""
        converter = rule._converters[name]
        return (
            min(converter.items) if isinstance(converter, AnyConverter) else self.report.named(name)
        )

    def get(self, who: str | None, path: str) -> str:
        """The answer as text, without what is new in every answer."""
        self.seen += 1
        # Many people, each from an address of their own: nobody asks too often.
        home = IPv4Address(crc32(f"{who} {path}".encode()))
        given = {"REMOTE_ADDR": str(home)}
        headers = self.headers[who] if who else {}
        with self.client.get(path, headers=headers, environ_overrides=given) as answer:
            body = answer.data
        if answer.mimetype.startswith("application/vnd.oasis"):
            with zipfile.ZipFile(io.BytesIO(body)) as book:
                body = b"".join(book.read(name) for name in sorted(book.namelist()))
        return f"{answer.status_code} {NEW_EACH_TIME.sub('~', body.decode(errors='replace'))}"

    def tells(self, who: str, path: str) -> bool:
        return bool(self.secrets(path, self.get(who, path)))

    def secrets(self, path: str, told: str) -> list[str]:
        """What of the case an answer tells, but for what was asked."""
        case, name = self.report.case, CHILD["name"]
        known = (case.number, name, f"{name[0]}○{name[2:]}", CHILD["address"])
        return [each for each in known if each in told and each not in path]

    def _signed_in(self, login: str) -> dict[str, str]:
        """A cookie for the pages, a token for the API."""
        with self.house.db.transaction() as tx:
            account = tx.execute(
                select(tables.accounts).where(tables.accounts.c.login == login)
            ).one()
            cookie = sessions.start(tx, account.id, self.house.wall_clock.now(), alone=False)
            token = sessions.start(tx, account.id, SystemClock().now(), alone=False)
        return {"Cookie": f"huzheng-session={cookie}", "Authorization": f"Bearer {token}"}


NEW_EACH_TIME = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # ids
    r"|(?<=name=\"csrf_token\" value=\")[^\"]+"
    r"|(?<=name=\"idempotency_key\" value=\")[^\"]+|(?<=name=\"window\" value=\")[^\"]+"
)


# --- the two offices ----------------------------------------------------------------------------


class Report:
    """What there is of the confidential case, by the names that routes give to it."""

    def __init__(self, house: House, case: Filed, other: Filed) -> None:
        self.case, self.status_code = case, case.status_code
        with house.reading() as tx:
            chases = tables.cases.alias("chases")
            chase = tx.scalar(select(chases.c.id).where(chases.c.parent_case_id == case.id))
            self._ids = {
                "case_id": case.id,
                "chase_id": chase,
                **{
                    name: _one(tx, table, case)
                    for name, table in (
                        ("task_id", tables.user_tasks),
                        ("clock_id", tables.clocks),
                        ("notice_id", tables.notices),
                        ("attachment_id", tables.attachments),
                        ("incident_id", tables.incidents),
                    )
                },
                "definition_id": tx.scalar(
                    select(tables.cases.c.definition_id).where(tables.cases.c.id == case.id)
                ),
            }
        number, linked = case.number, other.id
        self.searches = [
            f"/cases?number={number}",
            f"/api/v1/cases?number={number}",
            f"/worklist?tab=group&number={number}",
            f"/api/v1/user-tasks?view=group&number={number}",
            f"/cases/{linked}",
            f"/cases/{linked}/print",
            f"/cases/{linked}/comments",
            f"/api/v1/cases/{linked}",
            f"/api/v1/cases/{linked}/history",
            f"/cases/{self._ids['chase_id']}",
            f"/overdue?case={case.id}",
            "/live?list=worklist&seen=",
            "/live?list=overdue&seen=",
            "/live?list=notifications&seen=",
        ]

    def named(self, argument: str) -> Any:
        given = {
            "package_id": "A1",
            "process_id": "A1",
            "kind": "dunning",
            "month": "2026-03",
            "rule_id": "PROC_WORKDAY",
            "code": self.status_code,
            "act": "skip",
        }
        return self._ids.get(argument) or given.get(argument) or NOTHING

    @property
    def is_whole(self) -> bool:
        return all(self._ids.values())


NOTHING = str(uuid4())


def _one(tx: Connection, table: Any, case: Filed) -> UUID | None:
    found: UUID | None = tx.scalar(select(table.c.id).where(table.c.case_id == case.id))
    return found


def two_offices(db: Database, folder: Path) -> tuple[House, House, Report]:
    """An office without the report, and one with it. In both the same time goes by."""
    library = _small_library(folder)
    loud = House(db, library=library)
    with db.transaction() as tx:
        analyst, now = loud.actor("analyst.luo"), loud.clock.now()
        for package_id in ("A1", "C13"):
            deployments.deploy(tx, load_library(library), package_id, analyst, now)
        _join_everything(tx, loud.actor(EVERYWHERE))
    birth = loud.file(values={**BIRTH, "data.applicant.id_number": CHILD["id_number"]})
    loud.claim(birth, COUNTER)
    loud.pass_days(20)
    do_due(loud)
    quiet = _copy_of(loud, folder)

    case = _report(loud)
    _link(loud, birth, case)
    for each in (quiet, loud):
        each.pass_days(12)  # into April, with the list of March
        do_due(each)
    _what_came_of_it(loud, case)
    for each in (quiet, loud):
        _before_the_api(each)
    report = Report(loud, case, birth)
    assert report.is_whole
    return quiet, loud, report


def _small_library(folder: Path) -> Path:
    """The packages of this story alone: pages that list all there are take their time."""
    for part in ("decisions", "ladders", "safety", "shared/overdue-chase"):
        shutil.copytree(LIBRARY / part, folder / "library" / part)
    return folder / "library"


def do_due(house: House) -> None:
    """What the worker does."""
    now = house.clock.now()
    line = FailingTransport(times=10_000, outcome=Outcome.PERMANENT, peer="social_affairs")
    ways = dict.fromkeys(OPERATIONS, line)
    for _ in range(2_000):
        if not (
            timers.fire_next(house.db, now)
            or escalation.fire_next_rung(house.db, application.WAYS, now)
            or answers.deliver_next(house.db, now)
            or mails.write_next(house.db, "https://huzheng.example", now)
            or dispatch.send_next(house.db, ways, "worker", now)
            or monthly_lists.make_next(house.db, now)
            or month_figures.sum_up_next(house.db, now)
        ):
            return
    raise AssertionError("Something is due for ever")


def _join_everything(tx: Connection, actor: Actor) -> None:
    rows = [
        {"office_id": actor.office_id, "person_id": actor.person_id, "group_name": group}
        for group in ALL_ELSE
        if group not in actor.groups
    ]
    tx.execute(insert(tables.memberships), rows)


def _copy_of(house: House, folder: Path) -> House:
    with house.db.transaction() as tx:
        tx.execute(select(func.count()).select_from(tables.cases))
    source, target = str(house.db.engine.url.database), folder / "quiet.db"
    shutil.copyfile(source, target)
    for end in ("-wal", "-shm"):
        if Path(source + end).exists():
            shutil.copyfile(source + end, str(target) + end)
    copy = House(open_database(f"sqlite:///{target}"), library=folder / "library")
    copy.clock.move_to(house.clock.now())
    return copy


def _report(house: House) -> Filed:
    actor = house.actor(COUNTER)
    with house.db.transaction() as tx:
        command = FileCase("A1", "counter", ABUSE, {"child": CHILD, "report": REPORT})
        return cases.file(tx, command, actor, house.clock.now())


def _link(house: House, birth: Filed, case: Filed) -> None:
    with house.db.transaction() as tx:
        new = NewLink(case.number, "person", "同一兒童")
        case_links.link(tx, birth.id, new, house.actor(CHIEF), house.clock.now())


def _what_came_of_it(house: House, case: Filed) -> None:
    """A file, a letter, an incident, and the chief asks why it is late."""
    now, chief = house.clock.now(), house.actor(CHIEF)
    with house.db.transaction() as tx:
        chase.ask(tx, case.id, "何時通報？", chief, now)
        row = tx.execute(select(tables.cases).where(tables.cases.c.id == case.id)).one()
        ref = CaseRef(
            row.id, row.number, row.office_id, row.package_id, row.definition_id, row.version
        )
        prepared = attachments.prepare("傷勢.pdf", io.BytesIO(a_pdf()), Rules())
        attachments.add(tx, case.id, prepared, Place(), chief, now)
        notices.issue(tx, ref, "letter", Notice("progress", "letter", {"told": "已通報"}), now)
        incident = {
            "id": uuid4(),
            "office_id": row.office_id,
            "case_id": row.id,
            "source": "engine",
            "element_id": "send_report",
            "code": "agency.failed",
            "message": row.number,
            "status": "open",
            "raised_at": now,
        }
        tx.execute(insert(tables.incidents).values(incident))


def _before_the_api(house: House) -> None:
    limits = api.Limits(api.Limiter(0), api.Limiter(0))
    context = api.ApiContext(db=house.db, clock=house.clock, library=house.library, limits=limits)
    api.create_api(house.app, context)
