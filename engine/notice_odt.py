"""The paper of a notice as an OpenDocument text (ODF 1.3), which an office may go on writing in.

A few small files in a ZIP, as `web.ods` makes tables; no library is needed for a letter. Text is
text: nothing that somebody entered becomes markup. Pure.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from xml.sax.saxutils import escape

import segno

from engine.notice_papers import Block, Paper, Runs
from engine.wordings import Line

MEDIA_TYPE = "application/vnd.oasis.opendocument.text"
QR_FILE = "Pictures/qr.png"
_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_FONTS = "'Noto Serif CJK TC', 'Noto Sans TC', 'TW-Sung', 'TW-Sung-Ext-B', serif"
_LANGUAGES = {"zh-TW": ("zh", "TW"), "en": ("en", "GB")}
# XML 1.0 has no place for most control characters, escaped or not.
_UNPRINTABLE = {code: None for code in range(32) if chr(code) not in "\t\n\r"}


def odt(paper: Paper) -> bytes:
    """The paper as a file."""
    pictures = {QR_FILE: _qr(paper.address)} if _has_qr(paper) else {}
    files = {
        "content.xml": _content(paper).encode(),
        "styles.xml": _styles(paper.language).encode(),
        "meta.xml": _meta(paper).encode(),
        **pictures,
        "META-INF/manifest.xml": _manifest(bool(pictures)).encode(),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        # First and not compressed, so that programs know the file by its first bytes.
        book.writestr(zipfile.ZipInfo("mimetype"), MEDIA_TYPE, zipfile.ZIP_STORED)
        for name, content in files.items():
            book.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _content(paper: Paper) -> str:
    void = f"{paper.word('void')}：{paper.void}"
    body = [
        _line("Subtitle", paper.value("office_name")),
        _line("Title", paper.title),
        *([_line("Void", void)] if paper.void else []),
        _table("Head", paper.head),
        *_body(paper),
        _line("Text_20_body", ""),
        _table("Foot", paper.foot),
        *([_line("Small", f"{paper.word('basis')}：")] if paper.basis else []),
        *(_line("Small", each) for each in paper.basis),
    ]
    return (
        f'{_HEAD}<office:document-content {_NAMES} office:version="1.3">{_AUTOMATIC}'
        f"<office:body><office:text>{''.join(body)}</office:text></office:body>"
        "</office:document-content>"
    )


def _body(paper: Paper) -> Iterator[str]:
    """The blocks; items that follow one another are one list, facts one table."""
    tables = 0
    for line, group in groupby(paper.blocks, key=lambda block: block.line):
        found = list(group)
        match line:
            case Line.ITEM | Line.NUMBERED:
                yield _list("Numbered" if line is Line.NUMBERED else "Points", found)
            case Line.FACT:
                tables += 1
                rows = [(block.label, "".join(text for text, _ in block.runs)) for block in found]
                yield _table(f"Facts{tables}", rows)
            case Line.QR:
                yield _picture(paper)
            case Line.HEADING:
                yield from (
                    f'<text:h text:style-name="Heading_20_1" text:outline-level="1">'
                    f"{_runs(block.runs)}</text:h>"
                    for block in found
                )
            case _:
                yield from (_paragraph("Text_20_body", block.runs) for block in found)


def _list(style: str, blocks: Sequence[Block]) -> str:
    items = "".join(
        f"<text:list-item>{_paragraph('List', block.runs)}</text:list-item>" for block in blocks
    )
    return f'<text:list text:style-name="{style}">{items}</text:list>'


def _table(name: str, rows: Iterable[tuple[str, str]]) -> str:
    told = "".join(
        f"<table:table-row><table:table-cell>{_line('Label', label)}</table:table-cell>"
        f"<table:table-cell>{_line('Cell', value)}</table:table-cell></table:table-row>"
        for label, value in rows
    )
    if not told:
        return ""
    return (
        f'<table:table table:name="{name}" table:style-name="facts">'
        '<table:table-column table:style-name="labels"/>'
        f'<table:table-column table:style-name="values"/>{told}</table:table>'
    )


def _picture(paper: Paper) -> str:
    return (
        '<text:p text:style-name="Text_20_body"><draw:frame draw:name="QR" '
        'text:anchor-type="as-char" svg:width="3cm" svg:height="3cm">'
        f'<draw:image xlink:href="{QR_FILE}" xlink:type="simple" xlink:show="embed" '
        f'xlink:actuate="onLoad"/><svg:desc>{_plain(paper.word("qr"))}</svg:desc>'
        "</draw:frame></text:p>"
    )


def _paragraph(style: str, runs: Runs) -> str:
    return f'<text:p text:style-name="{style}">{_runs(runs)}</text:p>'


def _runs(runs: Runs) -> str:
    return "".join(
        f'<text:span text:style-name="strong">{_plain(text)}</text:span>' if bold else _plain(text)
        for text, bold in runs
    )


def _line(style: str, text: str) -> str:
    return f'<text:p text:style-name="{style}">{_plain(text)}</text:p>'


def _plain(text: str) -> str:
    return "<text:line-break/>".join(
        escape(line) for line in text.translate(_UNPRINTABLE).splitlines()
    )


def _has_qr(paper: Paper) -> bool:
    return bool(paper.address) and any(block.line is Line.QR for block in paper.blocks)


def _qr(address: str) -> bytes:
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="png", scale=8, border=2)
    return out.getvalue()


def _meta(paper: Paper) -> str:
    return (
        f'{_HEAD}<office:document-meta {_NAMES} office:version="1.3"><office:meta>'
        f"<dc:title>{_plain(paper.title)} {_plain(paper.value('number'))}</dc:title>"
        f"<dc:language>{paper.language}</dc:language>"
        "</office:meta></office:document-meta>"
    )


def _manifest(has_picture: bool) -> str:  # noqa: FBT001 — the one thing that differs
    entry = '<manifest:file-entry manifest:full-path="{}" manifest:media-type="{}"/>'
    entries = [entry.format(name, "text/xml") for name in ("content.xml", "styles.xml", "meta.xml")]
    if has_picture:
        entries.append(entry.format(QR_FILE, "image/png"))
    return (
        f"{_HEAD}<manifest:manifest "
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" '
        'manifest:version="1.3"><manifest:file-entry manifest:full-path="/" '
        f'manifest:version="1.3" manifest:media-type="{MEDIA_TYPE}"/>'
        f"{''.join(entries)}</manifest:manifest>"
    )


def _styles(language: str) -> str:
    code, country = _LANGUAGES[language]
    return (
        f'{_HEAD}<office:document-styles {_NAMES} office:version="1.3"><office:styles>'
        '<style:default-style style:family="paragraph"><style:text-properties '
        f'fo:font-size="12pt" fo:font-family="{_FONTS}" style:font-family-asian="{_FONTS}" '
        f'style:font-size-asian="12pt" fo:language="{code}" fo:country="{country}" '
        'style:language-asian="zh" style:country-asian="TW"/></style:default-style>'
        f"{''.join(_style(*each) for each in _PARAGRAPHS)}"
        "</office:styles><office:automatic-styles>"
        '<style:page-layout style:name="a4"><style:page-layout-properties fo:page-width="21cm" '
        'fo:page-height="29.7cm" fo:margin="2cm"/></style:page-layout></office:automatic-styles>'
        '<office:master-styles><style:master-page style:name="Standard" '
        'style:page-layout-name="a4"/></office:master-styles></office:document-styles>'
    )


def _style(name: str, shown: str, spacing: str, text: str) -> str:
    return (
        f'<style:style style:name="{name}" style:display-name="{shown}" style:family="paragraph">'
        f"<style:paragraph-properties {spacing}/><style:text-properties {text}/></style:style>"
    )


def _size(points: int, *, bold: bool = False) -> str:
    weight = ' fo:font-weight="bold" style:font-weight-asian="bold"' if bold else ""
    return f'fo:font-size="{points}pt" style:font-size-asian="{points}pt"{weight}'


_BELOW = 'fo:margin-bottom="0.2cm"'
_PARAGRAPHS = (
    ("Title", "Title", 'fo:margin-bottom="0.4cm" fo:text-align="center"', _size(20, bold=True)),
    ("Subtitle", "Subtitle", 'fo:text-align="center"', _size(13)),
    ("Heading_20_1", "Heading 1", 'fo:margin-top="0.35cm" fo:margin-bottom="0.1cm" '
     'fo:keep-with-next="always"', _size(13, bold=True)),
    ("Text_20_body", "Text body", _BELOW, _size(12)),
    ("List", "List", 'fo:margin-bottom="0.1cm"', _size(12)),
    ("Label", "Label", 'fo:margin-bottom="0.05cm"', _size(11, bold=True)),
    ("Cell", "Cell", 'fo:margin-bottom="0.05cm"', _size(12)),
    ("Small", "Small", 'fo:margin-bottom="0cm"', _size(9)),
    ("Void", "Void", _BELOW, f'{_size(14, bold=True)} fo:color="#b00020"'),
)  # fmt: skip
_AUTOMATIC = (
    "<office:automatic-styles>"
    '<style:style style:name="strong" style:family="text"><style:text-properties '
    'fo:font-weight="bold" style:font-weight-asian="bold"/></style:style>'
    '<style:style style:name="facts" style:family="table"><style:table-properties '
    'style:width="17cm" table:align="margins"/></style:style>'
    '<style:style style:name="labels" style:family="table-column">'
    '<style:table-column-properties style:column-width="4cm"/></style:style>'
    '<style:style style:name="values" style:family="table-column">'
    '<style:table-column-properties style:column-width="13cm"/></style:style>'
    '<text:list-style style:name="Numbered"><text:list-level-style-number text:level="1" '
    'style:num-format="1" style:num-suffix="."><style:list-level-properties '
    'text:space-before="0.2cm" text:min-label-width="0.7cm"/></text:list-level-style-number>'
    "</text:list-style>"
    '<text:list-style style:name="Points"><text:list-level-style-bullet text:level="1" '
    'text:bullet-char="•"><style:list-level-properties text:space-before="0.2cm" '
    'text:min-label-width="0.7cm"/></text:list-level-style-bullet></text:list-style>'
    "</office:automatic-styles>"
)
