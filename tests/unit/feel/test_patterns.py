"""Regular expressions: against Python's own engine where both speak the same language."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feel.limits import Meter
from feel.patterns import compiled

atoms = st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", "[a-c]", r"\d", "1"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    quantifiers = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,1}", "*?", "+?", "??"])
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: f"(?:{'|'.join(some)})"),
        inner.map(lambda one: f"({one})"),
        st.tuples(inner, quantifiers).map(lambda two: f"(?:{two[0]}){two[1]}"),
    )


patterns = st.recursive(atoms, _grown, max_leaves=6)


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
