"""What a mail to a member of staff says: a number and a link. Pure.

Mail passes through many hands, so it never says whose case it is or what it is about: the reader
signs in and sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

MOST_LINES = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to know of: what happened, and where to look."""

    kind: str
    case_id: UUID | None
    case_number: str


@dataclass(frozen=True, slots=True)
class Letter:
    to: str
    subject: str
    text: str


class _Words(NamedTuple):
    begins: str
    several: str
    more: str
    all: str
    how: str
    notice: str


_WORDS: Mapping[str, _Words] = MappingProxyType(
    {
        "zh-TW": _Words(
            begins="請登入系統查看：",
            several="{n} 件通知",
            more="另有 {n} 件，請見通知清單。",
            all="全部通知",
            how="調整通知方式",
            notice="通知",
        ),
        "en": _Words(
            begins="Sign in to see:",
            several="{n} notifications",
            more="{n} more are in the list of notifications.",
            all="All notifications",
            how="Change how you are told",
            notice="Notification",
        ),
    }
)
_KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "clock.warned": ("期限提醒", "Reminder of a limit"),
        "clock.prompted": ("申請人期間屆滿，請依法續辦", "An applicant's term is over: act by law"),
        "clock.escalated": ("案件逾期", "Overdue case"),
        "clock.delay_due": ("請告知申請人遲延的原因", "Tell the applicant of the delay"),
        "overdue.listed": ("每月逾期案件清單", "Monthly list of overdue cases"),
        "clock.chased": ("查催", "Overdue case, chase started"),
        "chase.asked": ("查催：請敘明原因與新期限", "Chase: give the reason and a new date"),
        "chase.answered": ("查催已答覆", "A chase was answered"),
        "user_task.assigned": ("交辦作業", "Work assigned to you"),
        "case.mentioned": ("同仁在留言中提到您", "A colleague mentioned you"),
        "case.transferred": (
            "他所移轉來的案件",
            "A case was handed over to your office",
        ),
        "case.given": ("由您全程承辦的案件", "You answer for a case"),
        "extension.asked": (
            "延長處理期間待您決定",
            "An extension waits for your decision",
        ),
        "extension.decided": (
            "您申請的延長已決定",
            "The extension you asked for was decided",
        ),
        "calendar.proposed": (
            "行事曆或期限規則的變更待您核准",
            "An edit of the calendar or of a rule waits for your approval",
        ),
        "calendar.decided": (
            "您提出的行事曆或期限規則變更已決定",
            "Your edit of the calendar or of a rule was decided",
        ),
        "attachment.infected": ("附件含病毒，已銷毀", "A file held a virus and was destroyed"),
    }
)


def letter(to: str, language: str, lines: Sequence[Line], address: str) -> Letter:
    """The mail about `lines`. `address` is where the system is found, without a slash at its end.

    `language` is `zh-TW` or `en`; any other reads as `zh-TW`.
    """
    words = _WORDS.get(language, _WORDS["zh-TW"])
    shown = [_line(line, language, address) for line in lines[:MOST_LINES]]
    if len(lines) > MOST_LINES:
        shown.append(words.more.format(n=len(lines) - MOST_LINES))
    foot = [
        f"{words.all}{_colon(language)}{address}/notifications",
        f"{words.how}{_colon(language)}{address}/notifications/settings",
    ]
    text = "\n".join([words.begins, "", *shown, "", *foot, ""])
    return Letter(to, _subject(lines, language), text)


def _subject(lines: Sequence[Line], language: str) -> str:
    if len(lines) == 1:
        return f"{_kind(lines[0].kind, language)} {lines[0].case_number}".strip()
    return _WORDS.get(language, _WORDS["zh-TW"]).several.format(n=len(lines))


def _line(line: Line, language: str, address: str) -> str:
    told = f"- {line.case_number} {_kind(line.kind, language)}".replace("  ", " ")
    return told if line.case_id is None else f"{told}\n  {address}/cases/{line.case_id}"


def _kind(kind: str, language: str) -> str:
    zh, en = _KINDS.get(kind, (_WORDS["zh-TW"].notice, _WORDS["en"].notice))
    return en if language == "en" else zh


def _colon(language: str) -> str:
    return ": " if language == "en" else "："
