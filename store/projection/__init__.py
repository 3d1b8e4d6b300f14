"""The projection as rows: recorded entry by entry; read, compared and written case by case."""

from store.errors import CaseChanged
from store.projection.projection import (
    UNKNOWN,
    UNREADABLE,
    PackedRows,
    Projection,
    pack,
)
from store.projection.rows import (
    TABLES,
    Rows,
    differing_columns,
    no_rows,
    rows_of,
    same_rows,
)

__all__ = [
    "TABLES",
    "UNKNOWN",
    "UNREADABLE",
    "CaseChanged",
    "PackedRows",
    "Projection",
    "Rows",
    "differing_columns",
    "no_rows",
    "pack",
    "rows_of",
    "same_rows",
]
