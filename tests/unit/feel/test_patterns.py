"""Regular expressions: against Python's own engine where both speak the same language."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feel.limits import Meter
from feel.patterns import compiled

# A pattern, and whether it may match nothing. Repeating what may match nothing is left out: there
# engines differ in what they prefer (though not in whether and where something is found).
Piece = tuple[str, bool]
ATOMS = ["a", "b", "c", ".", "[ab]", "[^a]", "[a-c]", r"\d", "1"]
QUANTIFIERS = ["*", "+", "?", "{2}", "{1,2}", "{0,1}", "*?", "+?", "??"]


def _repeated(piece: Piece, quantifier: str) -> Piece:
    pattern, may_be_empty = piece
    if may_be_empty:
        return piece
    return f"(?:{pattern}){quantifier}", quantifier[0] in "*?" or quantifier == "{0,1}"


def _either(pieces: list[Piece]) -> Piece:
    return f"(?:{'|'.join(pattern for pattern, _ in pieces)})", any(empty for _, empty in pieces)


def _grown(inner: st.SearchStrategy[Piece]) -> st.SearchStrategy[Piece]:
    return st.one_of(
        st.tuples(inner, inner).map(lambda two: (two[0][0] + two[1][0], two[0][1] and two[1][1])),
        st.lists(inner, min_size=2, max_size=3).map(_either),
        inner.map(lambda one: (f"({one[0]})", one[1])),
        st.builds(_repeated, inner, st.sampled_from(QUANTIFIERS)),
    )


atoms = st.sampled_from(ATOMS).map(lambda atom: (atom, False))
patterns = st.recursive(atoms, _grown, max_leaves=6).map(lambda piece: piece[0])


@settings(max_examples=300, deadline=None)
@given(patterns, st.text("abc1", max_size=8))
def test_the_match_is_the_one_python_finds(pattern: str, text: str) -> None:
    ours = compiled(pattern, "").search(text, 0, Meter())
    theirs = re.compile(pattern).search(text)

    assert (ours[:2] if ours else None) == (theirs.span() if theirs else None)


@pytest.mark.parametrize(
    ("pattern", "text", "groups"),
    [
        ("(a)(b)?", "ab", [(0, 1), (1, 2)]),
        ("(a)(b)?", "ac", [(0, 1), (-1, -1)]),
        ("(a|(b))*", "ab", [(1, 2), (1, 2)]),
        ("x(a|b|cd)y", "xcdy", [(1, 3)]),
        ("(a*?)(a*)", "aaa", [(0, 0), (0, 3)]),
    ],
)
def test_groups_are_captured(pattern: str, text: str, groups: list[tuple[int, int]]) -> None:
    spans = compiled(pattern, "").search(text, 0, Meter())

    assert spans is not None
    assert list(zip(spans[2::2], spans[3::2], strict=True)) == groups


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "found"),
    [
        ("^a$", "", "b\na\nb", False),
        ("^a$", "m", "b\na\nb", True),
        ("a.b", "", "a\nb", False),
        ("a.b", "s", "a\nb", True),
        ("A b", "ix", "ab", True),
        ("[A-Z]", "i", "q", True),
        ("a.b", "q", "axb", False),
        (r"\p{Lu}\p{Ll}+", "", "xAbc", True),
        (r"^\P{L}+$", "", "123", True),
        ("^[a-z-[aeiou]]+$", "", "xyz", True),
        ("^[a-z-[aeiou]]+$", "", "xya", False),
        (r"^[\d\-]+$", "", "02-1234", True),
        (r"^\w+$", "", "戶籍", True),
        (r"^[^\s]+$", "", "a b", False),
        (r"^[A-Z][12][0-9]{8}$", "", "A123456789", True),
        (r"^[A-Z][12][0-9]{8}$", "", "A12345678", False),
        ("a|b|", "", "", True),
        ("[a-]", "", "-", True),
        (r"\(a\)", "", "(a)", True),
    ],
)
def test_classes_and_flags(pattern: str, flags: str, text: str, found: bool) -> None:
    assert (compiled(pattern, flags).search(text, 0, Meter()) is not None) is found
