"""What a file is, by its bytes: the kinds we take, and everything that only looks like one."""

from __future__ import annotations

import io
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Rejected
from engine.files import Inspected, clean_name, inspect
from tests.support.files import a_jpeg, a_pdf, a_png, a_tiff, an_archive, an_odt, exif

GPS = 0x8825
DOCX = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"}


def _inspected(name: str, content: bytes) -> Inspected:
    return inspect(name, io.BytesIO(content))


def _refusal(name: str, content: bytes) -> str:
    with pytest.raises(Rejected) as refused:
        _inspected(name, content)
    return refused.value.code.removeprefix("attachment.")


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", a_pdf(), "application/pdf"),
        ("A.PNG", a_png(), "image/png"),
        ("a.jpg", a_jpeg(), "image/jpeg"),
        ("a.jpeg", a_jpeg(behind=b"\0\0" + a_jpeg()), "image/jpeg"),
        ("a.tif", a_tiff(), "image/tiff"),
        ("a.odt", an_odt(), "application/vnd.oasis.opendocument.text"),
        (
            "a.docx",
            an_archive(DOCX, first=""),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
    ],
)
def test_the_kinds_of_the_counter_are_taken(name: str, content: bytes, media_type: str) -> None:
    found = _inspected(name, content)

    assert (found.media_type, found.size) == (media_type, len(content))


def test_a_picture_that_tells_where_it_was_taken_is_remarked() -> None:
    assert _inspected("a.jpg", a_jpeg(exif(0x0110))).remarks == ("exif",)
    assert _inspected("a.jpg", a_jpeg(exif(0x0110, GPS))).remarks == ("exif", "gps")
    assert _inspected("a.tiff", a_tiff(GPS)).remarks == ("gps",)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.exe", b"MZ", "kind"),
        ("a.svg", b"<svg/>", "kind"),
        ("a.html", b"<html>", "kind"),
        ("noending", a_pdf(), "name"),
        ("a.pdf", b"", "empty"),
        ("a.pdf", a_png(), "mismatch"),
        ("a.png", a_jpeg(), "mismatch"),
        ("a.jpg", b"MZ" + a_jpeg(), "mismatch"),
        ("a.odt", an_archive(DOCX, first=""), "mismatch"),
        ("a.docx", an_odt(), "broken"),
        ("a.pdf", a_pdf()[:-8], "broken"),
        ("a.png", a_png()[:-4], "broken"),
        ("a.jpg", a_jpeg()[:-2], "broken"),
        ("a.png", a_png().replace(b"IDAT", b"IDAU"), "broken"),
    ],
)
def test_what_is_not_what_it_says_is_refused(name: str, content: bytes, why: str) -> None:
    assert _refusal(name, content) == why


@pytest.mark.parametrize(
    "thing",
    [
        b"<</S/JavaScript/JS(app.alert(1))>>",
        b"<</S/Launch/F(cmd.exe)>>",
        b"<</Names<</EmbeddedFiles 5 0 R>>>>",
        b"<</S/J#61vaScript>>",  # an escaped letter: readers undo it, so do we
    ],
)
def test_a_pdf_that_acts_is_refused(thing: bytes) -> None:
    assert _refusal("a.pdf", a_pdf(thing)) == "active"


def test_what_a_pdf_hides_in_a_compressed_object_is_found() -> None:
    packed = zlib.compress(b"7 0 <</S/JavaScript/JS(app.alert(1))>>")
    hidden = b"<</Type/ObjStm/Filter/FlateDecode>>\nstream\n" + packed + b"\nendstream"

    assert _refusal("a.pdf", a_pdf(hidden)) == "active"
    assert _refusal("a.pdf", a_pdf(b"<</Encrypt 9 0 R>>")) == "locked"


@pytest.mark.parametrize(
    "member",
    [
        "Basic__Standard__Module1.xml",
        "Scripts__python__a.py",
        "Object__run.exe",
        "Pictures__a.svg",
    ],
)
def test_a_document_with_macros_or_programs_is_refused(member: str) -> None:
    assert _refusal("a.odt", an_odt(**{member: b"x"})) == "active"


def test_an_office_file_of_the_other_family_with_macros_is_refused() -> None:
    with_macros = an_archive({**DOCX, "word/vbaProject.bin": b"x"}, first="")
    declared = an_archive({**DOCX, "[Content_Types].xml": b"macroEnabled"}, first="")

    assert _refusal("a.docx", with_macros) == "active"
    assert _refusal("a.docx", declared) == "active"


def test_a_bomb_is_refused_without_being_unpacked_to_its_end() -> None:
    assert _refusal("a.odt", an_odt(bomb=bytes(30 << 20))) == "bomb"


def test_a_directory_that_lies_of_its_sizes_is_refused() -> None:
    content = bytearray(an_odt(bomb=bytes(30 << 20)))
    said = (30 << 20).to_bytes(4, "little")
    lied = bytes(content).replace(said, (10).to_bytes(4, "little"))

    assert _refusal("a.odt", lied) in {"bomb", "broken"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", a_png(behind=b"<script>alert(1)</script>")),
        ("a.jpg", a_jpeg(behind=b"PK\x03\x04 and more")),
        ("a.png", a_png(behind=an_odt())),
        ("a.jpg", a_jpeg(behind=an_odt())),
        ("a.pdf", a_pdf() + an_odt() + b""),
        ("a.odt", an_odt() + b"%PDF-1.7 %%EOF"),
        ("a.pdf", b"%PDF-1.7\n<html><script>alert(1)</script>\n%%EOF"),
    ],
)
def test_a_file_of_two_kinds_is_refused(name: str, content: bytes) -> None:
    assert _refusal(name, content) in {"polyglot", "broken"}


def test_a_picture_with_more_pixels_than_memory_is_refused() -> None:
    assert _refusal("a.jpg", a_jpeg(size=(60_000, 60_000))) == "pixels"


def test_a_locked_archive_is_refused() -> None:
    content = bytearray(an_odt())
    for at in range(len(content) - 4):
        if content[at : at + 4] == b"PK\x01\x02":
            content[at + 8] |= 1  # the flag “encrypted” of each member
    assert _refusal("a.odt", bytes(content)) == "locked"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\scans\\申請書.pdf", "申請書.pdf"),
        ("../../etc/a.pdf", "a.pdf"),
        ("exe\u202egpj.pdf", "exegpj.pdf"),
        ('a"b\n.pdf', "a_b.pdf"),
        ("長" * 300 + ".pdf", "長" * 114 + ".pdf"),
    ],
)
def test_a_name_is_kept_without_folders_and_invisible_letters(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@settings(max_examples=60)
@given(
    st.sampled_from(["a.pdf", "a.png", "a.jpg", "a.tif", "a.odt", "a.docx"]),
    st.binary(max_size=400),
    st.sampled_from(
        [b"", b"%PDF-1", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"PK\x03\x04"]
    ),
)
def test_no_bytes_whatever_break_the_inspection(name: str, content: bytes, start: bytes) -> None:
    try:
        found = _inspected(name, start + content)
    except Rejected:
        return
    assert found.size == len(start + content)


def test_our_archives_are_ones_that_others_read() -> None:
    with zipfile.ZipFile(io.BytesIO(an_odt())) as archive:
        assert archive.testzip() is None
