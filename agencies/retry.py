"""When to try again, and when to stop. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=4)
MOST_ATTEMPTS = 8  # about two hours of trying; then the row is a dead letter and an incident


class Outcome(StrEnum):
    """How one try ended. The type says whether trying again can help."""

    DELIVERED = "delivered"
    PASSING = "passing"  # no connection, 408, 425, 429, 5xx: the same call may go through
    PERMANENT = "permanent"  # every other answer: the call itself is refused
    UNKNOWN = "unknown"  # no answer after sending; trying again is safe: the receiver knows the key


def next_attempt_at(attempt: int, failed_at: datetime, jitter: float) -> datetime:
    """Half a minute after the first try, then twice as long each time, at most four hours.

    `jitter` in 0..1 spreads the tries by up to a fifth: agencies restart their gateways at fixed
    hours, and without it every queued notification would come back in the same second.
    """
    wait: timedelta = min(FIRST_WAIT * 2.0 ** min(attempt - 1, 20), LONGEST_WAIT)
    return failed_at + wait * (1 + 0.2 * jitter)


def judge(status_code: int) -> Outcome:
    """Read an HTTP status as an outcome (RFC 9110 15)."""
    if 200 <= status_code < 300:
        return Outcome.DELIVERED
    if status_code in (408, 425, 429) or status_code >= 500:
        return Outcome.PASSING
    return Outcome.PERMANENT


def judge_mail(reply_code: int) -> Outcome:
    """Read an SMTP reply to a letter that was not taken (RFC 5321 4.2.1): 4xx may pass."""
    return Outcome.PASSING if reply_code < 500 else Outcome.PERMANENT
