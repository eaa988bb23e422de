"""Keys on disk, sealing, and search hashes."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.keyring import BadKey, Keyring, SealBroken


def test_new_keys_are_made_once_and_read_back(tmp_path: Path) -> None:
    made = Keyring.create(tmp_path / "keys")
    key, wrapped = made.new_case_key("c1")

    opened = Keyring.load(tmp_path / "keys").unwrap("c1", wrapped.wrapped)

    assert opened.open("case_data", key.seal("case_data", b"secret")) == b"secret"
    with pytest.raises(BadKey, match="already"):
        Keyring.create(tmp_path / "keys")


def test_keys_others_may_read_are_refused(tmp_path: Path) -> None:
    Keyring.create(tmp_path / "keys")
    (tmp_path / "keys" / "k1.key").chmod(0o644)

    with pytest.raises(BadKey, match="chmod 600"):
        Keyring.load(tmp_path / "keys")


def test_a_folder_without_keys_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(BadKey, match="db init"):
        Keyring.load(tmp_path)


def test_after_a_rotation_old_data_is_readable_and_new_data_has_the_new_key() -> None:
    old = Keyring({"k1": b"1" * 32}, "k1", b"s" * 32)
    both = Keyring({"k1": b"1" * 32, "k2": b"2" * 32}, "k2", b"s" * 32)
    only_new = Keyring({"k2": b"2" * 32}, "k2", b"s" * 32)
    key, wrapped = old.new_case_key("c1")
    sealed = key.seal("case_data", b"x")

    assert both.unwrap("c1", wrapped.wrapped).open("case_data", sealed) == b"x"
    assert both.new_case_key("c2")[1].master_key_id == "k2"
    with pytest.raises(BadKey, match="k1"):
        only_new.unwrap("c1", wrapped.wrapped)


def test_sealed_bytes_belong_to_their_row() -> None:
    ring = Keyring.for_demo()
    key, wrapped = ring.new_case_key("c1")
    sealed = key.seal("case_data", b"x")

    with pytest.raises(SealBroken):
        key.open("notices", sealed)
    with pytest.raises(SealBroken):
        ring.unwrap("c2", wrapped.wrapped)
    with pytest.raises(SealBroken):
        key.open("case_data", sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(SealBroken):
        key.open("case_data", b"plain text")


def test_what_belongs_to_one_office_is_no_other_offices() -> None:
    ring = Keyring.for_demo()
    sealed = ring.seal_for_office("o1", "inbox", b"x")

    assert ring.open_for_office("o1", "inbox", sealed) == b"x"
    with pytest.raises(SealBroken):
        ring.open_for_office("o2", "inbox", sealed)


def test_search_hashes_are_equal_for_equal_texts_and_apart_by_purpose_and_key() -> None:
    ring, other = Keyring.for_demo(), Keyring({"k": b"1" * 32}, "k", b"2" * 32)

    assert ring.keyed_hash("name", "e\u0301") == ring.keyed_hash("name", "\u00e9")
    assert ring.keyed_hash("name", "A") != ring.keyed_hash("id_number", "A")
    assert ring.keyed_hash("name", "A") != other.keyed_hash("name", "A")


def test_no_secret_is_shown() -> None:
    ring = Keyring({"k1": b"TOPSECRETTOPSECRETTOPSECRETTOPSE"}, "k1", b"s" * 32)
    key, _ = ring.new_case_key("c1")

    assert repr(ring) == "Keyring(k1)"
    assert repr(key) == "CaseKey(c1)"


def test_demo_keys_are_known_as_such() -> None:
    assert Keyring.for_demo().is_for_demo
    assert not Keyring({"k": b"1" * 32}, "k", b"2" * 32).is_for_demo
