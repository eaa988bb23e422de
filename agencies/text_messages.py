"""What a text message (SMS) to an applicant says, and to which number. Pure.

A text message lies open on a telephone that others may see: it names nobody and no matter, only
the case number and where to ask. That a document may be collected is told with the desk and the
days it is kept: whoever comes needs the receipt and a paper to prove who they are all the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

LONGEST = 70
"""Characters of one message in Chinese (UCS-2); a longer one is sent, and paid for, in parts."""
MOBILE = "09"
_DIGITS = 10


def mobile_of(data: Mapping[str, Any]) -> str | None:
    """The applicant's mobile number as ten digits, from `contact.phone` of the personal data; None
    where there is none, or one that takes no messages."""
    contact = data.get("contact")
    typed = contact.get("phone") if isinstance(contact, Mapping) else None
    if not isinstance(typed, str):
        return None
    digits = "".join(each for each in unicodedata.normalize("NFKC", typed) if each.isdigit())
    if digits.startswith("8869") and len(digits) == _DIGITS + 2:
        digits = "0" + digits.removeprefix("886")
    return digits if digits.startswith(MOBILE) and len(digits) == _DIGITS else None


def text_of(kind: str, number: str, content: Mapping[str, Any]) -> str:
    """The words of a notice of this kind for the case `number`, in Chinese as the gateway's
    contract has it: other letters would make every message twice as long."""
    if kind == "pick_up":
        return _pick_up(number, content)
    return f"戶政事務所通知：案件{number}有新的進度，請以收件回執的查詢碼查詢或洽承辦人。"


def _pick_up(number: str, content: Mapping[str, Any]) -> str:
    desk, days = content.get("desk"), content.get("days")
    where = f"，取件櫃檯：{desk}" if isinstance(desk, str) and desk.strip() else ""
    kept = f"，保管{days}日" if days is not None else ""
    return f"戶政事務所通知：案件{number}已完成{where}{kept}，請攜證件及回執領取。"
