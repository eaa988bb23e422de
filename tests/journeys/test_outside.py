"""The world outside: an agency built from the guide alone, and a mail server that breaks down.

Neither shares a line with the application: the agency computes signatures as the guide says.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask, request
from playwright.sync_api import Browser, expect

from engine.clock import SystemClock
from tests.journeys import matters
from tests.journeys.desks import seated
from tests.journeys.matters import CHIEF, CLERK
from tests.support import peers
from tests.support.http_driver import NEWCOMER, CaseOverHttp, DemoOffice, Person
from tests.support.served import Served, eventually
from tests.support.smtp_server import Behaviour, MailServerHere, mail_server

pytestmark = pytest.mark.slow
AGENCY = "health_insurance"
SECRET = b"a secret that office and agency share"
ADDRESS = "jian@agency.invalid"
OUT_OF_SERVICE = b"421 out of service"
DOWN, REASON = {"GREETING": OUT_OF_SERVICE}, "支援櫃檯"


@dataclass
class ByTheGuide:
    """An agency's own program: takes notifications, believes only what is signed, answers 202."""

    calls: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> Flask:
        app = Flask("by_the_guide")
        app.add_url_rule("/notifications", "take", self.take, methods=["POST"])
        return app

    def take(self) -> tuple[str, int]:
        body = request.get_data()
        parts = dict(part.split("=", 1) for part in request.headers["Huzheng-Signature"].split(","))
        if not hmac.compare_digest(parts["v1"], digest(SECRET, parts["t"], body)):
            return "not signed by the office", 401
        self.calls.append({"key": request.headers["Idempotency-Key"], **json.loads(body)})
        return "", 202


@dataclass
class Outside:
    office: DemoOffice
    agency: ByTheGuide
    mails: MailServerHere
    replies: dict[str, bytes]


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    folder = tmp_path_factory.mktemp("outside")
    served, agency = Served(folder, f"sqlite:///{folder / 'huzheng.db'}"), ByTheGuide()
    replies: dict[str, bytes] = {}
    with peers.served(agency.app()) as port, mail_server(Behaviour(replies=replies)) as mails:
        try:
            served.found()
            served.settings = {
                "HUZHENG_AGENCIES": str(agencies_file(folder, port)),
                "HUZHENG_SMTP_URL": f"smtp+plain://127.0.0.1:{mails.port}",
            }
            served.start("web", "worker")
            yield Outside(DemoOffice(served), agency, mails, replies)
        finally:
            served.stop()
    assert served.faults() == []


def agencies_file(folder: Path, port: int) -> Path:
    (folder / "agency.key").write_bytes(SECRET)
    file = folder / "agencies.yaml"
    one = {"url": f"http://127.0.0.1:{port}", "secret_file": "agency.key"}
    file.write_text(yaml.safe_dump({AGENCY: one}), encoding="utf-8")
    return file


def digest(secret: bytes, stamp: str, body: bytes) -> str:
    return hmac.new(secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


# --- the agency ---------------------------------------------------------------------------------


def test_an_agency_built_from_the_guide_takes_and_answers(outside: Outside) -> None:
    case = told_of_a_birth(outside.office)
    eventually(lambda: bool(outside.agency.calls), "the agency is told")
    (call,) = outside.agency.calls
    assert call["key"] == call["id"]
    assert call["kind"] == "newborn_card"
    confirmed = {"id": call["id"], "status": "confirmed", "reference": "NHI-115-1", "reason": ""}

    refused = [
        answer(outside, call, confirmed, secret=b"another secret"),
        answer(outside, call, confirmed, minutes_ago=6),
        answer(outside, call, confirmed, signed=False),
    ]

    assert refused == [403, 403, 403]
    assert case.outbox(AGENCY)["status"] == "sent"
    assert answer(outside, call, confirmed) == 200
    assert answer(outside, call, {**confirmed, "status": "rejected", "reason": "late"}) == 200
    case.wait_until_sent(AGENCY, "confirmed")
    assert len(outside.agency.calls) == 1


def told_of_a_birth(office: DemoOffice) -> CaseOverHttp:
    """A birth whose applicant agrees that the health insurer is told."""
    case = matters.file_birth(office, booklets=0)
    case.complete("check_papers", CLERK, "complete", missing=[])
    matters.enter_birth(case, office.today)
    case.complete("review_entry", matters.REVIEWER, "approve")
    case.complete("print_booklet", CLERK, booklets_printed=0, grant_told=True)
    case.complete(
        "ask_consent",
        CLERK,
        data={"consent": {"signed": True}},
        consented=["health_insurance:newborn_card"],
    )
    return case


def answer(
    outside: Outside,
    call: dict[str, Any],
    told: dict[str, str],
    *,
    secret: bytes = SECRET,
    minutes_ago: int = 0,
    signed: bool = True,
) -> int:
    body = json.dumps(told).encode()
    at = SystemClock().now() - timedelta(minutes=minutes_ago)
    stamp = str(int(at.timestamp()))
    signature = {"Huzheng-Signature": f"t={stamp},v1={digest(secret, stamp, body)}"}
    http = outside.office.served.http
    headers = {"Content-Type": "application/json", **(signature if signed else {})}
    return int(http.request("POST", call["callback"], body=body, headers=headers).status)


# --- mails --------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("lang", ["zh-TW", "en"])
def test_who_chose_mails_gets_them_also_after_the_server_was_down(
    outside: Outside, browser: Browser, lang: str
) -> None:
    office, login = outside.office, f"clerk.{lang[:2]}"
    somebody = newcomer(outside, browser, lang, login)
    mails_are_chosen(outside, browser, lang, somebody)

    first = given_work(office, somebody)
    eventually(lambda: any(arrived(outside, first)), "the mail arrives")
    (letter,) = arrived(outside, first)
    assert letter["To"] == f"{lang[:2]}.{ADDRESS}"
    assert "陳示範" not in str(letter.get_content())
    outside.replies.update(DOWN)
    second = given_work(office, somebody)
    the_operator_sees_the_line_fail(outside, browser, lang)
    assert not arrived(outside, second)
    outside.replies.clear()
    office.pass_time(timedelta(minutes=2))

    eventually(lambda: len(arrived(outside, second)) == 1, "the mail arrives after all")


def newcomer(outside: Outside, browser: Browser, lang: str, login: str) -> Person:
    """Entered by the operator without an address, which is put right on the person's page."""
    office = outside.office
    somebody = office.hire(login, "demo-south", "counter")
    operator = office.hire("operator.window", "demo-south", "operator")
    with seated(browser, office, lang) as desk:
        desk.sign_in(operator.login)
        desk.open(f"/operations/people?q={login}")
        desk.page.locator("main a.main-link").click()
        entry = desk.page.locator("#entry")
        entry.locator("summary").click()
        desk.look()
        desk.enter({"name": NEWCOMER, "email": f"{lang[:2]}.{ADDRESS}"}, entry)
        desk.press("people.correct_do", entry)
        desk.sees("people.done.corrected")
    return somebody


def mails_are_chosen(outside: Outside, browser: Browser, lang: str, somebody: Person) -> None:
    with seated(browser, outside.office, lang, size="telephone") as desk:
        desk.typed |= {desk.words("language.zh-TW")}  # each language is named in itself
        desk.sign_in(somebody.login)
        desk.open("/notifications")
        desk.look()
        desk.follow("notifications.settings")
        desk.enter({"email.user_task.assigned": "now", "language": lang})
        desk.look()
        desk.press("notice_settings.save")
        desk.sees("notice_settings.saved")
        desk.reads(f"{lang[:2]}.{ADDRESS}")


def given_work(office: DemoOffice, somebody: Person) -> CaseOverHttp:
    case = matters.file_birth(office)
    task = case.find_task("check_papers")
    body = {"person": somebody.id, "reason": REASON}
    given = office.person(CHIEF).post(f"/user-tasks/{task['id']}/assign", body)
    assert given.status == 200, given
    return case


def arrived(outside: Outside, case: CaseOverHttp) -> list[Any]:
    return [letter for letter in outside.mails.letters if case.number in letter.get_content()]


def the_operator_sees_the_line_fail(outside: Outside, browser: Browser, lang: str) -> None:
    operator = outside.office.hire("operator.window", "demo-south", "operator")
    eventually(lambda: "EHLO" in outside.mails.commands, "the server is tried")
    with seated(browser, outside.office, lang) as desk:
        desk.sign_in(operator.login)
        line = desk.page.locator("main table").first.get_by_role("row")

        def fails() -> bool:
            desk.open("/operations/outbox")
            return line.filter(has_text=desk.words("operations.line.failing")).count() == 1

        eventually(fails, "the line is shown as failing")
        expect(line.filter(has_text=desk.words("operations.line.failing"))).to_contain_text(
            desk.words("operations.send_error.mail_not_taken")
        )
        desk.look()
