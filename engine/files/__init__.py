"""What a file really is: judged by its bytes, never by its name alone. Pure, no database.

`inspect` is the door; one module for each family of kinds.
"""

from engine.files.inspection import KINDS, FileKind, Inspected, clean_name, inspect
from engine.files.reading import pieces
from engine.files.tables import TABLES, Row, rows_of

__all__ = [
    "KINDS",
    "TABLES",
    "FileKind",
    "Inspected",
    "Row",
    "clean_name",
    "inspect",
    "pieces",
    "rows_of",
]
