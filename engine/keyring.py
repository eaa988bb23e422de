"""The secrets of an installation, and what is made of them. No database here.

A folder holds one file per master key (`<id>.key`, 32 bytes in base64), a file `current` with the
id of the one new data keys are wrapped with, and `search.key` for search hashes. Rotating is: put a
new `<id>.key`, write its id into `current`, keep the old file as long as rows name it. A process
that runs meanwhile looks into the folder again when it meets an id it does not know.

Sealed bytes: `HZ1`, the length of the key's id, the id, 12 bytes of nonce, AES-256-GCM ciphertext.
The associated data say what and whose the bytes are, so they cannot be moved to another row.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_MAGIC = b"HZ1"
_NONCE = 12
_KEY = 32
DEMO = "demo"


class BadKey(Exception):
    """A key is missing, unreadable or wrong. The sentence says which and how to mend it."""


class SealBroken(Exception):
    """The bytes were changed, moved from another row, or sealed with another key."""


@dataclass(frozen=True, slots=True)
class CaseKey:
    """The data key of one case. Its `repr` never shows the secret."""

    case_id: str
    _secret: bytes

    def __repr__(self) -> str:
        return f"CaseKey({self.case_id})"

    def seal(self, table: str, plain: bytes) -> bytes:
        """Encrypt for a row of `table` that belongs to this case."""
        return _seal("case", self._secret, plain, f"{self.case_id}/{table}")

    def open(self, table: str, sealed: bytes) -> bytes:
        """Decrypt. Raises SealBroken."""
        _key_id(sealed)
        return _open(self._secret, sealed, f"{self.case_id}/{table}")


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data key as it is stored: encrypted with the master key of that id."""

    master_key_id: str
    wrapped: bytes


class Keyring:
    """All master keys and the search key of one installation. Make it with `load` or `for_demo`."""

    def __init__(
        self,
        masters: Mapping[str, bytes],
        current: str,
        search: bytes,
        folder: Path | None = None,
    ) -> None:
        for name, secret in {**masters, "search": search}.items():
            if len(secret) != _KEY:
                raise BadKey(f"Key {name} has {len(secret)} bytes, expected {_KEY}")
        if current not in masters:
            raise BadKey(f"The current master key {current!r} is not among the keys; add it")
        self._masters = dict(masters)
        self._current = current
        self._search = search
        self._folder = folder

    def __repr__(self) -> str:
        return f"Keyring({', '.join(sorted(self._masters))})"

    @classmethod
    def load(cls, folder: Path | str) -> Keyring:
        """Read a folder of keys. Raises BadKey with a sentence; others may not read the files."""
        place = Path(folder)
        files = {file.stem: file for file in sorted(place.glob("*.key"))}
        if "search" not in files or not (place / "current").is_file():
            raise BadKey(
                f"{place} holds no keys (expected search.key, current and <id>.key). Make them "
                "once with `huzheng db init` and keep a copy apart from the database"
            )
        secrets_ = {name: _read(file) for name, file in files.items()}
        search = secrets_.pop("search")
        return cls(secrets_, (place / "current").read_text().strip(), search, place)

    @classmethod
    def create(cls, folder: Path | str, key_id: str = "k1") -> Keyring:
        """Make new random keys in a folder that has none."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(place.glob("*.key")):
            raise BadKey(f"{place} holds keys already; overwriting them would lose all data")
        for name in (key_id, "search"):
            _write(place / f"{name}.key", base64.b64encode(secrets.token_bytes(_KEY)))
        _write(place / "current", key_id.encode())
        return cls.load(place)

    @classmethod
    def for_demo(cls) -> Keyring:
        """Keys that everybody knows: they protect nothing. Production refuses them."""
        return cls({DEMO: _demo("master")}, DEMO, _demo("search"))

    @classmethod
    def rotate(cls, folder: Path | str, key_id: str) -> Keyring:
        """Put a new master key into the folder and make it the current one. The old ones stay."""
        place = Path(folder)
        cls.load(place)  # refuses a folder that holds no keys, or badly kept ones
        if not key_id.isascii() or not key_id.isalnum() or len(key_id) > 40 or key_id == "search":
            raise BadKey(f"Expected a key id of at most 40 letters and digits, got {key_id!r}")
        if (place / f"{key_id}.key").exists():
            raise BadKey(f"{place} has a key {key_id!r} already; choose another id")
        _write(place / f"{key_id}.key", base64.b64encode(secrets.token_bytes(_KEY)))
        # Written apart and moved into place: nobody ever reads half an id.
        _write(place / ".current", key_id.encode())
        (place / ".current").replace(place / "current")
        return cls.load(place)

    @property
    def is_for_demo(self) -> bool:
        """Whether one of the keys is known to everybody, whatever its file is called."""
        known = _demo("master"), _demo("search")
        return any(secret in known for secret in (*self._masters.values(), self._search))

    @property
    def current_id(self) -> str:
        return self._current

    def fingerprints(self) -> dict[str, str]:
        """What tells keys apart without telling them: one short text for each, `search` included.

        A backup names those it needs, so that a restore can say at once which one is missing.
        """
        named = {**self._masters, "search": self._search}
        return {
            name: hmac.new(secret, b"huzheng fingerprint", hashlib.sha256).hexdigest()[:24]
            for name, secret in named.items()
        }

    def new_case_key(self, case_id: str) -> tuple[CaseKey, Wrapped]:
        """A random data key for a case, and the form in which to store it."""
        secret = secrets.token_bytes(_KEY)
        sealed = _seal(self._current, self._masters[self._current], secret, f"{case_id}/data_keys")
        return CaseKey(case_id, secret), Wrapped(self._current, sealed)

    def rewrap(self, case_id: str, wrapped: bytes) -> Wrapped:
        """The same data key, wrapped with the current master key."""
        secret = _open(self._master(_key_id(wrapped)), wrapped, f"{case_id}/data_keys")
        sealed = _seal(self._current, self._masters[self._current], secret, f"{case_id}/data_keys")
        return Wrapped(self._current, sealed)

    def unwrap(self, case_id: str, wrapped: bytes) -> CaseKey:
        """The data key of a case. Raises SealBroken, or BadKey if its master key is not here."""
        master = self._master(_key_id(wrapped))
        return CaseKey(case_id, _open(master, wrapped, f"{case_id}/data_keys"))

    def seal_for_office(self, office_id: str, table: str, plain: bytes) -> bytes:
        """Encrypt what belongs to no case, under a key of the office."""
        secret = _derive(self._masters[self._current], f"office/{office_id}")
        return _seal(self._current, secret, plain, f"{office_id}/{table}")

    def open_for_office(self, office_id: str, table: str, sealed: bytes) -> bytes:
        secret = _derive(self._master(_key_id(sealed)), f"office/{office_id}")
        return _open(secret, sealed, f"{office_id}/{table}")

    def keyed_hash(self, purpose: str, text: str) -> str:
        """A hash to search by, in hex: equal texts give equal hashes, and only with our key.

        `purpose` (`id_number`, `name`, `status_code`) keeps hashes of different columns apart. The
        text is compared as given, in Unicode NFC; the caller brings it into its canonical form.
        """
        canonical = unicodedata.normalize("NFC", text).encode()
        secret = _derive(self._search, f"search/{purpose}")
        return hmac.new(secret, canonical, hashlib.sha256).hexdigest()

    def _master(self, key_id: str) -> bytes:
        if key_id not in self._masters and self._folder is not None:
            # Somebody has rotated the keys since we started.
            self._masters.update(_masters_in(self._folder))
        try:
            return self._masters[key_id]
        except KeyError:
            raise BadKey(
                f"Data is sealed with master key {key_id!r}, which is not in the key folder; "
                "put its file back"
            ) from None


def _seal(key_id: str, secret: bytes, plain: bytes, about: str) -> bytes:
    name = key_id.encode()
    nonce = secrets.token_bytes(_NONCE)
    header = _MAGIC + bytes([len(name)]) + name
    return header + nonce + _cipher(secret).encrypt(nonce, plain, header + about.encode())


def _open(secret: bytes, sealed: bytes, about: str) -> bytes:
    start = len(_MAGIC) + 1 + sealed[len(_MAGIC)]
    header, nonce = sealed[:start], sealed[start : start + _NONCE]
    try:
        return _cipher(secret).decrypt(nonce, sealed[start + _NONCE :], header + about.encode())
    except (InvalidTag, ValueError):
        raise SealBroken(
            f"The sealed bytes of {about} were changed, moved or sealed with another key"
        ) from None


def _key_id(sealed: bytes) -> str:
    if not sealed.startswith(_MAGIC) or len(sealed) < len(_MAGIC) + 1 + _NONCE:
        raise SealBroken("Expected sealed bytes, but they have no header of ours")
    return sealed[len(_MAGIC) + 1 : len(_MAGIC) + 1 + sealed[len(_MAGIC)]].decode()


@lru_cache(maxsize=1024)
def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(secret)


@lru_cache(maxsize=1024)
def _derive(secret: bytes, purpose: str) -> bytes:
    """HKDF-Expand (RFC 5869) of an already uniform key, one block."""
    return hmac.new(secret, purpose.encode() + b"\x01", hashlib.sha256).digest()


def _demo(name: str) -> bytes:
    return hashlib.sha256(f"huzheng demo {name}: everybody knows this key".encode()).digest()


def _masters_in(folder: Path) -> dict[str, bytes]:
    files = (file for file in sorted(folder.glob("*.key")) if file.stem != "search")
    return {file.stem: _read(file) for file in files}


def _read(file: Path) -> bytes:
    if file.stat().st_mode & 0o077:
        raise BadKey(f"Others may read {file}; allow only its owner: chmod 600 {file}")
    try:
        return base64.b64decode(file.read_bytes().strip(), validate=True)
    except ValueError as error:
        raise BadKey(f"{file} is not 32 bytes in base64: {error}") from error


def _write(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.write_bytes(content)
