"""Mail over a real SMTP server: taken once, in TLS, let in, refused, hung, broken off, repeated."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from agencies.dispatch import Sender, send_one
from agencies.outbox import enqueue_mail
from agencies.retry import MOST_ATTEMPTS, Outcome
from agencies.smtp import MailTransport, Security, read_server
from agencies.transports import Deadline, Parcel, Receipt
from engine.clock import SystemClock
from engine.errors import Rejected
from store import tables
from tests.support.factories import OFFICE
from tests.support.office import Office
from tests.support.packages import FORM, diagram, flows, service_task, write_package
from tests.support.smtp_server import (
    CUT,
    HANG,
    Behaviour,
    MailServerHere,
    certificates,
    mail_server,
)

NOW = SystemClock().now()
DEADLINE = Deadline(connect=0.5, total=0.8)
SENDER = "huzheng@office.example"
LETTER = {"to": "lin@office.example", "subject": "案件逾期 DS-115-00001", "text": "請登入查看。"}
MAIL = Parcel(str(uuid4()), "mail", "mail.send", "mail", LETTER)


def way(here: MailServerHere, url: str = "smtp://127.0.0.1:{}", **more: Path) -> MailTransport:
    return MailTransport(read_server(url.format(here.port), **more), SENDER, DEADLINE)


def send(behaviour: Behaviour, url: str = "smtp://127.0.0.1:{}", **more: Path) -> Receipt:
    with mail_server(behaviour) as here:
        return way(here, url, **more)(MAIL, NOW)


# --- one letter ---------------------------------------------------------------------------------


def test_a_letter_is_taken_as_it_was_written() -> None:
    with mail_server() as here:
        receipt = way(here)(MAIL, NOW)

    assert receipt == Receipt(Outcome.DELIVERED, 250, "taken by the mail server")
    (letter,) = here.letters
    assert letter["Message-ID"] == f"<{MAIL.id}@office.example>"
    assert letter["Subject"] == "案件逾期 DS-115-00001"
    assert letter.get_content().strip() == "請登入查看。"
    assert (letter["From"], letter["To"]) == (SENDER, "lin@office.example")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert here.commands[-1] == "QUIT"


@pytest.mark.parametrize(
    ("command", "reply", "outcome"),
    [
        ("GREETING", b"421 too many", Outcome.PASSING),
        ("MAIL", b"452 full", Outcome.PASSING),
        ("MAIL", b"553 not you", Outcome.PERMANENT),
        ("RCPT", b"450 greylisted", Outcome.PASSING),
        ("RCPT", b"550 no such user", Outcome.PERMANENT),
        ("DATA", b"451 later", Outcome.PASSING),
        ("DATA", b"554 refused", Outcome.PERMANENT),
        ("LETTER", b"452 full", Outcome.PASSING),
        ("LETTER", b"554 looks like spam", Outcome.PERMANENT),
    ],
)
def test_a_reply_says_whether_trying_again_can_help(
    command: str, reply: bytes, outcome: Outcome
) -> None:
    assert send(Behaviour({command: reply})).outcome is outcome


@pytest.mark.parametrize("command", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_server_that_hangs_before_the_letter_is_given_up_and_has_not_taken_it(
    command: str,
) -> None:
    began = time.monotonic()

    receipt = send(Behaviour({command: HANG}))

    assert receipt.outcome in (Outcome.PASSING, Outcome.UNKNOWN)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("end", [HANG, CUT])
def test_a_server_that_falls_silent_after_the_letter_leaves_it_unknown(end: bytes) -> None:
    assert send(Behaviour({"LETTER": end})).outcome is Outcome.UNKNOWN


def test_a_letter_sent_again_has_the_same_id() -> None:
    with mail_server(Behaviour({"LETTER": CUT})) as here:
        way(here)(MAIL, NOW)
        way(here)(MAIL, NOW + timedelta(minutes=1))

    first, second = here.letters
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize("to", ["a@b\r\nBcc: c@d", "王小明@office.example"])
def test_an_address_that_cannot_be_one_sends_nothing(to: str) -> None:
    with mail_server() as here:
        bad = Parcel(MAIL.id, "mail", "mail.send", "mail", {**LETTER, "to": to})
        receipt = way(here)(bad, NOW)

    assert receipt.outcome is Outcome.PERMANENT
    assert here.letters == []
    assert here.commands == []


# --- TLS and who we are -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "behaviour"),
    [
        ("smtps://huzheng:a%20secret@127.0.0.1:{}", {"implicit": True}),
        ("smtp+starttls://huzheng:a%20secret@127.0.0.1:{}", {"starttls": True}),
    ],
)
def test_a_password_goes_through_tls_whose_server_is_vouched_for(
    url: str, behaviour: dict[str, bool], tmp_path: Path
) -> None:
    tls, authority = certificates(tmp_path)
    how = Behaviour(user="huzheng", password="a secret", tls=tls, **behaviour)

    with mail_server(how) as here:
        assert way(here, url, ca_file=authority)(MAIL, NOW).outcome is Outcome.DELIVERED
        assert here.was_secure == [True]
        stranger = way(here, url)(MAIL, NOW)

    assert stranger.outcome is Outcome.PASSING
    assert "SSLCertVerificationError" in stranger.detail
    assert len(here.letters) == 1


def test_a_server_without_tls_gets_no_letter_where_tls_is_demanded() -> None:
    with mail_server(Behaviour(user="huzheng", password="a secret")) as here:
        receipt = way(here, "smtp+starttls://huzheng:x@127.0.0.1:{}")(MAIL, NOW)

    assert receipt.outcome is Outcome.PASSING
    assert "AUTH" not in here.commands
    assert here.letters == []


def test_a_wrong_password_is_not_the_letters_fault(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("wrong\n")

    receipt = send(
        Behaviour(user="huzheng", password="right"),
        "smtp://huzheng@127.0.0.1:{}",
        password_file=password,
    )

    assert (receipt.outcome, receipt.status_code) == (Outcome.PASSING, 535)


@pytest.mark.parametrize(
    ("url", "security", "port"),
    [
        ("smtp://mail.example", Security.STARTTLS, 587),
        ("smtp://mail.example:25", Security.STARTTLS, 25),
        ("smtp+starttls://localhost", Security.STARTTLS, 587),
        ("smtp://localhost:2525", Security.PLAIN, 2525),
        ("smtps://mail.example", Security.TLS, 465),
        ("smtp+plain://relay.example", Security.PLAIN, 25),
    ],
)
def test_an_address_says_how_the_server_is_spoken_to(
    url: str, security: Security, port: int
) -> None:
    server = read_server(url)

    assert (server.security, server.port) == (security, port)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mail.example", "smtps://"),
        ("smtp://", "names a host"),
        ("smtp://mail.example:lots", "port"),
        ("smtp+plain://huzheng:secret@relay.example", "through TLS only"),
    ],
)
def test_an_address_that_cannot_be_used_says_what_to_write(url: str, why: str) -> None:
    with pytest.raises(Rejected) as refused:
        read_server(url)

    assert why in refused.value.message
    assert "secret" not in refused.value.message
    assert "secret" not in repr(read_server("smtps://huzheng:secret@mail.example"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="password"):
        read_server("smtps://huzheng@mail.example", tmp_path / "none")


# --- through the outbox -------------------------------------------------------------------------


def test_a_mail_that_was_refused_for_a_while_arrives_once(office: Office) -> None:
    _promise(office)
    with mail_server(Behaviour({"RCPT": b"450 greylisted"})) as here:
        _try(office, here)
    assert _status(office) == ("queued", 1)
    with mail_server() as here:
        assert not _try(office, here)  # not yet its time
        office.clock.move(timedelta(minutes=1))
        assert _try(office, here)
        assert not _try(office, here)

    assert _status(office) == ("confirmed", 2)
    (row,) = office.rows(tables.outbox)
    assert [letter["Message-ID"] for letter in here.letters] == [f"<{row.id}@office.example>"]


def test_the_receipt_of_a_fee_is_in_its_mail_and_names_nobody(
    office: Office, tmp_path: Path
) -> None:
    receipt = service_task(
        "receipt",
        "notice.issue",
        kind="&quot;fee_receipt&quot;",
        channel="&quot;email&quot;",
        content="{amount: 250, paid_on: date(&quot;2026-03-02&quot;), items: []}",
    )
    steps = '<startEvent id="start"/>' + receipt + '<endEvent id="end"/>'
    xml = diagram("RECEIPT", steps + flows("start>receipt", "receipt>end"))
    folder = write_package(tmp_path / "packages", "RECEIPT", xml)
    mail = {"type": "textfield", "key": "data.contact.email", "label": "電子郵件"}
    form = {**FORM, "components": [*FORM["components"], mail]}
    (folder / "forms" / "anything.form").write_text(json.dumps(form, ensure_ascii=False))
    office.deploy("RECEIPT")
    payer = {"applicant": {"name": "林示範"}, "contact": {"email": "lin@home.example"}}
    office.file("RECEIPT", data=payer)

    with mail_server() as here:
        assert _try(office, here)

    (letter,) = here.letters
    told = letter.get_content()
    assert letter["To"] == "lin@home.example"
    assert "規費收據 " in told
    assert "NT$ 250" in told
    assert "115年3月2日" in told.replace(" ", "")
    assert "林示範" not in told


def test_a_mail_that_is_refused_for_good_is_a_dead_letter_and_an_incident(office: Office) -> None:
    _promise(office)
    with mail_server(Behaviour({"RCPT": b"550 no such user"})) as here:
        _try(office, here)

    assert _status(office) == ("failed", 1)
    (incident,) = office.rows(tables.incidents)
    assert incident.code == "outbox.dead_letter"
    assert "lin@office.example" not in incident.message


def test_a_server_that_stays_away_is_given_up_after_the_last_try(office: Office) -> None:
    _promise(office)
    with mail_server(Behaviour({"GREETING": b"421 closed"})) as here:
        for _ in range(MOST_ATTEMPTS):
            assert _try(office, here)
            office.clock.move(timedelta(hours=5))

    assert _status(office) == ("failed", MOST_ATTEMPTS)
    assert len(office.rows(tables.attempts)) == MOST_ATTEMPTS


def test_without_a_server_nothing_is_tried_and_nothing_lost(office: Office) -> None:
    _promise(office)

    assert not send_one(office.db, Sender("worker 1", {}), office.clock.now())
    assert _status(office) == ("queued", 0)


def _promise(office: Office) -> None:
    office.person("chief Wu")
    with office.db.transaction() as tx:
        enqueue_mail(tx, OFFICE, None, LETTER, office.clock.now())


def _try(office: Office, here: MailServerHere) -> bool:
    sender = Sender("worker 1", {"mail.send": way(here)})
    return send_one(office.db, sender, office.clock.now())


def _status(office: Office) -> tuple[str, int]:
    (row,) = office.rows(tables.outbox)
    return row.status, row.attempts
