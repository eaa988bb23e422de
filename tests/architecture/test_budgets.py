"""No function or file is over its ceiling, and the measuring itself measures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.checkout import ROOT, script

sizes = script(".ci/sizes.py")


def over(path: Path, source: str, name: str = "engine/cases.py") -> list[str]:
    path.write_text(source)
    return [m.measure for m in sizes.measure_file(path, name) if m.is_over]


def function(lines: int, signature: str = "def file() -> None:") -> str:
    return signature + "\n" + "    pass\n" * (lines - 1)


def test_nothing_of_ours_is_over_its_ceiling() -> None:
    found = sizes.measure_tree(ROOT)

    assert len(found) > 100, "the measuring does not see our tree"
    assert [f"{m.where}: {m.size} {m.measure}" for m in found if m.is_over] == []


@pytest.mark.parametrize(
    ("source", "measure"),
    [
        (function(51), "lines of a function"),
        ("import feel\n" * 451, "lines of a file"),
        ("".join(f"from engine.m{n} import x\n" for n in range(13)), "our imports in a module"),
        (function(2, "def file(a, b, c, d, *, e, f, g) -> None:"), "parameters"),
    ],
)
def test_what_is_over_is_found(tmp_path: Path, source: str, measure: str) -> None:
    assert over(tmp_path / "cases.py", source) == [measure]


@pytest.mark.parametrize(
    "source",
    [
        function(50),
        "import feel\n" * 450,
        "".join(f"from engine.m{n} import x\n" for n in range(12)),
        function(2, "def file(self, a, b, c, d, *, e, f) -> None:"),
        function(51, "def file() -> None:  # sizes: exempt — one branch for each fact"),
        "# sizes: exempt — a table of data\n" + "import feel\n" * 451,
    ],
)
def test_what_just_fits_or_has_a_reason_passes(tmp_path: Path, source: str) -> None:
    assert over(tmp_path / "cases.py", source) == []


def test_an_exemption_needs_its_reason(tmp_path: Path) -> None:
    source = function(51, "def file() -> None:  # sizes: exempt")

    assert over(tmp_path / "cases.py", source) == ["lines of a function"]


def test_docstrings_are_not_counted(tmp_path: Path) -> None:
    source = 'def file() -> None:\n    """First.\n' + "    more\n" * 60 + '    """\n    pass\n'

    assert over(tmp_path / "cases.py", source) == []


def test_a_test_has_a_lower_ceiling(tmp_path: Path) -> None:
    source = function(41, "def test_filing() -> None:")

    assert over(tmp_path / "x.py", source, "tests/engine/test_cases.py") == ["lines of a test"]
