"""Why somebody looks at personal data, or searches by it: one of a short list, and more in words.

Written into the history as `call`, or `call: before the hearing`; other text is an older row's, or
another system's, and is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.errors import Rejected
from engine.identity_numbers import canonical, is_identity_number

WORDS: Mapping[str, tuple[str, str]] = {
    "compare": ("核對申請書與證件", "comparing the application with papers"),
    "call": ("聯絡當事人", "calling the person"),
    "answer": ("答覆當事人查詢", "answering the person"),
    "service": ("郵寄或送達", "posting or service"),
    "earlier": ("查有無前案或相關案件", "looking for earlier or related cases"),
    "supervision": ("督導與查催", "supervision"),
    "audit": ("稽核", "audit"),
    "other": ("其他", "other"),
}
CODES = tuple(WORDS)
MOST = 200
_NUMBER = re.compile(r"(?=([A-Za-z]\s?[A-Da-d1289]\s?\d{8}))")  # overlapping: "see A123456789"


def purpose(code: str, more: str = "") -> str:
    """The purpose as it is written down. Raises Rejected: none, unknown, or with an ID number."""
    text = " ".join(more.split())
    if not code:
        raise Rejected("reveal.purpose", "Say for what purpose the personal data is looked at")
    if code not in WORDS:
        raise Rejected("purpose.unknown", f"Expected one of {', '.join(CODES)}, got {code!r}")
    if code == "other" and not text:
        raise Rejected("purpose.more", "Say in words what the other purpose is")
    return checked(f"{code}: {text}" if text else code)


def checked(written: str) -> str:
    """A purpose in whatever words; it stays in the history, so no ID number may be in it."""
    if len(written) > MOST:
        raise Rejected("purpose.long", f"Expected a purpose of at most {MOST} characters")
    if any(is_identity_number(canonical(found)) for found in _NUMBER.findall(written)):
        raise Rejected("purpose.personal", "Leave ID numbers out of the purpose; it is kept")
    return written


def told(written: str, lang: str) -> str:
    """A written purpose in the reader's language."""
    code, colon, more = written.partition(": ")
    words = WORDS.get(code)
    if words is None:
        return written
    is_zh = lang.startswith("zh")
    said = words[0] if is_zh else words[1]
    if not colon:
        return said
    return f"{said}（{more}）" if is_zh else f"{said} ({more})"
