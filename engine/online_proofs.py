"""What an applicant who files online carries from page to page: that they have proved who they are.

Nothing of a half-filled application is kept here: the proof is a sealed line in the applicant's own
form, with a keyed hash instead of the identity number, and ends by itself. One proof files once.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine import keys
from engine.identity_numbers import canonical

CHALLENGE_LASTS = timedelta(minutes=10)
PROOF_LASTS = timedelta(minutes=60)
"""Since the last page that was sent with it."""
_LONGEST = 600
_PARTS = 6


@dataclass(frozen=True, slots=True)
class Proof:
    """Who may file which package where: `id_hash` is of the proved number, `reference` what the
    issuer calls its answer, `nonce` tells one proof from another."""

    package_id: str
    office_id: str
    id_hash: str
    reference: str
    nonce: str

    def is_of(self, id_number: str) -> bool:
        """Whether it proved this identity number."""
        return hmac.compare_digest(self.id_hash, _hash_of(id_number))


def new_challenge(now: datetime) -> str:
    """What a card is to sign: fresh, and known again without being kept."""
    return _sealed("online_challenge", f"{_stamp(now)}.{secrets.token_hex(16)}")


def is_ours(challenge: str, now: datetime) -> bool:
    """Whether it was given out here within the last minutes."""
    text = _opened("online_challenge", challenge)
    return text is not None and _is_young(text.partition(".")[0], now, CHALLENGE_LASTS)


def new_proof(package_id: str, office_id: str, id_number: str, reference: str) -> Proof:
    """The proof of somebody whose card has just been found good."""
    return Proof(package_id, office_id, _hash_of(id_number), reference, secrets.token_urlsafe(18))


def seal(proof: Proof, now: datetime) -> str:
    """The proof as the form carries it, good for `PROOF_LASTS` from now."""
    parts = (proof.package_id, proof.office_id, proof.id_hash, proof.reference, proof.nonce)
    return _sealed("online_proof", "|".join((_stamp(now), *parts)))


def opened(sealed: str, package_id: str, office_id: str, now: datetime) -> Proof | None:
    """The proof that a form brought back; None unless it is ours, for this matter and office, and
    has not ended."""
    text = _opened("online_proof", sealed)
    parts = text.split("|") if text else []
    if len(parts) != _PARTS or not _is_young(parts[0], now, PROOF_LASTS):
        return None
    proof = Proof(*parts[1:])
    return proof if replace(proof, package_id=package_id, office_id=office_id) == proof else None


def _hash_of(id_number: str) -> str:
    return keys.keyed_hash("online_applicant", canonical(id_number))


def _sealed(purpose: str, text: str) -> str:
    return f"{text}.{keys.keyed_hash(purpose, text)}"


def _opened(purpose: str, sealed: str) -> str | None:
    text, _, mark = sealed[:_LONGEST].rpartition(".")
    fits = hmac.compare_digest(mark.encode(), keys.keyed_hash(purpose, text).encode())
    return text if text and fits else None


def _stamp(now: datetime) -> str:
    return str(int(now.timestamp()))


def _is_young(stamp: str, now: datetime, lasts: timedelta) -> bool:
    return 0 <= now.timestamp() - int(stamp) + 1 <= lasts.total_seconds() + 1
