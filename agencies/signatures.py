"""Signed calls in both directions: HMAC-SHA256 over time and body, with the peer's secret.

Header `Huzheng-Signature: t=<unix seconds>,v1=<hex>`. The time is part of what is signed, so an
old call cannot be played again after `TOLERANCE`.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from engine.errors import Forbidden

HEADER = "Huzheng-Signature"
TOLERANCE = timedelta(minutes=5)


def sign(secret: bytes, body: bytes, at: datetime) -> str:
    """The header's value for `body`, signed at `at` (aware UTC, the real clock)."""
    stamp = str(int(at.timestamp()))
    return f"t={stamp},v1={_digest(secret, stamp, body)}"


def check(secret: bytes, header: str | None, body: bytes, at: datetime) -> None:
    """Raise `Forbidden` unless `header` signs `body` with `secret` near `at`."""
    stamp, digest = _parts(header or "")
    if not hmac.compare_digest(digest, _digest(secret, stamp, body)):
        raise Forbidden("signature.wrong", f"Expected a valid {HEADER} header, but it is wrong")
    if abs(at - datetime.fromtimestamp(int(stamp), UTC)) > TOLERANCE:
        raise Forbidden("signature.old", "Expected a call signed in the last five minutes")


def _digest(secret: bytes, stamp: str, body: bytes) -> str:
    return hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _parts(header: str) -> tuple[str, str]:
    fields = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    stamp, digest = fields.get("t", ""), fields.get("v1", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and digest.isascii()):
        raise Forbidden("signature.missing", f"Expected a {HEADER} header (t=…,v1=…), found none")
    return stamp, digest
