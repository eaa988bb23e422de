"""What is wrong with a package is said with the file and the line or key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from engine.errors import NotFound
from engine.manifests import PackageError
from engine.merged_limits import merged_limits
from engine.packages import load_library, read_table
from tests.support.packages import REVIEW, write_package


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_package(tmp_path, "REVIEW", REVIEW)


def _manifest(old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        file = folder / "package.yaml"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_manifest("kind: registration", "kind: magic"), "review/package.yaml: kind is 'magic'"),
        (_manifest("id: REVIEW", "id: [1]"), "id is"),
        (_manifest("kind: reg", "colour: red\nkind: reg"), "unknown key colour"),
        (_manifest("kind: reg", "confidential: 'yes'\nkind: reg"), "expected true or false"),
        (_manifest("zh-TW: 測試REVIEW, ", ""), "title needs a text in zh-TW"),
        (_manifest("start_form: anything", ""), "start_form is missing"),
        (_manifest("kind:", "  kind:"), "package.yaml line 3: this is not YAML"),
        (_manifest("process: REVIEW", "process: OTHER"), "package.yaml says OTHER"),
        (
            _manifest("groups:", "household_office: data..x\ngroups:"),
            "household_office: `data..x` is no FEEL expression",
        ),
        (lambda folder: (folder / "second.bpmn").write_bytes(REVIEW), "holds 2 .bpmn files"),
        (
            lambda folder: (folder / "forms" / "anything.form").write_text("{"),
            "forms/anything.form: this is no form",
        ),
        (
            lambda folder: (folder / "forms" / "anything.form").write_text('{"id": "x"}'),
            "expected 'anything'",
        ),
        (
            lambda folder: (folder / "forms" / "anything.form").unlink(),
            "review/review.bpmn: needs form anything",
        ),
    ],
)
def test_a_fault_names_the_file_and_the_place(
    folder: Path, change: Callable[[Path], object], sentence: str
) -> None:
    change(folder)

    with pytest.raises(PackageError) as refused:
        load_library(folder.parent).closure("REVIEW")

    assert sentence in str(refused.value)


def test_two_packages_cannot_have_one_id(tmp_path: Path) -> None:
    write_package(tmp_path / "a", "REVIEW", REVIEW)
    write_package(tmp_path / "b", "REVIEW", REVIEW)

    with pytest.raises(PackageError, match="already taken"):
        load_library(tmp_path)


def test_an_unknown_package_is_told_with_the_known_ones(folder: Path) -> None:
    with pytest.raises(NotFound, match="there are REVIEW"):
        load_library(folder.parent).package("P99")


def test_a_closure_is_named_by_its_content_alone(tmp_path: Path) -> None:
    for place in ("a", "b"):
        write_package(tmp_path / place, "REVIEW", REVIEW)
    one, two = (load_library(tmp_path / place).closure("REVIEW") for place in ("a", "b"))

    assert one.hash == two.hash
    write_package(tmp_path / "b", "REVIEW", REVIEW.replace(b"Task review", b"Review"))
    assert load_library(tmp_path / "b").closure("REVIEW").hash != one.hash


def test_the_callers_limits_win_and_called_clocks_wait_for_the_diagram() -> None:
    called = b"clocks: {a: {rule: Y}, b: {rule: Z, start: filed}}"
    merged = merged_limits(b"clocks: {a: {rule: X}}", [called])

    assert yaml.safe_load(merged or b"") == {
        "clocks": {"a": {"rule": "X"}, "b": {"rule": "Z", "start": "operation"}}
    }
    assert merged_limits(None, []) is None
    assert merged_limits(b"tasks: {}", []) == b"tasks: {}"


def test_a_table_with_a_doctype_is_refused() -> None:
    with pytest.raises(PackageError, match="DOCTYPE"):
        read_table(b"<!DOCTYPE x><definitions/>", "x.dmn")
