"""What a member of staff may be told of, and how it reaches them. Pure.

Whoever has a duty cannot silence it: an overdue case is told in the application whatever somebody
chose, and a demand to explain a delay also reaches the mailbox. `why` names the sentence that
says so on the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType

from engine.clock import TAIPEI
from engine.errors import Rejected

DIGEST_AT = time(8, 0)
"""When the daily mail goes out, by Taipei's clock: before the counters open."""


class Email(StrEnum):
    OFF = "off"
    NOW = "now"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Way:
    """`in_app`: it counts as unread in the application; otherwise it is only kept in the list."""

    in_app: bool
    email: Email


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """`in_app_owed`, `email_owed`: cannot be switched off, for the reason `why`."""

    name: str
    usual: Way
    in_app_owed: bool = False
    email_owed: bool = False
    why: str = ""


_NOW, _DAILY = Way(in_app=True, email=Email.NOW), Way(in_app=True, email=Email.DAILY)
KINDS: Mapping[str, NoticeKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            NoticeKind("clock.warned", _NOW),
            NoticeKind("clock.prompted", _NOW, in_app_owed=True, why="supervision"),
            NoticeKind("clock.escalated", _NOW, in_app_owed=True, why="supervision"),
            NoticeKind("clock.delay_due", _NOW, in_app_owed=True, why="supervision"),
            NoticeKind("overdue.listed", _NOW, in_app_owed=True, why="supervision"),
            NoticeKind("clock.chased", _NOW, in_app_owed=True, email_owed=True, why="chase"),
            NoticeKind("chase.asked", _NOW, in_app_owed=True, email_owed=True, why="chase"),
            NoticeKind("chase.answered", _DAILY, in_app_owed=True, why="asked"),
            NoticeKind("user_task.assigned", _NOW, in_app_owed=True, why="work"),
            NoticeKind("case.mentioned", _NOW),
            NoticeKind("case.transferred", _NOW, in_app_owed=True, why="work"),
            NoticeKind("case.given", _NOW, in_app_owed=True, why="work"),
            NoticeKind("extension.asked", _NOW, in_app_owed=True, why="supervision"),
            NoticeKind("extension.decided", _NOW, in_app_owed=True, why="decided"),
            NoticeKind("calendar.proposed", _NOW, in_app_owed=True, why="supervision"),
            NoticeKind("calendar.decided", _NOW, in_app_owed=True, why="asked"),
            NoticeKind("attachment.infected", _NOW, in_app_owed=True, why="work"),
        )
    }
)


def kind_of(name: str) -> NoticeKind:
    """The kind by name. Raises Rejected for one that there is not."""
    if name not in KINDS:
        raise Rejected(
            "notice_choice.kind", f"Expected one of {', '.join(KINDS)}, but got {name!r}", kind=name
        )
    return KINDS[name]


def lawful(kind: NoticeKind, wanted: Way) -> Way:
    """The way as chosen. Raises Rejected where a duty forbids it."""
    if kind.in_app_owed and not wanted.in_app:
        raise Rejected(
            "notice_choice.in_app_owed",
            f"Expected {kind.name} to stay on in the application: it is a duty to know of it",
            kind=kind.name,
        )
    if kind.email_owed and wanted.email is Email.OFF:
        raise Rejected(
            "notice_choice.email_owed",
            f"Expected {kind.name} by mail at once or daily: it has to be answered",
            kind=kind.name,
        )
    return wanted


def mail_due_at(email: Email, now: datetime) -> datetime | None:
    """From when a mail is owed (aware UTC): at once, at the next 08:00 in Taipei, or never."""
    if email is Email.OFF:
        return None
    if email is Email.NOW:
        return now
    local = now.astimezone(TAIPEI)
    digest = datetime.combine(local.date(), DIGEST_AT, TAIPEI)
    return digest if digest > local else digest + timedelta(days=1)
