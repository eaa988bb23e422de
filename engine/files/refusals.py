"""Why a file is refused: one sentence each, with what to do instead."""

from __future__ import annotations

from engine.errors import Rejected

_SENTENCES = {
    "kind": "Expected a PDF, JPEG, PNG, TIFF, ODT, ODS, ODP, DOCX, XLSX or CSV file; save it so",
    "mismatch": "The file's content is not what its name says; save it anew with the right ending",
    "broken": "The file is damaged or cut off; save or scan it anew",
    "active": "The file holds macros, scripts or programs; save it without them, best as PDF",
    "encoding": "Expected text in UTF-8 or Big5; save the table anew as CSV, or as ODS",
    "locked": "The file is protected by a password; save it without one",
    "polyglot": "The file holds a second file of another kind; save or scan it anew",
    "bomb": "The file unpacks to far more than it should; save it anew",
    "pixels": "The picture has too many pixels; scan it at 300 dpi",
    "empty": "The file is empty; choose another",
    "name": "Expected a file name with an ending such as .pdf",
}


def refused(what: str) -> Rejected:
    """The refusal `attachment.<what>`."""
    return Rejected(f"attachment.{what}", _SENTENCES[what])
