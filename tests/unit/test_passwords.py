"""The password profile `tw-gov` and how passwords are kept."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from engine import passwords
from engine.errors import Unavailable


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("Ferry-crossing-41", set()),
        ("渡船頭的燈塔有三十二階Ab1", set()),
        ("Ferry-41", {"password_too_short"}),
        ("ferrycrossingferry", {"password_classes"}),
        ("ferry-crossing-ferry", {"password_classes"}),
        ("P@ssw0rd-2026-ok", {"password_word"}),
        ("Lin.Shifan-2026-ok", {"password_word"}),
        ("Kaohsiung-2026-ok", {"password_word"}),
        ("Aa1-" * 33, {"password_too_long"}),
        ("", {"password_too_short", "password_classes"}),
    ],
)
def test_the_profile(password: str, codes: set[str]) -> None:
    found = passwords.problems(password, ("lin.shifan", "kaohsiung", "林示範"))

    assert {error.code for error in found} == codes
    assert all(error.text("zh-TW") and error.text("en") for error in found)


def test_a_password_is_kept_as_argon2id_and_never_twice_the_same() -> None:
    first, second = passwords.hash_password("Ferry-41"), passwords.hash_password("Ferry-41")

    assert first.startswith("$argon2id$")
    assert first != second
    assert passwords.is_right(first, "Ferry-41")
    assert not passwords.is_right(first, "ferry-41")


def test_no_hash_and_a_broken_hash_are_never_right() -> None:
    assert not passwords.is_right(None, "nobody has this password")
    assert not passwords.is_right("$argon2id$broken", "Ferry-41")


def test_full_width_key_strokes_are_the_same_password() -> None:
    assert passwords.is_right(passwords.hash_password("Ferry-41"), "Ｆｅｒｒｙ－４１")


def test_at_most_two_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "LONGEST_WAIT", 0.05)
    leave = Event()

    def stay() -> None:
        with passwords._turn():
            leave.wait(10)

    with ThreadPoolExecutor(2) as pool:
        staying = [pool.submit(stay) for _ in range(passwords.AT_ONCE)]
        try:
            with pytest.raises(Unavailable):
                passwords.hash_password("Ferry-41")
        finally:
            leave.set()
        for each in staying:
            each.result(timeout=10)

    assert passwords.hash_password("Ferry-41")
