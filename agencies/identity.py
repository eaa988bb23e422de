"""Who somebody is, by a certificate: our challenge, the card's answer, the word of its issuer.

The card's software on the applicant's own machine signs the challenge; the PIN never comes here.
What we send the issuer is the challenge, the answer, and a hash of the identity number bound to the
challenge: it learns no number from us, and an answer serves for one challenge only. Whatever went
wrong, the caller hears the same: not proved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import orjson
import structlog
import urllib3

from agencies.signatures import HEADER, check, sign
from agencies.transports import Endpoint
from engine.errors import Forbidden
from engine.identity_numbers import canonical

log = structlog.get_logger()
CERTIFICATE = "certificate"
ISSUERS = frozenset({CERTIFICATE})
"""Who answers for proofs of identity, as the agencies' file names them."""
MOST_ANSWER = 400  # characters
_TIMEOUT = urllib3.Timeout(connect=2, read=5)

Answered: TypeAlias = tuple[int, Mapping[str, str], bytes]
Post: TypeAlias = Callable[[str, bytes, Mapping[str, str]], Answered]
"""Sends a body to an address; status, headers and body of the answer. Raises OSError or
urllib3.exceptions.HTTPError."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows to prove who they are: their number, our challenge, the card's answer."""

    id_number: str
    challenge: str
    answer: str


def bound(id_number: str, challenge: str) -> str:
    """The hash of an identity number that is of use for this challenge only."""
    return hashlib.sha256(f"{challenge}|{canonical(id_number)}".encode()).hexdigest()


class Issuer:
    """The issuer of the certificates over HTTP: signed JSON there, a signed answer back."""

    def __init__(self, endpoint: Endpoint, post: Post | None = None) -> None:
        self._endpoint, self._post = endpoint, post or _posted

    def proves(self, shown: Shown, at: datetime) -> str | None:
        """The issuer's reference, if the certificate is that person's, valid, and signed this
        challenge; None for everything else. Takes seconds at most: no transaction may be open."""
        if not 0 < len(shown.answer) <= MOST_ANSWER:
            return None
        asked = {
            "challenge": shown.challenge,
            "id_hash": bound(shown.id_number, shown.challenge),
            "answer": shown.answer,
        }
        told = self._asked("verify", asked, at)
        reference = told.get("reference")
        return reference if told.get("valid") is True and isinstance(reference, str) else None

    def card_of_sandbox(self, id_number: str, pin: str, challenge: str, at: datetime) -> str:
        """What a card would answer, from the sandbox that plays the reader too; empty without
        one. Of demonstrations only: no real issuer has it, nor should we ever see a PIN."""
        asked = {"challenge": challenge, "id_number": canonical(id_number), "pin": pin}
        return str(self._asked("card", asked, at).get("answer", ""))

    def _asked(self, what: str, fields: Mapping[str, Any], at: datetime) -> Mapping[str, Any]:
        body = orjson.dumps(dict(fields))
        headers = {
            "Content-Type": "application/json",
            HEADER: sign(self._endpoint.secret, body, at),
        }
        try:
            status, given, content = self._post(f"{self._endpoint.url}/{what}", body, headers)
            if status != 200:
                return {}
            check(self._endpoint.secret, given.get(HEADER), content, at)
            told = orjson.loads(content)
        except (OSError, urllib3.exceptions.HTTPError, Forbidden, orjson.JSONDecodeError) as error:
            kind = type(error).__name__
            log.warning("identity not asked", action="identity.unanswered", error=kind)
            return {}
        return told if isinstance(told, dict) else {}


_POOL = urllib3.PoolManager(retries=False, timeout=_TIMEOUT)


def _posted(url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
    answer = _POOL.request("POST", url, body=body, headers=dict(headers), redirect=False)
    return answer.status, answer.headers, answer.data
