"""ID numbers: shape, check digit and the one way they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.identity_numbers import IdentityKind, canonical, check_sum, is_identity_number, kind_of


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("A123456789", IdentityKind.NATIONAL),
        ("a123456789", IdentityKind.NATIONAL),
        ("Ａ１２３４５６７８９", IdentityKind.NATIONAL),
        (" A1234-56789 ", IdentityKind.NATIONAL),
        ("A800000014", IdentityKind.RESIDENT),
        ("A900000007", IdentityKind.RESIDENT),
        ("FA12345689", IdentityKind.RESIDENT_OLD),
        ("AC01234567", IdentityKind.RESIDENT_OLD),
        ("A123456788", None),
        ("A323456789", None),
        ("A12345678", None),
        ("A1234567890", None),
        ("1234567890", None),
        ("AE01234567", None),
        ("A12345678\u096f", None),
        ("A12345678\x00", None),
        ("", None),
    ],
)
def test_the_kind_of_a_number(number: str, kind: IdentityKind | None) -> None:
    assert kind_of(number) is kind


@pytest.mark.parametrize(
    ("letter", "value"),
    [
        *(("A", 10), ("H", 17), ("I", 34), ("J", 18), ("N", 22), ("O", 35), ("P", 23)),
        *(("V", 29), ("W", 32), ("X", 30), ("Y", 31), ("Z", 33)),
    ],
)
def test_letters_count_as_published(letter: str, value: int) -> None:
    tens, units = divmod(value, 10)

    assert check_sum(f"{letter}100000000") == tens + 9 * units + 8


@given(st.from_regex(r"\A[A-Z][1289][0-9]{8}\Z"), st.integers(1, 9))
def test_a_wrong_check_digit_is_always_noticed(number: str, by: int) -> None:
    check = next(d for d in range(10) if check_sum(number[:9] + str(d)) % 10 == 0)
    right = number[:9] + str(check)
    # Weights 2, 4, 5, 6 and 8 share a factor with 10, so only the check digit is certain.
    wrong = right[:9] + str((check + by) % 10)

    assert is_identity_number(right)
    assert not is_identity_number(wrong)
    assert canonical(right.lower()) == right
