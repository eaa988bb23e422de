"""Passwords: how they are kept (argon2id), and what the profile `tw-gov` demands of them.

The profile follows Taiwan's protection baseline for government systems (資通系統防護基準:
complexity), where ASVS 5 would ask for length alone.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import Unavailable
from engine.field_errors import FieldError

MIN_LENGTH = 12
MAX_LENGTH = 128  # longer ones would only cost us time
MIN_CLASSES = 3
COMMON_WORDS = (
    *("password", "passw0rd", "qwerty", "asdfgh", "zxcvbn", "1q2w3e", "123456", "abc123"),
    *("letmein", "welcome", "administrator", "admin", "iloveyou", "changeme", "default"),
    *("taiwan", "huzheng", "household"),
)

# Each hash takes 19 MiB and a core for tens of milliseconds; more than two at a time would let a
# flood of sign-ins starve everybody else.
AT_ONCE = 2
LONGEST_WAIT = 2.0  # seconds
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_pool = BoundedSemaphore(AT_ONCE)


def hash_password(password: str) -> str:
    """Return the argon2id hash to store. Raises Unavailable when too many wait."""
    with _turn():
        return _hasher.hash(_plain(password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Compare; takes as long when there is no hash to compare with, and then says no.

    Raises Unavailable when too many wait.
    """
    if len(password) > MAX_LENGTH:
        password = ""  # never the right one, and as costly as any
    with _turn():
        try:
            matches = _hasher.verify(password_hash or _nobodys_hash(), _plain(password))
        except (VerificationError, InvalidHashError):
            return False
    return matches and password_hash is not None


def problems(password: str, words: Iterable[str] = (), path: str = "password") -> list[FieldError]:
    """What the profile `tw-gov` finds wrong. `words` are the login, names and the like."""
    found = []
    if len(password) < MIN_LENGTH:
        found.append(FieldError(path, "password_too_short", {"min": MIN_LENGTH}))
    if len(password) > MAX_LENGTH:
        found.append(FieldError(path, "password_too_long", {"max": MAX_LENGTH}))
    if _classes(password) < MIN_CLASSES:
        found.append(FieldError(path, "password_classes"))
    if _contains_word(password, (*COMMON_WORDS, *words)):
        found.append(FieldError(path, "password_word"))
    return found


def made_up(words: Iterable[str] = ()) -> str:
    """A random password that can be read out: four groups of letters and digits, 80 bits and more.

    It has what the profile demands and holds none of the words.
    """
    known = tuple(words)
    while True:
        groups = ("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))
        made = "-".join(groups)
        if not problems(made, known):
            return made


_READABLE = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that looks alike


def _classes(password: str) -> int:
    classes = (str.isupper, str.islower, str.isdigit)
    present = [any(map(is_of, password)) for is_of in classes]
    return sum(present) + any(not character.isalnum() for character in password)


def _contains_word(password: str, words: Iterable[str]) -> bool:
    plain = password.casefold()
    spelt = plain.translate(_LOOKALIKES)
    parts = (part for word in words for part in re.split(r"[\s.@_-]+", word.casefold()))
    return any(len(part) > 2 and (part in plain or part in spelt) for part in parts)


_LOOKALIKES = str.maketrans("0134578@$!", "oieastbasi")


def _plain(password: str) -> str:
    """The same key strokes give the same text whatever the keyboard composes."""
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")


@contextmanager
def _turn() -> Iterator[None]:
    if not _pool.acquire(timeout=LONGEST_WAIT):
        raise Unavailable("sign_in.busy", "Too many people are signing in; try again in a moment")
    try:
        yield
    finally:
        _pool.release()
