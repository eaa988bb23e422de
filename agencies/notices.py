"""`notice.issue`: the operation of diagrams. The notice is a row; mail and SMS are promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from agencies.outbox import enqueue_mail, enqueue_sms
from agencies.text_messages import mobile_of, text_of
from engine import case_rows, events, notice_reads, notices, wordings
from engine.actors import system
from engine.errors import Rejected
from engine.notice_papers import Paper
from engine.service_tasks import Request


def issue(tx: Connection, request: Request, now: datetime) -> dict[str, Any]:
    """Inputs: `kind`, `channel` (default letter), `content` (a context). Result: `notice_id`.

    By e-mail, the address is `data.contact.email`; the mail says that there is news and where to
    look, never what: it may be read by others. A receipt of a fee is in its mail, word for word:
    the payer asked for it there, and it names nobody. By text message (`sms`), the number is
    `data.contact.phone`, and the message says no more than a mail does. Without an address or a
    mobile number it becomes a letter.
    """
    content = request.inputs.get("content") or {}
    if not isinstance(content, Mapping):
        raise Rejected(
            "notice.content", f"Expected a context as the input 'content' of {request.element_id}"
        )
    kind = str(request.inputs.get("kind") or "")
    channel = str(request.inputs.get("channel") or "letter")
    notice = notices.Notice(kind, channel, content, request.by, request.data)
    return {"notice_id": str(send(tx, request.case, request.key, notice, now))}


def send(
    tx: Connection, case: events.CaseRef, key: str, notice: notices.Notice, now: datetime
) -> UUID:
    """Issue a notice and promise the mail or the text message that tells of it. Returns its id."""
    address, mobile = _email(notice.data), mobile_of(notice.data)
    notice = replace(notice, channel=way_to(notice.channel, notice.data))
    notice_id = notices.issue(tx, case, key, notice, now)
    if notice.channel == "email" and address:
        letter = _letter(case.number, address)
        if notice.kind == "fee_receipt":
            letter["text"] = _receipt(tx, notice_id, case.office_id)
        enqueue_mail(tx, case.office_id, case.id, letter, now)
    elif notice.channel == "sms" and mobile:
        message = {"to": mobile, "text": text_of(notice.kind, case.number, notice.content)}
        enqueue_sms(tx, case.office_id, case.id, message, now)
    return notice_id


def way_to(channel: str, data: Mapping[str, Any]) -> str:
    """The channel, or `letter` where nobody can be reached by it."""
    address = {"email": _email, "sms": mobile_of}.get(channel)
    return channel if address is None or address(data) else "letter"


def _receipt(tx: Connection, notice_id: UUID, office_id: str) -> str:
    """The words of a receipt in both languages, without head and foot, which name people."""
    sheets = (
        notice_reads.paper(tx, notice_id, system(office_id), language, str)
        for language in wordings.LANGUAGES
    )
    return "\n".join(_plain(sheet) for sheet in sheets)


def _plain(sheet: Paper) -> str:
    lines = [f"{sheet.title} {sheet.value('number')}"]
    for block in sheet.blocks:
        words = "".join(text for text, _ in block.runs)
        lines.append(f"{block.label}: {words}" if block.label else words)
    return "\n".join(lines) + "\n"


def _email(data: Mapping[str, Any]) -> str | None:
    contact = data.get("contact")
    address = contact.get("email") if isinstance(contact, Mapping) else None
    return address if isinstance(address, str) and "@" in address else None


def applicant_written(tx: Connection, event: events.ApplicantWritten, now: datetime) -> None:
    """Promise the applicant a mail that a letter was issued, where they left an address. It says
    that there is news and where to look; the letter itself goes by post and is what is served."""
    case = case_rows.load(tx, event.case.id, system(event.case.office_id), lock=False)
    address = _email(case.data)
    if address:
        letter = _letter(event.case.number, address)
        enqueue_mail(tx, event.case.office_id, event.case.id, letter, now)


def _letter(number: str, address: str) -> dict[str, str]:
    return {
        "to": address,
        "subject": f"戶政事務所通知 {number} / Notice from the household registration office",
        "text": (
            f"您的申請案 {number} 有新的通知，請以收件回條上的查詢碼查詢，或洽承辦人員。\n\n"
            f"There is news about your application {number}. Look it up with the code on your "
            f"receipt, or ask the officer in charge.\n"
        ),
    }
